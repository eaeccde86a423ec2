import assert from 'node:assert/strict'
import { it } from 'node:test'
import { NotFound } from '@tandem/sdk'
import { Stage } from '../../../tools/stage.ts'
import { connectedCall, type DemoUser, emailOf, phoneOf } from '../peers/people.ts'
import { clientFor, recordingsOf } from '../peers/recording.ts'

/** One person of the demo directory, with a phone and a client. */
async function person(stage: Stage, user: DemoUser) {
  await phoneOf(stage, user, 440)
  return await clientFor(stage, emailOf(user))
}

it('two organisations with the same extensions never see each other', async () => {
  const stage = await Stage.open()
  try {
    const ada = await person(stage, 'ada')
    const ben = await person(stage, 'ben')
    const ines = await person(stage, 'ines')
    const tomas = await person(stage, 'tomas')

    const [ofAda, ofInes] = await Promise.all([
      ada.calls.dial({ destination: '102' }),
      ines.calls.dial({ destination: '102' }),
    ])
    assert.equal((await connectedCall(ada)).remoteParty.name, 'Ben Okafor')
    assert.equal((await connectedCall(ines)).remoteParty.name, 'Tomas Lind')
    assert.equal((await connectedCall(ben)).remoteParty.name, 'Ada Lovelace')
    assert.equal((await connectedCall(tomas)).remoteParty.name, 'Ines Duarte')

    await assert.rejects(
      ada.calls.get(ofInes.callId),
      (error) => error instanceof NotFound && error.description === 'Call not found',
    )
    await assert.rejects(ada.calls.hangup(ofInes.callId), NotFound)
    assert.equal((await connectedCall(ines)).callId, ofInes.callId, 'the foreign hang-up changed nothing')

    await ada.calls.hangup(ofAda.callId)
    await ines.calls.hangup(ofInes.callId)
    const [recordingOfAda] = await recordingsOf(ada, 1)
    const [recordingOfInes] = await recordingsOf(ines, 1)
    assert.ok(recordingOfAda !== undefined && recordingOfInes !== undefined)
    assert.notEqual(recordingOfAda.id, recordingOfInes.id)
    await assert.rejects(ada.convergedRecordings.get(recordingOfInes.id), NotFound)
    await assert.rejects(ines.convergedRecordings.getMetadata(recordingOfAda.id), NotFound)
    assert.equal(await stage.stop(), 0)
  } finally {
    await stage.close()
  }
})
