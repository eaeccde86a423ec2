/**
 * Who may do what: the one table that every route is held to, denied by default (contract README §3, §3.1; promise
 * P11). A row gives an operation to callers that hold a scope in a role, and says how far they reach with it: their own
 * things, or those of their organisation. Nothing reaches into another organisation.
 *
 * Order matters: the widest grant stands first, and the first one that reaches the object is the role acted in.
 */
import type { OperationId, ROUTES } from './routes.ts'
import type { Role, Scope } from './scopes.ts'

/** The states of a recording that a grant reaches. */
export type RecordingStatus = 'available' | 'deleted' | 'purged'

/** One row of the table. */
export interface Grant {
  readonly as: Role
  readonly scope: Scope
  readonly reach: 'own' | 'organization'
  /** Only for recordings: the states that are visible, and whether download links come with it. */
  readonly statuses?: readonly RecordingStatus[]
  readonly links?: boolean
}

/** The operations that a bearer token opens. */
export type TokenOperationId = {
  [Id in OperationId]: (typeof ROUTES)[Id]['access'] extends 'token' ? Id : never
}[OperationId]

const SEEN: readonly RecordingStatus[] = ['available', 'deleted']

const READ_RECORDING: readonly Grant[] = [
  {
    as: 'complianceOfficer',
    scope: 'spark-compliance:recordings_read',
    reach: 'organization',
    statuses: [...SEEN, 'purged'],
    links: true,
  },
  { as: 'admin', scope: 'spark-admin:recordings_read', reach: 'organization', statuses: SEEN, links: false },
  { as: 'user', scope: 'spark:recordings_read', reach: 'own', statuses: SEEN, links: true },
]

const WRITE_OWN_RECORDING: Grant = {
  as: 'user',
  scope: 'spark:recordings_write',
  reach: 'own',
  statuses: SEEN,
}
const WRITE_RECORDING: Grant = {
  as: 'admin',
  scope: 'spark-admin:recordings_write',
  reach: 'organization',
  statuses: SEEN,
}
/** The owner who may write comes first; then the compliance officer, then the administrator (contract README §3.1). */
const DELETE_RECORDING: readonly Grant[] = [
  WRITE_OWN_RECORDING,
  {
    as: 'complianceOfficer',
    scope: 'spark-compliance:recordings_write',
    reach: 'organization',
    statuses: [...SEEN, 'purged'],
  },
  WRITE_RECORDING,
]
/** The administrator's scope makes the caller an administrator; only without it is the caller a user (§3.1). */
const MOVE_RECORDINGS: readonly Grant[] = [WRITE_RECORDING, WRITE_OWN_RECORDING]
/** Transcripts, manifests and exports hold what was said: as links, they are not for administrators. */
const READ_CONTENT: readonly Grant[] = READ_RECORDING.filter((grant) => grant.links === true)

const SEARCH_RECORDINGS: readonly Grant[] = READ_RECORDING.map((grant) => ({ ...grant, links: false }))

/** Either family of scopes opens meeting recordings (contract README §3). */
const meeting = (verb: 'read' | 'write', roles: readonly Role[]): readonly Grant[] => {
  const grants: readonly Grant[] = [
    ...([`spark-compliance:meetings_${verb}`, `spark-compliance:recordings_${verb}`] as const).map(
      (scope): Grant => ({
        as: 'complianceOfficer',
        scope,
        reach: 'organization',
        statuses: [...SEEN, 'purged'],
        links: verb === 'read',
      }),
    ),
    ...([`meeting:admin_recordings_${verb}`, `spark-admin:recordings_${verb}`] as const).map(
      (scope): Grant => ({
        as: 'admin',
        scope,
        reach: 'organization',
        statuses: SEEN,
        links: verb === 'read',
      }),
    ),
    ...([`meeting:recordings_${verb}`, `spark:recordings_${verb}`] as const).map(
      (scope): Grant => ({ as: 'user', scope, reach: 'own', statuses: SEEN, links: verb === 'read' }),
    ),
  ]
  return grants.filter((grant) => roles.includes(grant.as))
}
const READ_MEETINGS = meeting('read', ['complianceOfficer', 'admin', 'user'])
const MOVE_MEETINGS = meeting('write', ['admin', 'user'])
const READ_GROUP_MEETINGS: readonly Grant[] = [
  {
    as: 'admin',
    scope: 'meeting:group_meeting_read',
    reach: 'organization',
    statuses: ['available'],
    links: true,
  },
]

