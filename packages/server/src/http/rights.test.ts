/**
 * The rights of every route, as one table: who asks, and which status they get (promise P11, case A01). It is written
 * out by hand; a route that it does not name fails, and so does one that answers otherwise.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { encodeCallId, encodeCallSessionId, encodeWebexId, ROUTES, type Route } from '@tandem/contract'
import type { InjectOptions } from 'fastify'
import { type CallerName, IDS, openTestApi, PUBLIC_URL, type TestApi } from '../testing/api.ts'
import { fakeEngine, SESSION } from '../testing/fake-engine.ts'
import { makeClient } from '../testing/oauth.ts'
import { addMeeting, meetingId, removeMeetings } from '../testing/test-meetings.ts'
import { createToken } from '../tokens/tokens.ts'

const RECORDING = '5b0c7f2e-6c1d-4e0f-9a53-0d5f6e1b8c77'
/** Of the owner too, in the recycle bin. */
const BINNED = '6c1d8f3f-7d2e-4f10-8b64-1e60708c2d88'
/** Of the owner too; nothing erases it, so that it can be spoken of again and again. */
const SPOKEN = '7d2e9a40-8e3f-4a21-9c75-2f71819d3e99'
/** Meetings of the owner, one in the recycle bin. */
const [HELD_MEETING, BINNED_MEETING] = [meetingId(1), meetingId(2)]
const HOST = 'hostEmail=owner@alpha.test'
const sharing = { hostEmail: 'owner@alpha.test', addEmails: ['colleague@example.com'] }
const CALL = encodeCallId('callhalf-1:0')
const OTHER_CALL = encodeCallId('callhalf-2:0')
const OWNER = encodeWebexId('PEOPLE', IDS.owner)

type Expected = Readonly<Record<CallerName, number>>
type Row = { readonly request: InjectOptions; readonly expected: Expected }

/** Nobody, and everybody whose token is worth nothing or has no scope of ours. */
const REFUSED = {
  none: 401,
  malformed: 401,
  unknown: 401,
  revoked: 401,
  expired: 401,
  scopeless: 403,
} as const
/** A user operation is closed to tokens that hold the scopes of other roles only. */
const USERS_ONLY = { ...REFUSED, admin: 403, officer: 403, pretender: 403 } as const
/** Administrator and compliance officer with tokens that hold the user scopes too: users to whom nothing belongs. */
const users = (status: number) => ({ officerOwner: status, adminOwner: status })

/** Reads what is everybody's own. */
const readsOwn: Expected = {
  ...USERS_ONLY,
  ...users(200),
  owner: 200,
  reader: 200,
  colleague: 200,
  foreign: 200,
}
/** Reads one thing that belongs to the owner. */
const readsOwners: Expected = { ...readsOwn, ...users(404), colleague: 404, foreign: 404 }
/** Does something in the own name. */
const acts = (status: number): Expected => ({
  ...USERS_ONLY,
  ...users(status),
  owner: status,
  reader: 403,
  colleague: status,
  foreign: status,
})
/** Does something to a thing that belongs to the owner. */
const actsOnOwners = (status: number): Expected => ({
  ...acts(status),
  ...users(404),
  colleague: 404,
  foreign: 404,
})
/** An administrator’s operation on something of Alpha; Beta’s administrator finds nothing there. */
const administers = (status: number): Expected => ({
  ...REFUSED,
  owner: 403,
  reader: 403,
  colleague: 403,
  admin: status,
  adminOwner: status,
  officer: 403,
  officerOwner: 403,
  pretender: 403,
  foreign: 404,
})
/** The same on whatever the own organisation has. */
const administersAll = (status: number): Expected => ({ ...administers(status), foreign: status })
/** A setting of the owner, open to the owner and to administrators. */
const settingOf = (status: number, reader: number): Expected => ({
  ...administers(status),
  officerOwner: 404,
  owner: status,
  reader,
  colleague: 404,
})
/** A secondary line of the owner’s phones. */
const secondaryOf = (status: number, reader: number): Expected => ({
  ...USERS_ONLY,
  ...users(403),
  owner: status,
  reader,
  colleague: 403,
  foreign: 403,
})
/** Administrators and compliance officers read every recording of their organisation. */
const recordings: Expected = {
  ...readsOwners,
  ...users(200),
  admin: 200,
  officer: 200,
}
/** The list of the organisation. */
const ofTheOrganization: Expected = {
  ...REFUSED,
  ...users(200),
  owner: 403,
  reader: 403,
  colleague: 403,
  pretender: 403,
  admin: 200,
  officer: 200,
  foreign: 200,
}
/** The DELETE of the owner's recording, in the way of each role. */
const deletes: Expected = { ...recordings, ...users(204), owner: 204, reader: 403, admin: 204, officer: 204 }
/** The recycle bin: administrators reach all, users their own, compliance officers none. */
const moves: Expected = {
  ...USERS_ONLY,
  owner: 204,
  reader: 403,
  colleague: 404,
  admin: 204,
  adminOwner: 204,
  officerOwner: 404,
  foreign: 404,
}

