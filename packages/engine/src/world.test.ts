/**
 * A small world for the tests of the engine, in virtual time: one engine, phones made of the same SIP endpoint, a
 * network by seed between them, a media port that answers after some milliseconds, and a store for registrations.
 *
 * What matters is written to `log` as it happens, in short lines that a test compares with literal ones. There are no
 * tests of its own here.
 */
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { earlier, type Instant, NEVER } from '@tandem/base'
import type { MediaCommand, MediaEvent, Sound } from '@tandem/media'
import {
  type CallOutput,
  type Destination,
  Endpoint,
  type EndpointOutput,
  Headers,
  makeOffer,
  parseMessage,
  printMessage,
  type SessionDescription,
  type SipCallId,
  type SipCrypto,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from '@tandem/sip'
import { CALM, Random, VirtualNetwork, type Weather } from '@tandem/testing'
import type { CallCommand, CallResult, CallView } from './commands.ts'
import type { Binding, DirectoryLine, DirectorySnapshot, Mailbox, RecordingMode } from './directory.ts'
import { Engine } from './engine.ts'
import type { EngineLimits, EngineOutput } from './engine-api.ts'
import type { EngineEvent, SessionRecord } from './events.ts'

export const ENGINE_ADDRESS = { host: '192.0.2.1', port: 5060 }
export const WALL_OFFSET_MS = 1_800_000_000_000

export const LIMITS: EngineLimits = {
  callsMax: 100,
  callsPerPersonMax: 8,
  bindingsPerDeviceMax: 5,
  registerExpiresMinSeconds: 60,
  registerExpiresMaxSeconds: 3_600,
  ringMsMax: 30_000,
  clickToDialRingMsMax: 20_000,
}

/** Ids of people are `acme-101`; their devices `acme-101-0`, `acme-101-1`; the SIP user is `u101`, `u101b`. */
export function directory(recording: Readonly<Record<string, RecordingMode>> = {}): DirectorySnapshot {
  const organizations = ['acme', 'zeta'].map((id) => ({ id, name: id, domains: [`${id}.test`] }))
  const extensions = ['101', '102', '103', '104']
  const lines = organizations.flatMap(({ id }) =>
    extensions.map((extension) => ({
      id: `${id}-${extension}`,
      kind: 'person' as const,
      orgId: id,
      locationId: `${id}-${extension === '103' ? 'north' : 'south'}`,
      displayName: `${id} ${extension}`,
      email: `${extension}@${id}.test`,
      extension,
      numbers: [`+4930555${extension}`],
      recording: { mode: recording[`${id}-${extension}`] ?? ('Never' as const) },
    })),
  )
  const devices = lines.flatMap((line) =>
    ['', 'b'].map((suffix, index) => {
      const sipUser = `u${line.extension}${suffix}`
      const secret = `${sipUser}:${line.orgId}.test:secret`
      return {
        id: `${line.id}-${index}`,
        orgId: line.orgId,
        lineId: line.id,
        name: sipUser,
        sipUser,
        ha1Md5: crypto(0).hash('md5', secret),
        ha1Sha256: crypto(0).hash('sha256', secret),
      }
    }),
  )
  const locations = organizations.flatMap(({ id }) =>
    ['south', 'north'].map((name) => ({ id: `${id}-${name}`, orgId: id, name })),
  )
  return { organizations, locations, lines, devices }
}

export function crypto(seed: number): SipCrypto {
  const random = new Random(seed)
  return {
    hash: (algorithm, text) => createHash(algorithm).update(text).digest('hex'),
    hmac: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
    randomBytes: (length) => random.bytes(length),
  }
}

type Store = Extract<EngineOutput, { readonly kind: 'storeBindings' }>
type Packet = { readonly to: string; readonly from: string; readonly message: SipMessage }

/** A phone: a SIP endpoint, with what its user wants of it. */
export class Phone {
  readonly name: string
  readonly address: { readonly host: string; readonly port: number }
  readonly endpoint: Endpoint
  readonly user: string
  readonly domain: string
  readonly #world: World
  /** Calls that ring here, or were placed here, in order. */
  readonly calls: SipCallId[] = []
  readonly requests: SipMessage[] = []
  /** What to do when it is called: by hand unless set. */
  onInvited: (call: SipCallId) => void = () => {}
  onOutput: (output: CallOutput) => void = () => {}
  /** How it answers a request inside a call; undefined: not at all. */
  onRequest: (request: SipRequest) => number | undefined = () => 200
  /** Whether its descriptions hold RFC 4733 events. */
  dtmf = true
  offerSeen: SessionDescription | undefined
  registered = false
  transport: 'udp' | 'tcp' = 'udp'
  /** An INVITE that comes without a description is answered with one. */
  #version = 0

  constructor(
    world: World,
    user: string,
    domain: string,
    options: { index: number; allowEvents?: readonly string[]; methods?: readonly string[] },
  ) {
    const { index, ...abilities } = options
    this.#world = world
    this.user = user
    this.domain = domain
    this.name = `${domain.split('.')[0]}/${user}`
    this.address = { host: `198.51.100.${index + 1}`, port: 5060 }
    this.endpoint = new Endpoint({
      crypto: crypto(1_000 + index),
      product: 'test phone',
      advertised: () => this.address,
      ...abilities,
    })
  }

  get call(): SipCallId {
    const call = this.calls.at(-1)
    assert.ok(call !== undefined, `${this.name} has a call`)
    return call
  }

  description(
    direction: 'sendrecv' | 'sendonly' | 'inactive' = 'sendrecv',
    port = 40_000,
  ): SessionDescription {
    this.#version += 1
    return makeOffer({
      host: this.address.host,
      rtpPort: port,
      codecs: ['PCMU', 'PCMA'],
      dtmf: this.dtmf,
      direction,
      sessionId: '1',
      version: this.#version,
      ptimeMs: 20,
    })
  }

  register(options: { expires?: number; password?: string; to?: string; contact?: string } = {}): void {
    const aor = `<sip:${this.user}@${this.domain}>`
    const headers = new Headers([
      ['From', aor],
      ['To', options.to ?? aor],
      ['Contact', options.contact ?? `<sip:${this.user}@${this.address.host}:${this.address.port}>`],
      ['Expires', String(options.expires ?? 3_600)],
    ])
    this.act(
      this.endpoint.send(this.#world.now, {
        method: 'REGISTER',
        uri: `sip:${this.domain}`,
        destination: { transport: this.transport, address: ENGINE_ADDRESS },
        headers,
        credentials: { username: this.user, password: options.password ?? 'secret' },
      }).outputs,
    )
  }

  invite(
    number: string,
    options: {
      offer?: SessionDescription | null
      from?: string
      headers?: [string, string][]
      password?: string
      domain?: string
    } = {},
  ): SipCallId {
    const uri = `sip:${number}@${options.domain ?? this.domain}`
    const offer = options.offer === null ? undefined : (options.offer ?? this.description())
    const { id, outputs } = this.endpoint.invite(this.#world.now, {
      uri,
      from: options.from ?? `<sip:${this.user}@${this.domain}>`,
      to: `<${uri}>`,
      destination: { transport: this.transport, address: ENGINE_ADDRESS },
      ...(offer === undefined ? {} : { offer }),
      headers: options.headers ?? [],
      credentials: { username: this.user, password: options.password ?? 'secret' },
    })
    this.calls.push(id)
    this.act(outputs)
    return id
  }

  ring(): void {
    this.act(this.endpoint.progress(this.#world.now, this.call, 180))
  }

  answer(call: SipCallId = this.call): void {
    this.act(this.endpoint.accept(this.#world.now, call, this.description()))
  }

  reject(status: number): void {
    this.act(this.endpoint.reject(this.#world.now, this.call, status))
  }

  hangUp(call: SipCallId = this.call): void {
    this.act(this.endpoint.end(this.#world.now, call))
  }

  reinvite(
    direction: 'sendrecv' | 'sendonly' | 'inactive',
    port?: number,
    call: SipCallId = this.call,
  ): void {
    this.act(this.endpoint.offer(this.#world.now, call, this.description(direction, port)))
  }

  /** REFER in a call, to an address or with the headers given (RFC 3515). */
  refer(to: string, call: SipCallId = this.call, headers: [string, string][] = []): void {
    const request = { method: 'REFER', headers: [['Refer-To', to] as [string, string], ...headers] }
    this.act(this.endpoint.requestInCall(this.#world.now, call, request).outputs)
  }

  /** A Replaces value that names a call of this phone, as the other side of it sees the tags (RFC 3891 §6.1). */
  replacesOf(call: SipCallId): string {
    const dialog = this.endpoint.describe(call)
    assert.ok(dialog?.remoteTag !== undefined, `${this.name} has a dialog`)
    return `${dialog.callId};to-tag=${dialog.remoteTag};from-tag=${dialog.localTag}`
  }

  act(outputs: readonly EndpointOutput[]): void {
    for (const output of outputs) {
      switch (output.kind) {
        case 'transmit':
          this.#world.transmit(this.name, 'engine', output.message)
          break
        case 'response':
          this.registered ||= output.response.status === 200
          this.#log(`${output.response.status}`)
          break
        case 'invited':
          this.calls.push(output.call)
          this.requests.push(output.request)
          this.offerSeen = output.offer
          this.#log('INVITE')
          this.onInvited(output.call)
          break
        case 'progressed':
          this.#log(`${output.status}${output.answer === undefined ? '' : ' with sound'}`)
          break
        case 'accepted': {
          this.#log('200')
          if (output.offer !== undefined)
            this.act(this.endpoint.acknowledge(this.#world.now, output.call, this.description()))
          break
        }
        case 'offered':
          this.act(this.endpoint.answerOffer(this.#world.now, output.call, this.description()))
          break
        case 'rejected':
          this.#log(`${output.status}`)
          break
        case 'cancelled':
          this.#log('cancelled')
          break
        case 'ended':
          this.#log(`ended ${output.why}`)
          break
        case 'callRequest':
          this.requests.push(output.request)
          this.#log(`${output.request.method} ${new TextDecoder().decode(output.request.body)}`.trim())
          {
            const status = this.onRequest(output.request)
            if (status !== undefined)
              this.act(this.endpoint.respond(this.#world.now, output.transaction, status))
          }
          break
        case 'answered':
          this.#log(`answered ${output.answer.media[0]?.direction}`)
          break
        case 'callResponse':
          this.#log(`in call ${output.response.status}`)
          break
        case 'request':
          this.act(this.endpoint.respond(this.#world.now, output.transaction, 200))
          break
        case 'acknowledged':
        case 'offerFailed':
        case 'refused':
          break
      }
      if ('call' in output) this.onOutput(output)
    }
  }

  #log(line: string): void {
    this.#world.write(`${this.name} ${line}`)
  }
}

/** How the media port behaves, for a leg or a recording. */
export type MediaManner = {
  allocateMs: number
  /** The nth allocation (from 1) fails. */
  failing: Set<number>
  /** The nth allocation (from 1) is never answered. */
  silent: Set<number>
  recording: 'opens' | 'fails' | 'hangs'
  /** Whether the closing of recordings is confirmed. */
  closes: boolean
  /** How long every sound with a token lasts; undefined: its end is never told. */
  playMs: number | undefined
}

/** One engine and everything around it. */
export class World {
  now: Instant = 0
  readonly log: string[] = []
  readonly engine: Engine
  readonly phones = new Map<string, Phone>()
  readonly network: VirtualNetwork<Packet>
  readonly media: MediaManner = {
    allocateMs: 2,
    failing: new Set(),
    silent: new Set(),
    recording: 'opens',
    closes: true,
    playMs: 1_000,
  }
  readonly commands: MediaCommand[] = []
  readonly live = new Set<string>()
  readonly openRecordings = new Set<string>()
  readonly events: EngineEvent[] = []
  readonly replies = new Map<number, CallResult>()
  readonly notices: string[] = []
  readonly bindings = new Map<string, readonly Binding[]>()
  /** What phones advertise, by name (`acme/u101`); to be set before the phone is there. */
  readonly abilities = new Map<
    string,
    { readonly allowEvents?: readonly string[]; readonly methods?: readonly string[] }
  >()
  /** Everything that was to be stored, in order. */
  readonly stores: Store[] = []
  storeSucceeds = true
  storeAnswers = true
  /** `sip` and `media` lines are left out unless asked for. */
  shows: { media: boolean; events: boolean } = { media: false, events: true }
  #mediaQueue: { at: Instant; event: MediaEvent }[] = []
  readonly #doomed = new Set<string>()
  #allocations = 0
  #ids = 0

  constructor(
    options: {
      seed?: number
      weather?: Weather
      limits?: Partial<EngineLimits>
      recording?: Readonly<Record<string, RecordingMode>>
      bindings?: readonly Binding[]
      boot?: number
      /** Settings of lines by id, laid over those of `directory`. */
      lines?: Readonly<Record<string, Partial<DirectoryLine>>>
      /** Any other change of the directory. */
      change?: (directory: DirectorySnapshot) => DirectorySnapshot
      mailboxes?: readonly Mailbox[]
    } = {},
  ) {
    const seed = options.seed ?? 1
    this.network = new VirtualNetwork(new Random(seed), options.weather ?? CALM)
    const usual = directory(options.recording)
    const set = {
      ...usual,
      lines: usual.lines.map((line) => ({ ...line, ...options.lines?.[line.id] })),
    }
    this.engine = new Engine({
      crypto: crypto(seed),
      node: 1,
      boot: options.boot ?? 1,
      wallOffsetMs: WALL_OFFSET_MS,
      product: 'Tandem test',
      advertised: () => ENGINE_ADDRESS,
      directory: options.change === undefined ? set : options.change(set),
      ...(options.mailboxes === undefined ? {} : { mailboxes: options.mailboxes }),
      bindings: options.bindings ?? [],
      limits: { ...LIMITS, ...options.limits },
    })
  }

  /** A phone of `acme` unless another organisation is named; not registered yet. */
  phone(user: string, org = 'acme'): Phone {
    const abilities = this.abilities.get(`${org}/${user}`)
    const phone = new Phone(this, user, `${org}.test`, { index: this.phones.size, ...abilities })
    this.phones.set(phone.name, phone)
    return phone
  }

  /** Phones that are registered, with a clean log behind them. */
  registered(...users: string[]): Phone[] {
    const phones = users.map((user) => {
      const [org, name] = user.includes('/') ? user.split('/') : ['acme', user]
      return this.phone(name ?? '', org)
    })
    for (const phone of phones) phone.register()
    this.run(1_000)
    for (const phone of phones) assert.ok(phone.registered, `${phone.name} is registered`)
    this.log.length = 0
    return phones
  }

  write(line: string): void {
    this.log.push(line)
  }

  /** Takes what was logged so far. */
  trace(): string[] {
    return this.log.splice(0)
  }

  transmit(from: string, to: string, message: SipMessage): void {
    this.network.send(this.now, { from, to, message })
  }

  command(command: CallCommand): CallResult | undefined {
    const id = ++this.#ids
    this.act(this.engine.command(this.now, id, command))
    return this.replies.get(id)
  }

  dial(person: string, destination: string): { callId: string; callSessionId: string } {
    const result = this.command({ kind: 'dial', actor: actorOf(person), destination })
    assert.ok(result?.kind === 'placed', `dial is taken: ${JSON.stringify(result)}`)
    return result
  }

  list(person: string): readonly CallView[] {
    const result = this.command({ kind: 'list', actor: actorOf(person) })
    assert.ok(result?.kind === 'calls')
    return result.calls
  }

  hangup(person: string, callId: string): CallResult | undefined {
    return this.command({ kind: 'hangup', actor: actorOf(person), callId })
  }

  /** State, personality and remote number of each call of a person. */
  brief(person: string): string[] {
    return this.list(person).map(
      (call) => `${call.personality} ${call.state} ${call.remoteParty.number ?? call.remoteParty.callType}`,
    )
  }

  get records(): SessionRecord[] {
    return this.events.flatMap((event) => (event.kind === 'session' ? [event.record] : []))
  }

  /** Lets `ms` milliseconds pass, moving everything at its time. */
  run(ms: number): void {
    const until = this.now + ms
    for (let steps = 0; ; steps++) {
      assert.ok(steps < 200_000, 'the world comes to rest')
      let next = earlier(this.engine.deadline, this.network.deadline)
      for (const phone of this.phones.values()) next = earlier(next, phone.endpoint.deadline)
      next = earlier(next, this.#mediaQueue[0]?.at ?? NEVER)
      if (next > until) break
      this.now = Math.max(this.now, next)
      this.#step()
    }
    this.now = until
  }

  /** Nothing is left of any call, and nothing that the engine was given is kept. */
  assertAtRest(why = ''): void {
    const { registrations: _, ...counts } = this.engine.counts
    assert.deepEqual(
      counts,
      { sessions: 0, halves: 0, legs: 0, recordings: 0, transactions: 0 },
      `the engine is at rest ${why}`,
    )
    assert.deepEqual([...this.live], [], `every leg was released ${why}`)
    assert.deepEqual([...this.openRecordings], [], `every recording was closed ${why}`)
  }

  act(outputs: readonly EngineOutput[]): void {
    for (const output of outputs) {
      switch (output.kind) {
        case 'transmit':
          this.#deliver(output.destination, output.message)
          break
        case 'media':
          this.#command(output.command)
          break
        case 'reply':
          this.replies.set(output.id, output.result)
          break
        case 'event':
          this.events.push(output.event)
          if (this.shows.events) this.write(briefEvent(output.event))
          break
        case 'storeBindings':
          this.stores.push(output)
          if (this.storeAnswers) this.answerStore(output, this.storeSucceeds)
          break
        case 'notice':
          this.notices.push(output.notice)
          break
      }
    }
  }

  /** The store has done, or not, what it was asked. */
  answerStore(store: Store | undefined, stored: boolean): void {
    assert.ok(store !== undefined, 'something was to be stored')
    if (stored) this.bindings.set(`${store.orgId} ${store.deviceId}`, store.bindings)
    this.act(this.engine.registrationStored(this.now, store.token, stored))
  }

  /** Says something in the name of the media port. */
  say(event: MediaEvent): void {
    this.act(this.engine.media(this.now, event))
  }

  #step(): void {
    const { now } = this
    for (;;) {
      const packet = this.network.take(now)?.message
      if (packet === undefined) break
      if (packet.to === 'engine')
        this.act(this.engine.receive(now, copyOf(packet.message), this.#flow(packet.from)))
      else {
        const phone = this.phones.get(packet.to)
        phone?.act(phone.endpoint.receive(now, copyOf(packet.message), phoneFlow(phone)))
      }
    }
    while (this.#mediaQueue[0] !== undefined && this.#mediaQueue[0].at <= now) {
      const due = this.#mediaQueue.shift()
      if (due !== undefined) this.say(due.event)
    }
    if (this.engine.deadline <= now) this.act(this.engine.tick(now))
    assert.ok(this.engine.deadline > now, 'a tick at the deadline moves the deadline')
    for (const phone of this.phones.values())
      if (phone.endpoint.deadline <= now) phone.act(phone.endpoint.tick(now) as EndpointOutput[])
  }

  #deliver(destination: Destination, message: SipMessage): void {
    for (const phone of this.phones.values())
      if (phone.address.host === destination.address.host) this.transmit('engine', phone.name, message)
  }

  #flow(from: string): Parameters<Engine['receive']>[2] {
    const phone = this.phones.get(from)
    assert.ok(phone !== undefined)
    return { id: `flow ${from}`, transport: phone.transport, local: ENGINE_ADDRESS, remote: phone.address }
  }

  /** What replaces a sound keeps its end from being told; a sound with a token will be told of. */
  #heardInstead(command: MediaCommand): void {
    const isOver = command.kind === 'play' && command.over === true
    const legs = command.kind === 'bridge' ? [command.a, command.b] : 'leg' in command ? [command.leg] : []
    const replaces = ['play', 'bridge', 'mix', 'silence', 'release'].includes(command.kind) && !isOver
    if (replaces)
      this.#mediaQueue = this.#mediaQueue.filter(
        ({ event }) => event.kind !== 'played' || !legs.includes(event.leg),
      )
    if (command.kind !== 'play' || command.token === undefined || this.media.playMs === undefined) return
    this.#later({ kind: 'played', leg: command.leg, token: command.token, complete: true }, this.media.playMs)
  }

  #later(event: MediaEvent, delayMs: number): void {
    const at = this.now + delayMs
    const index = this.#mediaQueue.findIndex((entry) => entry.at > at)
    this.#mediaQueue.splice(index < 0 ? this.#mediaQueue.length : index, 0, { at, event })
  }

  #command(command: MediaCommand): void {
    this.commands.push(command)
    if (this.shows.media) this.write(`media ${briefCommand(command)}`)
    switch (command.kind) {
      case 'allocate': {
        assert.ok(!this.live.has(command.leg), 'a leg is allocated once')
        this.#allocations += 1
        if (this.media.failing.has(this.#allocations)) {
          this.#doomed.add(command.leg)
          this.#later({ kind: 'failed', leg: command.leg, why: 'no port' }, this.media.allocateMs)
          return
        }
        this.live.add(command.leg)
        if (this.media.silent.has(this.#allocations)) return
        const port = 10_000 + 2 * this.#allocations
        this.#later(
          { kind: 'allocated', leg: command.leg, host: '192.0.2.9', port, rtcpPort: port + 1 },
          this.media.allocateMs,
        )
        return
      }
      case 'release': {
        this.#heardInstead(command)
        if (this.#doomed.has(command.leg)) return // The news of its failure is on the way.
        assert.ok(
          this.live.delete(command.leg),
          `a leg is released once, and only if it was allocated: ${command.leg}`,
        )
        const statistics = { packetsReceived: 1, packetsLost: 0, jitterMs: 0, packetsSent: 1 }
        this.#later({ kind: 'released', leg: command.leg, statistics }, this.media.allocateMs + 1)
        return
      }
      case 'openRecording':
        if (this.media.recording === 'fails') {
          this.#later({ kind: 'recordingFailed', recording: command.recording, why: 'disk' }, 5)
          return
        }
        this.openRecordings.add(command.recording)
        if (this.media.recording === 'opens')
          this.#later({ kind: 'recordingOpened', recording: command.recording }, 5)
        return
      case 'closeRecording':
        this.openRecordings.delete(command.recording)
        if (this.media.closes) this.#later({ kind: 'recordingClosed', recording: command.recording }, 5)
        return
      case 'configure':
      case 'bridge':
      case 'mix':
      case 'mute':
      case 'sendDigits':
      case 'play': {
        const legs = command.kind === 'bridge' ? [command.a, command.b] : [command.leg]
        for (const leg of legs) assert.ok(this.live.has(leg), `${command.kind} names a live leg`)
        this.#heardInstead(command)
        return
      }
      case 'attach':
      case 'detach':
      case 'unbridge':
      case 'pauseRecording':
      case 'resumeRecording':
      case 'note':
        return
      case 'silence':
        this.#heardInstead(command)
    }
  }
}

/** 101 talks to 102; 103 is there as well. */
export function talking(options: ConstructorParameters<typeof World>[0] = {}): {
  world: World
  phones: [Phone, Phone, Phone]
} {
  const world = new World(options)
  const [a, b, c] = world.registered('u101', 'u102', 'u103')
  assert.ok(a !== undefined && b !== undefined && c !== undefined)
  a.invite('102')
  world.run(500)
  b.answer()
  world.run(500)
  world.trace()
  return { world, phones: [a, b, c] }
}

/** `acme-101` as an actor. */
export function actorOf(person: string): { orgId: string; lineId: string } {
  return { orgId: person.split('-')[0] ?? '', lineId: person }
}

/** `event personality state remote` of an event of a call; the cause of a session's end. */
function briefEvent(event: EngineEvent): string {
  if (event.kind === 'session') return `session ${event.record.cause}`
  if (event.kind === 'alarm') return `alarm ${event.what}`
  if (event.kind === 'mailbox') return `${event.lineId} mailbox ${event.change} ${event.messageId}`
  if (event.kind === 'conference')
    return `${event.lineId} conference ${event.event}/${event.eventType} ${event.conference.participants.length}`
  const recording = event.call.recordingState === undefined ? '' : ` [${event.call.recordingState}]`
  return `${event.lineId} ${event.event}/${event.eventType} ${event.call.personality} ${event.call.state}${recording}`
}

function briefCommand(command: MediaCommand): string {
  const short = (leg: string): string => leg.replace('leg-1-1-', '#')
  switch (command.kind) {
    case 'bridge':
      return `bridge ${short(command.a)} ${short(command.b)}`
    case 'configure':
      return `configure ${short(command.leg)} ${command.format.codec} ${command.remote.host}:${command.remote.port}${command.send ? ' send' : ''}${command.receive ? ' receive' : ''}${command.relearn ? ' relearn' : ''}`
    case 'attach':
      return `attach ${command.side} ${short(command.leg)}`
    case 'note':
      return `note ${JSON.parse(command.note).kind}`
    case 'openRecording':
    case 'closeRecording':
      return command.kind
    case 'play':
      return `play ${short(command.leg)} ${briefSound(command.sound)}${command.over === true ? ' over' : ''}`
    case 'mix':
      return `mix ${short(command.leg)}${command.hears ? '' : ' deaf'}${command.group === undefined ? '' : ` ${command.group}`}`
    case 'mute':
      return `${command.muted ? 'mute' : 'unmute'} ${short(command.leg)}`
    case 'sendDigits':
      return `sendDigits ${short(command.leg)} ${command.digits}`
    case 'allocate':
    case 'release':
    case 'unbridge':
    case 'silence':
    case 'detach':
      return `${command.kind} ${short(command.leg)}`
    case 'pauseRecording':
    case 'resumeRecording':
      return command.kind
  }
}

function briefSound(sound: Sound): string {
  switch (sound.kind) {
    case 'tone':
      return sound.tone
    case 'prompt':
    case 'clip':
      return sound.name
    case 'digits':
      return sound.digits
    case 'sequence':
      return sound.sounds.map(briefSound).join('+')
    case 'beep':
    case 'music':
      return sound.kind
  }
}

/** What travels is bytes: printed here, parsed there. */
function copyOf(message: SipMessage): SipMessage {
  const parsed = parseMessage(printMessage(message))
  assert.ok(parsed.kind !== 'failure', 'what is sent can be read')
  return parsed
}

function phoneFlow(phone: Phone): Parameters<Engine['receive']>[2] {
  return {
    id: `flow of ${phone.name}`,
    transport: phone.transport,
    local: phone.address,
    remote: ENGINE_ADDRESS,
  }
}

/** The status of a message that is a response. */
export function statusOf(message: SipMessage): number | undefined {
  return message.kind === 'response' ? (message satisfies SipResponse).status : undefined
}
