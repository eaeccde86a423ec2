/**
 * Hundreds of bare SIP phones on one UDP socket, in a process of their own so that the clock of a benchmark is not that of
 * the server. They register, call, answer at once or ring, follow holds and talk/hold NOTIFYs, and end calls; audio is the
 * load generator's. Started by `phone-farm.ts`, which has the words of the conversation between the two.
 */
import dgram from 'node:dgram'
import type { FarmOrder, FarmReport, FarmSetup } from './phone-farm.ts'
import {
  answering,
  audioPort,
  authorization,
  describe,
  field,
  parseSip,
  type SipText,
  tagIn,
  token,
  uriIn,
  writeSip,
} from './sip-text.ts'

const HOST = '127.0.0.1'
const RESEND_MS = 500
const SENDS_MAX = 8
const BUFFER_BYTES = 4 << 20
/** Registrations under way at once: a burst of a thousand would measure the socket's buffer. */
const REGISTERING_MAX = 20
/** Registrations last an hour; a soak lasts longer. */
const REGISTER_AGAIN_MS = 25 * 60_000

interface Dialog {
  readonly user: number
  readonly callId: string
  readonly localTag: string
  readonly leg: number
  /** The call order that began it; absent when it came in. */
  readonly order?: number
  /** As From and To say it in requests of ours. */
  readonly local: string
  remote: string
  target: string
  cseq: number
  version: number
  /** The INVITE that waits for an answer of ours. */
  waiting?: SipText
  /** What we answered it with, for when it comes again. */
  answered?: { readonly cseq: string; readonly text: string }
  established: boolean
}

/** A request of ours that has had no response. */
interface Pending {
  readonly text: string
  readonly onResponse: (response: SipText) => void
  sends: number
  sentAt: number
  /** It has arrived: nothing is sent again (RFC 3261 §17.1.1.2). */
  arrived: boolean
}

const socket = dgram.createSocket({
  type: 'udp4',
  recvBufferSize: BUFFER_BYTES,
  sendBufferSize: BUFFER_BYTES,
})
const dialogs = new Map<string, Dialog>()
const pending = new Map<string, Pending>()
const ringing = new Set<number>()
let setup: FarmSetup
let ownPort = 0
let freeLegs: number[] = []

function report(message: FarmReport): void {
  process.send?.(message)
}

function now(): number {
  return Number(process.hrtime.bigint()) / 1_000_000
}

function send(text: string): void {
  socket.send(text, setup.serverPort, HOST)
}

/** Sends a request and again until something comes back for it. */
function request(
  first: string,
  headers: [string, string][],
  body: string,
  onResponse: Pending['onResponse'],
): string {
  const branch = `z9hG4bK${token()}`
  const via: [string, string] = ['Via', `SIP/2.0/UDP ${HOST}:${ownPort};rport;branch=${branch}`]
  const text = writeSip(first, [via, ['Max-Forwards', '70'], ...headers], body)
  pending.set(branch, { text, onResponse, sends: 1, sentAt: now(), arrived: false })
  send(text)
  return branch
}

setInterval(() => {
  const at = now()
  for (const [branch, one] of pending) {
    if (one.arrived || at - one.sentAt < RESEND_MS) continue
    one.sentAt = at
    one.sends += 1
    if (one.sends <= SENDS_MAX) send(one.text)
    else {
      pending.delete(branch)
      one.onResponse({ status: 408, headers: new Map(), body: '' })
    }
  }
}, RESEND_MS / 5)

function nameOf(user: number): string {
  return setup.users[user]?.name ?? ''
}

function contactOf(user: number): [string, string] {
  return ['Contact', `<sip:${nameOf(user)}@${HOST}:${ownPort}>`]
}

/** The header field that answers a 401 or 407. */
function credentials(user: number, method: string, uri: string, response: SipText): [string, string] {
  const proxy = response.status === 407
  const challenge = field(response, proxy ? 'proxy-authenticate' : 'www-authenticate')
  const password = setup.users[user]?.password ?? ''
  const value = authorization(challenge, { method, uri, user: nameOf(user), password })
  return [proxy ? 'Proxy-Authorization' : 'Authorization', value]
}

