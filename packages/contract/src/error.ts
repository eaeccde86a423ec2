/**
 * Every error a client can meet. A number is a promise: it keeps its meaning, and is never used again once retired. It
 * goes out as `errorCode`; the name appears in docs and logs alone. `docs/errors.md` lists the same names; a test keeps
 * the two equal. Numbers 10_0xx belong to calls, 10_1xx to requests and tokens, 10_2xx to recordings and links,
 * 10_3xx to the server itself.
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
