/**
 * Endpoints on a virtual network, for the tests beside this file: a party is an endpoint with an address, a trace of
 * what it was told, and a user that reacts. Every message is printed and parsed again on its way.
 */
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import type { Instant } from '@tandem/base'
import { CALM, Random, VirtualNetwork, type Weather } from '@tandem/testing'
import { Endpoint } from '../endpoint.ts'
import type { CallOutput, EndpointOptions, EndpointOutput, SipCrypto } from '../endpoint-api.ts'
import type { SipMessage } from '../message/message.ts'
import { parseMessage } from '../message/parse.ts'
import { printMessage } from '../message/print.ts'
import type { SessionDescription } from '../sdp/description.ts'
import { makeOffer } from '../sdp/offer-answer.ts'
import type { Destination, Flow, TransportName } from '../transport/flow.ts'

/** Most steps without time moving: more is a machine that goes round in a circle. */
const STILL_MAX = 2_000

/** Real hashes, seeded randomness. */
export function seededCrypto(seed: number): SipCrypto {
  const random = new Random(seed)
  return {
    hash: (algorithm, text) => createHash(algorithm).update(text).digest('hex'),
    hmac: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
    randomBytes: (length) => random.bytes(length),
  }
}

/** A description that names itself by its port, so that a trace can say which one it was. */
export function description(port: number): SessionDescription {
  const made = makeOffer({
    host: '127.0.0.1',
    rtpPort: port,
    sessionId: '1',
    version: port,
    codecs: ['PCMU'],
    dtmf: true,
  })
  assert.ok('media' in made)
  return made
}

/** The port by which `description` names itself. */
export function portOf(value: SessionDescription | undefined): string {
  return value === undefined ? '' : ` sdp=${value.media[0]?.port}`
}

/** What a party does with an output that is not a message to send. */
export type Reaction = (output: Exclude<EndpointOutput, { kind: 'transmit' }>, party: Party) => void

interface Packet {
  readonly bytes: Uint8Array
  readonly from: string
  readonly to: string
  readonly transport: TransportName
}

/** One user agent. */
export class Party {
  readonly name: string
  readonly host: string
  readonly endpoint: Endpoint
  react: Reaction = () => {}
  /** What it was told, in short. */
  readonly heard: string[] = []
  readonly #net: Net

  constructor(net: Net, name: string, host: string, options: Partial<EndpointOptions>) {
    this.#net = net
    this.name = name
    this.host = host
    this.endpoint = new Endpoint({
      crypto: seededCrypto(net.seed * 31 + host.length * 7 + name.charCodeAt(0)),
      product: 'test',
      advertised: () => ({ host, port: 5060 }),
      ...options,
    })
  }

  get now(): Instant {
    return this.#net.now
  }

  /** Carries out what a step of this party's endpoint caused. */
  act(outputs: readonly EndpointOutput[]): void {
    for (const output of outputs) {
      if (output.kind === 'transmit') this.#net.transmit(this, output.destination, output.message)
      else {
        this.heard.push(`${this.now} ${briefOutput(output)}`)
        this.react(output, this)
      }
    }
  }

  /** Where others send to this party. */
  destination(transport: TransportName = 'udp'): Destination {
    return { transport, address: { host: this.host, port: 5060 } }
  }

  /** Places a call to another party. */
  call(peer: Party, more: Partial<Parameters<Endpoint['invite']>[1]> = {}): number {
    const started = this.endpoint.invite(this.now, {
      uri: `sip:${peer.name}@${peer.host}`,
      from: `<sip:${this.name}@${this.host}>`,
      to: `<sip:${peer.name}@${peer.host}>`,
      destination: peer.destination(),
      offer: description(4_000),
      ...more,
    })
    this.act(started.outputs)
    return started.id
  }
}

/** The network with its parties. */
export class Net {
  readonly seed: number
  now: Instant = 0
  /** Messages as they left, in short, with the moment of leaving. */
  readonly trace: string[] = []
  /** Messages for which this says true never arrive. */
  lose: (message: SipMessage, from: string, to: string) => boolean = () => false
  readonly #air: VirtualNetwork<Packet>
  readonly #parties = new Map<string, Party>()

  constructor(seed = 1, weather: Weather = { ...CALM, delayMsMin: 10, delayMsMax: 10 }) {
    this.seed = seed
    this.#air = new VirtualNetwork(new Random(seed), weather)
  }

  set weather(weather: Weather) {
    this.#air.weather = weather
  }

