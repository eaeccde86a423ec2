/**
 * The whole engine with many phones on a bad network, in virtual time, from one seed.
 *
 * Random people press random buttons, by phone and by API, for a while; then everybody hangs up and the world is left to
 * come to rest. A model that knows the contract and nothing of the engine (`model/`) follows what comes out, and the first
 * broken rule ends the run.
 */
import { createHash, createHmac } from 'node:crypto'
import type { Instant } from '@tandem/base'
import { type DirectorySnapshot, Engine, type Mailbox } from '@tandem/engine'
import type { MediaEvent } from '@tandem/media'
import { parseMessage, printMessage, type SipCrypto, type SipMessage, type SocketAddress } from '@tandem/sip'
import { CALM, Random, STORM, VirtualNetwork } from '@tandem/testing'
import { changeWishes, EXTENSIONS, makeDirectory, passwordOf } from './directory.ts'
import { RuleBroken } from './model/rule.ts'
import { Watch } from './model/watch.ts'
import { People } from './people.ts'
import { Tally } from './tally.ts'
import { VirtualMedia } from './virtual-media.ts'
import { VirtualPhone } from './virtual-phone.ts'

/** What a run did, so that a run in which nothing happened cannot pass for a good one. */
export interface WorldReport {
  readonly seed: number
  /** How often each thing happened, by name. */
  readonly counts: Readonly<Record<string, number>>
}

/** How closely a world is watched. */
export interface WorldOptions {
  /** Compare every line's list with its events after every single step: slow, and exact about the moment. */
  readonly careful?: boolean
}

const SERVER: SocketAddress = { host: '192.0.2.1', port: 5060 }
const WALL_OFFSET_MS = Date.UTC(2026, 0, 1)
/** When the first button is pressed: registrations first. */
const FIRST_PRESS_MS = 1_500
const BUSY_MS = 25_000
/** From one press to the next, at most: a quiet office, and one with fifty calls at once. */
const PRESS_EVERY_MS = [600, 600, 250, 250, 100, 40]
/** Everything that was begun is over after this: mailboxes, rings, Timer B or H, registrations. */
const REST_MS = 300_000
/** Between two comparisons of all lists with all events. */
const COMPARE_EVERY_MS = 200
const PHONE_MS_MAX = 3_000
/** How long past its time a command may be answered: nothing but the present turn. */
const REPLY_SPARE_MS = 1_000

interface Packet {
  readonly from: SocketAddress
  readonly to: SocketAddress
  readonly transport: 'udp' | 'tcp'
  readonly bytes: Uint8Array
}

/** One world. `run` may be called once. */
export class World {
  readonly #seed: number
  readonly #options: WorldOptions
  readonly #random: Random
  readonly #engine: Engine
  readonly #media: VirtualMedia
  readonly #phones = new Map<string, VirtualPhone>()
  readonly #phoneList: readonly VirtualPhone[]
  readonly #udp: VirtualNetwork<Packet>
  readonly #tcp: VirtualNetwork<Packet>
  readonly #stores: { at: Instant; token: number }[] = []
  readonly #mailboxes = new Map<string, Mailbox>()
  readonly #tally = new Tally()
  readonly #people: People
  readonly #watch: Watch
  #directory: DirectorySnapshot
  #now: Instant = 0
  #commandId = 0

