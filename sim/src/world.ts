/**
 * The whole engine with many phones on a bad network, in virtual time, from one seed.
 *
 * Random people press random buttons, by phone and by API, for a while; then everybody hangs up and the world is left to come to rest.
 * What must be true on the way and at the end is in `#checkOnTheWay` and `#checkAtRest`; the first broken rule ends the run.
 */
import { createHash, createHmac } from 'node:crypto'
import type { Instant } from '@tandem/base'
import { type CallResult, type DirectorySnapshot, Engine, type EngineOutput } from '@tandem/engine'
import { parseMessage, printMessage, type SipCrypto, type SipMessage, type SocketAddress } from '@tandem/sip'
import { CALM, Random, STORM, VirtualNetwork } from '@tandem/testing'
import { VirtualMedia } from './virtual-media.ts'
import { earliest, VirtualPhone } from './virtual-phone.ts'

/** What a run did, so that a run in which nothing happened cannot pass for a good one. */
export interface WorldReport {
  readonly seed: number
  readonly established: number
  readonly held: number
  readonly legs: number
  readonly recordings: number
  readonly messages: number
}

/** A rule was broken. The message names the seed that shows it again. */
export class RuleBroken extends Error {
  override readonly name = 'RuleBroken'
}

const SERVER: SocketAddress = { host: '192.0.2.1', port: 5060 }
const WALL_OFFSET_MS = Date.UTC(2026, 0, 1)
const PRESS_EVERY_MS = 300
const BUSY_MS = 60_000
/** Longest wait of the protocol (a ring, then Timer B or H) and then some. */
const REST_MS = 300_000
const ORGS = ['north', 'south']
const EXTENSIONS = ['101', '102', '103', '104']

interface Packet {
  readonly from: SocketAddress
  readonly to: SocketAddress
  readonly transport: 'udp' | 'tcp'
  readonly bytes: Uint8Array
}

/** One world. `run` may be called once. */
export class World {
  readonly #seed: number
  readonly #random: Random
  readonly #engine: Engine
  readonly #media: VirtualMedia
  readonly #phones = new Map<string, VirtualPhone>()
  readonly #udp: VirtualNetwork<Packet>
  readonly #tcp: VirtualNetwork<Packet>
  readonly #stores: { at: Instant; token: number }[] = []
  readonly #directory: DirectorySnapshot
  readonly #lastEvent = new Map<string, string>()
  readonly #recordingsOpened = new Set<string>()
  #now: Instant = 0
  #commandId = 0
  #messages = 0
  #replies = new Map<number, CallResult>()