/** A compliance officer’s operation on something of Alpha; Beta’s compliance officer finds nothing there. */
const complies = (status: number): Expected => ({
  ...REFUSED,
  owner: 403,
  reader: 403,
  colleague: 403,
  admin: 403,
  adminOwner: 403,
  officer: status,
  officerOwner: status,
  pretender: 403,
  foreign: 404,
})
/** The same on whatever the own organisation has. */
const compliesAll = (status: number): Expected => ({ ...complies(status), foreign: status })
/** Administrators and compliance officers, on whatever the own organisation has. */
const overseesAll = (status: number): Expected => ({
  ...compliesAll(status),
  admin: status,
  adminOwner: status,
})
/** The same on something of Alpha. */
const overseesOne = (status: number): Expected => ({ ...overseesAll(status), foreign: 404 })
/** Everybody who reads recordings at all, within the own sight. */
const readsAny: Expected = { ...readsOwn, ...users(200), admin: 200, officer: 200 }
/** What was said is for the owner and for compliance officers, not for administrators. */
const content: Expected = { ...recordings, admin: 403, adminOwner: 404 }

/** In the name of Alpha's owner: `hostEmail` counts for an administrator, and Beta's may not act for that person. */
const inTheNameOf = (status: number, reader: number): Expected => ({
  ...recordings,
  reader,
  foreign: 403,
  owner: status,
  admin: status,
  adminOwner: status,
  officer: 403,
  officerOwner: 404,
})
/** Names and numbers are for everybody in the organisation, and for its administrators. */
const seesNames = (foreign: number): Expected => ({ ...readsOwn, admin: 200, foreign })
/** What a service app alone may do. */
const ofServiceApps: Expected = { ...administers(403), foreign: 403 }

const get = (url: string, expected: Expected): Row => ({ request: { method: 'GET', url }, expected })
const remove = (url: string, expected: Expected): Row => ({ request: { method: 'DELETE', url }, expected })
const post = (url: string, payload: object | undefined, expected: Expected): Row => ({
  request: payload === undefined ? { method: 'POST', url } : { method: 'POST', url, payload },
  expected,
})
const put = (url: string, payload: object, expected: Expected): Row => ({
  request: { method: 'PUT', url, payload },
  expected,
})

const CALLS = '/v1/telephony/calls'
const MEMBER = `${CALLS}/members/${OWNER}`
const ME = `${CALLS}/members/me`
const CONFERENCE = '/v1/telephony/conference'
const CONFIG = '/v1/telephony/config'
const named = { recordingIds: [RECORDING] }
const call = { callId: CALL }
const calls = { callIds: [CALL, OTHER_CALL] }
const dial = { destination: '102' }

const LIBRARY = '/tandem/v1'
const OF_RECORDING = `${LIBRARY}/recordings/${RECORDING}`
const RETENTION = `${LIBRARY}/retention/owner/${IDS.owner}`
/** Stand in paths for what is made anew for each row. */
const [HOLD, IMPORT, WEBHOOK] = ['HOLD', 'IMPORT', 'WEBHOOK']
const newWebhook = {
  name: 'x',
  targetUrl: 'https://crm.example.com/hook',
  resource: 'telephony_calls',
  event: 'all',
}

/** Something of each kind for the directory; what is made of it goes again before each row. */
const ENTRIES: Readonly<Record<string, object>> = {
  people: { email: 'new@alpha.test', name: 'New', extension: '191' },
  locations: { name: 'New' },
  workspaces: { name: 'New', extension: '191' },
  virtualLines: { name: 'New', extension: '191' },
  devices: { name: 'New', sipUser: 'new', personId: OWNER },
  groups: { name: 'New', kind: 'pickup' },
}

