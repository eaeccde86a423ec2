import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { freePorts } from '../../../tools/free-ports.ts'
import { loudestFrequency } from '../../../tools/mp3.ts'
import { hasProgram } from '../../../tools/peers.ts'
import { Stage } from '../../../tools/stage.ts'
import { clientFor, hear, recordingsOf } from '../peers/recording.ts'
import { startSipp } from '../peers/sipp.ts'
import { writeToneMulaw } from '../peers/tone.ts'

const ADA = ['ada', 'demo-radio-ada'] as const
const BEN = ['ben', 'demo-radio-ben'] as const
const DOMAIN = 'radio.test'
const TALK_MS = 4_000
const CALLS = 3

describe('SIPp through Tandem', {
  skip: hasProgram('sipp') ? false : 'sipp is not installed (Debian: sip-tester)',
}, () => {
  it('registers, calls and is called, with audio both ways and a recording of each call', async () => {
    const stage = await Stage.open()
    try {
      const port = await freePorts(4)
      const media = await freePorts(40)
      const folders = { caller: join(stage.folder, 'caller'), callee: join(stage.folder, 'callee') }
      for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true })
      writeToneMulaw(join(folders.caller, 'tone.ulaw'), 500, 10)
      writeToneMulaw(join(folders.callee, 'tone.ulaw'), 900, 10)
      const common = { domain: DOMAIN, server: stage.sipPort, seconds: 40 }

      const register = startSipp({
        ...common,
        folder: folders.callee,
        scenario: 'register',
        port: port + 2,
        users: [BEN],
        calls: 1,
        keys: { contact_port: String(port) },
      })
      assert.equal(await register.exited, 0, register.output)
      const callee = startSipp({
        ...common,
        folder: folders.callee,
        scenario: 'callee',
        port,
        mediaPort: media,
        calls: CALLS,
      })
      const caller = startSipp({
        ...common,
        folder: folders.caller,
        scenario: 'caller',
        port: port + 1,
        mediaPort: media + 20,
        users: [ADA],
        calls: CALLS,
        talkMs: TALK_MS,
        atOnce: 1, // Of two calls of one line the server would hold one (contract, call controls §4).
        keys: { target: '102' },
      })
      assert.equal(await caller.exited, 0, caller.output)
      assert.equal(await callee.exited, 0, callee.output)

      const ada = await clientFor(stage, 'ada@radio.test')
      const recordings = await recordingsOf(ada, CALLS)
      assert.equal(recordings.length, CALLS)
      for (const recording of recordings) {
        const { seconds, sampleRateHz, channels } = await hear(ada, recording.id)
        assert.ok(
          Math.abs(seconds - TALK_MS / 1000) < 0.2,
          `the recording has the length of the call: ${seconds} s`,
        )
        const heard = channels.map((channel) => loudestFrequency(channel, sampleRateHz))
        assert.deepEqual(
          heard.map((hz) => Math.round(hz / 20) * 20),
          [500, 900],
          'the caller is left, the callee right',
        )
      }
      assert.equal(await stage.stop(), 0)
    } finally {
      await stage.close()
    }
  })
})
