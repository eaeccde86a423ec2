/**
 * The line of a phone: all its calls, placed by us or by peers, and which of them is talked in. The others are on hold,
 * ring, or are being dialled. Somebody who calls meanwhile rings too (call waiting), unless the phone does not want to be
 * disturbed or has as many calls as it takes.
 *
 * What a person does to a call is in `commands.ts`; what happens inside one in `phone-call.ts`.
 */
import { nodeCrypto, now, random32 } from '@tandem/io'
import {
  type CallOutput,
  parseReplaces,
  printReplaces,
  quote,
  type ReferTarget,
  type SipRequest,
  tagOf,
} from '@tandem/sip'
import { ANONYMOUS, dialledUri, type Identity } from '../agent/identity.ts'
import { PRODUCT, type UserAgent } from '../agent/user-agent.ts'
import type { CallHappening, PhoneEvent } from '../events/event.ts'
import type { DialOptions, PhoneOptions } from '../options.ts'
import { PhoneError } from '../phone-error.ts'
import { openRtpSockets } from '../voice/rtp-sockets.ts'
import { openSource, type VoiceSource } from '../voice/source.ts'
import { autoAnswerMs } from './auto-answer.ts'
import { Commands, type Floor } from './commands.ts'
import { type CallNews, PhoneCall } from './phone-call.ts'
import { Referral } from './referral.ts'
import { callerOf, type RemoteIdentity } from './remote-identity.ts'

/** Calls at once when nobody says otherwise: the line keys of a common desk phone. */
export const CALLS_DEFAULT = 4
/** Most calls that a phone can be told to take: beyond it a switch is wanted, not a phone. */
export const CALLS_MAX = 16

const RING_MS_MAX = 180_000 // RFC 3261 §16.6: nobody lets a call ring longer than three minutes.
const REPLACED_MS = 2_000 // How long the second call of an attended transfer may wait for its BYE.
const HOLD_LOOK_MS = 5 // How often it is looked whether the hold before a dial is done.

type Invited = Extract<CallOutput, { readonly kind: 'invited' }>

/** What a line is made with. */
export interface LineOptions {
  readonly phone: PhoneOptions
  readonly identity: Identity
  readonly agent: UserAgent
  /** Our media address. */
  readonly host: string
  readonly signal: AbortSignal
  readonly tell: (event: PhoneEvent) => void
}

/** The calls of one phone. */
export class Line implements Floor {
  readonly commands: Commands
  readonly #options: LineOptions
  /** The calls that are not over, by number. */
  readonly #calls = new Map<number, PhoneCall>()
  /** What is told of calls that a REFER made us place, by their numbers. */
  readonly #referrals = new Map<number, Referral>()
  #callCount = 0
  #source: VoiceSource
  /** The call that is talked in. */
  #focused: PhoneCall | undefined
  /** Do not disturb: every caller hears busy. */
  undisturbed: boolean

  constructor(options: LineOptions) {
    const { identity, agent, phone } = options
    const callsMax = phone.maxCalls ?? CALLS_DEFAULT
    if (!(Number.isInteger(callsMax) && callsMax >= 1 && callsMax <= CALLS_MAX))
      throw new PhoneError(`a phone takes 1 to ${CALLS_MAX} calls`)
    this.#options = options
    this.#source = phone.source ?? { kind: 'silence' }
    this.undisturbed = phone.doNotDisturb === true
    this.commands = new Commands({ identity, agent, floor: this })
  }