const TABLE: Readonly<Record<string, Row>> = {
  listCalls: get(CALLS, readsOwn),
  listCallHistory: get(`${CALLS}/history`, readsOwn),
  getCallDetails: get(`${CALLS}/${CALL}`, readsOwners),
  dialCall: post(`${CALLS}/dial`, dial, acts(201)),
  answerCall: post(`${CALLS}/answer`, call, actsOnOwners(204)),
  rejectCall: post(`${CALLS}/reject`, call, actsOnOwners(204)),
  hangupCall: post(`${CALLS}/hangup`, call, actsOnOwners(204)),
  holdCall: post(`${CALLS}/hold`, call, actsOnOwners(204)),
  resumeCall: post(`${CALLS}/resume`, call, actsOnOwners(204)),
  muteCall: post(`${CALLS}/mute`, call, actsOnOwners(204)),
  unmuteCall: post(`${CALLS}/unmute`, call, actsOnOwners(204)),
  divertCall: post(`${CALLS}/divert`, { ...call, destination: '102' }, actsOnOwners(204)),
  transferCall: post(`${CALLS}/transfer`, { callId1: CALL, destination: '102' }, actsOnOwners(201)),
  parkCall: post(`${CALLS}/park`, call, actsOnOwners(200)),
  retrieveCall: post(`${CALLS}/retrieve`, undefined, acts(201)),
  startCallRecording: post(`${CALLS}/startRecording`, call, actsOnOwners(204)),
  stopCallRecording: post(`${CALLS}/stopRecording`, call, actsOnOwners(204)),
  pauseCallRecording: post(`${CALLS}/pauseRecording`, call, actsOnOwners(204)),
  resumeCallRecording: post(`${CALLS}/resumeRecording`, call, actsOnOwners(204)),
  transmitDtmf: post(`${CALLS}/transmitDtmf`, { ...call, dtmf: '1' }, actsOnOwners(204)),
  pushCall: post(`${CALLS}/push`, call, actsOnOwners(204)),
  pickupCall: post(`${CALLS}/pickup`, undefined, acts(201)),
  bargeInCall: post(`${CALLS}/bargeIn`, { target: '102' }, acts(201)),
  pullCall: post(`${CALLS}/pull`, undefined, acts(201)),
  setMessageWaiting: post(
    `/v1/telephony/externalVoicemail/mwi?id=${OWNER}`,
    { action: 'SET' },
    administers(204),
  ),
  listMemberCalls: get(`${MEMBER}/calls`, administers(200)),
  getMemberCallDetails: get(`${MEMBER}/calls/${CALL}`, administers(200)),
  dialMemberCall: post(`${MEMBER}/dial`, dial, administers(201)),
  answerMemberCall: post(`${MEMBER}/answer`, call, administers(204)),
  hangupMemberCall: post(`${MEMBER}/hangup`, call, administers(204)),
  listMyCalls: get(`${ME}/calls`, readsOwn),
  getMyCallDetails: get(`${ME}/calls/${CALL}`, readsOwners),
  dialMyCall: post(`${ME}/dial`, dial, acts(201)),
  answerMyCall: post(`${ME}/answer`, call, actsOnOwners(204)),
  hangupMyCall: post(`${ME}/hangup`, call, actsOnOwners(204)),
  startConference: post(`${CONFERENCE}`, calls, actsOnOwners(204)),
  getConference: get(`${CONFERENCE}`, readsOwn),
  releaseConference: remove(`${CONFERENCE}`, acts(204)),
  addConferenceParticipant: post(`${CONFERENCE}/addParticipant`, call, actsOnOwners(204)),
  muteConference: post(`${CONFERENCE}/mute`, call, actsOnOwners(204)),
  unmuteConference: post(`${CONFERENCE}/unmute`, call, actsOnOwners(204)),
  deafenConference: post(`${CONFERENCE}/deafen`, call, actsOnOwners(204)),
  undeafenConference: post(`${CONFERENCE}/undeafen`, call, actsOnOwners(204)),
  holdConference: post(`${CONFERENCE}/hold`, undefined, acts(204)),
  resumeConference: post(`${CONFERENCE}/resume`, undefined, acts(204)),
  startMemberConference: post(`${CONFERENCE}/members/${OWNER}`, calls, administers(204)),
  getMemberConference: get(`${CONFERENCE}/members/${OWNER}`, administers(200)),
  releaseMemberConference: remove(`${CONFERENCE}/members/${OWNER}`, administers(204)),
  addMemberConferenceParticipant: post(
    `${CONFERENCE}/members/${OWNER}/addParticipant`,
    call,
    administers(204),
  ),
  muteMemberConference: post(`${CONFERENCE}/members/${OWNER}/mute`, call, administers(204)),
  unmuteMemberConference: post(`${CONFERENCE}/members/${OWNER}/unmute`, call, administers(204)),
  deafenMemberConference: post(`${CONFERENCE}/members/${OWNER}/deafen`, call, administers(204)),
  undeafenMemberConference: post(`${CONFERENCE}/members/${OWNER}/undeafen`, call, administers(204)),
  holdMemberConference: post(`${CONFERENCE}/members/${OWNER}/hold`, undefined, administers(204)),
  resumeMemberConference: post(`${CONFERENCE}/members/${OWNER}/resume`, undefined, administers(204)),
  startMyConference: post(`${CONFERENCE}/members/me`, calls, actsOnOwners(204)),
  getMyConference: get(`${CONFERENCE}/members/me`, readsOwn),
  releaseMyConference: remove(`${CONFERENCE}/members/me`, acts(204)),
  addMyConferenceParticipant: post(`${CONFERENCE}/members/me/addParticipant`, call, actsOnOwners(204)),
  muteMyConference: post(`${CONFERENCE}/members/me/mute`, call, actsOnOwners(204)),
  unmuteMyConference: post(`${CONFERENCE}/members/me/unmute`, call, actsOnOwners(204)),
  deafenMyConference: post(`${CONFERENCE}/members/me/deafen`, call, actsOnOwners(204)),
  undeafenMyConference: post(`${CONFERENCE}/members/me/undeafen`, call, actsOnOwners(204)),
  holdMyConference: post(`${CONFERENCE}/members/me/hold`, undefined, acts(204)),
  resumeMyConference: post(`${CONFERENCE}/members/me/resume`, undefined, acts(204)),
  getPreferredAnswerEndpoint: get(`${CONFIG}/people/${OWNER}/preferredAnswerEndpoint`, settingOf(200, 200)),
  setPreferredAnswerEndpoint: put(
    `${CONFIG}/people/${OWNER}/preferredAnswerEndpoint`,
    { preferredAnswerEndpointId: null },
    settingOf(204, 403),
  ),
  getMyPreferredAnswerEndpoint: get(`${CONFIG}/people/me/settings/preferredAnswerEndpoint`, readsOwn),
  setMyPreferredAnswerEndpoint: put(
    `${CONFIG}/people/me/settings/preferredAnswerEndpoint`,
    { id: null },
    { ...acts(204), adminOwner: 409 }, // The file sets the line of Ines.
  ),
  getSecondaryLinePreferredAnswerEndpoint: get(
    `${CONFIG}/people/me/settings/secondaryLines/${IDS.virtualLine}/preferredAnswerEndpoint`,
    secondaryOf(200, 200),
  ),
  setSecondaryLinePreferredAnswerEndpoint: put(
    `${CONFIG}/people/me/settings/secondaryLines/${IDS.virtualLine}/preferredAnswerEndpoint`,
    { id: null },
    secondaryOf(204, 403),
  ),
  getPersonCallRecording: get(`/v1/people/${OWNER}/features/callRecording`, administers(200)),
  setPersonCallRecording: put(`/v1/people/${OWNER}/features/callRecording`, {}, administers(204)),
  getWorkspaceCallRecording: get(`/v1/workspaces/${IDS.place}/features/callRecording`, administers(200)),
  setWorkspaceCallRecording: put(`/v1/workspaces/${IDS.place}/features/callRecording`, {}, administers(204)),
  getWorkspaceCallRecordings: get(`/v1/workspaces/${IDS.place}/features/callRecordings`, administers(200)),
  setWorkspaceCallRecordings: put(
    `/v1/workspaces/${IDS.place}/features/callRecordings`,
    {},
    administers(204),
  ),
  getVirtualLineCallRecording: get(
    `${CONFIG}/virtualLines/${IDS.virtualLine}/callRecording`,
    administers(200),
  ),
  setVirtualLineCallRecording: put(
    `${CONFIG}/virtualLines/${IDS.virtualLine}/callRecording`,
    {},
    administers(204),
  ),
  getMyCallRecording: get(`${CONFIG}/people/me/settings/callRecording`, readsOwn),
  listAnnouncements: get('/tandem/v1/announcements', administersAll(200)),
  addAnnouncement: {
    request: {
      method: 'POST',
      url: '/tandem/v1/announcements?name=x',
      payload: Buffer.from('sound'),
      headers: { 'content-type': 'audio/wav' },
    },
    expected: administersAll(201),
  },
  deleteAnnouncement: remove(`/tandem/v1/announcements/${IDS.sound}`, administers(204)),
  setHoldMusic: put(
    `/tandem/v1/locations/${IDS.location}/holdMusic`,
    { announcementId: null },
    administers(204),
  ),
  listCallRecords: get('/tandem/v1/callRecords', administersAll(200)),
  getCallTrace: get(`/tandem/v1/calls/${encodeCallSessionId(SESSION)}/trace`, administers(200)),
  listVoicemail: get('/tandem/v1/voicemail', readsOwn),
  getVoicemailAudio: get(`/tandem/v1/voicemail/${IDS.message}/audio`, readsOwners),
  deleteVoicemail: remove(`/tandem/v1/voicemail/${IDS.message}`, actsOnOwners(204)),
  listConvergedRecordings: get('/v1/convergedRecordings', readsOwn),
  getConvergedRecordingDetails: get(`/v1/convergedRecordings/${RECORDING}`, recordings),
  getConvergedRecordingMetadata: get(`/v1/convergedRecordings/${RECORDING}/metadata`, recordings),
  listAdminConvergedRecordings: get('/v1/admin/convergedRecordings', ofTheOrganization),
  deleteConvergedRecording: {
    request: { method: 'DELETE', url: `/v1/convergedRecordings/${RECORDING}`, payload: { reason: 'audit' } },
    expected: deletes,
  },
  reassignConvergedRecordings: post(
    '/v1/convergedRecordings/reassign',
    { reassignOwnerEmail: 'owner@alpha.test', recordingIds: [RECORDING] },
    { ...administers(204), foreign: 404 },
  ),
  softDeleteConvergedRecordings: post('/v1/convergedRecordings/softDelete', named, moves),
  restoreConvergedRecordings: post('/v1/convergedRecordings/restore', { recordingIds: [BINNED] }, moves),
  purgeConvergedRecordings: post('/v1/convergedRecordings/purge', { recordingIds: [BINNED] }, moves),
  listMeetingRecordings: get('/v1/recordings', readsAny),
  getMeetingRecordingDetails: get(`/v1/recordings/${HELD_MEETING}?${HOST}`, {
    ...inTheNameOf(200, 200),
    officer: 200,
    officerOwner: 200,
  }),
  deleteMeetingRecording: {
    request: {
      method: 'DELETE',
      url: `/v1/recordings/${HELD_MEETING}?${HOST}`,
      payload: { reason: 'audit' },
    },
    expected: { ...inTheNameOf(204, 403), officer: 204, officerOwner: 204 },
  },
  softDeleteMeetingRecordings: post(
    `/v1/recordings/softDelete?${HOST}`,
    { recordingIds: [HELD_MEETING] },
    inTheNameOf(204, 403),
  ),
  restoreMeetingRecordings: post(
    `/v1/recordings/restore?${HOST}`,
    { recordingIds: [BINNED_MEETING] },
    inTheNameOf(204, 403),
  ),
  purgeMeetingRecordings: post(
    `/v1/recordings/purge?${HOST}`,
    { recordingIds: [BINNED_MEETING] },
    inTheNameOf(204, 403),
  ),
  shareMeetingRecording: post(`/v1/recordings/${HELD_MEETING}/accessList`, sharing, inTheNameOf(204, 403)),
  shareMeetingRecordingByLink: post(
    '/v1/recordings/accessList',
    { ...sharing, webShareLink: `${PUBLIC_URL}/recordings/${HELD_MEETING}/play` },
    inTheNameOf(204, 403),
  ),
  listAdminMeetingRecordings: get('/v1/admin/recordings', ofTheOrganization),
  deleteAdminMeetingRecording: remove(`/v1/admin/recordings/${HELD_MEETING}`, administers(204)),
  listGroupMeetingRecordings: get(`/v1/group/recordings?personId=${OWNER}`, ofServiceApps),
  getGroupMeetingRecordingDetails: get(
    `/v1/group/recordings/${HELD_MEETING}?personId=${OWNER}`,
    ofServiceApps,
  ),
  updateRecording: put(OF_RECORDING, { topic: 'New' }, moves),
  searchRecordings: get(`${LIBRARY}/recordings/search?q=call`, readsAny),
  getRecordingKeeping: get(`${OF_RECORDING}/keeping`, recordings),
  getRecordingManifest: get(`${OF_RECORDING}/manifest`, recordings),
  exportRecording: get(`${OF_RECORDING}/export`, content),
  getRecordingTranscript: get(`${OF_RECORDING}/transcript`, content),
  putRecordingTranscript: put(`${LIBRARY}/recordings/${SPOKEN}/transcript`, { segments: [] }, moves),
  // No transcriber is configured.
  requestRecordingTranscript: post(
    `${OF_RECORDING}/transcript`,
    {},
    { ...moves, owner: 409, admin: 409, adminOwner: 409 },
  ),
  createImport: post(
    `${LIBRARY}/imports`,
    { ownerEmail: 'owner@alpha.test', topic: 'From elsewhere' },
    administers(201),
  ),
  listImports: get(`${LIBRARY}/imports`, administersAll(200)),
  getImport: get(`${LIBRARY}/imports/${IMPORT}`, administers(200)),
  uploadImport: {
    request: {
      method: 'PUT',
      url: `${LIBRARY}/imports/${IMPORT}/media`,
      payload: Buffer.from('ID3'),
      headers: { 'content-type': 'audio/mpeg', 'content-range': 'bytes 0-2/100' },
    },
    expected: administers(200),
  },
  cancelImport: remove(`${LIBRARY}/imports/${IMPORT}`, administers(204)),
  listHolds: get(`${LIBRARY}/holds`, compliesAll(200)),
  placeHold: post(`${LIBRARY}/holds`, { ...named, reason: 'case 7' }, complies(201)),
  getHold: get(`${LIBRARY}/holds/${HOLD}`, complies(200)),
  releaseHold: {
    request: { method: 'DELETE', url: `${LIBRARY}/holds/${HOLD}`, payload: { reason: 'case 7 is over' } },
    expected: complies(204),
  },
  listRetentionPolicies: get(`${LIBRARY}/retention`, overseesAll(200)),
  setRetentionPolicy: put(RETENTION, { keepDays: 30 }, complies(200)),
  deleteRetentionPolicy: remove(RETENTION, complies(204)),
  listAudit: get(`${LIBRARY}/audit`, compliesAll(200)),
  exportAudit: get(`${LIBRARY}/audit/export?from=2030-01-01`, compliesAll(200)),
  getSigningKeys: get(`${LIBRARY}/signingKeys`, readsAny),
  getStorage: get(`${LIBRARY}/storage`, overseesAll(200)),
  acceptClock: post(`${LIBRARY}/storage/acceptClock`, undefined, overseesAll(204)),
  // An id that was never given out: whoever may listen is told so, and the test need not listen for ever.
  streamEvents: get('/tandem/v1/events?lastEventId=999999', {
    ...readsOwn,
    ...users(410),
    admin: 403, // Organisation-wide scopes open `ownedBy=org`.
    officer: 403,
    pretender: 403,
    owner: 410,
    reader: 410,
    colleague: 410,
    foreign: 410,
  }),
  listWebhooks: get('/v1/webhooks', readsAny),
  createWebhook: post('/v1/webhooks', newWebhook, {
    ...readsAny,
    admin: 403, // Own events need a scope of a user.
    officer: 403,
  }),
  getWebhook: get(`/v1/webhooks/${WEBHOOK}`, { ...readsOwners, admin: 404, officer: 404 }),
  updateWebhook: put(`/v1/webhooks/${WEBHOOK}`, newWebhook, { ...readsOwners, admin: 404, officer: 404 }),
  deleteWebhook: remove(`/v1/webhooks/${WEBHOOK}`, {
    ...{ ...readsOwners, admin: 404, officer: 404 },
    ...{ owner: 204, reader: 204 },
  }),
  listWebhookDeliveries: get(`${LIBRARY}/webhooks/${WEBHOOK}/deliveries`, {
    ...{ ...readsOwners, admin: 404, officer: 404 },
  }),
  // There is none: who sees the webhook hears of the delivery.
  redeliverWebhook: post(`${LIBRARY}/webhooks/${WEBHOOK}/deliveries/msg_x/redelivery`, undefined, {
    ...{ ...readsOwners, admin: 404, officer: 404 },
    ...{ owner: 404, reader: 404 },
  }),
  listOrganizations: get('/v1/organizations', seesNames(200)),
  getOrganization: get(`/v1/organizations/${IDS.org}`, seesNames(404)),
  listPeople: get('/v1/people?email=owner@alpha.test', seesNames(200)),
  getPerson: get(`/v1/people/${OWNER}`, seesNames(404)),
  listLocations: get('/v1/locations', administersAll(200)),
  getLocation: get(`/v1/locations/${IDS.location}`, administers(200)),
  listWorkspaces: get('/v1/workspaces', administersAll(200)),
  getWorkspace: get(`/v1/workspaces/${IDS.place}`, administers(200)),
  listVirtualLines: get(`${CONFIG}/virtualLines`, administersAll(200)),
  getVirtualLine: get(`${CONFIG}/virtualLines/${IDS.virtualLine}`, administers(200)),
  listDevices: get('/v1/devices', { ...readsOwn, admin: 200 }),
  getDevice: get(`/v1/devices/${IDS.ownerDevice}`, { ...readsOwners, admin: 200, adminOwner: 200 }),
  updateOrganization: put(`${LIBRARY}/organization`, {}, administersAll(200)),
  createPerson: post(`${LIBRARY}/people`, ENTRIES['people'], administersAll(201)),
  updatePerson: put(`${LIBRARY}/people/ENTRY`, { name: 'Other' }, administers(200)),
  deletePerson: remove(`${LIBRARY}/people/ENTRY`, administers(204)),
  createLocation: post(`${LIBRARY}/locations`, ENTRIES['locations'], administersAll(201)),
  updateLocation: put(`${LIBRARY}/locations/ENTRY`, { name: 'Other' }, administers(200)),
  deleteLocation: remove(`${LIBRARY}/locations/ENTRY`, administers(204)),
  createWorkspace: post(`${LIBRARY}/workspaces`, ENTRIES['workspaces'], administersAll(201)),
  updateWorkspace: put(`${LIBRARY}/workspaces/ENTRY`, { name: 'Other' }, administers(200)),
  deleteWorkspace: remove(`${LIBRARY}/workspaces/ENTRY`, administers(204)),
  createVirtualLine: post(`${LIBRARY}/virtualLines`, ENTRIES['virtualLines'], administersAll(201)),
  updateVirtualLine: put(`${LIBRARY}/virtualLines/ENTRY`, { name: 'Other' }, administers(200)),
  deleteVirtualLine: remove(`${LIBRARY}/virtualLines/ENTRY`, administers(204)),
  createDevice: post(`${LIBRARY}/devices`, ENTRIES['devices'], administers(201)),
  updateDevice: put(`${LIBRARY}/devices/ENTRY`, { name: 'Other' }, administers(200)),
  resetDevicePassword: post(`${LIBRARY}/devices/ENTRY/password`, undefined, administers(200)),
  deleteDevice: remove(`${LIBRARY}/devices/ENTRY`, administers(204)),
  listGroups: get(`${LIBRARY}/groups`, administersAll(200)),
  createGroup: post(`${LIBRARY}/groups`, ENTRIES['groups'], administersAll(201)),
  updateGroup: put(`${LIBRARY}/groups/ENTRY`, { name: 'Other' }, administers(200)),
  deleteGroup: remove(`${LIBRARY}/groups/ENTRY`, administers(204)),
  // Beta may not be called by the name of Alpha.
  applyDirectory: {
    request: {
      method: 'PUT',
      url: `${LIBRARY}/directory?dryRun=true`,
      payload: 'organizations: [{ name: Alpha, domains: [alpha.test], locations: [{ name: Berlin }] }]',
      headers: { 'content-type': 'application/yaml' },
    },
    expected: { ...administersAll(200), foreign: 409 },
  },
  setMyPassword: put(`${LIBRARY}/people/me/password`, { newPassword: 'a long enough one' }, acts(204)),
  invitePerson: post(`${LIBRARY}/people/${IDS.owner}/invitation`, undefined, administers(201)),
  listTokens: get(`${LIBRARY}/tokens`, { ...readsOwn, admin: 200 }),
  createToken: post(`${LIBRARY}/tokens`, { scopes: ['spark:calls_read'] }, acts(201)),
  revokeToken: remove(`${LIBRARY}/tokens/TOKEN`, { ...actsOnOwners(204), admin: 204, adminOwner: 204 }),
  listClients: get(`${LIBRARY}/clients`, administersAll(200)),
  createClient: post(
    `${LIBRARY}/clients`,
    { name: 'New', redirectUris: ['https://app.example.com/'], scopes: ['spark:calls_read'] },
    administersAll(201),
  ),
  getClient: get(`${LIBRARY}/clients/CLIENT`, administers(200)),
  updateClient: put(`${LIBRARY}/clients/CLIENT`, { name: 'Newer' }, administers(200)),
  deleteClient: remove(`${LIBRARY}/clients/CLIENT`, administers(204)),
  rotateClientSecret: post(`${LIBRARY}/clients/CLIENT/secret`, undefined, administers(200)),
  authorizeServiceApp: put(`${LIBRARY}/clients/SERVICEAPP/authorization`, {}, overseesOne(204)),
  deauthorizeServiceApp: remove(`${LIBRARY}/clients/SERVICEAPP/authorization`, overseesOne(204)),
  createServiceAppToken: post(`${LIBRARY}/clients/SERVICEAPP/token`, undefined, administers(200)),
  getMyPerson: get('/v1/people/me', {
    ...readsOwn,
    scopeless: 200,
    admin: 200,
    officer: 200,
    pretender: 200,
  }),
}

