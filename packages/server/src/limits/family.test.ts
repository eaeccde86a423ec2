import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type OperationId, ROUTES } from '@tandem/contract'
import { DEFAULT_ALLOWANCES, FAMILIES, familyOf } from './family.ts'

describe('families of operations', () => {
  it('hold every operation but health checks', () => {
    const without = (Object.keys(ROUTES) as OperationId[]).filter((id) => familyOf(id) === undefined)
    assert.deepEqual(without, ['getLiveness', 'getReadiness'])
  })

  const rows: readonly (readonly [OperationId, string])[] = [
    ['dialCall', 'callCommands'],
    ['dialMemberCall', 'callCommands'],
    ['startConference', 'callCommands'],
    ['deleteVoicemail', 'callCommands'],
    ['listCalls', 'callReads'],
    ['getConference', 'callReads'],
    ['listCallRecords', 'callReads'],
    ['getCallTrace', 'callReads'],
    ['listConvergedRecordings', 'recordingReads'],
    ['listAdminMeetingRecordings', 'recordingReads'],
    ['searchRecordings', 'recordingReads'],
    ['listAudit', 'recordingReads'],
    ['deleteConvergedRecording', 'recordingWrites'],
    ['uploadImport', 'recordingWrites'],
    ['placeHold', 'recordingWrites'],
    ['getRecordingFile', 'downloads'],
    ['openMeetingRecording', 'downloads'],
    ['createWebhook', 'webhooks'],
    ['redeliverWebhook', 'webhooks'],
    ['listPeople', 'directory'],
    ['createPerson', 'directory'],
    ['setPersonCallRecording', 'directory'],
    ['createAccessToken', 'oauth'],
    ['signIn', 'oauth'],
    ['completeSetup', 'oauth'],
    ['createToken', 'oauth'],
    ['invitePerson', 'oauth'],
    ['setMyPassword', 'oauth'],
    ['getMyPerson', 'own'],
    ['streamEvents', 'own'],
  ]
  for (const [operation, family] of rows)
    it(`count ${operation} as ${family}`, () => assert.equal(familyOf(operation), family))

  it('count unknown paths as one’s own, and all have a default', () => {
    assert.equal(familyOf(undefined), 'own')
    for (const family of FAMILIES) assert.ok(DEFAULT_ALLOWANCES[family].perSecond > 0)
  })
})
