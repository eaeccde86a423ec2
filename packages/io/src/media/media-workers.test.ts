import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import {
  type MediaEvent,
  type ReadItem,
  SegmentReader,
  type Sound,
  sequenceOf,
  ssrcOf,
  unwrapDataKey,
  writeRtpHeader,
} from '@tandem/media'
import { open } from '../crypto.ts'
import { StartError } from '../start-error.ts'
import { now, wallOffsetMs } from '../time/clock.ts'
import { type MediaWorkers, startMediaWorkers } from './media-workers.ts'
import { WorkerMediaPort } from './worker-media-port.ts'

const KEK = new Uint8Array(randomBytes(32))
const HOST = '127.0.0.1'
const OFFSET_MS = wallOffsetMs()
const TURN_MS = 20
/** The clips folder below a rig's own. */
const CLIPS = 'clips'
/** Far above what any of this takes, so that a hang is a failure and not a wait. */
const PATIENCE_MS = 8_000

/** Media workers with their port, and the events that came. */
class Rig {
  readonly port: WorkerMediaPort
  readonly workers: MediaWorkers
  readonly folder: string
  readonly events: MediaEvent[] = []
  #waiting: {
    readonly found: (event: MediaEvent) => boolean
    readonly resolve: (event: MediaEvent) => void
  }[] = []

  static async start(options: { workers: number; portMin: number; portMax: number }): Promise<Rig> {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-media-'))
    const workers = await startMediaWorkers({
      media: { host: HOST, ...options },
      journalFolder: folder,
      clipsFolder: join(folder, CLIPS),
      wallOffsetMs: OFFSET_MS,
      logger: SILENT,
    })
    return new Rig(folder, workers)
  }

  constructor(folder: string, workers: MediaWorkers) {
    this.folder = folder
    this.workers = workers
    this.port = new WorkerMediaPort({
      links: workers.links,
      kek: KEK,
      wallOffsetMs: OFFSET_MS,
      onEvent: (event) => this.#heard(event),
      onRetired() {},
      logger: SILENT,
    })
  }

  event<Kind extends MediaEvent['kind']>(
    kind: Kind,
    of: (event: Extract<MediaEvent, { kind: Kind }>) => boolean = () => true,
  ): Promise<Extract<MediaEvent, { kind: Kind }>> {
    const found = (event: MediaEvent): boolean => event.kind === kind && of(event as never) // Narrowed by `kind`.
    const before = this.events.find(found)
    if (before !== undefined) return Promise.resolve(before as never)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${kind}`)), PATIENCE_MS)
      this.#waiting.push({
        found,
        resolve: (event) => {
          clearTimeout(timer)
          resolve(event as never)
        },
      })
    })
  }

  async allocate(leg: string, session: string): Promise<number> {
    this.port.command({ kind: 'allocate', leg, session, family: 4 })
    return (await this.event('allocated', (event) => event.leg === leg)).port
  }

  /** A leg that speaks with `phone`, whose SDP names `sdpPort` (its real one, unless it is behind NAT). */
  async leg(leg: string, session: string, phone: Phone, sdpPort: number = phone.port): Promise<number> {
    const port = await this.allocate(leg, session)
    this.port.command({
      kind: 'configure',
      leg,
      format: { codec: 'PCMU', payloadType: 0, clockRateHz: 8_000, ptimeMs: 20 },
      remote: { host: HOST, port: sdpPort, rtcpPort: sdpPort + 1 },
      send: true,
      receive: true,
      relearn: false,
    })
    return port
  }

  async release(leg: string): Promise<void> {
    this.port.command({ kind: 'release', leg })
    await this.event('released', (event) => event.leg === leg)
  }

  async readJournals(): Promise<ReadItem[][]> {
    const names = (await readdir(this.folder)).filter((name) => name !== CLIPS)
    return Promise.all(
      names.map(async (name) => {
        const keyFor = (id: string, wrapped: Uint8Array): Uint8Array | undefined =>
          unwrapDataKey(open, KEK, id, wrapped)
        return new SegmentReader({ keyFor, open }).push(await readFile(join(this.folder, name)))
      }),
    )
  }

  async stop(): Promise<void> {
    await this.port.finish()
    await this.workers.terminate()
    await rm(this.folder, { recursive: true })
  }

  #heard(event: MediaEvent): void {
    this.events.push(event)
    const served = this.#waiting.filter((each) => each.found(event))
    this.#waiting = this.#waiting.filter((each) => !served.includes(each))
    for (const each of served) each.resolve(event)
  }
}

/** A phone's RTP socket: says marked packets every 20 ms, keeps what it hears. */
class Phone {
  readonly socket: dgram.Socket
  readonly heard: Buffer[] = []
  #listeners: (() => void)[] = []
  #sequences = new Map<number, number>()

  static async open(): Promise<Phone> {
    const socket = dgram.createSocket('udp4')
    socket.bind(0, HOST)
    await once(socket, 'listening')
    const phone = new Phone(socket)
    phones.push(phone)
    return phone
  }

  constructor(socket: dgram.Socket) {
    this.socket = socket
    socket.on('message', (packet) => {
      this.heard.push(packet)
      for (const listener of this.#listeners) listener()
    })
  }

  get port(): number {
    return this.socket.address().port
  }

  /** Sends one packet whose payload says `mark`. */
  say(port: number, mark: number, ssrc = this.port): void {
    const sequence = (this.#sequences.get(ssrc) ?? 0) + 1
    this.#sequences.set(ssrc, sequence)
    const packet = new Uint8Array(172).fill(mark)
    writeRtpHeader(packet, 0, false, sequence, sequence * 160, ssrc)
    this.socket.send(packet, port, HOST)
  }

  /** The marks heard so far, each once. */
  marks(): Set<number> {
    return new Set(this.heard.map((packet) => packet[12] ?? -1))
  }

  hears(mark: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${mark} was never heard`)), PATIENCE_MS)
      const look = (): void => {
        if (!this.marks().has(mark)) return
        clearTimeout(timer)
        this.#listeners = this.#listeners.filter((each) => each !== look)
        resolve()
      }
      this.#listeners.push(look)
      look()
    })
  }
}

