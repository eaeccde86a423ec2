import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Stage } from '../../../tools/stage.ts'
import { connectedCall, phoneOf } from '../peers/people.ts'
import { clientFor, hear, recordingsOf } from '../peers/recording.ts'

/** What of the demo directory must never be read in a log. */
const PERSONAL = ['Ada', 'Lovelace', 'Okafor', 'ada@', 'ben@', 'sip:', 'demo-radio', '"101"', '"102"', 'tdm_']

it('a whole call at the loudest log level names nobody, no number and no token', async () => {
  const stage = await Stage.open({ settings: { TANDEM_LOG_LEVEL: 'debug' } })
  try {
    const client = await clientFor(stage, 'ada@radio.test')
    await phoneOf(stage, 'ada', 440)
    await phoneOf(stage, 'ben', 880)
    const { callId } = await client.calls.dial({ destination: '102' })
    await connectedCall(client)
    await client.calls.hangup(callId)
    const [recording] = await recordingsOf(client, 1)
    assert.ok(recording !== undefined)
    await hear(client, recording.id)
    await assert.rejects(client.calls.get('nobody knows this'))
    assert.equal(await stage.stop(), 0)
    const log = stage.server.output
    assert.ok(log.length > 1_000, 'the log was loud')
    for (const word of PERSONAL)
      assert.ok(
        !log.includes(word),
        `${word} is in the log: ${log.split('\n').find((line) => line.includes(word))}`,
      )
  } finally {
    await stage.close()
  }
})
