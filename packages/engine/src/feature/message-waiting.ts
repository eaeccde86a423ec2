/**
 * Message waiting (RFC 3842): phones are told how many messages lie in the mailbox of their line.
 *
 * A phone that subscribes (RFC 6665) is told in its subscription, on every change until that ends; one that does not is told
 * by a NOTIFY of its own accord when it registers and on every change, as phones expect of a PBX. Only phones that have
 * logged in may subscribe, and only to their own line.
 */
import { DeadlineHeap, type Instant } from '@tandem/base'
import {
  type ClientTransactionId,
  Headers,
  MESSAGE_SUMMARY_EVENT,
  MESSAGE_SUMMARY_TYPE,
  messageSummary,
  parseDeltaSeconds,
  parseNameAddr,
  printHostPort,
  type ServerTransactionId,
  type SipRequest,
  type SipResponse,
  tagOf,
} from '@tandem/sip'
import type { DirectoryDevice, DirectoryLine } from '../directory.ts'
import type { RegisteredContact } from '../registrar/contacts.ts'
import type { LoggedIn } from '../registrar/login.ts'
import type { Core } from '../session/core.ts'

/** How long a subscription runs that does not say, in seconds (RFC 3842 §3.4), and the most that one is given. */
export const SUBSCRIPTION_SECONDS_MAX = 3_600
/** Shorter ones are only load (RFC 6665 §4.2.1.1). */
export const SUBSCRIPTION_SECONDS_MIN = 60
/** Most subscriptions of one device: those before a few restarts that have not run out yet. The oldest gives way. */
export const SUBSCRIPTIONS_PER_DEVICE_MAX = 5

interface Subscription {
  readonly orgId: string
  readonly deviceId: string
  readonly callId: string
  /** Our side of the dialog, with its tag, and the phone's. */
  readonly from: string
  readonly to: string
  readonly route: readonly string[]
  readonly destination: Parameters<Core['endpoint']['send']>[1]['destination']
  target: string
  /** CSeq of our last NOTIFY. */
  sent: number
  expiresAt: Instant
}

/** What a SUBSCRIBE came by. */
interface Subscribed {
  readonly transaction: ServerTransactionId
  readonly request: SipRequest
  readonly flow: Parameters<Core['login']['check']>[2]
}

/** All subscriptions of one node, and who is told without one. */
export class MessageWaiting {
  readonly #subscriptions = new Map<string, Subscription>()
  readonly #deadlines = new DeadlineHeap<string>()
  /** NOTIFYs whose answer may say that the phone knows its subscription no more. */
  readonly #asked = new Map<ClientTransactionId, string>()

  /** When `tick` is next due. */
  get deadline(): Instant {
    return this.#deadlines.next
  }

  /** How many subscriptions run. */
  get size(): number {
    return this.#subscriptions.size
  }

  /** Ends what has run out. */
  tick(core: Core): void {
    for (;;) {
      const key = this.#deadlines.popDue(core.now)
      if (key === undefined) return
      this.#end(core, key, 'timeout')
    }
  }

  /** Takes a SUBSCRIBE of a phone that has logged in. */
  subscribed(core: Core, subscribed: Subscribed, login: LoggedIn): void {
    const { transaction, request } = subscribed
    const respond = (status: number, headers: readonly (readonly [string, string])[] = []): void =>
      core.sip(core.endpoint.respond(core.now, transaction, status, { headers }))
    const event = (request.headers.get('Event') ?? '').split(';', 1)[0]?.trim().toLowerCase()
    const contact = parseNameAddr(request.headers.get('Contact') ?? '')
    const asked = parseDeltaSeconds(request.headers.get('Expires') ?? '') ?? SUBSCRIPTION_SECONDS_MAX
    const known = this.#known(request, login)
    const isRefresh = tagOf(request.headers.get('To') ?? '') !== undefined
    if (event !== MESSAGE_SUMMARY_EVENT) respond(489, [['Allow-Events', MESSAGE_SUMMARY_EVENT]])
    else if (isRefresh && known === undefined) respond(481)
    else if (contact === undefined && !isRefresh) respond(400)
    else if (asked > 0 && asked < SUBSCRIPTION_SECONDS_MIN)
      respond(423, [['Min-Expires', String(SUBSCRIPTION_SECONDS_MIN)]])
    else {
      const seconds = Math.min(asked, SUBSCRIPTION_SECONDS_MAX)
      const to = this.#accept(core, subscribed, seconds)
      const key = known ?? this.#begin(core, subscribed, { login, to, target: contact?.uriText ?? '' })
      this.#renew(core, key, { seconds, target: contact?.uriText })
    }
  }

