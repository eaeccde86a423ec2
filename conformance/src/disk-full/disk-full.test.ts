import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { until } from '../../../tools/child.ts'
import { Stage } from '../../../tools/stage.ts'
import { connectedCall, phoneOf } from '../peers/people.ts'
import { clientFor } from '../peers/recording.ts'

/** Room for a few seconds of one call's journal, which takes about 18 kB a second. */
const JOURNAL_SIZE = '120k'
/** The promise: what the policy says happens within two seconds (P4); the rest is the time that it takes to fill the disk. */
const FULL_MS_MAX = 20_000

/** Puts a disk of its own, and a small one, under the journal. */
function smallDisk(dataFolder: string): void {
  const journal = join(dataFolder, 'journal')
  mkdirSync(journal, { recursive: true, mode: 0o700 })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${JOURNAL_SIZE},mode=700`, 'tmpfs', journal])
}

it('a full disk ends the recording as the policy says, and nothing else (promise P4)', {
  skip: process.getuid?.() === 0 ? false : 'only root may mount a small disk',
}, async () => {
  const stage = await Stage.open({
    prepare: smallDisk,
    settings: { TANDEM_RECORDING_FAILURE: 'proceedWithAnnouncement' },
  })
  try {
    const client = await clientFor(stage, 'ada@radio.test')
    await phoneOf(stage, 'ada', 440)
    await phoneOf(stage, 'ben', 880)
    const { callId } = await client.calls.dial({ destination: '102' })
    const started = await until('the recording is running', async () => {
      const call = await client.calls.get(callId)
      return call.recordingState === 'started' ? call : undefined
    })
    assert.equal(started.state, 'connected')
    const failed = await until(
      'the recording has failed',
      async () => {
        const call = await client.calls.get(callId)
        return call.recordingState === 'failed' ? call : undefined
      },
      { waitMs: FULL_MS_MAX, everyMs: 100 },
    )
    assert.equal(failed.state, 'connected', 'the call goes on')
    await stage.server.waitFor(/the disk of the journal is full; free some space/, 2_000)
    const metrics = await (await fetch(`${stage.managementUrl}/metrics`)).text()
    assert.match(metrics, /tandem_recording_failures_total 1/)
    assert.equal((await connectedCall(client)).callId, callId)
    await client.calls.hangup(callId)
    assert.deepEqual(await client.calls.list(), [])
    assert.equal(await stage.stop(), 0)
  } finally {
    await stage.stop()
    execFileSync('umount', [join(stage.dataFolder, 'journal')])
    await stage.close()
  }
})
