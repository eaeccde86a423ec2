/**
 * One call, as programs hold it: each command comes back once the phone's own part in it is done on the wire, and fails
 * with `PhoneError` when it cannot be carried out or the peer refuses. The same changes are told as events of the phone.
 */
import type { SipRequest } from '@tandem/sip'
import type { PhoneEvent, PhoneEventKind } from '../events/event.ts'
import { callOf } from '../events/event.ts'
import type { EventLog, WaitOptions } from '../events/event-log.ts'
import { PhoneError } from '../phone-error.ts'
import { openSource, type VoiceSource } from '../voice/source.ts'
import type { VoiceStatistics } from '../voice/voice.ts'
import type { Commands } from './commands.ts'
import type { PhoneCall } from './phone-call.ts'
import type { RemoteIdentity } from './remote-identity.ts'

const DONE_MS_MAX = 40_000 // A request that nobody answers (32 s, Timer B or F), and time to hear of it.
const TRANSFER_MS_MAX = 200_000 // The new call may ring as long as any.
const KEYS_MS_MAX = 60_000 // 64 keys of a fifth of a second each, and time to spare.

/** A call of a phone. It stays readable after its end. */
export class Call {
  readonly #call: PhoneCall
  readonly #commands: Commands
  readonly #log: EventLog

  /** Made by the phone. */
  constructor(parts: { readonly call: PhoneCall; readonly commands: Commands; readonly log: EventLog }) {
    this.#call = parts.call
    this.#commands = parts.commands
    this.#log = parts.log
  }

  /** 1 for the first call of the phone: what `call` holds in its events, and `#1` means in scripts. */
  get number(): number {
    return this.#call.number
  }

  get direction(): 'incoming' | 'outgoing' {
    return this.#call.direction
  }

  /** `answering` lasts until the caller's ACK. */
  get state(): PhoneCall['state'] {
    return this.#call.state
  }

  /** Whether this is the call that the phone talks in. */
  get talking(): boolean {
    return this.#call.focused && this.#call.state === 'established'
  }

  /** Whether we hold the peer. */
  get held(): boolean {
    return this.#call.heldByUs
  }

  get heldByPeer(): boolean {
    return this.#call.heldByPeer
  }

  get muted(): boolean {
    return this.#call.muted
  }

  /** Whom the phone shows as the peer. */
  get remote(): RemoteIdentity {
    return this.#call.remote
  }

  /** The INVITE that came; undefined in a call of ours. */
  get invite(): SipRequest | undefined {
    return this.#call.invite
  }

  get statistics(): VoiceStatistics {
    return this.#call.statistics
  }

  /** Picks up; comes back with the caller's ACK. The call that was talked in goes on hold. */
  async answer(): Promise<void> {
    await this.#do(() => this.#commands.answer(this.#call), 'established')
  }

  /** Turns the caller away. */
  async decline(status = 603): Promise<void> {
    this.#commands.reject(this.#call, status)
  }

  /** Sends the caller elsewhere by a 302. */
  async redirect(destination: string): Promise<void> {
    this.#commands.redirect(this.#call, destination)
  }

  /** Speaks to the caller before the answer, by a 183 with a description. */
  async playEarly(): Promise<void> {
    this.#commands.playEarly(this.#call)
  }

  /** Ends the call, whatever state it is in. */
  async hangup(): Promise<void> {
    this.#commands.hangup(this.#call)
  }

  /** Puts the peer on hold; comes back when it has agreed. A resume under way is waited for. */
  async hold(): Promise<void> {
    if (this.#call.changing !== undefined) await this.#settled()
    if (this.held) return
    await this.#do(
      () => this.#commands.hold(this.#call),
      'held',
      (event) => byUs(event),
    )
  }

  /** Ends our hold and talks in this call; another that was talked in goes on hold. */
  async resume(): Promise<void> {
    if (this.#call.changing !== undefined) await this.#settled()
    if (!this.held) this.#commands.resume(this.#call)
    else
      await this.#do(
        () => this.#commands.resume(this.#call),
        'resumed',
        (event) => byUs(event),
      )
  }

  /** Switches our microphone off, for this call. */
  mute(): void {
    this.#commands.mute(this.#call, true)
  }

  /** Switches it on again. */
  unmute(): void {
    this.#commands.mute(this.#call, false)
  }

  /** Presses keys, by RFC 4733 in the audio or by INFO; comes back when the last one has left (or was taken). */
  async sendDigits(digits: string, options: { readonly by?: 'rtp' | 'info' } = {}): Promise<void> {
    const press = (): void =>
      options.by === 'info'
        ? this.#commands.pressByInfo(this.#call, digits)
        : this.#commands.press(this.#call, digits)
    await this.#do(press, 'pressed', () => true, { timeoutMs: KEYS_MS_MAX, stopAt: ['held'] })
  }

  /**
   * Hands the peer over to a destination by REFER: to a number, `user@domain` or a SIP URI (blind), or to the peer of
   * another call (attended). Comes back when the new call was answered and this one is hung up.
   */
  async transfer(to: string | Call): Promise<void> {
    const refer = (): void =>
      typeof to === 'string'
        ? this.#commands.transfer(this.#call, to)
        : this.#commands.transferTo(this.#call, to.#call)
    await this.#do(refer, 'transferred', () => true, {
      timeoutMs: TRANSFER_MS_MAX,
      stopAt: ['transferFailed'],
    })
  }

  /** Says something else in this call. */
  play(source: VoiceSource): void {
    this.#call.play(openSource(source))
  }

  /** Comes back with the first event of that kind in this call, as `Phone.waitFor`. */
  waitFor<Kind extends PhoneEventKind>(
    kinds: Kind | readonly Kind[],
    options: Omit<WaitOptions, 'call'> = {},
  ): Promise<{ readonly event: Extract<PhoneEvent, { kind: Kind }>; readonly cursor: number }> {
    return this.#log.waitFor(kinds, { ...options, call: this.number })
  }

  /** Comes back when the call is over, at once when it is. */
  async over(timeoutMs?: number): Promise<void> {
    if (this.state === 'over') return
    await this.waitFor(['ended', 'failed'], timeoutMs === undefined ? {} : { timeoutMs })
  }

  /** Carries out a command, and waits for the event of this call that says it is done. */
  async #do<Kind extends PhoneEventKind>(
    command: () => void,
    done: Kind,
    isDone: (event: PhoneEvent) => boolean = () => true,
    options: { readonly timeoutMs?: number; readonly stopAt?: readonly PhoneEventKind[] } = {},
  ): Promise<void> {
    const { timeoutMs = DONE_MS_MAX, stopAt = [] } = options
    const stops: readonly string[] = ['ended', 'failed', 'refused', ...stopAt]
    let since = this.#log.end
    command()
    for (;;) {
      const { event, cursor } = await this.waitFor(done, {
        since,
        timeoutMs,
        stopAt: (each) => callOf(each) === this.number && stops.includes(each.kind) && each.kind !== done,
      })
      if (isDone(event)) return
      since = cursor
    }
  }

  /** Waits until no hold or resume is under way. */
  async #settled(): Promise<void> {
    while (this.#call.changing !== undefined && this.state !== 'over')
      await this.waitFor(['held', 'resumed', 'refused', 'ended', 'failed'], { timeoutMs: DONE_MS_MAX })
    if (this.state === 'over') throw new PhoneError('there is no call')
  }
}

function byUs(event: PhoneEvent): boolean {
  return (event.kind === 'held' || event.kind === 'resumed') && event.by === 'us'
}