const own = (scope: Scope): Grant => ({ as: 'user', scope, reach: 'own' })
const wide = (scope: Scope): Grant => ({ as: 'admin', scope, reach: 'organization' })
const officer = (scope: Scope): Grant => ({ as: 'complianceOfficer', scope, reach: 'organization' })

const READ_COMPLIANCE: readonly Grant[] = [officer('spark-compliance:recordings_read')]
const WRITE_COMPLIANCE: readonly Grant[] = [officer('spark-compliance:recordings_write')]
const READ_LIBRARY: readonly Grant[] = [wide('spark-admin:recordings_read')]
const WRITE_LIBRARY: readonly Grant[] = [wide('spark-admin:recordings_write')]

const READ_CALLS: readonly Grant[] = [own('spark:calls_read')]
const COMMAND_CALLS: readonly Grant[] = [own('spark:calls_write')]
const READ_MEMBER_CALLS: readonly Grant[] = [wide('spark-admin:calls_read')]
const COMMAND_MEMBER_CALLS: readonly Grant[] = [wide('spark-admin:calls_write')]
const READ_OWN_SETTINGS: readonly Grant[] = [own('spark:telephony_config_read')]
const WRITE_OWN_SETTINGS: readonly Grant[] = [own('spark:telephony_config_write')]
const READ_SETTINGS: readonly Grant[] = [wide('spark-admin:telephony_config_read')]
const WRITE_SETTINGS: readonly Grant[] = [wide('spark-admin:telephony_config_write')]
/** The specification names the first, a known client the second (contract README §3). */
const READ_PEOPLE: readonly Grant[] = [wide('spark-admin:people_read'), wide('spark-admin:people_write')]
const WRITE_PEOPLE: readonly Grant[] = [wide('spark-admin:people_write')]
/** Names and numbers of the own organisation are for everybody in it, as in Webex; what an administrator sees is more. */
const SEE_PEOPLE: readonly Grant[] = [
  wide('spark-admin:people_read'),
  { as: 'user', scope: 'spark:people_read', reach: 'organization' },
]
const READ_LOCATIONS: readonly Grant[] = [wide('spark-admin:locations_read'), ...READ_SETTINGS]
const READ_DEVICES: readonly Grant[] = [...READ_SETTINGS, ...READ_OWN_SETTINGS]
const READ_OWN_TOKENS: readonly Grant[] = [wide('tandem-admin:access_read'), own('tandem:tokens_read')]
const READ_ACCESS: readonly Grant[] = [wide('tandem-admin:access_read')]
const WRITE_ACCESS: readonly Grant[] = [wide('tandem-admin:access_write')]
/**
 * Whoever may read what a webhook or the stream of events tells may have one (webhooks §2); a handler asks for the scope
 * of the resource that is watched. The scopes named after webhooks open them as well, and no resource.
 */
const WATCH: readonly Grant[] = [
  officer('spark-compliance:recordings_read'),
  officer('spark-compliance:meetings_read'),
  wide('spark-admin:calls_read'),
  wide('spark-admin:recordings_read'),
  wide('meeting:admin_recordings_read'),
  own('spark:calls_read'),
  own('spark:recordings_read'),
  own('meeting:recordings_read'),
]
const READ_WEBHOOKS: readonly Grant[] = [
  ...WATCH,
  officer('spark-compliance:webhooks_read'),
  wide('spark-admin:webhooks_read'),
  own('spark:webhooks_read'),
]
const WRITE_WEBHOOKS: readonly Grant[] = [
  ...WATCH,
  officer('spark-compliance:webhooks_write'),
  wide('spark-admin:webhooks_write'),
  own('spark:webhooks_write'),
]