function isChallenge(response: SipText): boolean {
  return response.status === 401 || response.status === 407
}

async function register(user: number): Promise<boolean> {
  const uri = `sip:${setup.domain}`
  const address = `<sip:${nameOf(user)}@${setup.domain}>`
  const callId = token()
  const ask = (cseq: number, more: [string, string][]): Promise<SipText> =>
    new Promise((resolve) => {
      const headers: [string, string][] = [
        ['From', `${address};tag=${token()}`],
        ['To', address],
        ['Call-ID', callId],
        ['CSeq', `${cseq} REGISTER`],
        contactOf(user),
        ['Expires', '3600'],
        ['Allow-Events', setup.remoteControl ? 'talk, hold' : 'message-summary'],
        ...more,
      ]
      request(`REGISTER ${uri} SIP/2.0`, headers, '', resolve)
    })
  const first = await ask(1, [])
  const last = isChallenge(first) ? await ask(2, [credentials(user, 'REGISTER', uri, first)]) : first
  return last.status === 200
}

/** The leg that is its user's own, else the one that has rested longest. */
function takeLeg(user: number): number {
  const own = setup.ownLegs ? freeLegs.indexOf(user) : 0
  const [leg = -1] = freeLegs.splice(own < 0 ? freeLegs.length - 1 : own, 1)
  return leg
}

function rtpPort(leg: number): number {
  return setup.rtpBase + 2 * leg
}

function over(dialog: Dialog): void {
  if (!dialogs.delete(dialog.callId)) return
  if (dialog.leg >= 0) freeLegs.push(dialog.leg)
  report({ kind: 'over', user: dialog.user, leg: dialog.leg, at: now() })
}

function talking(dialog: Dialog, body: string): void {
  const first = !dialog.established
  dialog.established = true
  const port = audioPort(body)
  if (port === 0) return
  const { user, leg, order } = dialog
  report({ kind: 'talking', user, leg, port, first, at: now(), ...(order === undefined ? {} : { order }) })
}

function call(order: number, user: number, to: string): void {
  const uri = `sip:${to}@${setup.domain}`
  const dialog: Dialog = {
    user,
    callId: token(),
    localTag: token(),
    leg: takeLeg(user),
    order,
    local: `<sip:${nameOf(user)}@${setup.domain}>`,
    remote: `<${uri}>`,
    target: uri,
    cseq: 0,
    version: 1,
    established: false,
  }
  dialogs.set(dialog.callId, dialog)
  invite(dialog, 'sendrecv', [], (status) => report({ kind: 'failed', order, user, status }))
}

/** An INVITE of ours, new or again, with one answer to a challenge. */
function invite(
  dialog: Dialog,
  direction: string,
  more: [string, string][],
  failed: (status: number) => void,
): void {
  dialog.cseq += 1
  const { cseq, user, target } = dialog
  const headers = [...route(dialog, `${cseq} INVITE`), contactOf(user), ...more]
  const body = describe(HOST, rtpPort(dialog.leg), dialog.version++, direction)
  const branch = request(`INVITE ${target} SIP/2.0`, headers, body, (response) => {
    const status = response.status ?? 0
    if (status < 200) return
    const peer = field(response, 'to')
    if (status < 300) {
      dialog.remote = peer
      dialog.target = uriIn(field(response, 'contact'))
      ack(dialog, cseq)
      talking(dialog, response.body)
      return
    }
    const via = `SIP/2.0/UDP ${HOST}:${ownPort};rport;branch=${branch}`
    const again: [string, string][] = [
      ['Via', via],
      ['Max-Forwards', '70'],
    ]
    send(writeSip(`ACK ${target} SIP/2.0`, [...again, ...route({ ...dialog, remote: peer }, `${cseq} ACK`)]))
    if (isChallenge(response) && more.length === 0) {
      invite(dialog, direction, [credentials(user, 'INVITE', target, response)], failed)
      return
    }
    if (!dialog.established) over(dialog)
    failed(status)
  })
}

