/**
 * What the tests of whole phones share: phones on loopback without a server between them, a far end that a test leads by
 * hand, and ears for tones. There are no tests in here.
 */
import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach } from 'node:test'
import { SILENT } from '@tandem/base'
import { drive, nodeCrypto, now, openTransports, type SipTransports, type Step } from '@tandem/io'
import {
  Endpoint,
  type EndpointOutput,
  Headers,
  makeOffer,
  type SessionDescription,
  type SipCallId,
  type SipMessage,
  type SocketAddress,
} from '@tandem/sip'
import type { PhoneEvent } from './events/event.ts'
import type { PhoneOptions } from './options.ts'
import { openPhone, type Phone } from './phone.ts'
import { readWav, WAV_RATE_HZ } from './wav/wav.ts'

const ACCOUNT = { password: 'x', domain: 'example.test' }
const HOST = '127.0.0.1'

/** Where the tests of one file write. */
export const folder: string = mkdtempSync(join(tmpdir(), 'tandem-phone-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** What a test has opened: it must not stay open when the test fails. */
const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

/** A phone that is closed after the test; its proxy is nobody unless `options` say so. */
export async function open(user: string, options: Partial<PhoneOptions> = {}): Promise<Phone> {
  const phone = await openPhone({ ...ACCOUNT, user, proxy: { host: HOST, port: 9 }, ...options })
  opened.push(phone)
  return phone
}

/** A phone and the one that its calls go to. */
export async function pair(
  callee: Partial<PhoneOptions> = {},
  caller: Partial<PhoneOptions> = {},
): Promise<{ ada: Phone; ben: Phone }> {
  const ben = await open('ben', callee)
  return { ben, ada: await open('ada', { ...caller, proxy: ben.address }) }
}

/** The file of a phone, for `recordTo`. */
export function file(name: string): string {
  return join(folder, name)
}

/** All that a phone wrote. */
export function samplesOf(name: string): Int16Array {
  return readWav(readFileSync(file(name)), name)
}

/** How loud one frequency is in samples: Goertzel's filter, 1 for a full-scale sine. */
export function amplitude(samples: Int16Array, frequencyHz: number): number {
  const factor = 2 * Math.cos((2 * Math.PI * frequencyHz) / WAV_RATE_HZ)
  let [before, last] = [0, 0]
  for (const sample of samples) [before, last] = [last, sample / 32_768 + factor * last - before]
  return (2 * Math.sqrt(Math.max(0, last * last + before * before - factor * last * before))) / samples.length
}

/**
 * How loud a frequency is where it is loudest, over a tenth of a second: on a busy machine packets come late, and what was
 * said is heard in pieces.
 */
export function loudest(samples: Int16Array, frequencyHz: number): number {
  const window = WAV_RATE_HZ / 10
  let most = 0
  for (let at = 0; at + window <= samples.length; at += window / 2)
    most = Math.max(most, amplitude(samples.subarray(at, at + window), frequencyHz))
  return most
}

/** Everything that a phone has told. */
export function events(phone: Phone): PhoneEvent[] {
  const all: PhoneEvent[] = []
  for (let cursor = 0; ; ) {
    const found = phone.log.find(cursor, () => true)
    if (found === undefined) return all
    all.push(found.event)
    cursor = found.cursor
  }
}

/** The events of a phone in short: `1 established`, `2 held us`; the lamp and the like without a number. */
export function story(phone: Phone): string[] {
  return events(phone).map((event) => {
    const facts = [
      'call' in event ? event.call : undefined,
      event.kind,
      'by' in event ? event.by : undefined,
      'why' in event ? event.why : undefined,
      'status' in event ? event.status : undefined,
    ]
    return facts.filter((fact) => fact !== undefined).join(' ')
  })
}

/** Time for sound, which takes as long as it takes. */
export function listen(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

const WAIT_MS_MAX = 8_000 // A test that waits longer has failed, and must not keep the process.

/** Waits until something is there. */
export async function found<Thing>(look: () => Thing | undefined): Promise<Thing> {
  for (const giveUpAt = now() + WAIT_MS_MAX; ; ) {
    const thing = look()
    if (thing !== undefined) return thing
    assert.ok(now() < giveUpAt, 'waited in vain')
    await listen(5)
  }
}

/** Waits until something is so. */
export async function until(condition: () => boolean): Promise<void> {
  await found(() => (condition() ? true : undefined))
}

/** A bare endpoint that a test leads: it answers offers, refuses to ring by itself, and keeps what it was told. */
export class FarEnd {
  readonly told: EndpointOutput[] = []
  /** What a re-INVITE of the phone is answered with: a direction, or a status that refuses it. */
  offers: 'recvonly' | 'inactive' | 'sendrecv' | number = 'sendrecv'
  readonly #transports: SipTransports
  readonly #endpoint: Endpoint
  readonly #step: Step<EndpointOutput>
  readonly #stopped = new AbortController()

  static async open(): Promise<FarEnd> {
    let far: FarEnd | undefined
    const transports = await openTransports({
      listen: [{ transport: 'udp', host: HOST, port: 0 }],
      onMessage: (message, flow) => far?.step((at, endpoint) => endpoint.receive(at, message, flow)),
      onFailure: () => {},
      onFlowClosed: () => {},
      logger: SILENT,
    })
    far = new FarEnd(transports)
    opened.push(far)
    return far
  }

  private constructor(transports: SipTransports) {
    this.#transports = transports
    this.#endpoint = new Endpoint({ crypto: nodeCrypto, product: 'Test', advertised: () => this.address })
    const act = (output: EndpointOutput): void => {
      if (output.kind === 'transmit') transports.send(output.destination, output.message)
      else queueMicrotask(() => this.#take(output))
    }
    this.#step = drive(this.#endpoint, now, act, { signal: this.#stopped.signal })
  }

  step(input: (at: number, endpoint: Endpoint) => readonly EndpointOutput[]): void {
    this.#step((at) => input(at, this.#endpoint))
  }

  get address(): SocketAddress {
    const [first] = this.#transports.addresses
    assert.ok(first)
    return { host: first.host, port: first.port }
  }

  /** Calls the phone. */
  call(phone: Phone, headers: readonly [string, string][] = []): SipCallId {
    let id: SipCallId = -1
    this.step((at, endpoint) => {
      const { host, port } = phone.address
      const started = endpoint.invite(at, {
        uri: `sip:phone@${host}:${port}`,
        from: '"Far End" <sip:far@example.test>',
        to: '<sip:phone@example.test>',
        destination: { transport: 'udp', address: phone.address },
        offer: this.description('sendrecv'),
        headers,
      })
      id = started.id
      return started.outputs
    })
    return id
  }

  /** A request inside a call; comes back with its status. */
  async request(
    call: SipCallId,
    method: string,
    headers: readonly [string, string][],
    body = '',
  ): Promise<number> {
    let transaction = -1
    this.step((at, endpoint) => {
      const started = endpoint.requestInCall(at, call, { method, headers, body: Buffer.from(body) })
      transaction = started.id
      return started.outputs
    })
    return await found(() => {
      for (const each of this.told)
        if (each.kind === 'callResponse' && each.transaction === transaction) return each.response.status
      return undefined
    })
  }

  /** Waits for the first output of that kind, since the `since`th of all. */
  async hear<Kind extends EndpointOutput['kind']>(
    kind: Kind,
    since = 0,
  ): Promise<Extract<EndpointOutput, { kind: Kind }>> {
    const output = await found(() => this.told.slice(since).find((each) => each.kind === kind))
    return output as Extract<EndpointOutput, { kind: Kind }> // Its kind was just seen.
  }

  /** The dialog of a call as a Replaces header for the phone names it (RFC 3891 §3). */
  replaces(call: SipCallId): string {
    let text = ''
    this.step((_at, endpoint) => {
      const dialog = endpoint.describe(call)
      text = `${dialog?.callId};to-tag=${dialog?.remoteTag};from-tag=${dialog?.localTag}`
      return []
    })
    return text
  }

  /** The same dialog as the phone names it to somebody who shall call the far end. */
  replacesAtFar(call: SipCallId): string {
    let text = ''
    this.step((_at, endpoint) => {
      const dialog = endpoint.describe(call)
      text = `${dialog?.callId};to-tag=${dialog?.localTag};from-tag=${dialog?.remoteTag}`
      return []
    })
    return text
  }

  /** A NOTIFY outside of calls; comes back with its status. */
  async notifyOutside(phone: Phone, headers: readonly [string, string][], body: string): Promise<number> {
    let transaction = -1
    this.step((at, endpoint) => {
      const fields: [string, string][] = [
        ['From', '<sip:far@example.test>'],
        ['To', '<sip:ada@example.test>'],
      ]
      const started = endpoint.send(at, {
        method: 'NOTIFY',
        uri: `sip:ada@${phone.address.host}:${phone.address.port}`,
        destination: { transport: 'udp', address: phone.address },
        headers: new Headers([...fields, ...headers]),
        body: Buffer.from(body),
      })
      transaction = started.id
      return started.outputs
    })
    return await found(() => {
      for (const each of this.told)
        if (each.kind === 'response' && each.transaction === transaction) return each.response.status
      return undefined
    })
  }

  description(direction: 'sendrecv' | 'recvonly' | 'inactive' | 'sendonly'): SessionDescription {
    return makeOffer({
      host: HOST,
      rtpPort: 9,
      sessionId: '1',
      version: 1,
      codecs: ['PCMU'],
      dtmf: true,
      direction,
    })
  }

  async close(): Promise<void> {
    this.#stopped.abort()
    await this.#transports.close()
  }

  #take(output: EndpointOutput): void {
    this.told.push(output)
    if (output.kind !== 'offered') return
    const answer = this.offers
    this.step((at, endpoint) =>
      typeof answer === 'number'
        ? endpoint.rejectOffer(at, output.call, answer)
        : endpoint.answerOffer(at, output.call, this.description(answer)),
    )
  }
}

/** An address that was free a moment ago, for phones that must know each other before they exist. */
export async function freePort(): Promise<SocketAddress> {
  const socket = dgram.createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, HOST, resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(resolve))
  return { host: HOST, port }
}

/** The value of a header in a message, '' when it is not there. */
export function header(message: SipMessage | undefined, name: string): string {
  return message?.headers.get(name) ?? ''
}