  /** What lies in the mailbox of a line has changed: its own phones are told. */
  changed(core: Core, line: DirectoryLine): void {
    for (const device of core.realmOf(line.orgId)?.devicesOf.get(line.id) ?? []) {
      if (device.lineId !== line.id) continue
      const keys = this.#keysOf(device)
      for (const key of keys) this.#notify(core, key)
      if (keys.length > 0) continue
      for (const contact of core.registrar.contactsOf(device.orgId, device.id))
        this.#tell(core, device, line, contact)
    }
  }

  /** A phone has registered anew: if there is a mailbox, and it does not subscribe, it is told what lies there. */
  registered(core: Core, contact: RegisteredContact): void {
    const { orgId, deviceId } = contact.binding
    const realm = core.realmOf(orgId)
    const device = realm?.devices.get(deviceId)
    const line = device === undefined ? undefined : realm?.lines.get(device.lineId)
    if (device === undefined || line === undefined || this.#keysOf(device).length > 0) return
    if (line.voicemail === undefined && core.mailboxOf(line) === undefined) return
    this.#tell(core, device, line, contact)
  }

  /** The answer to a NOTIFY: a phone that does not know its subscription has none (RFC 6665 §4.2.2). */
  answered(transaction: ClientTransactionId, response: SipResponse): void {
    const key = this.#asked.get(transaction)
    if (key === undefined || response.status < 200) return
    this.#asked.delete(transaction)
    if (response.status === 481 || response.status === 489) this.#forget(key)
  }

  #accept(core: Core, { transaction, request, flow }: Subscribed, seconds: number): string {
    const outputs = core.endpoint.respond(core.now, transaction, 200, {
      headers: [
        ['Expires', String(seconds)],
        ['Contact', contactAt(core, { transport: flow.transport, address: flow.remote })],
        ...request.headers.all('Record-Route').map((route) => ['Record-Route', route] as const),
      ],
    })
    core.sip(outputs)
    for (const output of outputs)
      if (output.kind === 'transmit') return output.message.headers.get('To') ?? ''
    return request.headers.get('To') ?? ''
  }

