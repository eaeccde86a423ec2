import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadSchemas } from '@tandem/contract'
import fc from 'fast-check'
import { Compile } from 'typebox/compile'
import { importedServiceData } from './imported-metadata.ts'

const RECORDING = { id: 'r', serviceData: { locationId: '', callSessionId: '' } }
const ALL = { showAllTypes: true }

describe('importedServiceData', () => {
  it('is the id and two empty lists where nothing was told (recording-metadata §2)', () => {
    const bare = { callRecordingId: 'r', recordingActions: [], callActivity: [] }
    for (const nothing of [{}, [], null, 'x', { callRecordingId: 'of the other system', personality: 'x' }])
      assert.deepEqual(importedServiceData(RECORDING, nothing, ALL), bare)
  })

  it('shows what has the right shapes, moments in UTC, lists in order of time, and what the catalogue knows', () => {
    const serviceData = { locationId: 'ours', callSessionId: 'session' }
    const shown = importedServiceData(
      { id: 'r', serviceData },
      {
        locationId: 'theirs',
        callId: 'callhalf-1:0',
        sipCallId: 7,
        personality: 'terminator',
        callingParty: { actor: { type: 'USER', id: 'a' }, name: 'Ada', number: 5 },
        calledParty: { number: 'sip:1@x', actor: { type: 'MARTIAN' } },
        answererInfo: 'Ada',
        session: { startTime: '2026-02-03T10:15:08+01:00', stopTime: 'later' },
        recordingType: 'alwaysON',
        recordingActions: [
          { action: 'RESUME', time: '2026-02-03T09:18:32.9Z' },
          { action: 'PAUSE', time: '2026-02-03T09:18:02Z' },
          { action: 'STOP' },
        ],
        callActivity: [
          {
            timeStamp: '2026-02-03T09:15:08Z',
            mediaStreams: [{ streamId: 's', mode: 'mixed', mLineIndex: 0 }, { streamId: 't' }],
            announcementData: { announcementParticipants: ['sip:1@x', null] },
          },
          { timeStamp: '0000' },
        ],
      },
      ALL,
    )
    assert.deepEqual(shown, {
      callRecordingId: 'r',
      ...serviceData,
      callId: 'callhalf-1:0',
      personality: 'terminator',
      callingParty: { actor: { type: 'USER', id: 'a' }, name: 'Ada' },
      calledParty: { actor: { type: 'EXTERNAL' }, number: 'sip:1@x' },
      session: { startTime: '2026-02-03T09:15:08Z' },
      recordingType: 'alwaysON',
      recordingActions: [
        { action: 'PAUSE', time: '2026-02-03T09:18:02Z' },
        { action: 'RESUME', time: '2026-02-03T09:18:32Z' },
      ],
      callActivity: [
        {
          timeStamp: '2026-02-03T09:15:08Z',
          mediaStreams: [{ streamId: 's', mode: 'mixed', mLineIndex: '0' }],
          announcementData: { announcementParticipants: ['sip:1@x'] },
        },
      ],
    })
  })

  it('hides the four members without showAllTypes, and no entry (§3)', () => {
    const entry = {
      timeStamp: '2026-02-03T09:15:08Z',
      mediaStreams: [],
      participants: [],
      redirectInfo: { reason: 'divert' },
      redirectedCall: { callId: 'c', callSessionId: 's' },
    }
    const imported = { callActivity: [entry] }
    assert.deepEqual(importedServiceData(RECORDING, imported, ALL).callActivity, [entry])
    const hidden = importedServiceData(RECORDING, imported, { showAllTypes: false }).callActivity
    assert.deepEqual(hidden, [{ timeStamp: entry.timeStamp }])
  })

  it('makes documents that the contract accepts, whatever was sent', async () => {
    const { RecordingMetadata } = await loadSchemas()
    const contract = Compile(RecordingMetadata.properties.serviceData)
    const moment = fc.oneof(fc.date().map(String), fc.constant('2026-02-03T09:15:08Z'), fc.string())
    const any = fc.oneof(fc.anything(), moment, fc.string())
    const entry = fc.record(
      {
        ...{ timeStamp: moment, mediaStreams: fc.array(any), participants: fc.array(any) },
        ...{ redirectInfo: any, redirectedCall: any, announcementData: any },
      },
      { requiredKeys: [] },
    )
    const told = fc.record(
      {
        ...{ callId: any, personality: any, callingParty: any, session: any, recordingActions: any },
        callActivity: fc.array(fc.oneof(any, entry)),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(told, fc.anything()), fc.boolean(), (imported, showAllTypes) => {
        const shown = importedServiceData(RECORDING, imported, { showAllTypes })
        assert.ok(contract.Check(shown), JSON.stringify(contract.Errors(shown)))
      }),
    )
  })
})
