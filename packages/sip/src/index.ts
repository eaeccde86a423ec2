export { type AuthorizationField, answerChallenge } from './auth/answer.ts'
export { type DigestAlgorithm, type DigestInput, digestResponse, type Ha1, ha1Of } from './auth/digest.ts'
export { DigestGuard, type DigestVerdict, type Ha1Lookup } from './auth/guard.ts'
export { NONCE_MS_MAX, NONCES_MAX } from './auth/nonce.ts'
export { CALLS_MAX, TRANSACTIONS_MAX } from './endpoint/admission.ts'
export { Endpoint } from './endpoint.ts'
export type {
  CallOutput,
  ClientTransactionId,
  Credentials,
  EndpointOptions,
  EndpointOutput,
  InviteOptions,
  OutgoingRequest,
  ServerTransactionId,
  SipCallId,
  SipCrypto,
  SipEndpoint,
  Started,
} from './endpoint-api.ts'
export { type Identity, identityHeaders, type Privacy, parseIdentity } from './identity/identity.ts'
export { type AuthValue, parseAuth, printChallenge, printCredentials } from './message/auth-header.ts'
export { type Contact, DELTA_SECONDS_MAX, parseContactList, parseDeltaSeconds } from './message/contact.ts'
export { CSEQ_MAX, type CSeq, parseCSeq, printCSeq } from './message/cseq.ts'
export { canonicalName } from './message/header-names.ts'
export { Headers } from './message/headers.ts'
export { type HostPort, isIpv4, isIpv6, parseHostPort, printHostPort } from './message/host.ts'
export {
  HEAD_BYTES_MAX,
  HEADER_COUNT_MAX,
  HEADER_NAME_CHARS_MAX,
  HEADER_REPEATS_MAX,
  HEADER_VALUE_CHARS_MAX,
  IDENTIFIER_CHARS_MAX,
  MESSAGE_BYTES_MAX,
  PARAMETER_COUNT_MAX,
  START_LINE_CHARS_MAX,
  URI_CHARS_MAX,
  VIA_COUNT_MAX,
} from './message/limits.ts'
export { HOPS_MAX, MAX_FORWARDS, maxForwardsOf } from './message/max-forwards.ts'
export { NO_BODY, type SipMessage, type SipRequest, type SipResponse } from './message/message.ts'
export { type NameAddr, parseNameAddr, printNameAddr, tagOf } from './message/name-addr.ts'
export { NO_PARAMS, type Params, printParams } from './message/params.ts'
export { type ParseFailure, parseMessage } from './message/parse.ts'
export { printMessage } from './message/print.ts'
export { refusalOf } from './message/refusal.ts'
export { quote, unquote } from './message/scanner.ts'
export {
  type OtherUri,
  parseUri,
  printUri,
  type SipUri,
  sameUri,
  type TelUri,
  type Uri,
} from './message/uri.ts'
export { decodeUtf8, encodeUtf8 } from './message/utf8.ts'
export {
  type Abilities,
  mediaType,
  type Refusal,
  validateRequest,
  validateResponse,
} from './message/validate.ts'
export { BRANCH_COOKIE, isTransactionBranch, parseVia, printVia, type Via } from './message/via.ts'
export {
  MESSAGE_SUMMARY_EVENT,
  MESSAGE_SUMMARY_TYPE,
  type MessageSummary,
  messageSummary,
} from './notify/message-summary.ts'
export { REDIRECT_TARGETS_MAX, type RedirectTarget, redirectTargets } from './refer/redirect.ts'
export { parseReferTo, type ReferTarget } from './refer/refer-to.ts'
export { parseReplaces, printReplaces, type ReplacesValue, readReplaces } from './refer/replaces.ts'
export { sipfrag, statusOfSipfrag } from './refer/sipfrag.ts'
export type { Direction, MediaDescription, RtpFormat, SessionDescription } from './sdp/description.ts'
export { directionOf, mirror, narrowed, receives, sends } from './sdp/direction.ts'
export {
  type AnswerResult,
  type AudioAbilities,
  answerFor,
  COMFORT_NOISE,
  type LocalMedia,
  makeOffer,
  type Negotiated,
  negotiated,
  type OfferOptions,
  TELEPHONE_EVENT,
  TELEPHONE_EVENT_PAYLOAD_TYPE,
  withVersion,
} from './sdp/offer-answer.ts'
export {
  parseSdp,
  SDP_CHARS_MAX,
  SDP_FORMATS_MAX,
  SDP_LINE_CHARS_MAX,
  SDP_LINES_MAX,
  SDP_MEDIA_MAX,
  SDP_WORD_CHARS_MAX,
  type SdpFailure,
} from './sdp/parse-sdp.ts'
export { printSdp, printSdpBytes } from './sdp/print-sdp.ts'
export {
  type Destination,
  type Flow,
  isReliable,
  type SocketAddress,
  type TransportName,
} from './transport/flow.ts'
export { type FramerOutput, PINGS_MAX, StreamFramer } from './transport/framing.ts'
export {
  defaultPort,
  pickTransport,
  receivedVia,
  responseDestination,
  UDP_BYTES_MAX,
} from './transport/via.ts'