  #begin(
    core: Core,
    { request, flow }: Subscribed,
    made: { readonly login: LoggedIn; readonly to: string; readonly target: string },
  ): string {
    const { device } = made.login
    const keys = this.#keysOf(device)
    const [oldest] = keys
    if (oldest !== undefined && keys.length >= SUBSCRIPTIONS_PER_DEVICE_MAX) this.#forget(oldest)
    const callId = request.headers.get('Call-ID') ?? ''
    const key = keyOf(device, callId, tagOf(made.to) ?? '')
    this.#subscriptions.set(key, {
      orgId: device.orgId,
      deviceId: device.id,
      callId,
      from: made.to,
      to: request.headers.get('From') ?? '',
      route: request.headers.all('Record-Route'),
      destination: { transport: flow.transport, address: flow.remote, flowId: flow.id },
      target: made.target,
      sent: 0,
      expiresAt: core.now,
    })
    return key
  }

  #renew(
    core: Core,
    key: string,
    options: { readonly seconds: number; readonly target: string | undefined },
  ): void {
    const subscription = this.#subscriptions.get(key)
    if (subscription === undefined) return
    subscription.target = options.target ?? subscription.target
    subscription.expiresAt = core.now + options.seconds * 1_000
    if (options.seconds === 0) {
      this.#end(core, key, 'timeout') // RFC 6665 §4.2.1.3: a fetch, or the end that the phone asked for.
      return
    }
    this.#deadlines.set(key, subscription.expiresAt)
    this.#notify(core, key)
  }

  #end(core: Core, key: string, reason: 'timeout'): void {
    this.#notify(core, key, `terminated;reason=${reason}`)
    this.#forget(key)
  }

  #forget(key: string): void {
    this.#subscriptions.delete(key)
    this.#deadlines.delete(key)
    for (const [transaction, asked] of this.#asked) if (asked === key) this.#asked.delete(transaction)
  }

  #notify(core: Core, key: string, state?: string): void {
    const subscription = this.#subscriptions.get(key)
    const realm = subscription === undefined ? undefined : core.realmOf(subscription.orgId)
    const device = realm?.devices.get(subscription?.deviceId ?? '')
    const line = device === undefined ? undefined : realm?.lines.get(device.lineId)
    if (subscription === undefined || line === undefined) {
      this.#forget(key)
      return
    }
    subscription.sent += 1
    const leftSeconds = Math.max(0, Math.round((subscription.expiresAt - core.now) / 1_000))
    const headers = new Headers([
      ['From', subscription.from],
      ['To', subscription.to],
      ['Call-ID', subscription.callId],
      ['CSeq', `${subscription.sent} NOTIFY`],
      ...subscription.route.map((route) => ['Route', route] as [string, string]),
      ['Subscription-State', state ?? `active;expires=${leftSeconds}`],
    ])
    const { target: uri, destination } = subscription
    const id = this.#send(core, { line, uri, destination, headers })
    this.#asked.set(id, key)
  }

  /** A NOTIFY that nobody subscribed to. */
  #tell(core: Core, device: DirectoryDevice, line: DirectoryLine, contact: RegisteredContact): void {
    const { contact: uri, path, received } = contact.binding
    const address = `<sip:${device.sipUser}@${core.domainOf(line.orgId)}>`
    const headers = new Headers([
      ['From', address],
      ['To', address],
      ...path.map((route) => ['Route', route] as [string, string]),
      ['Subscription-State', 'active'],
    ])
    const destination = {
      transport: received.transport,
      address: { host: received.host, port: received.port },
      ...(contact.flowId === undefined ? {} : { flowId: contact.flowId }),
    }
    this.#send(core, { line, uri, destination, headers })
  }

  #send(
    core: Core,
    notify: {
      readonly line: DirectoryLine
      readonly uri: string
      readonly destination: Subscription['destination']
      readonly headers: Headers
    },
  ): ClientTransactionId {
    const { line, uri, destination, headers } = notify
    headers.append('Contact', contactAt(core, destination))
    headers.append('Event', MESSAGE_SUMMARY_EVENT)
    headers.append('Content-Type', MESSAGE_SUMMARY_TYPE)
    const body = summaryOf(core, line)
    const { id, outputs } = core.endpoint.send(core.now, {
      method: 'NOTIFY',
      uri,
      destination,
      headers,
      body,
    })
    core.sip(outputs)
    return id
  }

  #known(request: SipRequest, login: LoggedIn): string | undefined {
    const callId = request.headers.get('Call-ID') ?? ''
    const key = keyOf(login.device, callId, tagOf(request.headers.get('To') ?? '') ?? '')
    return this.#subscriptions.has(key) ? key : undefined
  }

  #keysOf(device: DirectoryDevice): string[] {
    return [...this.#subscriptions.keys()].filter((key) => key.startsWith(`${device.orgId} ${device.id} `))
  }
}

/** What a phone of the line is told: its mailbox, or the lamp that a voicemail system outside has lit. */
function summaryOf(core: Core, line: DirectoryLine): Uint8Array {
  const mailbox = core.mailboxOf(line)
  const messages = mailbox?.messages ?? []
  const newMessages = messages.filter((message) => !message.heard).length
  return messageSummary({
    waiting: newMessages > 0 || mailbox?.externalWaiting === true,
    account: `sip:${line.extension}@${core.domainOf(line.orgId)}`,
    newMessages,
    oldMessages: messages.length - newMessages,
  })
}

function keyOf(device: DirectoryDevice, callId: string, tag: string): string {
  return `${device.orgId} ${device.id} ${callId} ${tag}`
}

/** Where the phone reaches us in its subscription. */
function contactAt(
  core: Core,
  destination: Pick<Subscription['destination'], 'transport' | 'address'>,
): string {
  const { transport, address } = destination
  return `<sip:${printHostPort(core.options.advertised(transport, address))};transport=${transport}>`
}
