/**
 * One call of a phone: descriptions, holds and the voice behind them. It takes the endpoint's outputs for its call
 * and tells the phone what became of it; commands to the endpoint go through `feed`.
 */
import type { Instant } from '@tandem/base'
import { drive, now, type Step, wallOffsetMs } from '@tandem/io'
import type { SoundSource } from '@tandem/media'
import {
  type AudioAbilities,
  answerFor,
  type CallOutput,
  type Direction,
  decodeUtf8,
  type Endpoint,
  type EndpointOutput,
  makeOffer,
  type Negotiated,
  negotiated,
  type SessionDescription,
  type SipCallId,
  type SipRequest,
  withVersion,
} from '@tandem/sip'
import type { PhoneEvent } from '../events/event.ts'
import type { RtpSockets } from '../voice/rtp-sockets.ts'
import { Voice, type VoiceEvent, type VoiceStatistics } from '../voice/voice.ts'
import { WavRecorder } from '../wav/wav-recorder.ts'

/** What the call tells its phone. */
export type CallNews =
  | { readonly kind: 'event'; readonly event: PhoneEvent }
  /** The call is over; this is the last event of it. */
  | { readonly kind: 'over'; readonly event: PhoneEvent }
  /** The server asks by NOTIFY. */
  | { readonly kind: 'answer' | 'hold' | 'resume' }

/** What a call is made with. */
export interface PhoneCallOptions {
  readonly direction: 'incoming' | 'outgoing'
  readonly id: SipCallId
  /** Our media address. */
  readonly host: string
  readonly codecs: readonly string[]
  readonly ptimeMs: number
  readonly source: SoundSource
  readonly random: () => number
  readonly cname: string
  readonly recordTo?: string
  /** The caller's offer; absent when it leaves that to us. */
  readonly offer?: SessionDescription
  readonly honourTalk: boolean
  feed(input: (at: Instant, endpoint: Endpoint) => readonly EndpointOutput[]): void
  tell(news: CallNews): void
}

/** A call from its first ring to its end. */
export class PhoneCall {
  readonly #options: PhoneCallOptions
  readonly #sessionId: string
  readonly #recorder: WavRecorder | undefined
  readonly #voice: Voice
  readonly #stopped = new AbortController()
  #speak: Step<VoiceEvent> | undefined
  #sockets: RtpSockets | undefined
  #timer: NodeJS.Timeout | undefined
  /** Our description in force, or the offer under way. */
  #ours: SessionDescription | undefined
  #format: Negotiated | undefined
  #heldByUs = false
  #heldByPeer = false
  /** What our open re-INVITE is for. */
  #changing: 'hold' | 'resume' | undefined
  /** The endpoint's name of the call; below 0 until there is one. */
  id: SipCallId
  state: 'dialling' | 'incoming' | 'answering' | 'established' | 'over'