  /** The calls that are not over, oldest first. */
  get calls(): readonly PhoneCall[] {
    return [...this.#calls.values()]
  }

  get free(): boolean {
    return this.#focused === undefined
  }

  /** The call that a command without a name means: the one talked in, else the newest of ours, else the newest. */
  get current(): PhoneCall | undefined {
    const newestFirst = this.calls.toReversed()
    return this.#focused ?? newestFirst.find((call) => call.state !== 'incoming') ?? newestFirst[0]
  }

  /** The call that has rung here longest. */
  get ringing(): PhoneCall | undefined {
    return this.calls.find((call) => call.state === 'incoming')
  }

  /** Calls somebody, once the call that was talked in is on hold. Comes back once the INVITE has left. */
  async dial(destination: string, options: DialOptions = {}): Promise<PhoneCall> {
    const { identity } = this.#options
    const uri = dialledUri(destination, identity.domain)
    const named = callerFields(identity, options)
    const call = await this.#open({ remote: { uri, name: '' }, direction: 'outgoing', dialled: options })
    const before = this.#focused
    this.take(call)
    while (before?.changing === 'hold' && before.state !== 'over')
      await new Promise((resolve) => setTimeout(resolve, HOLD_LOOK_MS)) // The endpoint bounds it: 32 s at most.
    if (call.state === 'over') throw new PhoneError('the call was over before it began')
    this.#options.agent.feed((at, endpoint) => {
      const started = endpoint.invite(at, {
        uri,
        from: named.from,
        to: `<${uri}>`,
        destination: identity.destination,
        contactUser: identity.user,
        offer: call.firstOffer(),
        ringMsMax: RING_MS_MAX,
        credentials: identity.credentials,
        headers: [...named.fields, ...(options.headers ?? [])],
      })
      call.id = started.id
      return started.outputs
    })
    return call
  }

  /** Says something else, in the current call and in those to come. */
  play(source: VoiceSource): void {
    const opened = openSource(source)
    this.#source = source
    this.current?.play(opened)
  }

  take(call: PhoneCall): void {
    const before = this.#focused
    if (before === call) return
    this.#focused = call
    if (before !== undefined) {
      before.focus(false)
      this.#hold(before)
    }
    call.focus(true)
  }

  release(call: PhoneCall): void {
    if (this.#focused !== call) return
    this.#focused = undefined
    call.focus(false)
  }

  finish(call: PhoneCall, event: CallHappening): void {
    if (this.#calls.get(call.number) !== call) return
    this.#calls.delete(call.number)
    if (this.#focused === call) this.#focused = undefined
    call.end(now())
    this.#tellOf(call, event)
    this.#referrals.delete(call.number)
  }

  /** Somebody calls. */
  async invited(invited: Invited): Promise<void> {
    const { call: id, request } = invited
    const reject = (status: number): void =>
      this.#options.agent.feed((at, endpoint) => endpoint.reject(at, id, status))
    const replaced = this.#replacedBy(request)
    if (typeof replaced === 'number') {
      reject(replaced)
      return
    }
    const remote = callerOf(request.headers)
    if (replaced === undefined && (this.undisturbed || this.#full)) {
      reject(486)
      this.#options.tell({ kind: 'missed', remote: remote.uri, name: remote.name, status: 486 })
      return
    }
    let call: PhoneCall
    try {
      call = await this.#open({ remote, direction: 'incoming', invited })
    } catch {
      reject(503) // No ports, or the recording cannot be written.
      return
    }
    if (replaced === undefined) this.#ring(call)
    else this.#takeOver(call, replaced)
  }

  /** Takes what the endpoint says of a call; of one that is not ours any more it is passed over. */
  receive(output: CallOutput): void {
    this.calls.find((call) => call.id === output.call)?.take(output)
  }

  /**
   * Looks at a request before the endpoint does: an UPDATE without an offer, or a re-INVITE that changes nothing of the
   * session, is answered by the endpoint alone, but may name the peer anew (RFC 3311, RFC 3325).
   */
  overhear(request: SipRequest): void {
    if (request.method !== 'UPDATE' && request.method !== 'INVITE') return
    const callId = request.headers.get('Call-ID')
    const [localTag, remoteTag] = ['To', 'From'].map((name) => tagOf(request.headers.get(name)))
    if (localTag === undefined) return
    this.#options.agent.feed((_at, endpoint) => {
      for (const call of this.calls) {
        const dialog = endpoint.describe(call.id)
        if (dialog?.callId === callId && dialog?.localTag === localTag && dialog?.remoteTag === remoteTag)
          queueMicrotask(() => call.learn(request.headers))
      }
      return []
    })
  }

  /** Hangs up all calls that the endpoint knows. */
  leave(): void {
    for (const call of this.calls) if (call.id >= 0) this.commands.hangup(call)
  }

  /** Frees what calls still hold, without a word to anybody. */
  close(): void {
    for (const call of this.calls) call.end(now())
  }

  get #full(): boolean {
    return this.#calls.size >= (this.#options.phone.maxCalls ?? CALLS_DEFAULT)
  }

  /** The call that an INVITE shall take the place of (RFC 3891 §3), or the status that its Replaces earns. */
  #replacedBy(request: SipRequest): PhoneCall | number | undefined {
    const replaces = parseReplaces(request)
    if (replaces === undefined) return undefined
    if (replaces === 'malformed') return 400
    const { callId, toTag, fromTag, earlyOnly } = replaces
    let found: PhoneCall | undefined
    this.#options.agent.feed((_at, endpoint) => {
      found = this.calls.find((call) => {
        const dialog = endpoint.describe(call.id)
        return dialog?.callId === callId && dialog.localTag === toTag && dialog.remoteTag === fromTag
      })
      return []
    })
    if (found === undefined || found.state === 'incoming') return 481 // Only whoever placed a ringing call gives it up.
    return earlyOnly && found.state === 'established' ? 486 : found
  }

  #ring(call: PhoneCall): void {
    this.#options.agent.feed((at, endpoint) => endpoint.progress(at, call.id, 180))
    const answerMs = this.#answerMs(call.invite)
    const { uri, name } = call.remote
    this.#tellOf(call, { kind: 'incoming', remote: uri, name, autoAnswer: answerMs !== undefined })
    if (answerMs === undefined) return
    call.later(answerMs, () => {
      if (this.free) this.commands.answer(call) // Beside a call that is talked in it goes on ringing.
    })
  }

  /** Answers at once in place of another call, with its part on the phone. */
  #takeOver(call: PhoneCall, old: PhoneCall): void {
    const talked = this.#focused === old || this.free
    const { uri, name } = call.remote
    this.#tellOf(call, { kind: 'incoming', remote: uri, name, autoAnswer: true })
    if (this.#focused === old) this.#focused = undefined // It is not put on hold: it ends.
    this.commands.answer(call, { talk: talked })
    this.commands.replace(old)
  }

  #answerMs(request: SipRequest | undefined): number | undefined {
    const { autoAnswer } = this.#options.phone
    if (autoAnswer === true) return 0
    if (autoAnswer === 'header') return request === undefined ? undefined : autoAnswerMs(request.headers)
    return typeof autoAnswer === 'object' ? autoAnswer.afterMs : undefined
  }

  async #open(parts: {
    readonly remote: RemoteIdentity
    readonly direction: 'incoming' | 'outgoing'
    readonly invited?: Invited
    readonly dialled?: DialOptions
  }): Promise<PhoneCall> {
    const { phone: options, host, agent, signal } = this.#options
    const { remote, direction, invited, dialled } = parts
    if (direction === 'outgoing' && this.#full)
      throw new PhoneError(`the phone has ${this.#calls.size} calls: hang one up first`)
    const source = openSource(dialled?.source ?? this.#source)
    const number = ++this.#callCount
    const recordTo = dialled?.recordTo ?? (options.recordTo && numbered(options.recordTo, number))
    const call = new PhoneCall({
      number,
      direction,
      remote,
      id: invited?.call ?? -1,
      host,
      codecs: options.codecs ?? ['PCMU', 'PCMA'],
      ptimeMs: options.ptimeMs ?? 20,
      source,
      random: random32,
      cname: `${Buffer.from(nodeCrypto.randomBytes(8)).toString('hex')}@${PRODUCT.toLowerCase()}`,
      ...(recordTo === undefined ? {} : { recordTo }),
      ...(options.onHeard === undefined ? {} : { onHeard: options.onHeard }),
      ...(invited === undefined ? {} : { invite: invited.request }),
      ...(invited?.offer === undefined ? {} : { offer: invited.offer }),
      honourTalk: options.honourTalk === true,
      honourRefer: options.honourRefer === true,
      feed: (input) => agent.feed(input),
      tell: (news) => this.#onNews(call, news),
    })
    this.#calls.set(number, call) // From here on it counts.
    try {
      call.open(await openRtpSockets(host))
    } catch (error) {
      this.#calls.delete(number)
      call.end(now())
      throw error
    }
    if (signal.aborted || call.state === 'over') throw new PhoneError('the call was over before it began')
    return call
  }

  #onNews(call: PhoneCall, news: CallNews): void {
    switch (news.kind) {
      case 'event':
        this.#tellOf(call, news.event)
        if (news.event.kind === 'established') this.#settle(call)
        return
      case 'over':
        this.finish(call, news.event)
        return
      case 'answer':
        if (call.state === 'incoming') this.commands.answer(call)
        return
      case 'hold':
        if (call.state === 'established') this.#hold(call)
        return
      case 'resume':
        if (call.state === 'established' && call.changing === undefined) this.commands.resume(call)
        return
      case 'open':
        this.#settle(call)
        return
      case 'summary':
        this.#options.tell(news.summary)
        return
      case 'transferred':
        this.#leaveTransferred(call, news.replaced)
        return
      case 'referred':
        void this.#follow(call, news.target, news.referredBy)
    }
  }

  /** Holds a call that another takes the place of; one that cannot be held yet is silent until `#settle` sees it. */
  #hold(call: PhoneCall): void {
    if (call.state === 'established' && call.changing === undefined) this.commands.hold(call)
  }

  /** A call is open: it is talked in when no other is, else it goes on hold. */
  #settle(call: PhoneCall): void {
    if (this.#focused === call) return
    if (this.free) this.take(call)
    else this.#hold(call)
  }

  /** As phones do: the first call is hung up by us, the second by whoever has taken our place in it. */
  #leaveTransferred(call: PhoneCall, replaced: PhoneCall | undefined): void {
    if (call.state === 'established') this.commands.hangup(call)
    if (replaced === undefined) return
    const hangup = (): void => {
      if (replaced.state !== 'over') this.commands.hangup(replaced)
    }
    setTimeout(hangup, REPLACED_MS).unref()
  }

  /** Calls where the peer has sent us, and tells it how that goes (RFC 3515 §2.4.4). */
  async #follow(call: PhoneCall, target: ReferTarget, referredBy: string | undefined): Promise<void> {
    const referral = new Referral(call)
    this.#tellOf(call, { kind: 'referred', target: target.uri })
    referral.report(100)
    const headers: [string, string][] = []
    if (target.replaces !== undefined) headers.push(['Replaces', printReplaces(target.replaces)])
    if (referredBy !== undefined) headers.push(['Referred-By', referredBy])
    try {
      const placed = await this.dial(target.uri, { headers })
      this.#referrals.set(placed.number, referral)
    } catch {
      referral.report(503) // No ports, or as many calls as the phone takes.
    }
  }

  #tellOf(call: PhoneCall, happening: CallHappening): void {
    this.#options.tell({ ...happening, call: call.number })
    this.#referrals.get(call.number)?.take(happening)
  }
}

/** From, and what else names us to the server: RFC 3323 §4.1, RFC 3325 §9.2. */
function callerFields(
  identity: Identity,
  options: DialOptions,
): { readonly from: string; readonly fields: readonly [string, string][] } {
  const { from, anonymous = false } = options
  if (from === undefined && !anonymous) return { from: identity.from, fields: [] }
  const shown = from === undefined ? identity.from : `<${dialledUri(from, identity.domain)}>`
  const preferred: [string, string] = ['P-Preferred-Identity', shown]
  if (!anonymous) return { from: shown, fields: [preferred] }
  return { from: `${quote('Anonymous')} <${ANONYMOUS}>`, fields: [preferred, ['Privacy', 'id']] }
}

/** `heard.wav`, then `heard-2.wav`, ... */
function numbered(path: string, count: number): string {
  if (count === 1) return path
  return /\.[^./\\]+$/.test(path) ? path.replace(/(\.[^./\\]+)$/, `-${count}$1`) : `${path}-${count}`
}
