import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { matchRoute, type OperationId, ROUTES, type Tag } from '@tandem/contract'
import { WebexClient } from './client.ts'

/** Operations that no method of the client is for, with the reason. */
const WITHOUT: Partial<Record<OperationId, string>> = {
  getWorkspaceCallRecordings: 'the same as getWorkspaceCallRecording on a second path (Ruling 41)',
  setWorkspaceCallRecordings: 'the same as setWorkspaceCallRecording on a second path (Ruling 41)',
}
/** Whole kinds of operations that the client has no methods for yet; `client.request` reaches them. */
const NOT_YET: readonly Tag[] = [
  'Directory',
  'Live Events',
  'People and Places',
  'Tokens and Clients',
  'Webhooks',
]

type Use = (client: WebexClient) => Promise<unknown>

const USES: readonly Use[] = [
  (c) => c.people.me(),
  (c) => c.convergedRecordings.list().toArray(),
  (c) => c.convergedRecordings.get('x'),
  (c) => c.convergedRecordings.getMetadata('x'),
  (c) => c.convergedRecordings.listForAdmin().toArray(),
  (c) => c.convergedRecordings.delete('x'),
  (c) => c.convergedRecordings.reassign({ reassignOwnerEmail: 'a@x', ownerEmail: 'b@x' }),
  (c) => c.convergedRecordings.softDelete({ recordingIds: ['x'] }),
  (c) => c.convergedRecordings.restore({ recordingIds: ['x'] }),
  (c) => c.convergedRecordings.purge({ all: true }),
  (c) => c.recordings.list().toArray(),
  (c) => c.recordings.listForAdmin().toArray(),
  (c) => c.recordings.listForGroup({ personId: 'x' }).toArray(),
  (c) => c.recordings.get('x'),
  (c) => c.recordings.getForGroup('x', { hostEmail: 'a@x' }),
  (c) => c.recordings.delete('x'),
  (c) => c.recordings.adminDelete('x'),
  (c) => c.recordings.softDelete({ recordingIds: ['x'] }),
  (c) => c.recordings.restore({ recordingIds: ['x'] }),
  (c) => c.recordings.purge({ all: true }),
  (c) => c.recordings.share('x', { addEmails: ['a@x'] }),
  (c) => c.recordings.shareByLink('https://x', { removeEmails: ['a@x'] }),
  (c) => c.calls.list(),
  (c) => c.calls.get('x'),
  (c) => c.calls.history(),
  (c) => c.calls.dial({ destination: '1' }),
  (c) => c.calls.answer('x'),
  (c) => c.calls.reject('x'),
  (c) => c.calls.hangup('x'),
  (c) => c.calls.hold('x'),
  (c) => c.calls.resume('x'),
  (c) => c.calls.mute('x'),
  (c) => c.calls.unmute('x'),
  (c) => c.calls.divert('x', { toVoicemail: true }),
  (c) => c.calls.transfer(),
  (c) => c.calls.park('x'),
  (c) => c.calls.retrieve(),
  (c) => c.calls.pickup(),
  (c) => c.calls.bargeIn({ target: '1' }),
  (c) => c.calls.pull(),
  (c) => c.calls.push(),
  (c) => c.calls.startRecording(),
  (c) => c.calls.stopRecording(),
  (c) => c.calls.pauseRecording(),
  (c) => c.calls.resumeRecording(),
  (c) => c.calls.transmitDtmf({ dtmf: '1' }),
  (c) => c.calls.setMessageWaiting('x', 'SET'),
  ...['x', 'me'].flatMap((member): Use[] => [
    (c) => c.callMembers.list(member),
    (c) => c.callMembers.get(member, 'x'),
    (c) => c.callMembers.dial(member, { destination: '1' }),
    (c) => c.callMembers.answer(member, 'x'),
    (c) => c.callMembers.hangup(member, 'x'),
  ]),
  ...[undefined, 'x', 'me'].flatMap((member): Use[] => {
    const of = ({ conference }: WebexClient): WebexClient['conference'] =>
      member === undefined ? conference : conference.forMember(member)
    return [
      (c) => of(c).start(['x', 'y']),
      (c) => of(c).get(),
      (c) => of(c).release(),
      (c) => of(c).addParticipant('x'),
      (c) => of(c).mute(),
      (c) => of(c).unmute(),
      (c) => of(c).deafen('x'),
      (c) => of(c).undeafen('x'),
      (c) => of(c).hold(),
      (c) => of(c).resume(),
    ]
  }),
  (c) => c.preferredAnswer.get('x'),
  (c) => c.preferredAnswer.set('x', null),
  ...[{}, { lineOwnerId: 'x' }].flatMap((line): Use[] => [
    (c) => c.preferredAnswer.getMine(line),
    (c) => c.preferredAnswer.setMine(null, line),
  ]),
  (c) => c.callRecordingSettings.getMine(),
  (c) => c.callRecordingSettings.getForPerson('x'),
  (c) => c.callRecordingSettings.setForPerson('x', {}),
  (c) => c.callRecordingSettings.getForWorkspace('x'),
  (c) => c.callRecordingSettings.setForWorkspace('x', {}),
  (c) => c.callRecordingSettings.getForVirtualLine('x'),
  (c) => c.callRecordingSettings.setForVirtualLine('x', {}),
  (c) => c.tandem.trace('x'),
  (c) => c.tandem.setHoldMusic('x', null),
  (c) => c.tandem.announcements.list(),
  (c) => c.tandem.announcements.upload('x', new Uint8Array(1)),
  (c) => c.tandem.announcements.delete('x'),
  (c) => c.tandem.callRecords.export(),
  (c) => c.tandem.voicemail.list(),
  (c) => c.tandem.voicemail.getAudio('x'),
  (c) => c.tandem.voicemail.delete('x'),
  (c) => c.tandem.search('x').toArray(),
  (c) => c.tandem.updateRecording('x', { topic: 'y' }),
  (c) => c.tandem.audit.list().toArray(),
  (c) => c.tandem.audit.export(),
  (c) => c.tandem.evidence.manifest('x'),
  (c) => c.tandem.evidence.export('x'),
  (c) => c.tandem.evidence.signingKeys(),
  (c) => c.tandem.holds.list().toArray(),
  (c) => c.tandem.holds.get('x'),
  (c) => c.tandem.holds.place({ recordingIds: ['x'], reason: 'y' }),
  (c) => c.tandem.holds.release('x', 'y'),
  (c) => c.tandem.imports.list().toArray(),
  (c) => c.tandem.imports.create({ topic: 'x' }),
  (c) => c.tandem.imports.upload('x', new Uint8Array(1)),
  (c) => c.tandem.imports.cancel('x'),
  (c) => c.tandem.retention.list(),
  (c) => c.tandem.retention.set('owner', 'x', { keepDays: 1 }),
  (c) => c.tandem.retention.delete('owner', 'x'),
  (c) => c.tandem.retention.keeping('x'),
  (c) => c.tandem.storage.get(),
  (c) => c.tandem.storage.acceptClock(),
  (c) => c.tandem.transcripts.get('x'),
  (c) => c.tandem.transcripts.put('x', { segments: [] }),
  (c) => c.tandem.transcripts.request('x'),
]

describe('the client against the table of operations', () => {
  it('has a method for each operation that a token opens, and each asks for one of them', async () => {
    const seen: OperationId[] = []
    const fetch = async (url: string, { method = 'GET' }: RequestInit): Promise<Response> => {
      const match = matchRoute(method, new URL(url).pathname)
      assert.ok(match.kind === 'operation', `${method} ${url} is no operation`)
      seen.push(match.operation)
      // An import that has nothing yet takes one piece, and is done after it.
      const import_ = { state: method === 'PUT' ? 'done' : 'waiting', receivedBytes: 0 }
      return Response.json({ items: [], id: 'x', parkedAgainst: {}, ...import_ })
    }
    const client = new WebexClient({ token: 'x', baseUrl: 'https://pbx.example.test/v1', fetch })
    for (const use of USES) await use(client)
    const offered = (Object.keys(ROUTES) as OperationId[]).filter((id) => ROUTES[id].access === 'token')
    const wanted = offered.filter((id) => {
      const { tag } = ROUTES[id]
      return seen.includes(id) || (WITHOUT[id] === undefined && !NOT_YET.includes(tag))
    })
    assert.deepEqual(seen.toSorted(), wanted.toSorted())
  })
})