let api: TestApi
before(async () => {
  api = await openTestApi()
  api.answer = fakeEngine(IDS.owner)
  api.ports.records.push({
    orgId: IDS.org,
    callSessionId: SESSION,
    startedAt: 0,
    endedAt: 1,
    cause: 'hangup',
    halves: [],
    legs: [],
    recordings: [],
    unrecorded: [],
  })
})
after(() => api.close())

/** What a row finds under ids that nobody knows beforehand. */
const made = { hold: '', import: '', entry: '', token: '', client: '', app: '', webhook: '' }

async function makeAnew(operation: string): Promise<void> {
  const { holds, imports, retention } = api.recordings
  const orgId = IDS.org
  const actor = { orgId, personId: IDS.officer, as: 'complianceOfficer' } as const
  if (operation === 'getHold' || operation === 'releaseHold') {
    const placed = await holds.place(actor, { recordingIds: [RECORDING], reason: 'case 7' })
    made.hold = 'id' in placed ? placed.id : ''
  }
  if (/^(get|upload|cancel)Import$/.test(operation)) {
    const owner = await api.owners.byId(orgId, IDS.owner)
    assert.ok(owner)
    made.import = (await imports.create(actor, { owner, topic: 'x', serviceType: 'calling' })).id
  }
  if (operation.includes('Webhook')) {
    await api.data.db.kysely.deleteFrom('webhooks').execute()
    const payload = { ...newWebhook, event: 'created' }
    const answer = await api.send('owner', { method: 'POST', url: '/v1/webhooks', payload })
    made.webhook = answer.json<{ id: string }>().id
  }
  const { request } = TABLE[operation] as Row
  const [, entries = ''] = /\/(\w+)\/ENTRY/.exec(String(request.url)) ?? []
  if (entries !== '') {
    const url = `${LIBRARY}/${entries}`
    const answer = await api.send('admin', { method: 'POST', url, payload: ENTRIES[entries] ?? {} })
    assert.equal(answer.statusCode, 201, `${url}: ${answer.body}`)
    made.entry = answer.json().id
  }
  if (operation === 'revokeToken') {
    const scopes = ['spark:calls_read']
    made.token = (await createToken(api.data.db, { email: 'owner@alpha.test', scopes, now: api.now })).id
  }
  if (/Client|ServiceApp/.test(operation)) {
    const scopes = ['spark-admin:recordings_read'] // Authorized already, so that anybody may leave it so.
    made.client = (await makeClient(api, { redirectUris: ['https://app.example.com/'], scopes })).id
    made.app = (await makeClient(api, { kind: 'service', scopes, authorized: scopes })).id
  }
  if (operation === 'deleteRetentionPolicy')
    await retention.set(actor, { scope: 'owner', scopeId: IDS.owner, keepDays: 1, eraseAtEnd: false })
}

