/**
 * What the tests of `MediaMachine` share: a machine whose sockets, journal and clips are lists, and phones that speak
 * RTP to it. It holds no tests of its own.
 */
import assert from 'node:assert/strict'
import type { Instant } from '@tandem/base'
import { at, Random } from '@tandem/testing'
import type { JournalEntry } from '../journal/entry.ts'
import type { MediaCommand, MediaEvent, MediaFormat } from '../port.ts'
import { RtpView, writeRtpHeader } from '../rtp/rtp-packet.ts'
import { MediaMachine } from './media-machine.ts'

export const PCMU: MediaFormat = {
  codec: 'PCMU',
  payloadType: 0,
  clockRateHz: 8000,
  ptimeMs: 20,
  dtmfPayloadType: 101,
}
export const PCMA: MediaFormat = { codec: 'PCMA', payloadType: 8, clockRateHz: 8000, ptimeMs: 20 }

export type Sent = {
  from: number
  to: string
  type: number
  marker: boolean
  sequence: number
  timestamp: number
  ssrc: number
  payload: number[]
}

/** A machine whose sockets and journal are lists. */
export class Rig {
  readonly sent: Sent[] = []
  readonly rtcp: { from: number; to: string; bytes: Uint8Array }[] = []
  readonly across: { ring: number; bytes: Uint8Array }[] = []
  readonly kept: { recording: string; side: number; stream: number; bytes: Uint8Array }[] = []
  readonly entries: { recording: string; entry: JournalEntry }[] = []
  readonly machine: MediaMachine
  /** Clips by name; nobody else reads files here. */
  readonly clips = new Map<string, Uint8Array | 'loading'>()
  now: Instant = at(1000)

  constructor(ports = 4, host = '192.0.2.1') {
    const random = new Random(7)
    const view = new RtpView()
    this.machine = new MediaMachine({
      random: () => random.next(),
      clips: { find: (name) => this.clips.get(name) },
      sink: {
        sendRtp: (from, packet, length, host, port) => {
          assert.equal(view.read(packet, length), undefined)
          this.sent.push({
            from,
            to: `${host}:${port}`,
            type: view.payloadType,
            marker: view.marker,
            sequence: view.sequence,
            timestamp: view.timestamp,
            ssrc: view.ssrc,
            payload: [...packet.subarray(view.payloadStart, view.payloadEnd)],
          })
        },
        sendRtcp: (from, packet, length, host, port) => {
          this.rtcp.push({ from, to: `${host}:${port}`, bytes: packet.slice(0, length) })
        },
        sendAcross: (ring, packet, length) => this.across.push({ ring, bytes: packet.slice(0, length) }),
      },
      journal: {
        packet: (recording, side, stream, _at, packet, length) =>
          this.kept.push({ recording, side, stream, bytes: packet.slice(0, length) }),
        entry: (recording, entry) => this.entries.push({ recording, entry }),
      },
    })
    for (let index = 0; index < ports; index++) this.machine.addPort(10_000 + 2 * index, host)
  }

  command(command: MediaCommand): MediaEvent[] {
    return this.machine.command(this.now, command)
  }

  /** Allocates a leg and returns its port. */
  allocate(leg: string): number {
    const [event] = this.command({ kind: 'allocate', leg, session: 's', family: 4 })
    assert.equal(event?.kind, 'allocated')
    return event.port
  }

  configure(
    leg: string,
    remote: string,
    options: Partial<Extract<MediaCommand, { kind: 'configure' }>> = {},
  ): void {
    const [host = '', port = ''] = remote.split(':')
    this.command({
      kind: 'configure',
      leg,
      format: PCMU,
      remote: { host, port: Number(port), rtcpPort: Number(port) + 1 },
      send: true,
      receive: true,
      relearn: false,
      ...options,
    })
  }

  /** A leg that has spoken one packet from the address its SDP names. */
  talking(leg: string, remote: string, ssrc: number, format: MediaFormat = PCMU): Phone {
    const phone = new Phone(this, this.allocate(leg), remote, ssrc, format)
    this.configure(leg, remote, { format })
    phone.speak()
    return phone
  }

  run(ms: number): MediaEvent[] {
    const events: MediaEvent[] = []
    const until = this.now + ms
    while (this.machine.deadline <= until) {
      this.now = Math.max(this.now, this.machine.deadline)
      events.push(...this.machine.tick(this.now))
    }
    this.now = until
    return events
  }

  get dropped(): Record<string, number> {
    return Object.fromEntries(
      Object.entries(this.machine.counts.droppedPackets).filter(([, count]) => count > 0),
    )
  }
}

/** A phone's RTP stream. */
export class Phone {
  sequence = 100
  timestamp = 5000
  fill = 0x55
  readonly rig: Rig
  readonly port: number
  from: string
  ssrc: number
  readonly format: MediaFormat

  constructor(rig: Rig, port: number, from: string, ssrc: number, format: MediaFormat = PCMU) {
    this.rig = rig
    this.port = port
    this.from = from
    this.ssrc = ssrc
    this.format = format
  }

  speak(count = 1): void {
    for (let index = 0; index < count; index++) {
      this.send(this.format.payloadType, new Uint8Array(160).fill(this.fill))
      this.timestamp = (this.timestamp + 160) >>> 0
      this.rig.now += 20
    }
  }

  send(type: number, payload: Uint8Array, options: { marker?: boolean; timestamp?: number } = {}): void {
    const packet = new Uint8Array(12 + payload.length)
    packet.set(payload, 12)
    const timestamp = options.timestamp ?? this.timestamp
    writeRtpHeader(packet, type, options.marker ?? false, this.sequence, timestamp, this.ssrc)
    this.sequence = (this.sequence + 1) & 0xffff
    const [host = '', port = ''] = this.from.split(':')
    this.rig.machine.receiveRtp(this.rig.now, this.port, packet, packet.length, host, Number(port))
  }
}
