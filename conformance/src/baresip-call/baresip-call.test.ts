import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { until } from '../../../tools/child.ts'
import { freePorts } from '../../../tools/free-ports.ts'
import { amplitudeAt, loudestFrequency } from '../../../tools/mp3.ts'
import { hasProgram } from '../../../tools/peers.ts'
import { Stage } from '../../../tools/stage.ts'
import { Baresip } from '../peers/baresip.ts'
import { clientFor, hear, recordingsOf } from '../peers/recording.ts'

const TALK_MS = 5_000

/** A baresip of one person of the demo directory. */
async function phone(
  stage: Stage,
  user: 'ada' | 'ben',
  toneHz: number,
  autoAnswer: boolean,
): Promise<Baresip> {
  const port = await freePorts(4)
  const rtp = await freePorts(20)
  const baresip = new Baresip({
    folder: join(stage.folder, `baresip-${user}`),
    sipPort: port,
    controlPort: port + 2,
    rtpPortMin: rtp,
    rtpPortMax: rtp + 19,
    user,
    password: `demo-radio-${user}`,
    domain: 'radio.test',
    proxyPort: stage.sipPort,
    toneHz,
    autoAnswer,
  })
  await baresip.child.waitFor(/200 OK/, 10_000)
  return baresip
}

describe('baresip through Tandem', {
  skip: hasProgram('baresip') ? false : 'baresip is not installed (Debian: baresip-core)',
}, () => {
  it('holds a recorded call whose file proves which channel is which', async () => {
    const stage = await Stage.open()
    const phones: Baresip[] = []
    try {
      const ada = await phone(stage, 'ada', 440, false)
      phones.push(ada)
      const ben = await phone(stage, 'ben', 880, true)
      phones.push(ben)
      const client = await clientFor(stage, 'ada@radio.test')
      const dialledAt = performance.now()
      await ada.command('dial', '102')
      await until('the call is connected', async () =>
        (await client.calls.list()).find((call) => call.state === 'connected'),
      )
      const answeredAt = performance.now()
      await wait(TALK_MS)
      const atLeastMs = performance.now() - answeredAt
      await ada.command('hangup')
      await until('the call is over', async () =>
        (await client.calls.list()).length === 0 ? true : undefined,
      )
      const atMostMs = performance.now() - dialledAt

      const [recording] = await recordingsOf(client, 1)
      assert.ok(recording !== undefined)
      const { seconds, sampleRateHz, channels } = await hear(client, recording.id)
      const length = `${seconds} s recorded, ${atLeastMs} to ${atMostMs} ms talked`
      assert.ok(1000 * seconds >= atLeastMs - 200 && 1000 * seconds <= atMostMs + 200, length)
      const [left, right] = channels
      assert.ok(left !== undefined && right !== undefined)
      const near = (signal: Float32Array, hz: number): void =>
        assert.ok(Math.abs(loudestFrequency(signal, sampleRateHz) - hz) <= 10, `${hz} Hz is loudest`)
      near(left, 440)
      near(right, 880)
      assert.ok(
        amplitudeAt(left, sampleRateHz, 880) < 0.05 * amplitudeAt(left, sampleRateHz, 440),
        'the owner alone is left',
      )
      assert.ok(
        amplitudeAt(right, sampleRateHz, 440) < 0.05 * amplitudeAt(right, sampleRateHz, 880),
        'the other side alone is right',
      )
      await Promise.all(phones.map((each) => each.stop()))
      assert.equal(await stage.stop(), 0)
    } finally {
      for (const each of phones) await each.stop()
      await stage.close()
    }
  })
})
