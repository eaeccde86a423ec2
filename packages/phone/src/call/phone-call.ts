/**
 * One call of a phone: its states, holds, transfer, and the voice behind it. It takes the endpoint's outputs for its
 * call and tells the phone what became of it; commands to the endpoint go through `feed`.
 *
 * Whether it is the call that is talked in is decided by the line (`focus`); all others are silent and unheard.
 */
import type { Instant } from '@tandem/base'
import { drive, now, type Step, wallOffsetMs } from '@tandem/io'
import type { SoundSource } from '@tandem/media'
import type {
  CallOutput,
  Endpoint,
  EndpointOutput,
  Headers,
  Negotiated,
  ReferTarget,
  SessionDescription,
  SipCallId,
  SipRequest,
  SipResponse,
} from '@tandem/sip'
import type { CallHappening, OwnEvent } from '../events/event.ts'
import type { RtpSockets } from '../voice/rtp-sockets.ts'
import { isUnspecified, Voice, type VoiceEvent, type VoiceStatistics } from '../voice/voice.ts'
import { WavRecorder } from '../wav/wav-recorder.ts'
import { Descriptions } from './descriptions.ts'
import { readInCall } from './in-call-request.ts'
import { infoFor } from './info-key.ts'
import { assertedIn, type RemoteIdentity } from './remote-identity.ts'

const KEYS_WAITING_MAX = 64 // As many as a script presses at once.

/** What the call tells its phone. */
export type CallNews =
  | { readonly kind: 'event'; readonly event: CallHappening }
  /** The call is over; this is the last event of it. */
  | { readonly kind: 'over'; readonly event: CallHappening }
  /** The server asks by NOTIFY. */
  | { readonly kind: 'answer' | 'hold' | 'resume' }
  /** Our hold has ended or failed to begin: the call may be talked in. */
  | { readonly kind: 'open' }
  | { readonly kind: 'summary'; readonly summary: Extract<OwnEvent, { kind: 'messageWaiting' }> }
  /** The peer sends us elsewhere; the REFER is answered already. */
  | { readonly kind: 'referred'; readonly target: ReferTarget; readonly referredBy: string | undefined }
  /** Our transfer has succeeded; `replaced` is the call whose place the peer has taken. */
  | { readonly kind: 'transferred'; readonly replaced: PhoneCall | undefined }

/** What a call is made with. */
export interface PhoneCallOptions {
  /** 1 for the first call of the phone. */
  readonly number: number
  readonly direction: 'incoming' | 'outgoing'
  readonly id: SipCallId
  readonly remote: RemoteIdentity
  /** Our media address. */
  readonly host: string
  readonly codecs: readonly string[]
  readonly ptimeMs: number
  readonly source: SoundSource
  readonly random: () => number
  readonly cname: string
  readonly recordTo?: string
  readonly onHeard?: (samples: Int16Array, call: number) => void
  /** The caller's INVITE. */
  readonly invite?: SipRequest
  /** The caller's offer; absent when it leaves that to us. */
  readonly offer?: SessionDescription
  readonly honourTalk: boolean
  readonly honourRefer: boolean
  feed(input: (at: Instant, endpoint: Endpoint) => readonly EndpointOutput[]): void
  tell(news: CallNews): void
}

/** A call from its first ring to its end. */
export class PhoneCall {
  readonly #options: PhoneCallOptions
  readonly #descriptions: Descriptions
  readonly #recorder: WavRecorder | undefined
  readonly #voice: Voice
  readonly #stopped = new AbortController()
  /** Who waits for the answer to a request of ours inside the call. */
  readonly #waiting = new Map<number, (response: SipResponse) => void>()
  readonly #infoKeys: string[] = []
  #speak: Step<VoiceEvent> | undefined
  #sockets: RtpSockets | undefined
  #timer: NodeJS.Timeout | undefined
  #format: Negotiated | undefined
  #remote: RemoteIdentity
  #focused = false
  #muted = false
  #heldByUs = false
  #heldByPeer = false
  #early = false
  /** What our open re-INVITE is for. */
  #changing: 'hold' | 'resume' | undefined
  /** The call whose place the peer shall take. */
  #replaced: PhoneCall | undefined
  #transfer: 'none' | 'asked' | 'accepted' = 'none'
  /** The endpoint's name of the call; below 0 until there is one. */
  id: SipCallId
  state: 'dialling' | 'incoming' | 'answering' | 'established' | 'over'

