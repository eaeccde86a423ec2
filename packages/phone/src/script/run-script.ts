/**
 * Runs the steps of a script on a phone, one after the other. It fails with `PhoneError` at the first step that cannot be
 * done, a wait in vain among them, and names its place.
 *
 * A step does what a finger does: it does not wait for what comes of it, that is what `wait` is for. Waits see events
 * from where the last wait ended, one for a call from where the last one for that call did, so that nothing is missed
 * which came between two steps.
 */
import type { PhoneCall } from '../call/phone-call.ts'
import { callOf, type PhoneEvent } from '../events/event.ts'
import type { Phone } from '../phone.ts'
import { PhoneError } from '../phone-error.ts'
import { openSource } from '../voice/source.ts'
import type { ExpectedState, ScriptAction, ScriptStep } from './parse-script.ts'

const KEYS_LOOK_MS = 20 // How often it is looked whether the last key has left.

/** Runs a script to its end. `since` is where its first wait begins to look; the end of the log when absent. */
export async function runScript(
  phone: Phone,
  steps: readonly ScriptStep[],
  since: number = phone.log.end,
): Promise<void> {
  const run = new Run(phone, since)
  for (const step of steps)
    try {
      await run.do(step.action, step.call)
    } catch (cause) {
      if (!(cause instanceof PhoneError)) throw cause
      throw new PhoneError(`${cause.message} (line ${step.line}, column ${step.column})`, { cause })
    }
}

/** One run of a script. */
class Run {
  readonly #phone: Phone
  readonly #since: number
  /** Where the next wait begins to look, and the next one for each call: calls do not wait for each other. */
  #cursor: number
  readonly #cursors = new Map<number, number>()

  constructor(phone: Phone, since: number) {
    this.#phone = phone
    this.#since = since
    this.#cursor = since
  }