/** The table. */
export const RIGHTS: Readonly<Record<TokenOperationId, readonly Grant[]>> = {
  listCalls: READ_CALLS,
  listCallHistory: READ_CALLS,
  getCallDetails: READ_CALLS,
  dialCall: COMMAND_CALLS,
  answerCall: COMMAND_CALLS,
  rejectCall: COMMAND_CALLS,
  hangupCall: COMMAND_CALLS,
  holdCall: COMMAND_CALLS,
  resumeCall: COMMAND_CALLS,
  muteCall: COMMAND_CALLS,
  unmuteCall: COMMAND_CALLS,
  divertCall: COMMAND_CALLS,
  transferCall: COMMAND_CALLS,
  parkCall: COMMAND_CALLS,
  retrieveCall: COMMAND_CALLS,
  startCallRecording: COMMAND_CALLS,
  stopCallRecording: COMMAND_CALLS,
  pauseCallRecording: COMMAND_CALLS,
  resumeCallRecording: COMMAND_CALLS,
  transmitDtmf: COMMAND_CALLS,
  pushCall: COMMAND_CALLS,
  pickupCall: COMMAND_CALLS,
  bargeInCall: COMMAND_CALLS,
  pullCall: COMMAND_CALLS,
  setMessageWaiting: COMMAND_MEMBER_CALLS,
  listMemberCalls: READ_MEMBER_CALLS,
  getMemberCallDetails: READ_MEMBER_CALLS,
  dialMemberCall: COMMAND_MEMBER_CALLS,
  answerMemberCall: COMMAND_MEMBER_CALLS,
  hangupMemberCall: COMMAND_MEMBER_CALLS,
  listMyCalls: READ_CALLS,
  getMyCallDetails: READ_CALLS,
  dialMyCall: COMMAND_CALLS,
  answerMyCall: COMMAND_CALLS,
  hangupMyCall: COMMAND_CALLS,
  startConference: COMMAND_CALLS,
  getConference: READ_CALLS,
  releaseConference: COMMAND_CALLS,
  addConferenceParticipant: COMMAND_CALLS,
  muteConference: COMMAND_CALLS,
  unmuteConference: COMMAND_CALLS,
  deafenConference: COMMAND_CALLS,
  undeafenConference: COMMAND_CALLS,
  holdConference: COMMAND_CALLS,
  resumeConference: COMMAND_CALLS,
  startMemberConference: COMMAND_MEMBER_CALLS,
  getMemberConference: READ_MEMBER_CALLS,
  releaseMemberConference: COMMAND_MEMBER_CALLS,
  addMemberConferenceParticipant: COMMAND_MEMBER_CALLS,
  muteMemberConference: COMMAND_MEMBER_CALLS,
  unmuteMemberConference: COMMAND_MEMBER_CALLS,
  deafenMemberConference: COMMAND_MEMBER_CALLS,
  undeafenMemberConference: COMMAND_MEMBER_CALLS,
  holdMemberConference: COMMAND_MEMBER_CALLS,
  resumeMemberConference: COMMAND_MEMBER_CALLS,
  startMyConference: COMMAND_CALLS,
  getMyConference: READ_CALLS,
  releaseMyConference: COMMAND_CALLS,
  addMyConferenceParticipant: COMMAND_CALLS,
  muteMyConference: COMMAND_CALLS,
  unmuteMyConference: COMMAND_CALLS,
  deafenMyConference: COMMAND_CALLS,
  undeafenMyConference: COMMAND_CALLS,
  holdMyConference: COMMAND_CALLS,
  resumeMyConference: COMMAND_CALLS,
  getPreferredAnswerEndpoint: [...READ_SETTINGS, ...READ_OWN_SETTINGS],
  setPreferredAnswerEndpoint: [...WRITE_SETTINGS, ...WRITE_OWN_SETTINGS],
  getMyPreferredAnswerEndpoint: READ_OWN_SETTINGS,
  setMyPreferredAnswerEndpoint: WRITE_OWN_SETTINGS,
  getSecondaryLinePreferredAnswerEndpoint: READ_OWN_SETTINGS,
  setSecondaryLinePreferredAnswerEndpoint: WRITE_OWN_SETTINGS,
  getPersonCallRecording: READ_PEOPLE,
  setPersonCallRecording: WRITE_PEOPLE,
  getMyCallRecording: READ_OWN_SETTINGS,
  getWorkspaceCallRecording: [...READ_SETTINGS, ...READ_PEOPLE],
  setWorkspaceCallRecording: [...WRITE_SETTINGS, ...WRITE_PEOPLE],
  getWorkspaceCallRecordings: [...READ_SETTINGS, ...READ_PEOPLE],
  setWorkspaceCallRecordings: [...WRITE_SETTINGS, ...WRITE_PEOPLE],
  getVirtualLineCallRecording: [...READ_SETTINGS, ...READ_PEOPLE],
  setVirtualLineCallRecording: [...WRITE_SETTINGS, ...WRITE_PEOPLE],
  listAnnouncements: READ_SETTINGS,
  addAnnouncement: WRITE_SETTINGS,
  deleteAnnouncement: WRITE_SETTINGS,
  setHoldMusic: WRITE_SETTINGS,
  listCallRecords: READ_MEMBER_CALLS,
  getCallTrace: READ_MEMBER_CALLS,
  listVoicemail: READ_CALLS,
  getVoicemailAudio: READ_CALLS,
  deleteVoicemail: COMMAND_CALLS,
  listConvergedRecordings: [
    { as: 'user', scope: 'spark:recordings_read', reach: 'own', statuses: SEEN, links: false },
  ],
  listAdminConvergedRecordings: READ_RECORDING.filter((grant) => grant.reach === 'organization'),
  getConvergedRecordingDetails: READ_RECORDING,
  getConvergedRecordingMetadata: READ_RECORDING,
  deleteConvergedRecording: DELETE_RECORDING,
  reassignConvergedRecordings: [WRITE_RECORDING],
  softDeleteConvergedRecordings: MOVE_RECORDINGS,
  restoreConvergedRecordings: MOVE_RECORDINGS,
  purgeConvergedRecordings: MOVE_RECORDINGS,
  listMeetingRecordings: READ_MEETINGS,
  getMeetingRecordingDetails: READ_MEETINGS,
  deleteMeetingRecording: meeting('write', ['complianceOfficer', 'admin', 'user']),
  softDeleteMeetingRecordings: MOVE_MEETINGS,
  restoreMeetingRecordings: MOVE_MEETINGS,
  purgeMeetingRecordings: MOVE_MEETINGS,
  shareMeetingRecording: MOVE_MEETINGS,
  shareMeetingRecordingByLink: MOVE_MEETINGS,
  listAdminMeetingRecordings: meeting('read', ['complianceOfficer', 'admin']),
  deleteAdminMeetingRecording: meeting('write', ['admin']),
  listGroupMeetingRecordings: READ_GROUP_MEETINGS,
  getGroupMeetingRecordingDetails: READ_GROUP_MEETINGS,
  updateRecording: MOVE_RECORDINGS,
  searchRecordings: SEARCH_RECORDINGS,
  getRecordingKeeping: READ_RECORDING,
  getRecordingManifest: READ_RECORDING,
  exportRecording: READ_CONTENT,
  getRecordingTranscript: READ_CONTENT,
  putRecordingTranscript: MOVE_RECORDINGS,
  requestRecordingTranscript: MOVE_RECORDINGS,
  createImport: WRITE_LIBRARY,
  listImports: READ_LIBRARY,
  getImport: READ_LIBRARY,
  uploadImport: WRITE_LIBRARY,
  cancelImport: WRITE_LIBRARY,
  listHolds: READ_COMPLIANCE,
  placeHold: WRITE_COMPLIANCE,
  getHold: READ_COMPLIANCE,
  releaseHold: WRITE_COMPLIANCE,
  listRetentionPolicies: [...READ_COMPLIANCE, ...READ_LIBRARY],
  setRetentionPolicy: WRITE_COMPLIANCE,
  deleteRetentionPolicy: WRITE_COMPLIANCE,
  listAudit: READ_COMPLIANCE,
  exportAudit: READ_COMPLIANCE,
  getSigningKeys: READ_RECORDING.map(({ as, scope, reach }) => ({ as, scope, reach })),
  getStorage: [...READ_COMPLIANCE, ...READ_LIBRARY],
  acceptClock: [...WRITE_COMPLIANCE, ...WRITE_LIBRARY],
  setMyPassword: [own('tandem:tokens_write')],
  invitePerson: WRITE_ACCESS,
  listTokens: READ_OWN_TOKENS,
  createToken: [own('tandem:tokens_write')],
  revokeToken: [...WRITE_ACCESS, own('tandem:tokens_write')],
  listClients: READ_ACCESS,
  createClient: WRITE_ACCESS,
  getClient: READ_ACCESS,
  updateClient: WRITE_ACCESS,
  deleteClient: WRITE_ACCESS,
  rotateClientSecret: WRITE_ACCESS,
  authorizeServiceApp: [officer('spark-compliance:recordings_write'), ...WRITE_ACCESS],
  deauthorizeServiceApp: [officer('spark-compliance:recordings_write'), ...WRITE_ACCESS],
  createServiceAppToken: WRITE_ACCESS,
  listOrganizations: SEE_PEOPLE,
  getOrganization: SEE_PEOPLE,
  listPeople: SEE_PEOPLE,
  getPerson: SEE_PEOPLE,
  listLocations: READ_LOCATIONS,
  getLocation: READ_LOCATIONS,
  listWorkspaces: [...READ_SETTINGS, wide('spark-admin:people_read')],
  getWorkspace: [...READ_SETTINGS, wide('spark-admin:people_read')],
  listVirtualLines: READ_SETTINGS,
  getVirtualLine: READ_SETTINGS,
  listDevices: READ_DEVICES,
  getDevice: READ_DEVICES,
  updateOrganization: WRITE_SETTINGS,
  createPerson: WRITE_PEOPLE,
  updatePerson: WRITE_PEOPLE,
  deletePerson: WRITE_PEOPLE,
  createLocation: WRITE_SETTINGS,
  updateLocation: WRITE_SETTINGS,
  deleteLocation: WRITE_SETTINGS,
  createWorkspace: WRITE_SETTINGS,
  updateWorkspace: WRITE_SETTINGS,
  deleteWorkspace: WRITE_SETTINGS,
  createVirtualLine: WRITE_SETTINGS,
  updateVirtualLine: WRITE_SETTINGS,
  deleteVirtualLine: WRITE_SETTINGS,
  createDevice: WRITE_SETTINGS,
  updateDevice: WRITE_SETTINGS,
  resetDevicePassword: WRITE_SETTINGS,
  deleteDevice: WRITE_SETTINGS,
  listGroups: READ_SETTINGS,
  createGroup: WRITE_SETTINGS,
  updateGroup: WRITE_SETTINGS,
  deleteGroup: WRITE_SETTINGS,
  applyDirectory: WRITE_PEOPLE,
  listWebhooks: READ_WEBHOOKS,
  createWebhook: WRITE_WEBHOOKS,
  getWebhook: READ_WEBHOOKS,
  updateWebhook: WRITE_WEBHOOKS,
  deleteWebhook: WRITE_WEBHOOKS,
  listWebhookDeliveries: READ_WEBHOOKS,
  redeliverWebhook: WRITE_WEBHOOKS,
  streamEvents: WATCH,
  getMyPerson: [own('spark:people_read')],
}