function route(dialog: Dialog, cseq: string): [string, string][] {
  return [
    ['From', `${dialog.local};tag=${dialog.localTag}`],
    ['To', dialog.remote],
    ['Call-ID', dialog.callId],
    ['CSeq', cseq],
  ]
}

function ack(dialog: Dialog, cseq: number): void {
  const via: [string, string] = ['Via', `SIP/2.0/UDP ${HOST}:${ownPort};rport;branch=z9hG4bK${token()}`]
  const headers: [string, string][] = [via, ['Max-Forwards', '70'], ...route(dialog, `${cseq} ACK`)]
  send(writeSip(`ACK ${dialog.target} SIP/2.0`, headers))
}

function hangUp(user: number): void {
  for (const dialog of dialogs.values()) {
    if (dialog.user !== user || !dialog.established) continue
    dialog.cseq += 1
    const headers = route(dialog, `${dialog.cseq} BYE`)
    request(`BYE ${dialog.target} SIP/2.0`, headers, '', (response) => {
      if ((response.status ?? 0) >= 200) over(dialog)
    })
  }
}

/** Answers a request; the text, so that it can be said again. */
function respond(
  message: SipText,
  first: string,
  options: { tag?: string; body?: string; user?: number } = {},
): string {
  const to = field(message, 'to')
  const tagged = options.tag === undefined || tagIn(to) !== undefined ? to : `${to};tag=${options.tag}`
  const headers: [string, string][] = [
    ...(message.headers.get('via') ?? []).map((value): [string, string] => ['Via', value]),
    ...(message.headers.get('record-route') ?? []).map((value): [string, string] => ['Record-Route', value]),
    ['From', field(message, 'from')],
    ['To', tagged],
    ['Call-ID', field(message, 'call-id')],
    ['CSeq', field(message, 'cseq')],
    ...(options.user === undefined ? [] : [contactOf(options.user)]),
    ['Allow', 'INVITE, ACK, CANCEL, BYE, NOTIFY, OPTIONS, UPDATE, INFO'],
    ...(setup.remoteControl ? ([['Allow-Events', 'talk, hold']] as [string, string][]) : []),
  ]
  const text = writeSip(`SIP/2.0 ${first}`, headers, options.body)
  send(text)
  return text
}

/** Picks up, or goes along with an offer in the call. */
function accept(dialog: Dialog, message: SipText): void {
  delete dialog.waiting
  const offer = message.body
  const direction = offer === '' ? 'sendrecv' : answering(offer)
  const body = describe(HOST, rtpPort(dialog.leg), dialog.version++, direction)
  const text = respond(message, '200 OK', { tag: dialog.localTag, body, user: dialog.user })
  dialog.answered = { cseq: field(message, 'cseq'), text }
  if (offer !== '') talking(dialog, offer)
}

function invited(message: SipText): void {
  const callId = field(message, 'call-id')
  const known = dialogs.get(callId)
  if (known !== undefined) {
    if (known.answered?.cseq === field(message, 'cseq')) send(known.answered.text)
    else if (known.waiting === undefined) accept(known, message)
    return
  }
  const name = /sip:([^@]+)@/.exec(message.uri ?? '')?.[1]
  const user = userOf.get(name ?? '') ?? -1
  if (user < 0 || tagIn(field(message, 'to')) !== undefined) {
    respond(message, '481 Call Does Not Exist', { tag: token() })
    return
  }
  const localTag = token()
  const dialog: Dialog = {
    user,
    callId,
    localTag,
    leg: takeLeg(user),
    local: field(message, 'to'),
    remote: field(message, 'from'),
    target: uriIn(field(message, 'contact')),
    cseq: 0,
    version: 1,
    established: false,
  }
  dialogs.set(callId, dialog)
  report({ kind: 'message', method: 'INVITE', user, at: receivedAt })
  if (dialog.leg < 0) {
    respond(message, '486 Busy Here', { tag: localTag })
    dialogs.delete(callId)
    return
  }
  if (!ringing.has(user)) {
    accept(dialog, message)
    return
  }
  dialog.waiting = message
  respond(message, '180 Ringing', { tag: localTag, user })
}