  constructor(seed: number) {
    this.#seed = seed
    this.#random = new Random(seed)
    const crypto = seededCrypto(this.#random)
    this.#directory = directory()
    this.#media = new VirtualMedia(this.#random, { allocation: 0.02, recording: 0.02 })
    this.#udp = new VirtualNetwork(this.#random, this.#random.pick([CALM, STORM]))
    this.#tcp = new VirtualNetwork(this.#random, { ...CALM, delayMsMin: 5, delayMsMax: 5 })
    this.#engine = new Engine({
      crypto,
      node: 0,
      boot: 1,
      wallOffsetMs: WALL_OFFSET_MS,
      product: 'Tandem',
      advertised: () => SERVER,
      directory: this.#directory,
      bindings: [],
      limits: {
        callsMax: 1_000,
        callsPerPersonMax: 20,
        bindingsPerDeviceMax: 5,
        registerExpiresMinSeconds: 60,
        registerExpiresMaxSeconds: 3_600,
        ringMsMax: 20_000,
        clickToDialRingMsMax: 15_000,
      },
    })
    this.#directory.devices.forEach((device, index) => {
      const address = { host: `198.51.100.${index + 1}`, port: 5060 }
      const org = this.#directory.organizations.find(({ id }) => id === device.orgId)
      const identity = {
        user: device.sipUser,
        password: `pw-${device.id}`,
        domain: org?.domains[0] ?? '',
        address,
        proxy: SERVER,
      }
      this.#phones.set(address.host, new VirtualPhone(identity, this.#random, crypto))
    })
  }

  /** Lives through it; throws `RuleBroken` at the first broken rule. */
  run(): WorldReport {
    let pressAt: Instant = 3_000 // Registrations first.
    while (this.#now < BUSY_MS) {
      this.#advance(pressAt)
      if (this.#now >= pressAt) {
        this.#press()
        pressAt = this.#now + 1 + this.#random.below(PRESS_EVERY_MS)
      }
      this.#checkOnTheWay()
    }
    for (const phone of this.#phones.values()) {
      phone.goToBed(this.#now)
      this.#collect(phone)
    }
    const restAt = this.#now + REST_MS
    while (this.#now < restAt) this.#advance(restAt)
    this.#checkAtRest()
    const phones = [...this.#phones.values()]
    const sum = (of: (phone: VirtualPhone) => number): number =>
      phones.reduce((total, phone) => total + of(phone), 0)
    return {
      seed: this.#seed,
      established: sum((phone) => phone.seen.established),
      held: sum((phone) => phone.seen.held),
      legs: this.#media.seen.legs,
      recordings: this.#media.seen.recordings,
      messages: this.#messages,
    }
  }

  /** Moves to whatever happens next, at most to `limit`. */
  #advance(limit: Instant): void {
    const stores = this.#stores.map(({ at }) => at)
    const phones = [...this.#phones.values()].map((phone) => phone.deadline)
    const next = earliest([
      limit,
      this.#engine.deadline,
      this.#udp.deadline,
      this.#tcp.deadline,
      this.#media.deadline,
      ...stores,
      ...phones,
    ])
    this.#now = Math.max(this.#now, next)
    for (const network of [this.#udp, this.#tcp]) {
      for (let delivery = network.take(this.#now); delivery !== undefined; delivery = network.take(this.#now))
        this.#deliver(delivery.message)
    }
    for (const event of this.#media.take(this.#now)) this.#act(this.#engine.media(this.#now, event))
    for (const store of this.#stores.filter(({ at }) => at <= this.#now)) {
      this.#stores.splice(this.#stores.indexOf(store), 1)
      this.#act(this.#engine.registrationStored(this.#now, store.token, !this.#random.chance(0.02)))
    }
    if (this.#engine.deadline <= this.#now) {
      this.#act(this.#engine.tick(this.#now))
      this.#demand(this.#engine.deadline > this.#now, 'a tick at the deadline moves the deadline')
    }
    for (const phone of this.#phones.values()) {
      if (phone.deadline <= this.#now) phone.tick(this.#now)
      this.#collect(phone)
    }
  }

  #deliver(packet: Packet): void {
    this.#messages += 1
    const message = parseMessage(packet.bytes)
    if (message.kind === 'failure')
      throw new RuleBroken(`seed ${this.#seed}: we sent what we cannot read: ${message.reason}`)
    const { from, to, transport } = packet
    if (to.host === SERVER.host) {
      this.#act(
        this.#engine.receive(this.#now, message, {
          id: `${transport}-${from.host}`,
          transport,
          local: SERVER,
          remote: from,
        }),
      )
    } else {
      const phone = this.#phones.get(to.host)
      phone?.receive(this.#now, message, transport)
      if (phone !== undefined) this.#collect(phone)
    }
  }

  #send(packet: Packet): void {
    ;(packet.transport === 'tcp' ? this.#tcp : this.#udp).send(this.#now, packet)
  }

  #collect(phone: VirtualPhone): void {
    for (const { message, transport } of phone.takeMessages()) {
      this.#send({ from: phone.identity.address, to: SERVER, transport, bytes: printMessage(message) })
    }
  }

  #act(outputs: readonly EngineOutput[]): void {
    for (const output of outputs) {
      switch (output.kind) {
        case 'transmit':
          this.#transmit(output.destination.address, output.destination.transport, output.message)
          break
        case 'media':
          if (output.command.kind === 'openRecording') this.#recordingsOpened.add(output.command.recording)
          this.#media.command(this.#now, output.command)
          break
        case 'reply':
          this.#replies.set(output.id, output.result)
          break
        case 'event':
          if (output.event.kind === 'call')
            this.#checkEvent(output.event.lineId, output.event.call.callId, output.event.event)
          break
        case 'storeBindings':
          this.#stores.push({ at: this.#now + 1 + this.#random.below(20), token: output.token })
          break
        case 'notice':
          break
      }
    }
  }

  #transmit(to: SocketAddress, transport: string, message: SipMessage): void {
    this.#send({
      from: SERVER,
      to,
      transport: transport === 'tcp' ? 'tcp' : 'udp',
      bytes: printMessage(message),
    })
  }

  /** Somebody does something. */
  #press(): void {
    const person = this.#random.pick(this.#directory.lines)
    const actor = { orgId: person.orgId, lineId: person.id }
    const destination = this.#random.chance(0.05) ? '999' : this.#random.pick(EXTENSIONS)
    switch (this.#random.below(4)) {
      case 0:
        this.#command({ kind: 'dial', actor, destination })
        return
      case 1: {
        const phone = this.#random.pick([...this.#phones.values()])
        phone.dial(this.#now, destination)
        this.#collect(phone)
        return
      }
      case 2: {
        const result = this.#command({ kind: 'list', actor })
        const call = result?.kind === 'calls' ? result.calls[0] : undefined
        if (call !== undefined && this.#random.chance(0.5))
          this.#command({ kind: 'hangup', actor, callId: call.callId })
        return
      }
      default:
        this.#command({ kind: 'hangup', actor, callId: 'callhalf-1:0' })
    }
  }

  #command(command: Parameters<Engine['command']>[2]): CallResult | undefined {
    const id = ++this.#commandId
    this.#act(this.#engine.command(this.#now, id, command))
    return this.#replies.get(id)
  }

  /** Exactly one `created` before and one `deleted` after everything else of a call half. */
  #checkEvent(lineId: string, callId: string, event: string): void {
    const key = `${lineId} ${callId}`
    const before = this.#lastEvent.get(key)
    this.#demand(
      event === 'created' ? before === undefined : before !== undefined && before !== 'deleted',
      `${event} of ${callId} comes after ${before ?? 'nothing'}`,
    )
    this.#lastEvent.set(key, event)
  }

  #checkOnTheWay(): void {
    const { sessions, halves, legs } = this.#engine.counts
    this.#demand(halves === 0 || sessions > 0, 'a half has a session')
    this.#demand(legs === 0 || sessions > 0, 'a leg has a session')
    this.#demand(this.#media.broken.length === 0, `media commands make sense: ${this.#media.broken[0]}`)
  }

  #checkAtRest(): void {
    const { sessions, halves, legs, recordings, transactions } = this.#engine.counts
    this.#demand(
      sessions === 0 && halves === 0 && legs === 0,
      `nothing is left: ${JSON.stringify(this.#engine.counts)}`,
    )
    this.#demand(recordings === 0, 'every recording is closed in the engine')
    // A phone re-registers while it sleeps, so that only what belongs to calls must be gone.
    this.#demand(transactions <= 2 * this.#phones.size, `transactions end: ${transactions}`)
    this.#demand(this.#media.legs.length === 0, `every leg is released: ${this.#media.legs.join()}`)
    this.#demand(
      this.#media.recordings.length === 0,
      `every recording is closed: ${this.#media.recordings.join()}`,
    )
    for (const [key, event] of this.#lastEvent)
      this.#demand(event === 'deleted', `${key} ends with deleted, not ${event}`)
    for (const phone of this.#phones.values())
      this.#demand(phone.counts.calls === 0, `${phone.identity.user} has no call left`)
  }

  #demand(condition: boolean, rule: string): void {
    if (!condition) throw new RuleBroken(`seed ${this.#seed}, ${Math.round(this.#now)} ms: ${rule}`)
  }
}