  constructor(seed: number, options: WorldOptions = {}) {
    this.#seed = seed
    this.#options = options
    const random = new Random(seed)
    this.#random = random
    const crypto = seededCrypto(random)
    this.#directory = makeDirectory(random)
    this.#media = new VirtualMedia(random, { allocation: 0.015, recording: 0.02, late: 0.003 })
    this.#udp = new VirtualNetwork(random, random.pick([CALM, STORM]))
    this.#tcp = new VirtualNetwork(random, { ...CALM, delayMsMin: 5, delayMsMax: 5 })
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
        callsMax: 200,
        callsPerPersonMax: 6,
        bindingsPerDeviceMax: 5,
        registerExpiresMinSeconds: 60,
        registerExpiresMaxSeconds: 3_600,
        ringMsMax: 8_000,
        clickToDialRingMsMax: 6_000,
        phoneMsMax: PHONE_MS_MAX,
        parkRecallMs: 7_000,
        voicemailMsMax: 8_000,
        forwardsMax: 4,
        sessionExpiresSeconds: 90,
      },
    })
    this.#watch = new Watch({
      engine: this.#engine,
      media: this.#media,
      tally: this.#tally,
      directory: this.#directory,
    })
    this.#people = new People(random, this.#watch.halves, this.#directory)
    this.#directory.devices.forEach((device, index) => {
      const address = { host: `198.51.100.${index + 1}`, port: 5060 }
      const identity = {
        user: device.sipUser,
        password: passwordOf(device.id),
        domain: `${device.orgId}.test`,
        orgId: device.orgId,
        address,
        proxy: SERVER,
      }
      this.#phones.set(address.host, new VirtualPhone(identity, random, crypto, this.#tally))
    })
    this.#phoneList = [...this.#phones.values()]
  }

  /** Lives through it; throws `RuleBroken`, with the seed and a trace in its message, at the first broken rule. */
  run(): WorldReport {
    try {
      this.#live()
    } catch (error) {
      throw this.#explained(error)
    }
    this.#tally.add('legs', this.#media.seen.legs)
    this.#tally.add('recordings', this.#media.seen.recordings)
    this.#tally.add('media refused', this.#media.seen.refused)
    this.#tally.add('media late', this.#media.seen.late)
    return { seed: this.#seed, counts: this.#tally.all }
  }

  #live(): void {
    const pressEveryMs = this.#random.pick(PRESS_EVERY_MS)
    let pressAt: Instant = FIRST_PRESS_MS
    let compareAt: Instant = pressAt
    while (this.#now < BUSY_MS) {
      this.#advance(Math.min(pressAt, compareAt))
      if (this.#now >= pressAt) {
        this.#press()
        pressAt = this.#now + 1 + this.#random.below(pressEveryMs)
      }
      if (this.#now >= compareAt) {
        this.#watch.compareLists()
        compareAt = this.#now + COMPARE_EVERY_MS
      }
    }
    for (const phone of this.#phoneList) {
      phone.goToBed(this.#now)
      this.#collect(phone)
    }
    const restAt = this.#now + REST_MS
    while (this.#now < restAt) this.#advance(restAt)
    this.#watch.checkAtRest()
    for (const phone of this.#phoneList)
      if (phone.counts.calls > 0) throw new RuleBroken(`${phone.identity.user} has no call left`)
  }

  /** Moves to whatever happens next, at most to `limit`. */
  #advance(limit: Instant): void {
    let next = Math.min(
      limit,
      this.#engine.deadline,
      this.#udp.deadline,
      this.#tcp.deadline,
      this.#media.deadline,
    )
    for (const { at } of this.#stores) next = Math.min(next, at)
    for (const phone of this.#phoneList) next = Math.min(next, phone.deadline)
    this.#now = Math.max(this.#now, next)
    const now = this.#now
    for (const network of [this.#udp, this.#tcp])
      for (let delivery = network.take(now); delivery !== undefined; delivery = network.take(now))
        this.#deliver(delivery.message)
    for (const event of this.#media.take(now)) this.#mediaSays(event)
    for (const store of this.#stores.filter(({ at }) => at <= now)) {
      this.#stores.splice(this.#stores.indexOf(store), 1)
      const stored = !this.#random.chance(0.02)
      this.#turn(() => this.#engine.registrationStored(now, store.token, stored))
    }
    if (this.#engine.deadline <= now) {
      this.#turn(() => this.#engine.tick(now))
      if (this.#engine.deadline <= now) throw new RuleBroken('a tick at the deadline moves the deadline')
    }
    for (const phone of this.#phoneList) {
      if (phone.deadline > now) continue
      phone.tick(now)
      this.#collect(phone)
    }
    this.#watch.checkTime(now)
  }

  #deliver(packet: Packet): void {
    this.#tally.add('messages')
    const message = parseMessage(packet.bytes)
    if (message.kind === 'failure') throw new RuleBroken(`we sent what we cannot read: ${message.reason}`)
    const { from, to, transport } = packet
    if (to.host === SERVER.host) {
      this.#watch.received(this.#now, message, from.host)
      const flow = { id: `${transport}-${from.host}`, transport, local: SERVER, remote: from }
      this.#turn(() => this.#engine.receive(this.#now, message, flow))
      return
    }
    const phone = this.#phones.get(to.host)
    phone?.receive(this.#now, message, transport)
    if (phone !== undefined) this.#collect(phone)
  }

  #mediaSays(event: MediaEvent): void {
    if (event.kind === 'recordingFailed') this.#media.failed(event.recording)
    this.#watch.mediaSays(this.#now, event)
    this.#turn(() => this.#engine.media(this.#now, event))
  }

  #send(packet: Packet): void {
    ;(packet.transport === 'tcp' ? this.#tcp : this.#udp).send(this.#now, packet)
  }

  #collect(phone: VirtualPhone): void {
    for (const { message, transport } of phone.takeMessages())
      this.#send({ from: phone.identity.address, to: SERVER, transport, bytes: printMessage(message) })
  }

  /** Gives the engine one input, acts on all it causes, and looks whether the world is still in order. */
  #turn(input: () => ReturnType<Engine['tick']>): void {
    const outputs = input()
    if (outputs.length === 0) return
    for (const output of outputs) {
      this.#watch.saw(this.#now, output)
      switch (output.kind) {
        case 'transmit':
          this.#transmit(output.destination.address, output.destination.transport, output.message)
          break
        case 'storeBindings':
          this.#stores.push({ at: this.#now + 1 + this.#random.below(20), token: output.token })
          break
        case 'event':
          if (output.event.kind === 'mailbox') this.#mailboxChanged(output.event)
          break
        case 'media':
        case 'reply':
        case 'notice':
          break
      }
    }
    this.#watch.turnOver(this.#now)
    if (this.#options.careful === true) this.#watch.compareLists()
  }

  #transmit(to: SocketAddress, transport: string, message: SipMessage): void {
    const bytes = printMessage(message)
    this.#send({ from: SERVER, to, transport: transport === 'tcp' ? 'tcp' : 'udp', bytes })
  }

  /** Somebody does something. */
  #press(): void {
    const random = this.#random
    const roll = random.below(20)
    if (roll < 7) this.#command()
    else if (roll < 14) this.#pressPhone()
    else if (roll < 16) this.#pressKeys()
    else if (roll < 17) this.#replace()
    else if (roll < 18) this.#hearNothing()
    else if (random.chance(0.2)) this.#changeDirectory()
    else if (random.chance(0.3)) this.#leaveMessage()
    else this.#command()
  }

  #command(): void {
    const command = this.#people.command()
    const id = ++this.#commandId
    this.#watch.asked(this.#now, id, command, this.#now + PHONE_MS_MAX + REPLY_SPARE_MS)
    this.#turn(() => this.#engine.command(this.#now, id, command))
  }

  #pressPhone(): void {
    const phone = this.#random.pick(this.#phoneList)
    phone.press(this.#now, this.#random.chance(0.03) ? '999' : this.#random.pick(EXTENSIONS))
    this.#collect(phone)
  }

  /** A phone takes the place of another in a call: mostly a colleague's, sometimes one of the other organisation. */
  #replace(): void {
    const other = this.#random.pick(this.#phoneList)
    const replaces = other.replacesOf(other.someCall())
    const own = this.#phoneList.filter(({ identity }) => identity.orgId === other.identity.orgId)
    const phone = this.#random.pick(this.#random.chance(0.1) ? this.#phoneList : own)
    if (replaces === undefined || phone === other) return
    this.#tally.add('phone replaces')
    phone.dial(this.#now, this.#random.pick(EXTENSIONS), [['Replaces', replaces]])
    this.#collect(phone)
  }

  /** Keys heard in the audio: a code, or what a mailbox takes. */
  #pressKeys(): void {
    const legs = this.#media.legs
    if (legs.length === 0) return
    const leg = this.#random.pick(legs)
    for (const digit of this.#random.pick(['*44', '*45', '*48', '*49', '#', '1', '3', '7', '*4']))
      this.#mediaSays({ kind: 'digit', leg, digit })
  }

  /** The media port hears nothing from a leg for long, and then it does. */
  #hearNothing(): void {
    const legs = this.#media.legs
    if (legs.length === 0) return
    const leg = this.#random.pick(legs)
    this.#mediaSays({ kind: 'silent', leg })
    if (this.#random.chance(0.5)) this.#mediaSays({ kind: 'heard', leg })
  }

  #changeDirectory(): void {
    this.#directory = changeWishes(this.#random, this.#directory)
    this.#turn(() => this.#engine.setDirectory(this.#now, this.#directory))
  }

  #leaveMessage(): void {
    const line = this.#random.pick(this.#directory.lines)
    const key = `${line.orgId} ${line.id}`
    const messages = this.#mailboxes.get(key)?.messages ?? []
    const message = { id: `message-${this.#commandId++}`, clip: 'message', at: WALL_OFFSET_MS, heard: false }
    this.#setMailbox({ orgId: line.orgId, lineId: line.id, messages: [...messages, message] })
  }

  #mailboxChanged(event: {
    orgId: string
    lineId: string
    messageId: string
    change: 'heard' | 'deleted'
  }): void {
    const mailbox = this.#mailboxes.get(`${event.orgId} ${event.lineId}`)
    if (mailbox === undefined) return
    this.#tally.add(`message ${event.change}`)
    const messages = mailbox.messages
      .filter(({ id }) => event.change !== 'deleted' || id !== event.messageId)
      .map((message) => (message.id === event.messageId ? { ...message, heard: true } : message))
    this.#mailboxes.set(`${event.orgId} ${event.lineId}`, { ...mailbox, messages })
  }

  #setMailbox(mailbox: Mailbox): void {
    this.#mailboxes.set(`${mailbox.orgId} ${mailbox.lineId}`, mailbox)
    this.#turn(() => this.#engine.setMailbox(this.#now, mailbox))
  }

  /** The same error with the seed, the moment, and the last lines about those concerned. */
  #explained(error: unknown): unknown {
    if (!(error instanceof Error)) return error
    const about = error instanceof RuleBroken ? error.about : {}
    const trace = this.#watch.diary.about(about)
    const where = `seed ${this.#seed}, ${Math.round(this.#now)} ms`
    const rule = error instanceof RuleBroken ? error.message : (error.stack ?? error.message)
    return new RuleBroken([`${where}: ${rule}`, ...trace].join('\n'), about)
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
