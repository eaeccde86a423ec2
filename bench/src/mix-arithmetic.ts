/**
 * The arithmetic of a mix on its own: processor time of one `MediaMachine` with sinks that take nothing, mixing three
 * parties against relaying the same three streams. A detail of the `mix` benchmark: the kernel's share, which both pay,
 * is left out, so the ratio is larger than the one that a server has.
 *
 * A thousand packets of each party go through both in turn, in rounds; of the rounds the median counts. Relayed are
 * three bridges whose second legs are silent, so that as many packets come in and go out as in the room.
 */
import { cpuUsage } from 'node:process'
import { encodeG711, MediaMachine, writeRtpHeader } from '@tandem/media'
import { median, rounded } from './rtp-load.ts'

const PARTIES = 3
const PACKET_MS = 20
const HEADER_BYTES = 12
const PAYLOAD_BYTES = 160

interface Scale {
  readonly rooms: number
  readonly packets: number
  readonly rounds: number
}

const FULL: Scale = { rooms: 40, packets: 250, rounds: 15 }
const TINY: Scale = { rooms: 2, packets: 20, rounds: 2 }

/** What came of it. Times are in nanoseconds of processor for each packet of a party. */
export interface Arithmetic {
  readonly mixedNs: number
  readonly relayedNs: number
  readonly ratio: number
  readonly checksum: number
}

/** Mixes and relays in turn, and compares. */
export function compareArithmetic(tiny: boolean): Arithmetic {
  const scale = tiny ? TINY : FULL
  const [mixing, relaying] = [new Work(scale, 'mix'), new Work(scale, 'relay')]
  const [mixed, relayed, ratios]: [number[], number[], number[]] = [[], [], []]
  for (let round = -1; round < scale.rounds; round++) {
    const [mix, relay] = [mixing.round(), relaying.round()]
    if (round < 0) continue // The first one warms both up.
    mixed.push(mix)
    relayed.push(relay)
    ratios.push(mix / relay)
  }
  const each = scale.rooms * PARTIES * scale.packets
  return {
    mixedNs: rounded((1_000_000 * median(mixed)) / each),
    relayedNs: rounded((1_000_000 * median(relayed)) / each),
    ratio: rounded(median(ratios)),
    checksum: mixing.checksum + relaying.checksum,
  }
}

/** One machine with its legs. */
class Work {
  readonly #scale: Scale
  readonly #machine: MediaMachine
  readonly #packet = new Uint8Array(HEADER_BYTES + PAYLOAD_BYTES)
  readonly #voices: readonly Uint8Array[]
  readonly #ports: number[] = []
  #now = 1_000
  #sequence = 0
  sent = 0
  checksum = 0

  constructor(scale: Scale, kind: 'mix' | 'relay') {
    this.#scale = scale
    let seed = 1
    this.#machine = new MediaMachine({
      random: () => {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
        return seed
      },
      sink: {
        sendRtp: (_port, packet, length) => {
          this.sent += 1
          this.checksum = (this.checksum + (packet[length - 1] ?? 0)) % 1_000_003
        },
        sendRtcp() {},
        sendAcross() {},
      },
      journal: { packet() {}, entry() {} },
    })
    this.#voices = Array.from({ length: PARTIES }, (_, party) => voiceOf(300 + 170 * party))
    for (let room = 0; room < scale.rooms; room++) this.#fill(room, kind)
    for (let turn = 0; turn < 10; turn++) this.#turn()
    this.sent = 0
  }

  /** Milliseconds of processor for all packets of a round. */
  round(): number {
    const before = cpuUsage()
    for (let packet = 0; packet < this.#scale.packets; packet++) this.#turn()
    const { user, system } = cpuUsage(before)
    return (user + system) / 1_000
  }

  #fill(room: number, kind: 'mix' | 'relay'): void {
    for (let party = 0; party < PARTIES; party++) {
      const leg = `${room}-${party}`
      this.#ports.push(this.#allocate(leg, 10_000 + this.#ports.length))
      if (kind === 'mix') this.#command({ kind: 'mix', room: `${room}`, leg, speaks: true, hears: true })
      else {
        const other = `${leg}-other`
        this.#allocate(other, 40_000 + this.#ports.length)
        this.#command({ kind: 'bridge', a: leg, b: other })
      }
    }
  }

  #allocate(leg: string, from: number): number {
    const number = 100_000 + 2 * from
    this.#machine.addPort(number, '192.0.2.1')
    const events = this.#machine.command(this.#now, { kind: 'allocate', leg, session: leg, family: 4 })
    const port = events.find((event) => event.kind === 'allocated')?.port ?? 0
    this.#command({
      kind: 'configure',
      leg,
      format: { codec: 'PCMU', payloadType: 0, clockRateHz: 8_000, ptimeMs: PACKET_MS },
      remote: { host: '198.51.100.1', port: from, rtcpPort: from + 1 },
      send: true,
      receive: true,
      relearn: false,
    })
    this.#say(port, from, 0)
    return port
  }

  /** Twenty milliseconds: a packet of every party, and a tick. */
  #turn(): void {
    this.#now += PACKET_MS
    this.#sequence = (this.#sequence + 1) & 0xffff
    for (const [index, port] of this.#ports.entries()) this.#say(port, 10_000 + index, index % PARTIES)
    this.#machine.tick(this.#now)
  }

  #say(port: number, from: number, party: number): void {
    this.#packet.set(this.#voices[party] ?? [], HEADER_BYTES)
    writeRtpHeader(this.#packet, 0, false, this.#sequence, this.#sequence * PAYLOAD_BYTES, from)
    this.#machine.receiveRtp(this.#now, port, this.#packet, this.#packet.length, '198.51.100.1', from)
  }

  #command(command: Parameters<MediaMachine['command']>[1]): void {
    this.#machine.command(this.#now, command)
  }
}

function voiceOf(hertz: number): Uint8Array {
  const samples = Int16Array.from({ length: PAYLOAD_BYTES }, (_, at) =>
    Math.round(6_000 * Math.sin((2 * Math.PI * hertz * at) / 8_000)),
  )
  const payload = new Uint8Array(PAYLOAD_BYTES)
  encodeG711('PCMU', samples, PAYLOAD_BYTES, payload, 0)
  return payload
}