const phones: Phone[] = []
after(() => {
  for (const phone of phones) phone.socket.close()
})

/** Has `turn` run every 20 ms until `done`. */
async function until(done: Promise<unknown>, turn: () => void): Promise<void> {
  turn()
  const timer = setInterval(turn, TURN_MS)
  await done.finally(() => clearInterval(timer))
}

describe('media workers', () => {
  let rig: Rig
  let pair: Rig
  before(async () => {
    rig = await Rig.start({ workers: 1, portMin: 42_000, portMax: 44_999 })
    pair = await Rig.start({ workers: 2, portMin: 45_000, portMax: 45_999 })
  })
  after(() => Promise.all([rig.stop(), pair.stop()]))

  it('relay between two legs, each on its own clock', async () => {
    const [a, b] = [await Phone.open(), await Phone.open()]
    const [portA, portB] = [await rig.leg('r-a', 'r', a), await rig.leg('r-b', 'r', b)]
    rig.port.command({ kind: 'bridge', a: 'r-a', b: 'r-b' })
    await until(Promise.all([a.hears(2), b.hears(1)]), () => {
      a.say(portA, 1)
      b.say(portB, 2)
    })
    assert.notEqual(ssrcOf(b.heard[0] as Buffer), a.port)
    await rig.release('r-a')
    await rig.release('r-b')
  })

  it('let late packets after BYE never reach another call', async () => {
    const [gone, peer] = [await Phone.open(), await Phone.open()]
    const port = await rig.leg('late-a', 'late', gone)
    const peerPort = await rig.leg('late-b', 'late', peer)
    rig.port.command({ kind: 'bridge', a: 'late-a', b: 'late-b' })
    await until(peer.hears(66), () => {
      gone.say(port, 66)
      peer.say(peerPort, 1)
    })
    await rig.release('late-a')
    await rig.release('late-b')
    // New calls come until one is given the very port that the dead phone still talks to.
    const next: Phone[] = []
    for (let i = 0; i < 40; i++) {
      const [c, d] = [await Phone.open(), await Phone.open()]
      const portC = await rig.leg(`next-c${i}`, `next${i}`, c)
      const portD = await rig.leg(`next-d${i}`, `next${i}`, d)
      rig.port.command({ kind: 'bridge', a: `next-c${i}`, b: `next-d${i}` })
      next.push(c, d)
      if (portC !== port && portD !== port) continue
      await until(Promise.all([c.hears(4), d.hears(3)]), () => {
        for (let burst = 0; burst < 5; burst++) gone.say(port, 66)
        c.say(portC, 3)
        d.say(portD, 4)
      })
      break
    }
    for (const phone of next) assert.ok(!phone.marks().has(66), 'a dead call was heard')
    const [counts] = await rig.port.workerCounts()
    assert.ok(
      (counts?.dropped['released'] ?? 0) > 0,
      'the port was given out again, and it was dropped there',
    )
    for (let i = 0; i < next.length / 2; i++) {
      await rig.release(`next-c${i}`)
      await rig.release(`next-d${i}`)
    }
  })

  it('tell many legs from one source address and port apart, as a trunk sends them', async () => {
    const trunk = await Phone.open()
    const calls = await Promise.all(
      Array.from({ length: 12 }, async (_, call) => {
        const phone = await Phone.open()
        const trunkPort = await rig.leg(`trunk-t${call}`, `trunk${call}`, trunk)
        const phonePort = await rig.leg(`trunk-p${call}`, `trunk${call}`, phone)
        rig.port.command({ kind: 'bridge', a: `trunk-t${call}`, b: `trunk-p${call}` })
        return { call, phone, trunkPort, phonePort }
      }),
    )
    await until(Promise.all(calls.map(({ phone, call }) => phone.hears(100 + call))), () => {
      for (const { call, phone, trunkPort, phonePort } of calls) {
        trunk.say(trunkPort, 100 + call, 7_000 + call)
        phone.say(phonePort, 1)
      }
    })
    for (const { call, phone } of calls) assert.deepEqual(Array.from(phone.marks()), [100 + call])
    for (const { call } of calls) {
      await rig.release(`trunk-t${call}`)
      await rig.release(`trunk-p${call}`)
    }
  })

  it('find a phone behind symmetric NAT, whose SDP names another port than it speaks from', async () => {
    const [hidden, peer] = [await Phone.open(), await Phone.open()]
    const port = await rig.leg('nat-a', 'nat', hidden, 9)
    const peerPort = await rig.leg('nat-b', 'nat', peer)
    rig.port.command({ kind: 'bridge', a: 'nat-a', b: 'nat-b' })
    await until(Promise.all([hidden.hears(8), peer.hears(7)]), () => {
      hidden.say(port, 7)
      peer.say(peerPort, 8)
    })
    // From now on the source is locked: a third party on the same port is not heard.
    const stranger = await Phone.open()
    const seen = peer.heard.length
    await until(
      new Promise<void>((resolve) => {
        peer.socket.on('message', () => {
          if (peer.heard.length > seen + 10) resolve()
        })
      }),
      () => {
        stranger.say(port, 99)
        hidden.say(port, 7)
      },
    )
    assert.ok(!peer.marks().has(99))
    await rig.release('nat-a')
    await rig.release('nat-b')
  })

  it('give 500 ringing legs a port each, and all of them back', async () => {
    const legs = Array.from({ length: 500 }, (_, index) => `ring-${index}`)
    const ports = await Promise.all(legs.map((leg) => rig.allocate(leg, leg)))
    assert.equal(new Set(ports).size, 500, 'two legs that learn never share a port')
    const [ringing] = await rig.port.workerCounts()
    assert.equal(ringing?.legs, 500)
    await Promise.all(legs.map((leg) => rig.release(leg)))
    const [still] = await rig.port.workerCounts()
    assert.equal(still?.legs, 0)
    assert.deepEqual(rig.port.counts, { legs: 0, recordings: 0 })
  })

  it('re-bridge between two workers as a transfer does, without a break in the clock of the leg that stays', async () => {
    const [a, b, c] = [await Phone.open(), await Phone.open(), await Phone.open()]
    const portA = await pair.leg('x-a', 'x', a)
    const portB = await pair.leg('x-b', 'x', b)
    const portC = await pair.leg('x-c', 'y', c) // Another session: it lands on the other worker.
    await pair.allocate('x-d', 'x')
    pair.port.command({ kind: 'bridge', a: 'x-a', b: 'x-b' })
    await until(Promise.all([a.hears(2), b.hears(1)]), () => {
      a.say(portA, 1)
      b.say(portB, 2)
    })
    pair.port.command({ kind: 'unbridge', leg: 'x-b' })
    pair.port.command({ kind: 'bridge', a: 'x-a', b: 'x-c' })
    await until(Promise.all([a.hears(3), c.hears(1)]), () => {
      a.say(portA, 1)
      b.say(portB, 2)
      c.say(portC, 3)
    })
    const counts = await pair.port.workerCounts()
    assert.deepEqual(
      counts.map((each) => each.legs),
      [3, 1],
    )
    assert.deepEqual(new Set(a.heard.map(ssrcOf)).size, 1, 'one SSRC for the whole life of the leg')
    const sequences = a.heard.map((packet) => sequenceOf(packet))
    for (let i = 1; i < sequences.length; i++) {
      assert.equal(((sequences[i] ?? 0) - (sequences[i - 1] ?? 0)) & 0xffff, 1, 'numbered without a gap')
    }
    // And back again, inside one worker.
    pair.port.command({ kind: 'bridge', a: 'x-a', b: 'x-b' })
    await until(b.hears(55), () => {
      a.say(portA, 55)
      b.say(portB, 2)
    })
    for (const leg of ['x-a', 'x-b', 'x-c', 'x-d']) await pair.release(leg)
  })

  it('record a call whose legs are on two workers: both segments open, hear their side and close', async () => {
    const [a, b] = [await Phone.open(), await Phone.open()]
    const portA = await pair.leg('rec-a', 'rec-1', a)
    const portB = await pair.leg('rec-b', 'rec-2', b)
    const at = now() + OFFSET_MS
    pair.port.command({ kind: 'openRecording', recording: 'rec', at, facts: '{"n":1}' })
    pair.port.command({ kind: 'note', recording: 'rec', at, note: '{"note":0}' }) // As the engine does: before any leg.
    pair.port.command({ kind: 'attach', recording: 'rec', side: 'left', leg: 'rec-a' })
    pair.port.command({ kind: 'attach', recording: 'rec', side: 'right', leg: 'rec-b' })
    pair.port.command({ kind: 'bridge', a: 'rec-a', b: 'rec-b' })
    await pair.event('recordingOpened')
    await until(Promise.all([a.hears(22), b.hears(11)]), () => {
      a.say(portA, 11)
      b.say(portB, 22)
    })
    pair.port.command({ kind: 'note', recording: 'rec', at, note: '{"note":1}' })
    pair.port.command({ kind: 'closeRecording', recording: 'rec', at: now() + OFFSET_MS, facts: '{"n":2}' })
    await pair.event('recordingClosed')
    const journals = (await pair.readJournals()).filter((items) => items.length > 0)
    assert.equal(journals.length, 2)
    const shape = journals.map((items) => ({
      continues: items.flatMap((item) => (item.kind === 'opening' ? [item.opening.continues] : [])),
      marks: new Set(
        items.flatMap((item) => (item.kind === 'packet' ? [`${item.side} ${item.packet[12]}`] : [])),
      ),
      entries: items.flatMap((item) => (item.kind === 'entry' ? [item.entry.kind] : [])),
    }))
    shape.sort((x, y) => Number(x.continues[0]) - Number(y.continues[0]))
    assert.deepEqual(shape, [
      { continues: [false], marks: new Set(['0 11']), entries: ['note', 'joined', 'note', 'closed'] },
      { continues: [true], marks: new Set(['1 22']), entries: ['joined', 'closed'] },
    ])
    assert.deepEqual(pair.port.counts.recordings, 0)
    assert.equal(pair.events.filter((event) => event.kind === 'recordingOpened').length, 1)
    for (const leg of ['rec-a', 'rec-b']) await pair.release(leg)
  })

  it('mix a room whose legs are on two workers: each hears the others and never itself', async () => {
    const [a, b, c] = [await Phone.open(), await Phone.open(), await Phone.open()]
    const portA = await pair.leg('mix-a', 'mix-1', a)
    const portC = await pair.leg('mix-c', 'mix-2', c) // The other worker's.
    const portB = await pair.leg('mix-b', 'mix-1', b)
    const mix = (leg: string, options: { speaks?: boolean; hears?: boolean } = {}) =>
      pair.port.command({ kind: 'mix', room: 'mixed', leg, speaks: true, hears: true, ...options })
    for (const leg of ['mix-a', 'mix-b', 'mix-c']) mix(leg)
    const talk = (marks: readonly [number, number, number]) => (): void => {
      a.say(portA, marks[0])
      b.say(portB, marks[1])
      c.say(portC, marks[2])
    }
    await until(Promise.all([a.hears(0x30), b.hears(0x30)]), talk([0xff, 0xff, 0x30]))
    await until(Promise.all([b.hears(0x31), c.hears(0x31)]), talk([0x31, 0xff, 0xff]))
    assert.ok(!c.marks().has(0x30) && !a.marks().has(0x31))
    const [first] = await pair.port.workerCounts()
    assert.deepEqual(
      (await pair.port.workerCounts()).map(({ legs, rooms }) => [legs, rooms]),
      [
        [2, 1],
        [1, 0],
      ],
    )
    assert.equal(first?.ringDrops, 0)

    mix('mix-c', { speaks: false }) // Listens only: what it says from now on reaches nobody.
    a.heard.length = 0
    c.heard.length = 0
    await until(c.hears(0x32), talk([0x32, 0xff, 0x33]))
    assert.ok(!a.marks().has(0x33))
    pair.port.command({ kind: 'bridge', a: 'mix-b', b: 'mix-c' })
    await until(Promise.all([b.hears(0x35), c.hears(0x36)]), talk([0x34, 0x36, 0x35]))
    assert.ok(!b.marks().has(0x34))
    for (const leg of ['mix-a', 'mix-b', 'mix-c']) await pair.release(leg)
    assert.deepEqual(
      (await pair.port.workerCounts()).map(({ legs, rooms }) => [legs, rooms]),
      [
        [0, 0],
        [0, 0],
      ],
    )
  })

  it('play clips of the folder and prompts, and tell when they ended or are not there', async () => {
    const phone = await Phone.open()
    await rig.leg('clip-a', 'clip', phone)
    await mkdir(join(rig.folder, CLIPS, 'own'), { recursive: true })
    await writeFile(join(rig.folder, CLIPS, 'own', 'greeting.ulaw'), new Uint8Array(1_600).fill(0x42))
    const play = (token: string, sound: Sound) => {
      rig.port.command({ kind: 'play', leg: 'clip-a', sound, token })
      return rig.event('played', (event) => event.token === token)
    }
    assert.ok((await play('t1', { kind: 'clip', name: 'own/greeting' })).complete)
    assert.ok(phone.marks().has(0x42))
    assert.ok((await play('t2', { kind: 'prompt', name: 'done' })).complete)
    assert.ok((await play('t3', { kind: 'digits', digits: '1' })).complete)
    assert.ok(!(await play('t4', { kind: 'clip', name: 'own/missing' })).complete)
    assert.ok(!(await play('t5', { kind: 'clip', name: '../journal' })).complete)
    await rig.release('clip-a')
  })

  it('start with one sentence that names the range when none of it is free', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-media-'))
    await assert.rejects(
      startMediaWorkers({
        media: { host: '192.0.2.1', portMin: 42_000, portMax: 42_010, workers: 1 },
        journalFolder: folder,
        wallOffsetMs: OFFSET_MS,
        logger: SILENT,
      }),
      (error: unknown) => error instanceof StartError && /between 42000 and 42010/.test(error.message),
    )
    await rm(folder, { recursive: true })
  })
})
