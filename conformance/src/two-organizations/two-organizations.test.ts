import assert from 'node:assert/strict'
import { it } from 'node:test'
import { NotFound } from '@tandem/sdk'
import { until } from '../../../tools/child.ts'
import { Stage } from '../../../tools/stage.ts'
import { clientFor, recordingsOf } from '../peers/recording.ts'

/** One person of the demo directory, with a phone and a client. */
async function person(stage: Stage, user: string, organization: 'radio' | 'workshop') {
  const phone = await stage.phone(
    user,
    '--user',
    user,
    '--password',
    `demo-${organization}-${user}`,
    '--domain',
    `${organization}.test`,
    '--auto-answer',
    '--tone',
    '440',
  )
  return { phone, client: await clientFor(stage, `${user}@${organization}.test`) }
}

it('two organisations with the same extensions never see each other', async () => {
  const stage = await Stage.open()
  try {
    const ada = await person(stage, 'ada', 'radio')
    const ben = await person(stage, 'ben', 'radio')
    const ines = await person(stage, 'ines', 'workshop')
    const tomas = await person(stage, 'tomas', 'workshop')

    const [ofAda, ofInes] = await Promise.all([
      ada.client.calls.dial({ destination: '102' }),
      ines.client.calls.dial({ destination: '102' }),
    ])
    const connected = (client: typeof ada.client) =>
      until('the call is connected', async () =>
        (await client.calls.list()).find((call) => call.state === 'connected'),
      )
    assert.equal((await connected(ada.client)).remoteParty.name, 'Ben Okafor')
    assert.equal((await connected(ines.client)).remoteParty.name, 'Tomas Lind')
    assert.equal((await connected(ben.client)).remoteParty.name, 'Ada Lovelace')
    assert.equal((await connected(tomas.client)).remoteParty.name, 'Ines Duarte')

    await assert.rejects(
      ada.client.calls.get(ofInes.callId),
      (error) => error instanceof NotFound && error.description === 'Call not found',
    )
    await assert.rejects(ada.client.calls.hangup(ofInes.callId), NotFound)
    assert.equal((await connected(ines.client)).callId, ofInes.callId, 'the foreign hang-up changed nothing')

    await ada.client.calls.hangup(ofAda.callId)
    await ines.client.calls.hangup(ofInes.callId)
    const [recordingOfAda] = await recordingsOf(ada.client, 1)
    const [recordingOfInes] = await recordingsOf(ines.client, 1)
    assert.ok(recordingOfAda !== undefined && recordingOfInes !== undefined)
    assert.notEqual(recordingOfAda.id, recordingOfInes.id)
    await assert.rejects(ada.client.convergedRecordings.get(recordingOfInes.id), NotFound)
    await assert.rejects(ines.client.convergedRecordings.getMetadata(recordingOfAda.id), NotFound)
    assert.equal(await stage.stop(), 0)
  } finally {
    await stage.server.stop()
    stage.remove()
  }
})
