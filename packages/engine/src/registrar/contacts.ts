/**
 * What a REGISTER does to the contacts of one device: RFC 3261 §10.3 steps 6 to 8, as a pure function.
 *
 * Departures, for phones as they are (telephony pitfall 13): a Call-ID or CSeq that starts again is accepted, since the
 * digest has proved who speaks and its nonce that this is new; a contact with a known `+sip.instance` (RFC 5626)
 * replaces the old one of that phone, whatever its address was.
 */
import {
  defaultPort,
  type Flow,
  type NameAddr,
  parseContactList,
  parseCSeq,
  parseDeltaSeconds,
  parseVia,
  type SipRequest,
} from '@tandem/sip'
import type { Binding } from '../directory.ts'

/** One contact, and the flow it came by while that is known: restored ones have none. */
export interface RegisteredContact {
  readonly binding: Binding
  readonly flowId: string | undefined
}

/** Longest contact URI that is kept, in characters. */
export const CONTACT_LENGTH_MAX = 512
/** Most Path values that are kept: more edges than any network has in a row. */
export const PATHS_MAX = 5
/** Most event names that are kept of `Allow-Events`. */
export const ALLOW_EVENTS_MAX = 20

/** The limits that a registration is held to. */
export interface ContactLimits {
  readonly bindingsPerDeviceMax: number
  readonly registerExpiresMinSeconds: number
  readonly registerExpiresMaxSeconds: number
}

/** The new contacts of the device, or the refusal that the request earns. */
export type Registration =
  | { readonly kind: 'contacts'; readonly contacts: readonly RegisteredContact[]; readonly isQuery: boolean }
  | { readonly kind: 'refused'; readonly status: number; readonly minExpiresSeconds?: number }

/** Where a REGISTER comes from and whom it is for. */
export interface RegisterContext {
  readonly orgId: string
  readonly deviceId: string
  readonly flow: Flow
  /** Unix milliseconds. */
  readonly wallNow: number
  readonly limits: ContactLimits
  /** True for addresses that are ours: a contact there would call us. */
  isOurAddress(host: string, port: number): boolean
}

/** Computes the contacts after `request`, from those before it. */
export function register(
  current: readonly RegisteredContact[],
  request: SipRequest,
  context: RegisterContext,
): Registration {
  const contacts = parseContactList(request.headers.all('Contact'))
  const cseq = parseCSeq(request.headers.get('CSeq') ?? '')?.number
  if (contacts === undefined || cseq === undefined) return { kind: 'refused', status: 400 }
  const expiresText = request.headers.get('Expires')
  const headerSeconds = expiresText === undefined ? undefined : parseDeltaSeconds(expiresText)
  if (contacts === '*')
    return headerSeconds === 0
      ? { kind: 'contacts', contacts: [], isQuery: false }
      : { kind: 'refused', status: 400 }
  const kept = current.filter((each) => each.binding.expiresAt > context.wallNow)
  if (contacts.length === 0) return { kind: 'contacts', contacts: kept, isQuery: true }
  const path = request.headers.all('Path')
  if (path.length > PATHS_MAX) return { kind: 'refused', status: 400 }

  let result: readonly RegisteredContact[] = kept
  for (const contact of contacts) {
    const asked = contact.expiresS ?? headerSeconds ?? context.limits.registerExpiresMaxSeconds
    const seconds = Math.min(asked, context.limits.registerExpiresMaxSeconds)
    const instance = contact.params.get('+sip.instance')
    const others = result.filter((each) => !isSameContact(each.binding, contact, instance))
    if (seconds === 0) {
      result = others
      continue
    }
    const min = context.limits.registerExpiresMinSeconds
    if (seconds < min) return { kind: 'refused', status: 423, minExpiresSeconds: min }
    if (!isUsable(contact, context)) return { kind: 'refused', status: 403 }
    result = [
      ...others,
      { binding: bindingOf(contact, request, { ...context, seconds, cseq, path }), flowId: context.flow.id },
    ]
  }
  const max = context.limits.bindingsPerDeviceMax
  if (contacts.length > max) return { kind: 'refused', status: 403 }
  // The longest unrefreshed give way: a phone that crashed and came back on other ports must not lock itself out.
  return { kind: 'contacts', contacts: result.slice(-max), isQuery: false }
}

function bindingOf(
  contact: NameAddr,
  request: SipRequest,
  context: RegisterContext & {
    readonly seconds: number
    readonly cseq: number
    readonly path: readonly string[]
  },
): Binding {
  const { flow } = context
  const instance = contact.params.get('+sip.instance')
  const userAgent = request.headers.get('User-Agent')
  return {
    orgId: context.orgId,
    deviceId: context.deviceId,
    contact: contact.uriText,
    ...(instance === undefined ? {} : { instance }),
    callId: request.headers.get('Call-ID') ?? '',
    cseq: context.cseq,
    expiresAt: context.wallNow + context.seconds * 1_000,
    path: context.path,
    received: { transport: flow.transport, host: flow.remote.host, port: callPort(contact, request, flow) },
    ...(userAgent === undefined ? {} : { userAgent: userAgent.slice(0, 200) }),
    allowEvents: request.headers
      .all('Allow-Events')
      .flatMap((value) => value.split(','))
      .map((value) => value.trim().toLowerCase())
      .slice(0, ALLOW_EVENTS_MAX),
  }
}

/**
 * The port that calls go to. Behind NAT only the way that the REGISTER came by leads back; a phone in the open, whose Via
 * names its true source, may take its calls at another port of its own, the one of its Contact.
 */
function callPort(contact: NameAddr, request: SipRequest, flow: Flow): number {
  const { host, port } = flow.remote
  const via = parseVia(request.headers.get('Via') ?? '')
  const isInTheOpen = via?.host === host && (via.port ?? defaultPort(flow.transport)) === port
  const { uri } = contact
  if (flow.transport !== 'udp' || !isInTheOpen || uri.kind !== 'sip' || uri.host !== host) return port
  return uri.port ?? defaultPort(flow.transport)
}

function isSameContact(binding: Binding, contact: NameAddr, instance: string | undefined): boolean {
  if (instance !== undefined && binding.instance === instance) return true
  return binding.contact === contact.uriText
}

/**
 * Whether calls may be sent to this contact. They go to the host that the REGISTER came from, never to another that
 * the contact names; still, one that names a group, nobody, or us is a lie that some phone behind us might believe.
 */
function isUsable(contact: NameAddr, context: RegisterContext): boolean {
  const { uri } = contact
  if (uri.kind !== 'sip' || contact.uriText.length > CONTACT_LENGTH_MAX) return false
  const source = context.flow.remote.host
  if (isLoopback(uri.host) && !isLoopback(source)) return false
  if (isLinkLocal(uri.host) && !isLinkLocal(source)) return false
  if (/^(?:22[4-9]|23[0-9]|24[0-9]|25[0-5]|0)\.[0-9.]+$/.test(uri.host)) return false
  if (/^ff[0-9a-f]{2}:/.test(uri.host) || uri.host === '::') return false
  return !context.isOurAddress(uri.host, uri.port ?? (uri.secure ? 5061 : 5060))
}

function isLoopback(host: string): boolean {
  return /^127\.[0-9.]+$/.test(host) || host === '::1' || host === 'localhost'
}

function isLinkLocal(host: string): boolean {
  return /^169\.254\.[0-9.]+$/.test(host) || /^fe[89ab][0-9a-f]:/.test(host)
}