/** What a phone of many keys does when it is told to (`Event: talk`, `Event: hold`). */
function notified(dialog: Dialog | undefined, message: SipText): void {
  respond(message, '200 OK')
  if (dialog === undefined) return
  const event = field(message, 'event').toLowerCase()
  if (event === 'talk' && dialog.waiting !== undefined) accept(dialog, dialog.waiting)
  else if (event === 'talk') invite(dialog, 'sendrecv', [], () => {})
  else if (event === 'hold') invite(dialog, 'sendonly', [], () => {})
}

function requested(message: SipText): void {
  const dialog = dialogs.get(field(message, 'call-id'))
  const method = message.method ?? ''
  if (method === 'ACK') {
    if (dialog !== undefined && message.body !== '') talking(dialog, message.body)
    return
  }
  if (method === 'INVITE') {
    invited(message)
    return
  }
  if (dialog !== undefined) report({ kind: 'message', method, user: dialog.user, at: receivedAt })
  if (method === 'NOTIFY') {
    notified(dialog, message)
    return
  }
  const offer = method === 'UPDATE' && message.body !== '' && dialog !== undefined
  const body = offer
    ? describe(HOST, rtpPort(dialog.leg), dialog.version++, answering(message.body))
    : undefined
  respond(message, '200 OK', {
    ...(body === undefined ? {} : { body }),
    ...(dialog === undefined ? {} : { user: dialog.user }),
  })
  if (dialog === undefined) return
  if (method === 'BYE') over(dialog)
  if (method === 'CANCEL' && dialog.waiting !== undefined) {
    respond(dialog.waiting, '487 Request Terminated', { tag: dialog.localTag })
    over(dialog)
  }
}

const userOf = new Map<string, number>()
let receivedAt = 0
socket.on('message', (data) => {
  receivedAt = now()
  const message = parseSip(data.toString('latin1'))
  if (message === undefined) return
  if (message.status === undefined) {
    requested(message)
    return
  }
  const branch = /branch=([^;\s]+)/.exec(field(message, 'via'))?.[1] ?? ''
  const one = pending.get(branch)
  if (one === undefined) {
    // A 2xx again: its ACK was late.
    const dialog = dialogs.get(field(message, 'call-id'))
    const [cseq = '', method] = field(message, 'cseq').split(' ')
    if (dialog !== undefined && method === 'INVITE' && message.status < 300) ack(dialog, Number(cseq))
    return
  }
  if (message.status >= 200) pending.delete(branch)
  else one.arrived = true
  one.onResponse(message)
})

async function start(chosen: FarmSetup): Promise<void> {
  setup = chosen
  for (const [user, { name }] of setup.users.entries()) userOf.set(name, user)
  freeLegs = Array.from({ length: setup.legs }, (_, leg) => leg)
  await new Promise<void>((resolve) => socket.bind(setup.sipPort, HOST, resolve))
  ownPort = socket.address().port
  report({ kind: 'registered', count: await registerAll() })
  setInterval(() => void registerAll(), REGISTER_AGAIN_MS)
}

/** Some at a time; how many could. */
async function registerAll(): Promise<number> {
  let next = 0
  let registered = 0
  const worker = async (): Promise<void> => {
    while (next < setup.users.length) if (await register(next++)) registered += 1
  }
  await Promise.all(Array.from({ length: REGISTERING_MAX }, worker))
  return registered
}

process.on('message', (order: FarmOrder) => {
  if (order.kind === 'start') void start(order.setup)
  else if (order.kind === 'call') call(order.order, order.user, order.to)
  else if (order.kind === 'hangUp') hangUp(order.user)
  else if (order.ring) ringing.add(order.user)
  else ringing.delete(order.user)
})
process.on('disconnect', () => process.exit(0))