/** The request of a row, with the ids of this moment. */
function requestOf({ url, ...request }: InjectOptions): InjectOptions {
  const path = String(url)
  return {
    ...request,
    url: path
      .replace(/WEBHOOK/, made.webhook)
      .replace(/HOLD$/, made.hold)
      .replace(/IMPORT(?=\/|$)/, made.import)
      .replace(/ENTRY(?=\/|$)/, made.entry)
      .replace(/TOKEN$/, made.token)
      .replace(/CLIENT(?=\/|$)/, made.client)
      .replace(/SERVICEAPP/, made.app),
  }
}

/** Puts back what a row may have deleted or moved. */
async function restore(operation: string): Promise<void> {
  if (operation.includes('Meeting')) {
    await removeMeetings(api)
    await addMeeting(api, 1)
    await addMeeting(api, 2, { status: 'deleted' })
  } else if (/Recording|Hold|Retention/.test(operation)) {
    await api.removeRecordings()
    await api.addRecording({ id: RECORDING })
    await api.addRecording({ id: BINNED, status: 'deleted' })
    await api.addRecording({ id: SPOKEN })
  }
  for (const table of ['devices', 'lines', 'locations', 'line_groups'] as const)
    await api.data.db.kysely.deleteFrom(table).where('managed_by', '=', '').execute()
  await makeAnew(operation)
  const { allSounds, messages } = api.ports
  const bytes = Buffer.from('sound')
  allSounds.length = 0
  allSounds.push({
    orgId: IDS.org,
    id: IDS.sound,
    name: 'Hold',
    bytes,
    sizeBytes: 5,
    durationMs: 1,
    createdAt: 0,
  })
  messages.length = 0
  messages.push({
    orgId: IDS.org,
    lineId: IDS.owner,
    id: IDS.message,
    at: 0,
    durationMs: 1,
    heard: false,
    ulaw: bytes,
  })
  api.commands.length = 0
}

