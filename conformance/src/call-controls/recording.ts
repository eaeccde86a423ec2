/** Scenes of recording by command (contract, call controls §5.6): what is stored is heard afterwards, and what was paused is not in it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { WebexClient } from '@tandem/sdk'
import { until } from '../../../tools/child.ts'
import { loudestFrequency } from '../../../tools/mp3.ts'
import { hear } from '../peers/recording.ts'
import { toneOf } from '../theatre/company.ts'
import type { Theatre } from '../theatre/theatre.ts'

const TALK_MS = 1_500
const PAUSE_MS = 2_000
/** What asking, connecting and taking effect may be off by. */
const MEASURE_MS_MAX = 700

/** Registers the scenes. */
export function recording(theatre: () => Theatre): void {
  const scene = (name: string, act: Parameters<Theatre['play']>[0]): void => {
    it(name, () => theatre().play(act))
  }

  describe('recording by command', { concurrency: true }, () => {
    scene('start, pause, resume and stop make one file without what was paused', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      await ben.open()
      const { callerId } = await scene.connect('ada', 'ben')
      const other = { ben: 'terminator connected ada' }
      const command = async (name: string, body: object = { callId: callerId }): Promise<void> =>
        assert.equal((await ada.post(name, body)).status, 204)
      await scene.act({ operation: 'startRecording' }, () => command('startRecording'), {
        states: { ada: 'originator connected ben recording:started', ...other },
        events: { ada: 'updated:recording updated:recording' },
      })
      const startedAt = performance.now()
      const refused = await ada.quietly('POST', '/telephony/calls/startRecording', { callId: callerId })
      assert.equal(refused.status, 409, 'it is recorded already')
      await wait(TALK_MS)
      await scene.act({ operation: 'pauseRecording' }, () => command('pauseRecording'), {
        states: { ada: 'originator connected ben recording:paused', ...other },
        events: { ada: 'updated:recording' },
        hears: { ada: 'ben', ben: 'ada' },
      })
      const pausedAt = performance.now()
      await wait(PAUSE_MS)
      await scene.act({ operation: 'resumeRecording' }, () => command('resumeRecording', {}), {
        states: { ada: 'originator connected ben recording:started', ...other },
        events: { ada: 'updated:recording' },
      })
      const resumedAt = performance.now()
      await wait(TALK_MS)
      const stoppedAt = performance.now()
      await scene.act({ operation: 'stopRecording' }, () => command('stopRecording'), {
        states: { ada: 'originator connected ben recording:stopped', ...other },
        events: { ada: 'updated:recording' },
      })
      await ada.post('hangup', { callId: callerId })

      const client = new WebexClient({ token: ada.token, baseUrl: `${theatre().stage.url}/v1` })
      const found = await until('the recording is listed', () => client.convergedRecordings.list().first(), {
        waitMs: 15_000,
      })
      const heard = await hear(client, found.id)
      const lengthMs = 1_000 * heard.seconds
      const talkedMs = pausedAt - startedAt + stoppedAt - resumedAt
      assert.ok(
        Math.abs(lengthMs - talkedMs) < MEASURE_MS_MAX,
        `${Math.round(lengthMs)} ms recorded, ${Math.round(talkedMs)} ms talked, ${Math.round(resumedAt - pausedAt)} ms paused`,
      )
      const near = (channel: Float32Array | undefined, hz: number): void => {
        assert.ok(channel !== undefined)
        const found = loudestFrequency(channel, heard.sampleRateHz)
        assert.ok(Math.abs(found - hz) <= 10, `${found} Hz heard where ${hz} Hz was sent`)
      }
      near(heard.channels[0], toneOf({ role: 'ada', table: scene.table }))
      near(heard.channels[1], toneOf({ role: 'ben', table: scene.table }))
    })

    scene('the mode of the line decides: 403, before the state of the recording: 409', async (scene) => {
      const [ada, ben, fay] = [scene.person('ada'), scene.person('ben'), scene.person('fay')]
      for (const each of [ada, ben, fay]) await each.open()
      const first = await scene.connect('ada', 'ben')
      const status = async (person: typeof ada, name: string, callId: string): Promise<number> =>
        (await person.quietly('POST', `/telephony/calls/${name}`, { callId })).status
      const names = ['startRecording', 'stopRecording', 'pauseRecording', 'resumeRecording']
      const all = (person: typeof ada, callId: string): Promise<number[]> =>
        Promise.all(names.map((name) => status(person, name, callId)))
      assert.deepEqual(await all(ben, first.calleeId), [403, 403, 403, 403], 'Never')
      for (const name of names.slice(1))
        assert.equal(await status(ada, name, first.callerId), 409, 'On Demand')
      await ada.quietly('POST', '/telephony/calls/hangup', { callId: first.callerId })
      await scene.until('it is over', async () => ((await ben.calls()).length === 0 ? true : undefined))
      const second = await scene.connect('fay', 'ben')
      await scene.until('it is recorded', async () =>
        (await fay.call()).recordingState === 'started' ? true : undefined,
      )
      assert.deepEqual(
        [
          await status(fay, 'startRecording', second.callerId),
          await status(fay, 'stopRecording', second.callerId),
        ],
        [403, 403],
        'Always with Pause/Resume',
      )
      assert.equal(await status(fay, 'resumeRecording', second.callerId), 409)
      assert.equal(await status(fay, 'pauseRecording', second.callerId), 204)
      assert.equal(await status(fay, 'pauseRecording', second.callerId), 409)
      assert.equal(await status(fay, 'resumeRecording', second.callerId), 204)
    })
  })
}
