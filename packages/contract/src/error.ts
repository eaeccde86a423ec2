/**
 * Every error a client can meet. A number is a promise: it keeps its meaning, and is never used again once retired. It
 * goes out as `errorCode`; the name appears in docs and logs alone. `docs/errors.md` lists the same names; a test keeps
 * the two equal. Numbers 10_0xx belong to calls, 10_1xx to requests and tokens, 10_2xx to recordings and links,
 * 10_3xx to the server itself, 10_4xx to the directory, 10_5xx to webhooks and live events.
 */
export const ERRORS = {
  call_not_found: { errorCode: 10_001, status: 404, description: 'Call not found' },
  destination_invalid: {
    errorCode: 10_002,
    status: 400,
    description: 'destination is not a number or address that can be dialled',
  },
  endpoint_unknown: {
    errorCode: 10_003,
    status: 400,
    description: 'endpointId names no device of this line',
  },
  no_registered_device: { errorCode: 10_004, status: 409, description: 'No registered device could be rung' },
  call_state_forbids: {
    errorCode: 10_005,
    status: 409,
    description: 'The state of the call does not allow this',
  },
  number_reach_unknown: {
    errorCode: 10_006,
    status: 400,
    description: 'singleNumberReachPhoneNumber is not a configured number of this person',
  },
  line_owner_forbidden: {
    errorCode: 10_007,
    status: 403,
    description: 'lineOwnerId is not a line that this person may act for',
  },
  recording_mode_forbids: {
    errorCode: 10_008,
    status: 403,
    description: 'The recording mode of this line does not allow this',
  },
  recording_state_forbids: {
    errorCode: 10_009,
    status: 409,
    description: 'The state of the recording does not allow this',
  },
  call_ambiguous: {
    errorCode: 10_010,
    status: 400,
    description: 'callId is needed: not exactly one call of this line qualifies',
  },
  transfer_calls_invalid: {
    errorCode: 10_011,
    status: 400,
    description:
      'A transfer takes callId1 and callId2, or callId1 and destination, or nothing when the line has exactly two calls',
  },
  destination_missing: { errorCode: 10_012, status: 400, description: 'destination is needed' },
  dtmf_invalid: {
    errorCode: 10_013,
    status: 400,
    description: 'dtmf takes the characters 0-9, *, #, A-D and the comma, at least one',
  },
  voicemail_off: {
    errorCode: 10_014,
    status: 403,
    description: 'This voicemail does not exist or is switched off',
  },
  no_park_group: {
    errorCode: 10_015,
    status: 409,
    description: 'There is no park group with a free member',
  },
  park_taken: { errorCode: 10_016, status: 409, description: 'A call is already parked there' },
  nothing_parked: { errorCode: 10_017, status: 404, description: 'No call is parked there' },
  no_pickup_group: {
    errorCode: 10_018,
    status: 403,
    description: 'This line belongs to no pickup group',
  },
  nothing_to_pick_up: { errorCode: 10_019, status: 409, description: 'No call rings there' },
  barge_in_forbidden: {
    errorCode: 10_020,
    status: 403,
    description: 'The calls of this line may not be joined',
  },
  nothing_to_join: { errorCode: 10_021, status: 409, description: 'There is no answered call to join' },
  no_executive: {
    errorCode: 10_022,
    status: 403,
    description: 'The call is not tied to an executive',
  },
  nothing_to_pull: { errorCode: 10_023, status: 409, description: 'There is no call to pull' },
  phone_cannot: {
    errorCode: 10_024,
    status: 409,
    description: 'The phone does not take this command',
  },
  phone_refused: { errorCode: 10_025, status: 409, description: 'The phone refused the command' },
  phone_timeout: {
    errorCode: 10_026,
    status: 504,
    description: 'The phone did not carry out the command in time',
  },
  conference_exists: {
    errorCode: 10_027,
    status: 409,
    description: 'This line has a conference already',
  },
  no_conference: { errorCode: 10_028, status: 409, description: 'This line has no conference' },
  conference_calls_invalid: {
    errorCode: 10_029,
    status: 400,
    description: 'callIds takes at least two different calls',
  },
  session_not_found: {
    errorCode: 10_030,
    status: 404,
    description: 'No trace of this conversation is kept',
  },
  line_not_found: {
    errorCode: 10_031,
    status: 404,
    description: 'There is no such person, workspace or virtual line',
  },
  location_not_found: { errorCode: 10_032, status: 404, description: 'There is no such location' },
  managed_by_file: {
    errorCode: 10_033,
    status: 409,
    description: 'The directory file sets this; change it there',
  },
  sound_not_found: { errorCode: 10_034, status: 404, description: 'There is no such announcement' },
  sound_unreadable: {
    errorCode: 10_035,
    status: 400,
    description: 'The sound cannot be read; send WAV, MP3 or raw mu-law',
  },
  sound_quota_reached: {
    errorCode: 10_036,
    status: 409,
    description: 'The organisation has as many announcements as it may; delete some first',
  },
  sound_in_use: { errorCode: 10_037, status: 409, description: 'A setting still uses this announcement' },
  voicemail_not_found: { errorCode: 10_038, status: 404, description: 'Message not found' },
  unauthorized: {
    errorCode: 10_101,
    status: 401,
    description: 'The request requires a valid access token set in the Authorization request header.',
  },
  scope_missing: {
    errorCode: 10_102,
    status: 403,
    description: 'The access token lacks the scope or role that this operation needs',
  },
  not_found: { errorCode: 10_103, status: 404, description: 'Nothing is found at this path' },
  method_not_allowed: {
    errorCode: 10_104,
    status: 405,
    description: 'This path does not offer the method; the Allow header names those it does',
  },
  invalid_request: { errorCode: 10_105, status: 400, description: 'The request is not valid' },
  unsupported_media_type: {
    errorCode: 10_106,
    status: 415,
    description: 'The body must be sent as application/json',
  },
  body_too_large: {
    errorCode: 10_107,
    status: 413,
    description: 'The body is larger than this operation takes',
  },
  request_timeout: {
    errorCode: 10_108,
    status: 408,
    description: 'The request did not arrive in full in time',
  },
  headers_too_large: {
    errorCode: 10_109,
    status: 431,
    description: 'The header fields are larger than the server takes',
  },
  organization_forbidden: {
    errorCode: 10_110,
    status: 403,
    description: 'orgId is not an organisation that this token may act for',
  },
  too_many_requests: {
    errorCode: 10_111,
    status: 429,
    description: 'Too many requests; retry after the seconds that Retry-After says',
  },
  grant_invalid: {
    errorCode: 10_112,
    status: 400,
    description: 'The code or refresh token is unknown, expired, used or revoked',
  },
  client_invalid: { errorCode: 10_113, status: 401, description: 'The client or its secret is not known' },
  authorization_pending: {
    errorCode: 10_114,
    status: 428,
    description: 'Nobody has entered the user code yet; ask again after the interval',
  },
  redirect_invalid: {
    errorCode: 10_115,
    status: 400,
    description: 'The client is not known, or redirect_uri is not one that it has registered',
  },
  token_not_found: { errorCode: 10_116, status: 404, description: 'There is no such token' },
  client_not_found: { errorCode: 10_117, status: 404, description: 'There is no such client' },
  scope_forbidden: {
    errorCode: 10_118,
    status: 403,
    description: 'The caller does not hold every scope that it would give away',
  },
  grant_type_unknown: {
    errorCode: 10_119,
    status: 400,
    description: 'This grant_type is not offered here',
  },
  sign_in_refused: { errorCode: 10_120, status: 401, description: 'Email or password is not right' },
  person_not_found: { errorCode: 10_401, status: 404, description: 'There is no such person' },
  workspace_not_found: { errorCode: 10_402, status: 404, description: 'There is no such workspace' },
  virtual_line_not_found: { errorCode: 10_403, status: 404, description: 'There is no such virtual line' },
  device_not_found: { errorCode: 10_404, status: 404, description: 'There is no such device' },
  organization_not_found: { errorCode: 10_405, status: 404, description: 'There is no such organisation' },
  group_not_found: { errorCode: 10_406, status: 404, description: 'There is no such group' },
  directory_conflict: {
    errorCode: 10_407,
    status: 409,
    description: 'Another entry of the directory already has this name, email, extension or number',
  },
  location_in_use: {
    errorCode: 10_408,
    status: 409,
    description: 'People, workspaces or virtual lines still belong to this location',
  },
  administrator_needed: {
    errorCode: 10_409,
    status: 409,
    description: 'The organisation must keep an administrator, and the caller the own role of one',
  },
  webhook_not_found: { errorCode: 10_501, status: 404, description: 'Webhook not found' },
  webhook_exists: {
    errorCode: 10_502,
    status: 409,
    description: 'This webhook is already registered',
  },
  webhook_limit: {
    errorCode: 10_503,
    status: 409,
    description: 'No more webhooks can be registered; delete some first',
  },
  delivery_not_found: { errorCode: 10_504, status: 404, description: 'No such delivery is kept' },
  events_gone: {
    errorCode: 10_505,
    status: 410,
    description: 'The events after this id are no longer kept; begin anew without Last-Event-ID',
  },
  recording_not_found: { errorCode: 10_201, status: 404, description: 'Recording not found' },
  link_tampered: { errorCode: 10_202, status: 403, description: 'The link was not issued by this server' },
  link_expired: { errorCode: 10_203, status: 410, description: 'The link is no longer valid' },
  link_forbidden: {
    errorCode: 10_204,
    status: 403,
    description: 'The person that the link was issued to may no longer have this file',
  },
  range_not_satisfiable: {
    errorCode: 10_205,
    status: 416,
    description: 'The range lies outside of the file',
  },
  setup_link_used: {
    errorCode: 10_206,
    status: 410,
    description: 'The set-up link is used up, expired or unknown; make a token with: tandem token create',
  },
  recording_state_conflict: {
    errorCode: 10_207,
    status: 409,
    description: 'The status of the recording does not allow this',
  },
  recording_held: { errorCode: 10_208, status: 409, description: 'The recording is under legal hold' },
  recording_retained: {
    errorCode: 10_209,
    status: 409,
    description: 'The recording must be kept until its retention ends',
  },
  reason_missing: {
    errorCode: 10_210,
    status: 400,
    description: 'reason is needed to delete the recording of somebody else',
  },
  owner_not_found: { errorCode: 10_211, status: 404, description: 'There is no such owner' },
  new_owner_invalid: {
    errorCode: 10_212,
    status: 400,
    description: 'reassignOwnerEmail must be the email of a user',
  },
  access_forbidden: {
    errorCode: 10_213,
    status: 403,
    description: 'The access settings of the owner do not allow this',
  },
  purged_forbidden: {
    errorCode: 10_214,
    status: 403,
    description: 'Only compliance officers may see purged recordings',
  },
  host_forbidden: {
    errorCode: 10_215,
    status: 403,
    description: 'hostEmail is not a user that this token may act for',
  },
  transcript_not_found: { errorCode: 10_216, status: 404, description: 'The recording has no transcript' },
  transcriber_off: {
    errorCode: 10_217,
    status: 409,
    description: 'No transcriber is configured on this server',
  },
  hold_not_found: { errorCode: 10_218, status: 404, description: 'There is no such legal hold' },
  import_not_found: { errorCode: 10_219, status: 404, description: 'There is no such import' },
  import_state_conflict: {
    errorCode: 10_220,
    status: 409,
    description: 'The state of the import does not allow this',
  },
  media_unreadable: {
    errorCode: 10_221,
    status: 400,
    description: 'The media cannot be read; send MP3, WAV or MP4',
  },
  share_link_unknown: {
    errorCode: 10_222,
    status: 404,
    description: 'webShareLink is the link of no recording',
  },
  recording_locked: {
    errorCode: 10_223,
    status: 423,
    description: 'The file of the recording is being moved; retry later',
  },
  recording_damaged: {
    errorCode: 10_224,
    status: 500,
    description: 'The file of the recording is damaged and is not served',
  },
  storage_unavailable: {
    errorCode: 10_225,
    status: 503,
    description: 'The store of recordings cannot be reached; retry later',
  },
  retention_not_found: { errorCode: 10_226, status: 404, description: 'There is no such retention policy' },
  search_too_short: {
    errorCode: 10_227,
    status: 400,
    description: 'q must have at least one letter or digit',
  },
  not_the_host: {
    errorCode: 10_228,
    status: 403,
    description: 'Only the host of a meeting recording may do this',
  },
  internal: { errorCode: 10_301, status: 500, description: 'The server failed to carry out the request' },
  overloaded: { errorCode: 10_302, status: 503, description: 'The server is overloaded; retry later' },
  service_draining: {
    errorCode: 10_303,
    status: 503,
    description: 'The server is shutting down and takes no new calls; retry later',
  },
  calls_unavailable: {
    errorCode: 10_304,
    status: 503,
    description: 'The call engine cannot be reached; retry later',
  },
  calls_timeout: {
    errorCode: 10_305,
    status: 504,
    description: 'The call engine did not answer in time; retry later',
  },
} as const satisfies Record<string, ErrorEntry>

/** What an error is made of: the number that goes out, the HTTP status, and the text that clients may compare. */
export interface ErrorEntry {
  readonly errorCode: number
  readonly status: number
  readonly description: string
}

/** The name of one such error. */
export type ErrorName = keyof typeof ERRORS