describe('the rights of every route (P11, A01)', () => {
  it('are written in this table for every route that a token opens', () => {
    const opened = Object.entries(ROUTES as Record<string, Route>).filter(
      ([, route]) => route.access === 'token',
    )
    const missing = opened.filter(([id]) => !Object.hasOwn(TABLE, id))
    assert.deepEqual(
      missing.map(([id]) => id),
      [],
    )
    const known = new Set(opened.map(([id]) => id))
    for (const id of Object.keys(TABLE)) assert.ok(known.has(id), `${id} is a route that a token opens`)
  })

  it('hold for each caller', async () => {
    for (const [id, { request, expected }] of Object.entries(TABLE))
      for (const [caller, status] of Object.entries(expected) as [CallerName, number][]) {
        await restore(id)
        const answer = await api.send(caller, requestOf(request))
        assert.equal(answer.statusCode, status, `${id} as ${caller}: ${answer.body}`)
        if (status === 401 || status === 403)
          assert.deepEqual(api.commands, [], `${id} as ${caller} reached the call engine`)
      }
  })

  it('act for the token’s own person and organisation, whatever the request says (A06)', async () => {
    const payload = {
      destination: '1',
      orgId: 'x',
      personId: 'x',
      lineId: 'x',
      actor: { orgId: 'x' },
      ownerId: 'x',
      role: 'admin',
    }
    api.commands.length = 0
    await api.send('foreign', { method: 'POST', url: '/v1/telephony/calls/dial?orgId=x&personId=x', payload })
    assert.deepEqual(api.commands, [
      {
        kind: 'dial',
        actor: {
          orgId: IDS.foreignOrg,
          lineId: IDS.foreign,
        },
        destination: '1',
      },
    ])
  })

  it('offer nothing that the route table does not have', () => {
    const offered = api.app.printRoutes({ commonPrefix: false, includeHooks: false })
    const paths = [...offered.matchAll(/^[\s│├└─]*(\/\S*) \(/gm)].map((match) => match[1])
    assert.ok(paths.length > 0)
    const routes: readonly Route[] = Object.values(ROUTES)
    const known = new Set(routes.map((route) => route.path))
    assert.ok(paths.length <= known.size, `${paths.length} paths are offered, ${known.size} are known`)
    for (const { method, path } of routes)
      assert.ok(api.app.hasRoute({ method, url: path.replace(/\{(\w+)\}/g, ':$1') }), `${method} ${path}`)
  })

  it('read the token from the Authorization header alone (A10)', async () => {
    for (const url of [
      '/v1/people/me?access_token=',
      '/v1/people/me?token=',
      '/v1/people/me?Authorization=Bearer%20',
    ])
      assert.equal((await api.send('none', { url: url + api.tokens.owner })).statusCode, 401)
    const headers = (authorization: string): InjectOptions => ({
      url: '/v1/people/me',
      headers: { authorization },
    })
    assert.equal((await api.send('none', headers(`bearer ${api.tokens.owner}`))).statusCode, 200)
    for (const value of [
      '',
      'Bearer',
      `Basic ${api.tokens.owner}`,
      `Bearer ${api.tokens.owner} x`,
      `Bearer x, Bearer ${api.tokens.owner}`,
    ])
      assert.equal((await api.send('none', headers(value))).statusCode, 401, value)
  })
})