/**
 * Operations that any valid token opens, since they tell its holder only about themselves (contract README §3: people
 * me). Everything else needs a row of the table.
 */
export const ANY_TOKEN: readonly TokenOperationId[] = ['getMyPerson']

/** Who asks. `scopes` are the effective ones, see `effectiveScopes`. */
export interface Caller {
  readonly orgId: string
  /** Raw id of the person; of a service app, its own id. */
  readonly personId: string
  readonly scopes: ReadonlySet<Scope>
  /** Set when a service app asks for itself: there is no such person. */
  readonly isApp?: true
  /** The OAuth client that the token was given to; absent for tokens that a person or an operator made. */
  readonly clientId?: string
  /** Row of the token, for the limits of each; absent in tests of rights. */
  readonly tokenId?: string
}

/** What is asked about. */
export interface Protected {
  readonly orgId: string
  readonly ownerId: string
  readonly status?: RecordingStatus
}

/** `hidden` is answered 404, so that nobody learns what they may not see. */
export type Verdict =
  | { readonly kind: 'allowed'; readonly as: Role; readonly links: boolean }
  | { readonly kind: 'scopeMissing' }
  | { readonly kind: 'hidden' }

/** The grants of an operation that the caller's scopes open; none means 403 before anything is looked up. */
export function grantsOf(operation: TokenOperationId, caller: Caller): readonly Grant[] {
  const open = ANY_TOKEN.includes(operation)
  return (RIGHTS[operation] ?? []).filter((grant) => open || caller.scopes.has(grant.scope))
}

/** Decides one operation of one caller on one thing. */
export function decide(operation: TokenOperationId, caller: Caller, object: Protected): Verdict {
  const grants = grantsOf(operation, caller)
  if (grants.length === 0) return { kind: 'scopeMissing' }
  const reaching = grants.filter((grant) => reaches(grant, caller, object))
  const acting = reaching[0]
  if (acting === undefined) return { kind: 'hidden' }
  // The owner keeps the links while acting as administrator (README §3.1): any grant that reaches may give them.
  return { kind: 'allowed', as: acting.as, links: reaching.some((grant) => grant.links === true) }
}

function reaches(grant: Grant, caller: Caller, object: Protected): boolean {
  if (object.orgId !== caller.orgId) return false
  if (grant.reach === 'own' && object.ownerId !== caller.personId) return false
  return object.status === undefined || (grant.statuses?.includes(object.status) ?? false)
}
