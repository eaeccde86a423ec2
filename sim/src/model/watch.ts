/**
 * Watches everything that goes in and out of an engine: hands it to the parts of the model, writes the diary, counts what
 * succeeded, and checks the rules when a turn is over and when the world has come to rest.
 */
import { type Instant, NEVER } from '@tandem/base'
import type {
  CallCommand,
  CallView,
  DirectorySnapshot,
  Engine,
  EngineEvent,
  EngineOutput,
  RecordingOpening,
  SessionRecord,
} from '@tandem/engine'
import type { MediaCommand, MediaEvent } from '@tandem/media'
import type { SipMessage } from '@tandem/sip'
import type { Tally } from '../tally.ts'
import type { VirtualMedia } from '../virtual-media.ts'
import { Accounts } from './accounts.ts'
import { briefCommand, briefEvent, briefMessage, briefReply } from './brief.ts'
import { Diary } from './diary.ts'
import { Halves } from './halves.ts'
import { Reach } from './reach.ts'
import { Replies } from './replies.ts'
import { broken } from './rule.ts'

/** What is watched, and where it is counted. */
export interface Watched {
  readonly engine: Engine
  readonly media: VirtualMedia
  readonly tally: Tally
  readonly directory: DirectorySnapshot
}

/** Kinds of calls of which it is counted how many came to be. */
const INTENTS: readonly string[] = ['dial', 'retrieve', 'pickup', 'bargeIn', 'pull']

/** Parties for whom `announceInternal` decides. */
const INTERNAL: readonly string[] = ['location', 'organization']

/** The model as a whole. */
export class Watch {
  readonly halves: Halves = new Halves()
  readonly diary: Diary = new Diary()
  readonly #watched: Watched
  readonly #reach: Reach
  readonly #replies: Replies
  readonly #accounts: Accounts
  readonly #intents = new Map<string, string>()
  /** Recordings that were opened in this turn and are to be announced. */
  readonly #untold = new Set<string>()
  #listId = -1
  #hasChanged = false
  #now: Instant = 0

  constructor(watched: Watched) {
    this.#watched = watched
    const lines = new Map(watched.directory.lines.map((line) => [line.id, line]))
    this.#reach = new Reach(this.halves, watched.media, lines)
    this.#replies = new Replies(this.halves, watched.directory)
    this.#accounts = new Accounts(lines)
  }

  /** A message reaches the engine. */
  received(now: Instant, message: SipMessage, from: string): void {
    const sip = message.headers.get('Call-ID')
    this.diary.write(now, { sip }, () => `${from} > ${briefMessage(message)}`)
  }

