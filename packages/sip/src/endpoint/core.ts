/**
 * What the calls of an endpoint share: its transactions, its names, its outputs, and the header fields that every
 * message of ours carries. The parts of the endpoint call each other through this; only data crosses its border.
 */
import type { DeadlineHeap, Instant } from '@tandem/base'
import { RELIABLE } from '../dialog/reliable.ts'
import { TIMER } from '../dialog/session-timer.ts'
import type { EndpointOptions, EndpointOutput, SipCallId } from '../endpoint-api.ts'
import type { SipMessage, SipRequest } from '../message/message.ts'
import { NO_PARAMS } from '../message/params.ts'
import { printUri } from '../message/uri.ts'
import type { ServerEntry, Timed } from '../transaction/entry.ts'
import type { TransactionTable } from '../transaction/table.ts'
import { type Destination, isReliable } from '../transport/flow.ts'
import { type ResponseParts, responseTo } from './response.ts'
import type { Tokens } from './tokens.ts'

/** The methods an endpoint understands by itself, in every Allow (RFC 3261 §20.5). */
const OWN_METHODS: readonly string[] = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'UPDATE', 'PRACK']

/** The endpoint as its calls see it. */
export interface Core {
  readonly options: EndpointOptions
  readonly tokens: Tokens
  readonly table: TransactionTable
  readonly heap: DeadlineHeap<Timed>
  /** Puts something among the outputs of this step. */
  emit(output: EndpointOutput): void
  /** The call is over: nothing that arrives is for it any more. */
  release(call: SipCallId): void
}

/** Answers a request through its transaction, with the tag and the product of this endpoint. */
export function respond(
  core: Core,
  now: Instant,
  entry: ServerEntry,
  status: number,
  parts: ResponseParts = {},
): void {
  const response = responseTo(entry.request, status, core.options.product, { toTag: entry.toTag, ...parts })
  core.table.respond(now, entry, response)
}

/** Sends a message that belongs to no transaction: the ACK of a 2xx (RFC 3261 §13.2.2.4). */
export function transmit(core: Core, destination: Destination, message: SipMessage): void {
  core.emit({ kind: 'transmit', destination, message })
}

/** Adds a Via to an ACK and sends it. */
export function sendAck(core: Core, destination: Destination, ack: SipRequest): void {
  core.table.addVia(ack, destination)
  transmit(core, destination, ack)
}

/** The fields by which a dialog's messages say who we are and what we can do. */
export function contactFields(
  core: Core,
  destination: Destination,
  user: string | undefined,
): [string, string][] {
  const { transport, address } = destination
  const params = isReliable(transport) ? new Map([['transport', transport]]) : NO_PARAMS
  const own = core.options.advertised(transport, address)
  const uri = printUri({
    kind: 'sip',
    secure: false,
    ...(user === undefined || user === '' ? {} : { user }),
    ...own,
    params,
    headers: NO_PARAMS,
  })
  return [['Contact', `<${uri}>`], ...abilityFields(core)]
}

/** Allow and Allow-Events. */
export function abilityFields(core: Core): [string, string][] {
  const methods = [...OWN_METHODS, ...(core.options.methods ?? [])]
  const fields: [string, string][] = [['Allow', methods.join(', ')]]
  const events = core.options.allowEvents
  if (events !== undefined && events.length > 0) fields.push(['Allow-Events', events.join(', ')])
  return fields
}

/**
 * Supported. Reliable 1xx are asked for only where we can do what they may need: an answer in the PRACK is not among it,
 * so an INVITE without an offer does not name them, nor does a re-INVITE (`reliable: false`).
 */
export function supportedField(core: Core, options: { readonly reliable: boolean }): [string, string] {
  const tags = options.reliable ? [RELIABLE, TIMER] : [TIMER]
  return ['Supported', [...tags, ...(core.options.extensions ?? [])].join(', ')]
}

/** The extensions that a request may require of us (RFC 3261 §8.2.2.3). */
export function extensionsOf(options: EndpointOptions): readonly string[] {
  return [RELIABLE, TIMER, ...(options.extensions ?? [])]
}

/** `Retry-After` of a 500 to an offer that came too early: 1 to 10 s (RFC 3261 §14.2). */
export function retrySoon(core: Core): [string, string] {
  return ['Retry-After', String(1 + core.tokens.below(10))]
}
