/**
 * The line of a phone: it carries one call at a time, placed by us or by a peer. A second caller hears busy.
 *
 * Commands say at once when they cannot be carried out (`PhoneError`); what comes of them is told as events. What
 * happens inside a call is in `phone-call.ts`.
 */
import { nodeCrypto, now, random32 } from '@tandem/io'
import { type CallOutput, parseNameAddr, type SipRequest } from '@tandem/sip'
import { dialledUri, type Identity } from '../agent/identity.ts'
import { PRODUCT, type UserAgent } from '../agent/user-agent.ts'
import type { PhoneEvent } from '../events/event.ts'
import type { PhoneOptions } from '../options.ts'
import { PhoneError } from '../phone-error.ts'
import { openRtpSockets } from '../voice/rtp-sockets.ts'
import { openSource, type VoiceSource } from '../voice/source.ts'
import { autoAnswerMs } from './auto-answer.ts'
import { type CallNews, PhoneCall } from './phone-call.ts'

const RING_MS_MAX = 180_000 // RFC 3261 §16.6: nobody lets a call ring longer than three minutes.

type Invited = Extract<CallOutput, { readonly kind: 'invited' }>

/** The one call that a phone has, or none. */
export class Line {
  readonly #options: PhoneOptions
  readonly #identity: Identity
  readonly #agent: UserAgent
  readonly #host: string
  readonly #signal: AbortSignal
  readonly #tell: (event: PhoneEvent) => void
  #callCount = 0
  #source: VoiceSource
  #call: PhoneCall | undefined

  constructor(options: {
    readonly phone: PhoneOptions
    readonly identity: Identity
    readonly agent: UserAgent
    /** Our media address. */
    readonly host: string
    readonly signal: AbortSignal
    readonly tell: (event: PhoneEvent) => void
  }) {
    this.#options = options.phone
    this.#identity = options.identity
    this.#agent = options.agent
    this.#host = options.host
    this.#signal = options.signal
    this.#tell = options.tell
    this.#source = options.phone.source ?? { kind: 'silence' }
  }

  get state(): 'idle' | PhoneCall['state'] {
    return this.#call?.state ?? 'idle'
  }

  get pressing(): boolean {
    return this.#call?.pressing ?? false
  }