  /** The media port says something to the engine. */
  mediaSays(now: Instant, event: MediaEvent): void {
    const leg = 'leg' in event ? event.leg : undefined
    if (event.kind === 'failed') this.halves.refused(event.leg)
    this.diary.write(now, { leg, callId: this.#ownerOf(event) }, () => `media says ${JSON.stringify(event)}`)
  }

  /** Somebody gives a command. */
  asked(now: Instant, id: number, command: CallCommand, until: Instant): void {
    this.#replies.asked(id, command, until)
    const callId = 'callId' in command ? command.callId : undefined
    this.diary.write(now, { callId }, () => `command ${id} ${JSON.stringify(command)}`)
  }

  /** The engine has caused something. */
  saw(now: Instant, output: EngineOutput): void {
    switch (output.kind) {
      case 'transmit':
        this.#sent(now, output.message, output.destination.address.host)
        return
      case 'media':
        this.#commanded(now, output.command)
        return
      case 'reply': {
        const { result } = output
        const session = result.kind === 'placed' ? result.callSessionId : undefined
        const command = this.#replies.replied(output.id, result)
        const callId = 'callId' in command ? command.callId : undefined
        this.diary.write(now, { session, callId }, () => `reply ${output.id} ${briefReply(result)}`)
        if (result.kind === 'placed') this.#intents.set(result.callId, command.kind)
        if (result.kind !== 'refused') this.#watched.tally.add(`api ${command.kind}`)
        return
      }
      case 'event':
        this.#happened(now, output.event)
        return
      case 'storeBindings':
      case 'notice':
        return
    }
  }

  /** One input has been carried out. */
  turnOver(now: Instant): void {
    this.#now = now
    this.#replies.turnOver()
    if (!this.#hasChanged) return
    this.#hasChanged = false
    this.halves.turnOver()
    if (this.#untold.size > 0) this.#untold.clear()
    this.#reach.check()
    this.#watched.tally.most('most calls at once', this.halves.sessions.size)
  }

  checkTime(now: Instant): void {
    this.#now = now
    this.#replies.checkTime(now)
  }

  /** Every line's list is what its events have said. */
  compareLists(): void {
    for (const line of this.#watched.directory.lines) {
      const listed = this.#list(line.orgId, line.id)
      const known = this.halves.ofLine(line.id)
      const about = { callIds: [...listed, ...known.map(({ view }) => view)].map(({ callId }) => callId) }
      if (listed.length !== known.length)
        broken(`${line.id} lists ${listed.length} calls, its events ${known.length}`, about)
      let created = 0
      for (const call of listed) {
        const shown = JSON.stringify(this.halves.of(call.callId)?.view)
        if (JSON.stringify(call) !== shown)
          broken(`${line.id} lists ${JSON.stringify(call)}, its last event said ${shown}`, about)
        if (call.created < created) broken(`${line.id} lists its calls oldest first`, about)
        created = call.created
      }
    }
  }

  /** Everybody has hung up long ago. */
  checkAtRest(): void {
    const { engine, media } = this.#watched
    const { registrations, ...counts } = engine.counts
    if (Object.values(counts).some((count) => count > 0)) broken(`nothing is left: ${JSON.stringify(counts)}`)
    if (engine.deadline !== NEVER && registrations === 0) broken('nothing is waited for')
    if (media.legs.length > 0) broken(`every leg is released: ${media.legs.join()}`, { legs: media.legs })
    if (media.recordings.size > 0) broken(`every recording is closed: ${[...media.recordings.keys()].join()}`)
    for (const half of this.halves.all.values())
      broken(`${half.callId} is deleted at last`, { callIds: [half.callId] })
    for (const line of this.halves.conferences.keys()) broken(`the conference of ${line} is over`)
    this.checkTime(Number.MAX_SAFE_INTEGER)
    this.#accounts.checkAtRest()
    this.#watched.tally.add('pulls', this.halves.pulls)
    this.#watched.tally.add('voicemails', this.#accounts.messages)
  }

  #sent(now: Instant, message: SipMessage, to: string): void {
    const sip = message.headers.get('Call-ID')
    if (sip !== undefined && message.body.length > 0) {
      const port = /m=audio (\d+)/.exec(new TextDecoder().decode(message.body))?.[1]
      const leg = port === undefined ? undefined : this.#watched.media.legAt(Number(port))
      if (leg !== undefined) this.diary.bind(sip, leg)
    }
    this.diary.write(now, { sip }, () => `${to} < ${briefMessage(message)}`)
  }

  #commanded(now: Instant, command: MediaCommand): void {
    const { media, tally } = this.#watched
    const leg = 'leg' in command ? command.leg : command.kind === 'bridge' ? command.a : undefined
    const session = command.kind === 'allocate' ? command.session : undefined
    const callId = 'recording' in command ? this.#accounts.callOf(command.recording) : undefined
    this.diary.write(now, { session, leg, callId }, () => `media ${briefCommand(command)}`)
    if (command.kind !== 'note') this.#hasChanged = true
    this.halves.commanded(command)
    this.#checkTold(command)
    const wrong = media.command(now, command)
    if (wrong !== undefined)
      broken(`${wrong}: ${JSON.stringify(command)}`, {
        legs: leg === undefined ? [] : [leg],
        callIds: callId === undefined ? [] : [callId],
      })
    this.#accounts.commanded(command)
    if (command.kind === 'mix') tally.add('mixes')
    if (command.kind === 'pauseRecording') tally.add('recordings paused')
  }

  /** Where recordings are announced, nothing is kept in the turn in which one is opened: people are told first (promise P18). */
  #checkTold(command: MediaCommand): void {
    if (command.kind === 'openRecording') {
      const { callId, ownerId, purpose } = JSON.parse(command.facts) as RecordingOpening // The engine's own words.
      const half = this.halves.of(callId)
      const line = this.#watched.directory.lines.find(({ id }) => id === ownerId)
      const isInternal = INTERNAL.includes(half?.view.remoteParty.callType ?? '')
      const isOwn = half?.lineId === ownerId && purpose === undefined
      if (isOwn && isInternal && line?.recording.announceInternal === true)
        this.#untold.add(command.recording)
    } else if (command.kind === 'attach' && this.#untold.has(command.recording)) {
      const callId = this.#accounts.callOf(command.recording) ?? ''
      broken(`recording ${command.recording} is announced before anything is kept`, { callIds: [callId] })
    }
  }

  #happened(now: Instant, event: EngineEvent): void {
    const { tally } = this.#watched
    switch (event.kind) {
      case 'call': {
        const { callId, callSessionId, state } = event.call
        this.diary.write(now, { session: callSessionId, callId }, () => briefEvent(event))
        const half = this.halves.called(event)
        this.#hasChanged = true
        this.#count(event, half.callId)
        if (state === 'disconnected') this.#accounts.ended(half)
        return
      }
      case 'conference':
        this.halves.conferred(event)
        this.#hasChanged = true
        tally.add(`conference ${event.eventType}`)
        for (const { callId } of event.conference.participants)
          this.diary.write(
            now,
            { callId },
            () => `${event.lineId} conference ${event.eventType} ${JSON.stringify(event.conference)}`,
          )
        return
      case 'session':
        this.diary.write(now, { session: event.record.callSessionId }, () => `session ${event.record.cause}`)
        this.#recorded(event.record)
        return
      case 'mailbox':
        return
      case 'alarm':
        tally.add(`alarm ${event.what}`)
        return
    }
  }

  #count(event: Extract<EngineEvent, { readonly kind: 'call' }>, callId: string): void {
    const { tally } = this.#watched
    tally.add(`event ${event.event} ${event.eventType}`)
    const intent = this.#intents.get(callId)
    if (intent !== undefined && INTENTS.includes(intent) && event.call.state === 'connected') {
      tally.add(`${intent} connected`)
      this.#intents.delete(callId)
    }
    if (event.call.recall !== undefined && event.event === 'created') tally.add('recalls')
    if ((event.call.redirections?.length ?? 0) > 0 && event.event === 'created') tally.add('redirections')
  }

  #recorded(record: SessionRecord): void {
    this.#accounts.recorded(record)
    this.#watched.tally.add('sessions')
  }

  #list(orgId: string, lineId: string): readonly CallView[] {
    const id = this.#listId--
    const outputs = this.#watched.engine.command(this.#now, id, {
      kind: 'list',
      actor: { orgId, lineId },
    })
    for (const output of outputs)
      if (output.kind === 'reply' && output.id === id && output.result.kind === 'calls')
        return output.result.calls
    return broken(`${lineId} can list its calls`)
  }

  #ownerOf(event: MediaEvent): string | undefined {
    return 'recording' in event ? this.#accounts.callOf(event.recording) : undefined
  }
}