  /** Does one step, for the call of that number or the one at hand. */
  async do(action: ScriptAction, number: number | undefined): Promise<void> {
    const phone = this.#phone
    const { commands } = phone.line
    switch (action.kind) {
      case 'register':
      case 'unregister':
        await phone[action.kind]()
        return
      case 'dial': {
        const { destination, anonymous, from } = action
        await phone.dial(destination, { anonymous, ...(from === undefined ? {} : { from }) })
        return
      }
      case 'answer':
        commands.answer(this.#ringing(number))
        return
      case 'early':
        commands.playEarly(this.#ringing(number))
        return
      case 'reject':
        commands.reject(this.#ringing(number), action.status)
        return
      case 'redirect':
        commands.redirect(this.#ringing(number), action.destination)
        return
      case 'hangup':
      case 'hold':
        commands[action.kind](this.#call(number))
        return
      case 'resume':
        commands.resume(number === undefined ? this.#heldCall() : this.#call(number))
        return
      case 'mute':
      case 'unmute':
        commands.mute(this.#call(number), action.kind === 'mute')
        return
      case 'digits':
        await this.#press(this.#call(number), action.digits, action.by)
        return
      case 'transfer':
        commands.transfer(this.#call(number), action.destination)
        return
      case 'attended':
        commands.transferTo(this.#call(number), this.#call(action.other))
        return
      case 'switch':
        if (action.what === 'dnd') phone.setDoNotDisturb(action.on)
        else phone.setSilent(action.on)
        return
      case 'play':
        if (number === undefined) phone.play(action.source)
        else this.#call(number).play(openSource(action.source))
        return
      case 'pause':
        await pause(action.ms)
        return
      case 'wait':
        await this.#wait(action, number)
        return
      case 'expect':
        this.#expect(action.what, number)
        return
      case 'expectDigits':
        this.#expectDigits(action.digits, number)
    }
  }

  #call(number: number | undefined): PhoneCall {
    const { calls, current } = this.#phone.line
    const call = number === undefined ? current : calls.find((each) => each.number === number)
    if (call === undefined)
      throw new PhoneError(number === undefined ? 'there is no call' : `there is no call #${number}`)
    return call
  }

  #ringing(number: number | undefined): PhoneCall {
    if (number !== undefined) return this.#call(number)
    const { ringing } = this.#phone.line
    if (ringing === undefined) throw new PhoneError('nobody is calling')
    return ringing
  }

  /** The newest call that we hold, else the one at hand. */
  #heldCall(): PhoneCall {
    const held = this.#phone.line.calls.findLast((call) => call.heldByUs || call.changing === 'hold')
    return held ?? this.#call(undefined)
  }

  async #press(call: PhoneCall, digits: string, by: 'rtp' | 'info'): Promise<void> {
    const { commands } = this.#phone.line
    if (by === 'rtp') commands.press(call, digits)
    else commands.pressByInfo(call, digits)
    while (call.pressing && call.state === 'established') await pause(KEYS_LOOK_MS)
  }

  async #wait(action: Extract<ScriptAction, { kind: 'wait' }>, number: number | undefined): Promise<void> {
    const { events, timeoutMs } = action
    // Without a call's number a wait goes on while the phone has any call in which it may still come.
    const isOurs = (event: PhoneEvent): boolean =>
      number === undefined ? this.#phone.line.calls.length === 0 : callOf(event) === number
    const stopAt = (event: PhoneEvent): boolean =>
      !events.includes(event.kind) && isEnd(event) && (callOf(event) === undefined || isOurs(event))
    const call = number === undefined ? {} : { call: number }
    const since = number === undefined ? this.#cursor : (this.#cursors.get(number) ?? this.#since)
    const { event, cursor } = await this.#phone.waitFor(events, { since, timeoutMs, stopAt, ...call })
    const seen = callOf(event)
    if (seen !== undefined) this.#cursors.set(seen, cursor)
    this.#cursor = Math.max(this.#cursor, cursor)
  }

  #expect(what: ExpectedState, number: number | undefined): void {
    const { calls, current } = this.#phone.line
    const call = number === undefined ? current : calls.find((each) => each.number === number)
    const name = number === undefined ? 'the phone' : `call #${number}`
    if (!isSo(call, what))
      throw new PhoneError(`expected ${name} to be ${what}, but it is ${wordsFor(call, number)}`)
  }

  #expectDigits(want: string, number: number | undefined): void {
    let heard = ''
    for (let cursor = this.#since; ; ) {
      const found = this.#phone.log.find(cursor, (event) => event.kind === 'digit')
      if (found === undefined) break
      if (found.event.kind === 'digit' && (number === undefined || found.event.call === number))
        heard += found.event.digit
      cursor = found.cursor
    }
    if (heard !== want)
      throw new PhoneError(`expected the keys ${want}, but heard ${heard === '' ? 'none' : heard}`)
  }
}

function isSo(call: PhoneCall | undefined, what: ExpectedState): boolean {
  switch (what) {
    case 'idle':
    case 'over':
      return call === undefined
    case 'dialling':
    case 'incoming':
    case 'established':
      return call?.state === what
    case 'talking':
      return call?.state === 'established' && call.focused && !call.heldByUs
    case 'held':
      return call?.heldByUs === true || call?.heldByPeer === true
    case 'muted':
      return call?.muted === true
  }
}

function wordsFor(call: PhoneCall | undefined, number: number | undefined): string {
  if (call === undefined) return number === undefined ? 'idle' : 'over'
  const more = [
    ...(call.heldByUs ? ['held by us'] : []),
    ...(call.heldByPeer ? ['held by the peer'] : []),
    ...(call.muted ? ['muted'] : []),
  ]
  return [call.state, ...more].join(', ')
}

/** After these nothing that a script waits for in a call can still come. */
function isEnd(event: PhoneEvent): boolean {
  return (
    event.kind === 'failed' || event.kind === 'ended' || (event.kind === 'registrationFailed' && event.final)
  )
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