  party(name: string, options: Partial<EndpointOptions> = {}): Party {
    const party = new Party(this, name, `10.0.0.${this.#parties.size + 1}`, options)
    this.#parties.set(party.host, party)
    return party
  }

  transmit(from: Party, destination: Destination, message: SipMessage): void {
    const to = this.#parties.get(destination.address.host)
    this.trace.push(`${this.now} ${from.name}>${to?.name ?? '?'} ${briefMessage(message)}`)
    if (to === undefined || this.lose(message, from.name, to.name)) return
    const { transport } = destination
    this.#air.send(this.now, { bytes: printMessage(message), from: from.host, to: to.host, transport })
  }

  /** Hands a message to a party as if `from` had sent it. */
  inject(message: SipMessage, from: Party, to: Party, transport: TransportName = 'udp'): void {
    this.#deliver({ bytes: printMessage(message), from: from.host, to: to.host, transport })
  }

  /** Lets time pass until nothing is left to do, at most until `ms`. */
  run(ms: number): void {
    let still = 0
    for (;;) {
      const parties = [...this.#parties.values()]
      const next = Math.min(this.#air.deadline, ...parties.map((party) => party.endpoint.deadline))
      if (next > ms) break
      still = next <= this.now ? still + 1 : 0
      if (still > STILL_MAX)
        assert.fail(`seed ${this.seed}: busy at ${this.now}\n${this.trace.slice(-20).join('\n')}`)
      this.now = Math.max(this.now, next)
      const delivery = this.#air.take(this.now)
      if (delivery !== undefined) this.#deliver(delivery.message)
      else for (const party of parties) party.act(party.endpoint.tick(this.now))
    }
    this.now = Math.max(this.now, Number.isFinite(ms) ? ms : this.now)
  }

  /** All that is alive anywhere. */
  get alive(): number {
    let sum = 0
    for (const { endpoint } of this.#parties.values()) {
      sum += endpoint.counts.calls + endpoint.counts.transactions
      if (endpoint.counts.calls + endpoint.counts.transactions === 0)
        assert.equal(endpoint.deadline, Number.POSITIVE_INFINITY, 'an endpoint at rest waits for nothing')
    }
    return sum
  }

  #deliver(packet: Packet): void {
    const party = this.#parties.get(packet.to)
    const message = parseMessage(packet.bytes)
    assert.ok(party !== undefined && message.kind !== 'failure', 'what we print can be parsed')
    const flow: Flow = {
      id: `${packet.transport} ${packet.to} ${packet.from}`,
      transport: packet.transport,
      local: { host: packet.to, port: 5060 },
      remote: { host: packet.from, port: 5060 },
    }
    party.act(party.endpoint.receive(this.now, message, flow))
  }
}

/** A message in short: its method, or its status and the method that it answers. */
export function briefMessage(message: SipMessage): string {
  const sdp =
    message.body.length === 0 ? '' : /m=audio (\d+)/.exec(new TextDecoder().decode(message.body))?.[1]
  const tail = sdp === '' ? '' : ` sdp=${sdp}`
  if (message.kind === 'request') return `${message.method}${tail}`
  return `${message.status} ${message.headers.get('CSeq')?.split(' ')[1]}${tail}`
}

/** An output in short. */
function briefOutput(output: Exclude<EndpointOutput, { kind: 'transmit' }>): string {
  if (output.kind === 'refused') return `refused ${output.why}`
  if (output.kind === 'request') return `request ${output.request.method}`
  if (output.kind === 'response') return `response ${output.response.status}`
  return briefCall(output)
}

function briefCall(output: CallOutput): string {
  const { kind } = output
  switch (output.kind) {
    case 'progressed':
      return `progressed ${output.status}${portOf(output.answer)}`
    case 'rejected':
    case 'offerFailed':
      return `${kind} ${output.status}`
    case 'accepted':
      return `accepted${portOf(output.answer)}${output.offer === undefined ? '' : ` offer${portOf(output.offer)}`}`
    case 'acknowledged':
    case 'answered':
      return `${kind}${portOf(output.answer)}`
    case 'invited':
    case 'offered':
      return `${kind}${portOf(output.offer)}`
    case 'callRequest':
      return `callRequest ${output.request.method}`
    case 'callResponse':
      return `callResponse ${output.response.status}`
    case 'ended':
      return `ended ${output.why}`
    case 'cancelled':
      return `cancelled${output.reason === undefined ? '' : ` ${output.reason}`}`
  }
}
