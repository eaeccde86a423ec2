import assert from 'node:assert/strict'
import { it } from 'node:test'
import { until } from '../../../tools/child.ts'
import { Stage } from '../../../tools/stage.ts'
import { clientFor, hear, recordingsOf } from '../peers/recording.ts'

/** What of the demo directory must never be read in a log. */
const PERSONAL = ['Ada', 'Lovelace', 'Okafor', 'ada@', 'ben@', 'sip:', 'demo-radio', '"101"', '"102"', 'tdm_']

it('a whole call at the loudest log level names nobody, no number and no token', async () => {
  const stage = await Stage.open({ settings: { TANDEM_LOG_LEVEL: 'debug' } })
  try {
    const client = await clientFor(stage, 'ada@radio.test')
    const phone = (user: string) =>
      stage.phone(
        user,
        '--user',
        user,
        '--password',
        `demo-radio-${user}`,
        '--domain',
        'radio.test',
        '--auto-answer',
        '--tone',
        '440',
      )
    await phone('ada')
    await phone('ben')
    const { callId } = await client.calls.dial({ destination: '102' })
    await until('the call is connected', async () =>
      (await client.calls.list()).find((call) => call.state === 'connected'),
    )
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
    await stage.server.stop()
    stage.remove()
  }
})