  /** Calls somebody. Comes back once the INVITE has left. */
  async dial(destination: string): Promise<void> {
    if (this.#call !== undefined) throw new PhoneError('the phone is in a call: hang up first')
    const { domain, from, user, credentials, destination: proxy } = this.#identity
    const uri = dialledUri(destination, domain)
    const call = await this.#open('outgoing')
    this.#agent.feed((at, endpoint) => {
      const started = endpoint.invite(at, {
        uri,
        from,
        to: `<${uri}>`,
        destination: proxy,
        contactUser: user,
        offer: call.makeOffer('sendrecv'),
        ringMsMax: RING_MS_MAX,
        credentials,
      })
      call.id = started.id
      return started.outputs
    })
  }

  answer(): void {
    const call = this.#call
    if (call?.state !== 'incoming') throw new PhoneError('nobody is calling')
    const description = call.pickUp(now())
    if (description === undefined) {
      this.#turnAway(call, 488)
      return
    }
    const { user } = this.#identity
    this.#agent.feed((at, endpoint) => endpoint.accept(at, call.id, description, { contactUser: user }))
  }

  reject(status: number): void {
    const call = this.#call
    if (call?.state !== 'incoming') throw new PhoneError('nobody is calling')
    if (!(Number.isInteger(status) && status >= 300 && status <= 699))
      throw new PhoneError('a rejection is a status from 300 to 699')
    this.#turnAway(call, status)
  }

  hangup(): void {
    const call = this.#mustCall()
    const { state, statistics } = call
    this.#agent.feed((at, endpoint) => endpoint.end(at, call.id))
    if (state === 'incoming')
      this.#finish(call, { kind: 'failed', status: 480, reason: 'Temporarily Unavailable' })
    else if (state === 'dialling')
      this.#finish(call, { kind: 'failed', status: 487, reason: 'Request Terminated' })
    else this.#finish(call, { kind: 'ended', why: 'us', statistics })
  }

  /** Begins or ends our hold by a re-INVITE. */
  reoffer(what: 'hold' | 'resume'): void {
    const call = this.#mustTalk()
    const offer = call.reoffer(what)
    if (offer !== undefined) this.#agent.feed((at, endpoint) => endpoint.offer(at, call.id, offer))
  }

  sendDtmf(digits: string): void {
    const call = this.#mustTalk()
    if (!/^[0-9*#A-D]+$/i.test(digits)) throw new PhoneError('keys are 0 to 9, *, # and A to D')
    if (!call.press(digits))
      throw new PhoneError('the peer takes no key presses (telephone-event), or too many wait')
  }

  play(source: VoiceSource): void {
    const opened = openSource(source)
    this.#source = source
    this.#call?.play(opened)
  }

  /** Somebody calls. */
  async invited(invited: Invited): Promise<void> {
    const id = invited.call
    if (this.#call !== undefined) {
      this.#agent.feed((at, endpoint) => endpoint.reject(at, id, 486))
      return
    }
    let call: PhoneCall
    try {
      call = await this.#open('incoming', invited)
    } catch {
      this.#agent.feed((at, endpoint) => endpoint.reject(at, id, 503)) // No ports, or the recording cannot be written.
      return
    }
    this.#agent.feed((at, endpoint) => endpoint.progress(at, id, 180))
    const answerMs = this.#answerMs(invited.request)
    const from = parseNameAddr(invited.request.headers.get('From') ?? '')
    this.#tell({
      kind: 'incoming',
      remote: from?.uriText ?? '',
      name: from?.displayName ?? '',
      autoAnswer: answerMs !== undefined,
    })
    if (answerMs !== undefined) call.later(answerMs, () => this.answer())
  }

  /** Takes what the endpoint says of a call; of one that is not ours any more it is passed over. */
  take(output: CallOutput): void {
    const call = this.#call
    if (call !== undefined && call.id === output.call) call.take(now(), output)
  }

  /** Hangs up if there is a call that the endpoint knows. */
  leave(): void {
    if (this.#call !== undefined && this.#call.id >= 0) this.hangup()
  }

  /** Frees what a call still holds, without a word to anybody. */
  close(): void {
    this.#call?.end(now())
  }

  #answerMs(request: SipRequest): number | undefined {
    const { autoAnswer } = this.#options
    if (autoAnswer === true) return 0
    if (autoAnswer === 'header') return autoAnswerMs(request.headers)
    return typeof autoAnswer === 'object' ? autoAnswer.afterMs : undefined
  }

  async #open(direction: 'incoming' | 'outgoing', invited?: Invited): Promise<PhoneCall> {
    const options = this.#options
    this.#callCount += 1
    const call = new PhoneCall({
      direction,
      id: invited?.call ?? -1,
      host: this.#host,
      codecs: options.codecs ?? ['PCMU', 'PCMA'],
      ptimeMs: options.ptimeMs ?? 20,
      source: openSource(this.#source),
      random: random32,
      cname: `${Buffer.from(nodeCrypto.randomBytes(8)).toString('hex')}@${PRODUCT.toLowerCase()}`,
      ...(options.recordTo === undefined ? {} : { recordTo: numbered(options.recordTo, this.#callCount) }),
      ...(invited?.offer === undefined ? {} : { offer: invited.offer }),
      honourTalk: options.honourTalk === true,
      feed: (input) => this.#agent.feed(input),
      tell: (news) => this.#onNews(call, news),
    })
    this.#call = call // From here on a second caller hears busy.
    try {
      await call.open(await openRtpSockets(this.#host))
    } catch (error) {
      this.#call = undefined
      call.end(now())
      throw error
    }
    if (this.#signal.aborted || call.state === 'over')
      throw new PhoneError('the call was over before it began')
    return call
  }

  #onNews(call: PhoneCall, news: CallNews): void {
    switch (news.kind) {
      case 'event':
        this.#tell(news.event)
        return
      case 'over':
        this.#finish(call, news.event)
        return
      case 'answer':
        if (call.state === 'incoming') this.answer()
        return
      case 'hold':
      case 'resume':
        if (call.state === 'established') this.reoffer(news.kind)
    }
  }

  #turnAway(call: PhoneCall, status: number): void {
    this.#agent.feed((at, endpoint) => endpoint.reject(at, call.id, status))
    this.#finish(call, { kind: 'failed', status, reason: 'rejected here' })
  }

  #finish(call: PhoneCall, event: PhoneEvent): void {
    if (this.#call !== call) return
    this.#call = undefined
    call.end(now())
    this.#tell(event)
  }

  #mustCall(): PhoneCall {
    if (this.#call === undefined || this.#call.id < 0) throw new PhoneError('there is no call')
    return this.#call
  }

  #mustTalk(): PhoneCall {
    const call = this.#mustCall()
    if (call.state !== 'established') throw new PhoneError('the call is not established yet')
    return call
  }
}

/** `heard.wav`, then `heard-2.wav`, ... */
function numbered(path: string, count: number): string {
  if (count === 1) return path
  return /\.[^./\\]+$/.test(path) ? path.replace(/(\.[^./\\]+)$/, `-${count}$1`) : `${path}-${count}`
}
