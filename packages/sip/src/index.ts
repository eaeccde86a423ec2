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
export { Headers } from './message/headers.ts'
export { NO_BODY, type SipMessage, type SipRequest, type SipResponse } from './message/message.ts'
export type { Direction, MediaDescription, RtpFormat, SessionDescription } from './sdp/description.ts'
export {
  type Destination,
  type Flow,
  isReliable,
  type SocketAddress,
  type TransportName,
} from './transport/flow.ts'