  constructor(options: PhoneCallOptions) {
    this.#options = options
    this.id = options.id
    this.state = options.direction === 'outgoing' ? 'dialling' : 'incoming'
    this.#sessionId = String(options.random())
    const recorder = options.recordTo === undefined ? undefined : new WavRecorder(options.recordTo)
    this.#recorder = recorder
    this.#voice = new Voice({
      random: options.random,
      wallOffsetMs: wallOffsetMs(),
      cname: options.cname,
      source: options.source,
      sink: {
        sendRtp: (packet, length, host, port) => this.#sockets?.sendRtp(packet, length, host, port),
        sendRtcp: (packet, length, host, port) => this.#sockets?.sendRtcp(packet, length, host, port),
        heard: (samples) => recorder?.add(samples, samples.length),
      },
    })
  }

  /** Takes the sockets, which are closed with the call. */
  async open(sockets: RtpSockets): Promise<void> {
    if (this.state === 'over') {
      sockets.close()
      return
    }
    this.#sockets = sockets
    this.#speak = drive(this.#voice, now, (event) => queueMicrotask(() => this.#tell(event)), {
      signal: this.#stopped.signal,
    })
    sockets.listen({
      rtp: (packet, length, host, port) =>
        this.#speak?.((at) => this.#voice.receiveRtp(at, packet, length, host, port)),
      rtcp: (packet, length) => this.#speak?.((at) => this.#voice.receiveRtcp(at, packet, length)),
    })
  }

  /** Our offer in that direction: the first one, or one version above the one in force when it differs. */
  makeOffer(direction: Direction): SessionDescription {
    const previous = this.#ours
    const offer = makeOffer({
      ...this.#abilities(direction),
      ...this.#local,
      ...(previous === undefined ? {} : { previous }),
    })
    this.#ours = previous === undefined ? offer : withVersion(previous, offer)
    return this.#ours
  }

  /** The description to answer an incoming call with; undefined when there is no codec in common. */
  pickUp(at: Instant): SessionDescription | undefined {
    clearTimeout(this.#timer)
    const { offer } = this.#options
    const description = offer === undefined ? this.makeOffer('sendrecv') : this.#answerTo(at, offer)
    if (description !== undefined) this.state = 'answering'
    return description
  }

  /** The offer of a hold or its end; undefined when it is so already or a change is under way. */
  reoffer(what: 'hold' | 'resume'): SessionDescription | undefined {
    if (this.#changing !== undefined || this.#heldByUs === (what === 'hold')) return undefined
    this.#changing = what
    return this.makeOffer(what === 'hold' ? 'sendonly' : 'sendrecv')
  }

  press(digits: string): boolean {
    let pressed = false
    this.#speak?.(() => {
      pressed = this.#voice.press(digits)
      return []
    })
    return pressed
  }

  get pressing(): boolean {
    return this.#voice.pressing
  }

  play(source: SoundSource): void {
    this.#voice.play(source)
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
  take(at: Instant, output: CallOutput): void {
    switch (output.kind) {
      case 'invited':
        return // The phone has made this call of it.
      case 'progressed':
        this.#takeAnswer(at, output.answer) // Early media.
        if (output.status >= 180) this.#tell({ kind: 'ringing', status: output.status })
        return
      case 'accepted':
        this.#takeAnswer(at, output.answer)
        if (this.#format === undefined) {
          this.#options.feed((moment, endpoint) => endpoint.end(moment, this.id))
          this.#over({ kind: 'failed', status: 488, reason: 'the answer has no codec of ours' })
        } else this.#establish()
        return
      case 'rejected':
        this.#over({
          kind: 'failed',
          status: output.status,
          reason: output.response?.reason ?? 'no answer arrived',
        })
        return
      case 'cancelled':
        this.#over({ kind: 'ended', why: 'cancelled', statistics: this.statistics })
        return
      case 'acknowledged':
        this.#takeAnswer(at, output.answer)
        if (this.state === 'answering') this.#establish()
        return
      case 'offered':
        this.#takeOffer(at, output.offer)
        return
      case 'answered':
        this.#takeAnswer(at, output.answer)
        this.#changed(true, 200)
        return
      case 'offerFailed':
        this.#changed(false, output.status)
        return
      case 'callRequest':
        this.#takeRequest(output.transaction, output.request)
        return
      case 'callResponse':
        return // We send no requests of our own in a call.
      case 'ended':
        this.#over({
          kind: 'ended',
          why: output.why === 'bye' ? 'peer' : 'lost',
          statistics: this.statistics,
        })
    }
  }

  #establish(): void {
    if (this.state === 'established') return
    this.state = 'established'
    this.#tell({ kind: 'established', direction: this.#options.direction, codec: this.#format?.codec ?? '' })
  }

  /** The peer's answer to `#ours`. */
  #takeAnswer(at: Instant, answer: SessionDescription | undefined): void {
    if (answer === undefined || this.#ours === undefined) return
    const format = negotiated(this.#ours, answer)
    if (format !== undefined) this.#configure(at, format)
  }

  /** A re-INVITE or UPDATE of the peer. */
  #takeOffer(at: Instant, offer: SessionDescription | undefined): void {
    const description =
      offer === undefined
        ? this.makeOffer(this.#heldByUs ? 'sendonly' : 'sendrecv')
        : this.#answerTo(at, offer)
    this.#options.feed((moment, endpoint) =>
      description === undefined
        ? endpoint.rejectOffer(moment, this.id, 488)
        : endpoint.answerOffer(moment, this.id, description),
    )
  }

  #answerTo(at: Instant, offer: SessionDescription): SessionDescription | undefined {
    const result = answerFor(offer, this.#abilities(this.#heldByUs ? 'sendonly' : 'sendrecv'), this.#local)
    if (result.kind === 'refused') return undefined
    this.#ours = this.#ours === undefined ? result.answer : withVersion(this.#ours, result.answer)
    this.#configure(at, result.negotiated)
    return this.#ours
  }

  #configure(_at: Instant, format: Negotiated): void {
    this.#format = format
    this.#speak?.((moment) => {
      this.#voice.configure(moment, format)
      return []
    })
    // We may not send: the peer holds us, whatever we do ourselves.
    const held = !format.send
    if (held === this.#heldByPeer) return
    this.#heldByPeer = held
    if (this.state === 'established') this.#tell({ kind: 'held', by: 'peer', held })
  }

  #changed(done: boolean, status: number): void {
    const what = this.#changing
    this.#changing = undefined
    if (what === undefined) return
    if (done) this.#heldByUs = what === 'hold'
    this.#tell(done ? { kind: 'held', by: 'us', held: this.#heldByUs } : { kind: 'refused', what, status })
  }

  /** NOTIFY talk and hold, INFO with a key, and no other (RFC 6665 §8.2.1: 489 for an unknown event). */
  #takeRequest(transaction: number, request: SipRequest): void {
    const event = request.headers.get('Event')?.split(';', 1)[0]?.trim().toLowerCase()
    const digit = request.method === 'INFO' ? infoDigit(request) : undefined
    const asked =
      this.#options.honourTalk && request.method === 'NOTIFY' && (event === 'talk' || event === 'hold')
    const taken = asked || digit !== undefined || request.method === 'MESSAGE'
    const status = taken ? 200 : request.method === 'NOTIFY' ? 489 : request.method === 'INFO' ? 415 : 603
    const headers: [string, string][] =
      status === 489 && this.#options.honourTalk ? [['Allow-Events', 'talk, hold']] : []
    this.#options.feed((moment, endpoint) => endpoint.respond(moment, transaction, status, { headers }))
    if (digit !== undefined) this.#tell({ kind: 'digit', digit })
    if (!asked) return
    this.#tell({ kind: 'asked', what: event === 'talk' ? 'talk' : 'hold' })
    if (event === 'hold') this.#options.tell({ kind: 'hold' })
    else this.#options.tell({ kind: this.state === 'incoming' ? 'answer' : 'resume' })
  }

  #tell(event: PhoneEvent): void {
    this.#options.tell({ kind: 'event', event })
  }

  #over(event: PhoneEvent): void {
    this.#options.tell({ kind: 'over', event })
  }

  #abilities(direction: Direction): AudioAbilities {
    const { codecs, ptimeMs } = this.#options
    return { codecs, ptimeMs, dtmf: true, comfortNoise: true, direction }
  }

  get #local(): { host: string; rtpPort: number; sessionId: string; version: number } {
    return {
      host: this.#options.host,
      rtpPort: this.#sockets?.port ?? 0,
      sessionId: this.#sessionId,
      version: 1,
    }
  }
}

/** `Signal=5` of `application/dtmf-relay`, or the bare key of `application/dtmf`. */
function infoDigit(request: SipRequest): string | undefined {
  const type = request.headers.get('Content-Type')?.split(';', 1)[0]?.trim().toLowerCase()
  const body = decodeUtf8(request.body) ?? ''
  const match =
    type === 'application/dtmf-relay'
      ? /^Signal\s*=\s*([0-9*#A-D])\s*$/im.exec(body)
      : type === 'application/dtmf'
        ? /^\s*([0-9*#A-D])\s*$/i.exec(body)
        : null
  return match?.[1]?.toUpperCase()
}