/** Real hashes, seeded randomness. */
function seededCrypto(random: Random): SipCrypto {
  return {
    hash: (algorithm, text) => createHash(algorithm).update(text).digest('hex'),
    hmac: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
    randomBytes: (length) => random.bytes(length),
  }
}

/** Two organisations with the same extensions; each person has one or two phones. */
function directory(): DirectorySnapshot {
  const hash = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex')
  const lines = ORGS.flatMap((org) =>
    EXTENSIONS.map((extension, index) => ({
      id: `${org}-${extension}`,
      kind: 'person' as const,
      orgId: org,
      locationId: `${org}-place`,
      displayName: `Person ${extension} of ${org}`,
      email: `p${extension}@${org}.test`,
      extension,
      numbers: [],
      recording: { mode: index % 2 === 0 ? ('Always' as const) : ('Never' as const) },
    })),
  )
  const devices = lines.flatMap((line, index) =>
    Array.from({ length: 1 + (index % 2) }, (_, number) => {
      const id = `${line.id}-${number}`
      const realm = `${line.orgId}.test`
      return {
        id,
        orgId: line.orgId,
        lineId: line.id,
        name: `phone ${number}`,
        sipUser: id,
        ha1Md5: hash('md5', `${id}:${realm}:pw-${id}`),
        ha1Sha256: hash('sha256', `${id}:${realm}:pw-${id}`),
      }
    }),
  )
  return {
    organizations: ORGS.map((org) => ({ id: org, name: org, domains: [`${org}.test`] })),
    locations: ORGS.map((org) => ({ id: `${org}-place`, orgId: org, name: 'Office' })),
    lines,
    devices,
  }
}
