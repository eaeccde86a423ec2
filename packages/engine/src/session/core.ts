/**
 * What the parts of the engine share: its tables, and the few primitive acts that everything is made of.
 *
 * The features are functions that take a `Core`. While one input is carried out, what it caused is gathered in order;
 * `turn` hands all of it out, so nothing waits inside between two inputs. What the SIP endpoint says in the course of
 * a turn is heard after the act that made it speak is done: no feature is ever entered from within another.
 */
import { assert, type Instant, type WallTime } from '@tandem/base'
import type { MediaCommand, MediaLegId, RecordingId } from '@tandem/media'
import type { EndpointOutput, SipCallId, SipEndpoint } from '@tandem/sip'
import type { CallResult, CallView } from '../commands.ts'
import type { Mailbox } from '../directory.ts'
import type { EngineLimits, EngineOptions, EngineOutput } from '../engine-api.ts'
import type { CallEventType, HistoryEntry } from '../events.ts'
import { MessageWaiting } from '../feature/message-waiting.ts'
import type { CallHalf } from '../half/half.ts'
import { remotePartyOf, stateOf, viewOf } from '../half/view.ts'
import type { Leg } from '../leg/leg.ts'
import { Attempts } from '../registrar/attempts.ts'
import { Login } from '../registrar/login.ts'
import { Registrar } from '../registrar/registrar.ts'
import { DirectoryIndex, type Realm } from '../route/directory-index.ts'
import type { Recording } from '../tap/recording.ts'
import { TraceBuffer } from '../trace/trace-buffer.ts'
import { Ids } from './ids.ts'
import { Session } from './session.ts'
import { type Timer, Timers } from './timers.ts'

/** What the endpoint says to its user: everything but what is to be transmitted. */
export type Heard = Exclude<EndpointOutput, { readonly kind: 'transmit' }>

/** Most things the endpoint may say in answer to one input; a bound on our own mistakes, far above what calls cause. */
const HEARD_MAX = 100_000

/** The shared state of one engine. */
export class Core {
  readonly options: EngineOptions
  readonly endpoint: SipEndpoint
  readonly ids: Ids
  readonly sessions: Map<string, Session> = new Map<string, Session>()
  readonly halves: Map<string, CallHalf> = new Map<string, CallHalf>()
  readonly legs: Map<MediaLegId, Leg> = new Map<MediaLegId, Leg>()
  readonly calls: Map<SipCallId, Leg> = new Map<SipCallId, Leg>()
  readonly recordings: Map<RecordingId, Recording> = new Map<RecordingId, Recording>()
  readonly timers: Timers = new Timers()
  readonly registrar: Registrar
  readonly login: Login
  readonly messageWaiting: MessageWaiting = new MessageWaiting()
  /** The last SIP messages, for operators. */
  readonly trace: TraceBuffer
  /** Guesses at the PINs of mailboxes. */
  readonly pinAttempts: Attempts = new Attempts()
  readonly #halvesOf = new Map<string, Set<CallHalf>>()
  readonly #mailboxes = new Map<string, Mailbox>()
  directory: DirectoryIndex
  draining = false
  /** How many announcements of recordings there were: names of their ends. */
  notices = 0
  now: Instant = 0
  readonly #perhapsChanged = new Set<CallHalf>()
  #outputs: EngineOutput[] = []
  #heard: Heard[] = []

  constructor(options: EngineOptions, endpoint: SipEndpoint) {
    this.options = options
    this.endpoint = endpoint
    this.directory = new DirectoryIndex(options.directory)
    this.registrar = new Registrar(options.bindings, options.wallOffsetMs)
    this.login = new Login(options.crypto)
    this.trace = new TraceBuffer(options.limits.traceMessagesMax)
    for (const mailbox of options.mailboxes ?? []) this.setMailbox(mailbox)
    this.ids = new Ids({
      node: options.node,
      boot: options.boot,
      randomBytes: (length) => options.crypto.randomBytes(length),
    })
  }

  get limits(): EngineLimits {
    return this.options.limits
  }

  /** The present, as people count it. */
  get wallNow(): WallTime {
    return Math.round(this.now + this.options.wallOffsetMs)
  }

  /** Carries out one input, then everything the endpoint said because of it. */
  turn(now: Instant, input: () => void, hear: (heard: Heard) => void): EngineOutput[] {
    this.now = now
    input()
    for (let count = 0; ; count++) {
      const heard = this.#heard.shift()
      if (heard === undefined) break
      assert(count < HEARD_MAX, 'the endpoint and the engine talk without end')
      hear(heard)
    }
    this.#tellMissed()
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }

  /** Says that the view of these may have changed by what others did: who is not told of it in this turn is told at its end. */
  mayHaveChanged(halves: readonly CallHalf[]): void {
    for (const half of halves) this.#perhapsChanged.add(half)
  }

  /** Takes what the endpoint caused: messages go out in their place, the rest is heard when the present act is done. */
  sip(outputs: readonly EndpointOutput[]): void {
    for (const output of outputs) {
      if (output.kind === 'transmit') {
        this.trace.note(this.wallNow, 'out', output.message)
        this.#outputs.push(output)
      } else this.#heard.push(output)
    }
  }