  constructor(options: PhoneCallOptions) {
    this.#options = options
    this.id = options.id
    this.state = options.direction === 'outgoing' ? 'dialling' : 'incoming'
    this.#remote = options.remote
    const { host, codecs, ptimeMs } = options
    this.#descriptions = new Descriptions({ host, codecs, ptimeMs, sessionId: String(options.random()) })
    const recorder = options.recordTo === undefined ? undefined : new WavRecorder(options.recordTo)
    this.#recorder = recorder
    this.#voice = new Voice({
      random: options.random,
      wallOffsetMs: wallOffsetMs(),
      cname: options.cname,
      source: options.source,
      sink: {
        sendRtp: (packet, length, to, port) => this.#sockets?.sendRtp(packet, length, to, port),
        sendRtcp: (packet, length, to, port) => this.#sockets?.sendRtcp(packet, length, to, port),
        heard: (samples) => {
          recorder?.add(samples, samples.length)
          options.onHeard?.(samples, options.number)
        },
      },
    })
    this.#attend()
  }

  /** Takes the sockets, which are closed with the call. */
  open(sockets: RtpSockets): void {
    if (this.state === 'over') {
      sockets.close()
      return
    }
    this.#sockets = sockets
    this.#descriptions.rtpPort = sockets.port
    this.#speak = drive(this.#voice, now, (event) => queueMicrotask(() => this.#onVoice(event)), {
      signal: this.#stopped.signal,
    })
    sockets.listen({
      rtp: (packet, length, host, port) =>
        this.#speak?.((at) => this.#voice.receiveRtp(at, packet, length, host, port)),
      rtcp: (packet, length) => this.#speak?.((at) => this.#voice.receiveRtcp(at, packet, length)),
    })
  }

  get number(): number {
    return this.#options.number
  }

  get direction(): 'incoming' | 'outgoing' {
    return this.#options.direction
  }

  /** The caller's INVITE; undefined in a call of ours. */
  get invite(): SipRequest | undefined {
    return this.#options.invite
  }

  get remote(): RemoteIdentity {
    return this.#remote
  }

  get muted(): boolean {
    return this.#muted
  }

  get heldByUs(): boolean {
    return this.#heldByUs
  }

  get heldByPeer(): boolean {
    return this.#heldByPeer
  }

  /** The hold or its end that is under way. */
  get changing(): 'hold' | 'resume' | undefined {
    return this.#changing
  }

  get transferring(): boolean {
    return this.#transfer !== 'none'
  }

  /** Whether this is the call that is talked in. */
  get focused(): boolean {
    return this.#focused
  }

  /** Turns to this call, or away from it. */
  focus(focused: boolean): void {
    this.#focused = focused
    this.#attend()
  }

  /** The first offer of a call of ours. */
  firstOffer(): SessionDescription {
    return this.#descriptions.offer('sendrecv')
  }

  /** The description for early media; undefined when there is no codec in common, or no offer to answer. */
  playEarly(): SessionDescription | undefined {
    const { offer } = this.#options
    return offer === undefined ? undefined : this.#answerTo(offer)
  }

  /** The description to answer an incoming call with; undefined when there is no codec in common. */
  pickUp(): SessionDescription | undefined {
    clearTimeout(this.#timer)
    const { offer } = this.#options
    const description = offer === undefined ? this.#descriptions.offer('sendrecv') : this.#answerTo(offer)
    if (description !== undefined) this.state = 'answering'
    return description
  }

  /** The offer of a hold or its end; undefined when it is so already or a change is under way. */
  reoffer(what: 'hold' | 'resume'): SessionDescription | undefined {
    if (this.#changing !== undefined || this.#heldByUs === (what === 'hold')) return undefined
    this.#changing = what
    this.#attend()
    return this.#descriptions.offer(what === 'hold' ? 'sendonly' : 'sendrecv')
  }

  /** Switches the microphone off or on. */
  mute(muted: boolean): void {
    if (this.#muted === muted) return
    this.#muted = muted
    this.#attend()
    this.#tell({ kind: 'muted', muted })
  }

  press(digits: string): boolean {
    let pressed = false
    this.#speak?.(() => {
      pressed = this.#voice.press(digits)
      return []
    })
    return pressed
  }

  /** Presses keys by INFO, one after the other, each once the one before was taken; false when too many wait. */
  pressByInfo(digits: string): boolean {
    if (this.#infoKeys.length + digits.length > KEYS_WAITING_MAX) return false
    const idle = this.#infoKeys.length === 0
    this.#infoKeys.push(...digits)
    if (idle) this.#sendInfo()
    return true
  }

  get pressing(): boolean {
    return this.#voice.pressing || this.#infoKeys.length > 0
  }

  play(source: SoundSource): void {
    this.#voice.play(source)
  }

  /** Asks the peer to call somebody else (RFC 3515); what becomes of it is told as events. */
  refer(fields: readonly [string, string][], replaced: PhoneCall | undefined): void {
    this.#transfer = 'asked'
    this.#replaced = replaced
    this.request({ method: 'REFER', headers: fields }, (response) => {
      if (this.#transfer !== 'asked') return // A NOTIFY was faster than the answer (RFC 3515 §2.4.4).
      if (response.status >= 300) this.#transferFailed(response.status, response.reason)
      else {
        this.#transfer = 'accepted'
        this.#tell({ kind: 'transferring', status: response.status })
      }
    })
  }

  /** Sends a request inside the call; `answered` gets its final answer while the call lasts. */
  request(
    request: { method: string; headers: Iterable<readonly [string, string]>; body?: Uint8Array },
    answered: (response: SipResponse) => void = () => {},
  ): void {
    this.#options.feed((at, endpoint) => {
      const started = endpoint.requestInCall(at, this.id, request)
      this.#waiting.set(started.id, answered)
      return started.outputs
    })
  }

  get statistics(): VoiceStatistics {
    return this.#voice.statistics
  }

  /** Does something later, unless the call is over or answered by then. */
  later(delayMs: number, run: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (this.state === 'incoming') run()
    }, delayMs)
  }

  /** Frees everything. The endpoint is told by the phone. Safe to repeat. */
  end(at: Instant): void {
    if (this.state === 'over') return
    this.state = 'over'
    clearTimeout(this.#timer)
    this.#voice.end(at)
    this.#stopped.abort()
    this.#sockets?.close()
    this.#recorder?.close()
  }

  /** Takes what the endpoint says of this call. */
  take(output: CallOutput): void {
    switch (output.kind) {
      case 'invited':
        return // The phone has made this call of it.
      case 'progressed':
        this.#progress(output.status, output.answer, output.response.headers)
        return
      case 'accepted':
        this.#accepted(output.answer, output.response.headers)
        return
      case 'rejected': {
        const { status, response } = output
        this.#over({ kind: 'failed', status, reason: response?.reason ?? 'no answer arrived' })
        return
      }
      case 'cancelled':
        this.#ended('cancelled', output.reason)
        return
      case 'acknowledged':
        if (output.answer !== undefined) {
          this.#takeAnswer(output.answer)
          this.#descriptions.settle('accepted')
        }
        if (this.state === 'answering') this.#establish()
        return
      case 'offered':
        this.#takeOffer(output.offer)
        return
      case 'answered':
        this.#takeAnswer(output.answer)
        this.#changed(true, 200)
        return
      case 'offerFailed':
        this.#changed(false, output.status)
        return
      case 'callRequest':
        this.#takeRequest(output.transaction, output.request)
        return
      case 'callResponse': {
        if (output.response.status < 200) return
        const answered = this.#waiting.get(output.transaction)
        this.#waiting.delete(output.transaction)
        answered?.(output.response)
        return
      }
      case 'ended':
        this.#ended(output.why === 'bye' ? 'peer' : 'lost', output.request?.headers.get('Reason'))
    }
  }

  /** Takes what the server asserts of the peer, and tells when that is somebody else. */
  learn(headers: Headers): void {
    const remote = assertedIn(headers)
    if (remote === undefined || (remote.uri === this.#remote.uri && remote.name === this.#remote.name)) return
    this.#remote = remote
    this.#tell({ kind: 'identity', remote: remote.uri, name: remote.name })
  }

  #progress(status: number, answer: SessionDescription | undefined, headers: Headers): void {
    if (answer !== undefined) this.#takeAnswer(answer)
    if (status >= 180) this.#tell({ kind: 'ringing', status })
    this.learn(headers)
    if (answer === undefined || this.#early || this.#format === undefined) return
    this.#early = true
    this.#tell({ kind: 'early', codec: this.#format.codec })
  }

  #accepted(answer: SessionDescription | undefined, headers: Headers): void {
    if (answer !== undefined) this.#takeAnswer(answer)
    this.#descriptions.settle('accepted')
    this.learn(headers)
    if (this.#format !== undefined) {
      this.#establish()
      return
    }
    this.#options.feed((at, endpoint) => endpoint.end(at, this.id))
    this.#over({ kind: 'failed', status: 488, reason: 'the answer has no codec of ours' })
  }

  #establish(): void {
    if (this.state === 'established') return
    this.state = 'established'
    this.#tell({ kind: 'established', direction: this.direction, codec: this.#format?.codec ?? '' })
  }

  /** The peer's answer to our offer. One to our hold says nothing of the peer's own wish. */
  #takeAnswer(answer: SessionDescription): void {
    const agreed = this.#descriptions.agree(answer)
    if (agreed === undefined) return
    this.#configure(agreed)
    const holding = this.#changing === 'hold' || (this.#heldByUs && this.#changing === undefined)
    if (!holding) this.#noteHold(agreed)
  }

  /** A re-INVITE or UPDATE of the peer. */
  #takeOffer(offer: SessionDescription | undefined): void {
    const description =
      offer === undefined
        ? this.#descriptions.offer(this.#heldByUs ? 'sendonly' : 'sendrecv')
        : this.#answerTo(offer)
    this.#options.feed((at, endpoint) =>
      description === undefined
        ? endpoint.rejectOffer(at, this.id, 488)
        : endpoint.answerOffer(at, this.id, description),
    )
  }

  #answerTo(offer: SessionDescription): SessionDescription | undefined {
    const answer = this.#descriptions.answer(offer, this.#heldByUs ? 'sendonly' : 'sendrecv')
    if (answer === undefined) return undefined
    this.#configure(answer.agreed)
    this.#noteHold(answer.agreed)
    return answer.description
  }

  #configure(format: Negotiated): void {
    this.#format = format
    this.#speak?.((at) => {
      this.#voice.configure(at, format)
      return []
    })
  }

  /** We may not send: the peer holds us, whatever we do ourselves. */
  #noteHold(format: Negotiated): void {
    const held = !format.send || isUnspecified(format.remote.host)
    if (held === this.#heldByPeer) return
    this.#heldByPeer = held
    if (this.state === 'established') this.#tell({ kind: held ? 'held' : 'resumed', by: 'peer' })
  }

  #changed(done: boolean, status: number): void {
    const what = this.#changing
    this.#descriptions.settle(done ? 'accepted' : 'refused')
    this.#changing = undefined
    if (what === undefined) return
    if (done) this.#heldByUs = what === 'hold'
    this.#attend()
    if (!done) this.#tell({ kind: 'refused', what, status })
    else this.#tell({ kind: what === 'hold' ? 'held' : 'resumed', by: 'us' })
    if (!this.#heldByUs) this.#options.tell({ kind: 'open' })
  }

  #takeRequest(transaction: number, request: SipRequest): void {
    const { honourTalk: talk, honourRefer: refer } = this.#options
    const asked = readInCall(request, { talk, refer })
    const answer = (status: number, headers: [string, string][] = []): void =>
      this.#options.feed((at, endpoint) => endpoint.respond(at, transaction, status, { headers }))
    switch (asked.kind) {
      case 'refused':
        answer(asked.status, asked.status === 489 && talk ? [['Allow-Events', 'talk, hold']] : [])
        return
      case 'text':
        answer(200)
        return
      case 'key':
        answer(200)
        this.#tell({ kind: 'digit', digit: asked.key, by: 'info' })
        return
      case 'summary':
        answer(200)
        this.#options.tell(asked)
        return
      case 'asked':
        answer(200)
        this.#tell(asked)
        if (asked.what === 'hold') this.#options.tell({ kind: 'hold' })
        else this.#options.tell({ kind: this.state === 'incoming' ? 'answer' : 'resume' })
        return
      case 'refer':
        answer(202)
        this.#options.tell({
          kind: 'referred',
          target: asked.target,
          referredBy: request.headers.get('Referred-By'),
        })
        return
      case 'referNews':
        answer(this.#transfer === 'none' ? 481 : 200)
        if (this.#transfer !== 'none') this.#takeReferNews(asked)
    }
  }

  #takeReferNews({ status, final }: { readonly status: number; readonly final: boolean }): void {
    this.#transfer = 'accepted'
    if (!final) this.#tell({ kind: 'transferring', status })
    else if (status >= 300 || status < 200) this.#transferFailed(status, 'the new call failed')
    else {
      this.#transfer = 'none'
      this.#tell({ kind: 'transferred', status })
      this.#options.tell({ kind: 'transferred', replaced: this.#replaced })
    }
  }

  #transferFailed(status: number, reason: string): void {
    this.#transfer = 'none'
    this.#tell({ kind: 'transferFailed', status, reason })
  }

  /** Sends the next key by INFO; a refused one takes those behind it along. */
  #sendInfo(): void {
    const key = this.#infoKeys[0]
    if (key === undefined) {
      this.#tell({ kind: 'pressed' })
      return
    }
    this.request({ method: 'INFO', ...infoFor(key) }, (response) => {
      if (response.status < 300) this.#infoKeys.shift()
      else {
        this.#infoKeys.length = 0
        this.#tell({ kind: 'refused', what: 'digits', status: response.status })
        return
      }
      this.#sendInfo()
    })
  }

  #attend(): void {
    const away = !this.#focused || this.#heldByUs || this.#changing === 'hold'
    const attention = away ? 'away' : this.#muted ? 'muted' : 'talking'
    if (this.#speak === undefined) this.#voice.attend(now(), attention)
    else
      this.#speak((at) => {
        this.#voice.attend(at, attention)
        return []
      })
  }

  #onVoice(event: VoiceEvent): void {
    if (this.state === 'over') return
    this.#tell(event.kind === 'digit' ? { ...event, by: 'rtp' } : event)
  }

  #ended(why: 'peer' | 'cancelled' | 'lost', reason: string | undefined): void {
    this.#over({ kind: 'ended', why, reason: reason ?? '', statistics: this.statistics })
  }

  #tell(event: CallHappening): void {
    this.#options.tell({ kind: 'event', event })
  }

  #over(event: CallHappening): void {
    this.#options.tell({ kind: 'over', event })
  }
}