  /** Says which leg a call of the endpoint is. */
  carry(call: SipCallId, leg: Leg): void {
    leg.sip = call
    this.calls.set(call, leg)
    const callId = this.endpoint.describe(call)?.callId
    const { id: sessionId, orgId } = leg.session
    if (callId !== undefined) this.trace.bind(callId, { leg: leg.id, sessionId, orgId })
  }

  media(command: MediaCommand): void {
    this.#outputs.push({ kind: 'media', command })
  }

  emit(output: EngineOutput): void {
    this.#outputs.push(output)
  }

  reply(id: number, result: CallResult): void {
    this.#outputs.push({ kind: 'reply', id, result })
  }

  notice(notice: string, fields?: Readonly<Record<string, string | number>>): void {
    this.#outputs.push({ kind: 'notice', notice, ...(fields === undefined ? {} : { fields }) })
  }

  /** Tells the line of `half` what changed in its call. */
  publish(
    half: CallHalf,
    event: 'created' | 'updated' | 'deleted',
    eventType: CallEventType,
    history?: HistoryEntry,
  ): void {
    const call = viewOf(half)
    half.shown = call
    this.#outputs.push({
      kind: 'event',
      event: {
        kind: 'call',
        event,
        eventType,
        at: this.wallNow,
        orgId: half.session.orgId,
        lineId: half.line.id,
        call,
        ...(history === undefined ? {} : { history }),
      },
    })
  }

  /** What a line sees of the other side, a hold above all, changes with whoever comes and goes there. */
  #tellMissed(): void {
    if (this.#perhapsChanged.size === 0) return
    for (const half of this.#perhapsChanged) {
      const { shown } = half
      if (shown === undefined || half.phase === 'disconnected' || !hasChanged(half, shown)) continue
      const state = stateOf(half)
      const isResumed = shown.state === 'remoteHeld' && state === 'connected'
      const isHeld = shown.state !== state && state === 'remoteHeld'
      this.publish(half, 'updated', isHeld ? 'remoteHeld' : isResumed ? 'remoteResumed' : 'updated')
    }
    this.#perhapsChanged.clear()
  }

  arm(timer: Timer, delayMs: number): void {
    this.timers.arm(timer, this.now, delayMs)
  }

  disarm(timer: Timer): void {
    this.timers.disarm(timer)
  }

  /** A session with nobody in it yet. */
  newSession(orgId: string): Session {
    const session = new Session({ id: this.ids.uuid(), orgId, startedAt: this.wallNow })
    this.sessions.set(session.id, session)
    return session
  }

  /** Puts a half on its line's list, with the lowest appearance that is free there. */
  addHalf(half: CallHalf): void {
    half.session.halves.push(half)
    half.session.past.push(half)
    this.halves.set(half.id, half)
    const key = lineKey(half.session.orgId, half.line.id)
    const others = this.#halvesOf.get(key) ?? new Set<CallHalf>()
    this.#halvesOf.set(key, others)
    let appearance = 1
    const taken = new Set([...others].map((other) => other.appearance))
    while (taken.has(appearance)) appearance += 1
    half.appearance = appearance
    others.add(half)
  }

  /** Takes a half off its line's list. */
  removeHalf(half: CallHalf): void {
    this.halves.delete(half.id)
    const key = lineKey(half.session.orgId, half.line.id)
    const others = this.#halvesOf.get(key)
    others?.delete(half)
    if (others?.size === 0) this.#halvesOf.delete(key)
  }

  /** The calls of one line, oldest first. */
  halvesOf(line: { readonly orgId: string; readonly id: string }): readonly CallHalf[] {
    return [...(this.#halvesOf.get(lineKey(line.orgId, line.id)) ?? [])]
  }

  /** What lies in the mailbox of a line; undefined when nothing ever did. */
  mailboxOf(line: { readonly orgId: string; readonly id: string }): Mailbox | undefined {
    return this.#mailboxes.get(lineKey(line.orgId, line.id))
  }

  setMailbox(mailbox: Mailbox): void {
    this.#mailboxes.set(lineKey(mailbox.orgId, mailbox.lineId), mailbox)
  }

  /** The host of an organisation's SIP addresses; its id when the directory has lost it in the meantime. */
  domainOf(orgId: string): string {
    return this.directory.organization(orgId)?.domain ?? orgId
  }

  realmOf(orgId: string): Realm | undefined {
    return this.directory.organization(orgId)
  }
}

/** Whether a line sees the call otherwise than it was told, in what others can change. */
function hasChanged(half: CallHalf, shown: CallView): boolean {
  if (shown.state !== stateOf(half) || shown.callSessionId !== half.session.id) return true
  const [was, is] = [shown.remoteParty, remotePartyOf(half)]
  return (
    was.name !== is.name ||
    was.number !== is.number ||
    was.personId !== is.personId ||
    was.placeId !== is.placeId ||
    was.privacyEnabled !== is.privacyEnabled ||
    was.callType !== is.callType
  )
}

function lineKey(orgId: string, lineId: string): string {
  return `${orgId} ${lineId}`
}
