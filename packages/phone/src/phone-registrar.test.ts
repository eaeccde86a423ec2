import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import { drive, nodeCrypto, now, openTransports, type SipTransports, type Step } from '@tandem/io'
import {
  DigestGuard,
  Endpoint,
  type EndpointOutput,
  type Flow,
  Headers,
  ha1Of,
  makeOffer,
  type SipCallId,
  type SipMessage,
  type SocketAddress,
} from '@tandem/sip'
import { openPhone } from './phone.ts'

const ACCOUNT = { password: 'x', domain: 'example.test' }
const HA1 = ha1Of(nodeCrypto, { username: 'ada', realm: 'example.test', password: 'right' })

/** What a test has opened and must not stay open when it fails. */
const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

function closing<Opened extends { close(): Promise<void> }>(each: Opened): Opened {
  opened.push(each)
  return each
}

/** A server of one account: challenges REGISTER, and calls the phone when told. */
class Registrar {
  readonly seen: string[] = []
  readonly answers: number[] = []
  bound = false
  /** The early dialog of the call, once the phone rings. */
  dialog: string | undefined
  readonly #transports: SipTransports
  readonly #endpoint: Endpoint
  readonly #guard = new DigestGuard(nodeCrypto)
  readonly #step: Step<EndpointOutput>
  readonly #stopped = new AbortController()

  static async open(): Promise<Registrar> {
    let registrar: Registrar | undefined
    const transports = await openTransports({
      listen: [{ transport: 'udp', host: '127.0.0.1', port: 0 }],
      onMessage: (message, flow) => registrar?.receive(message, flow),
      onFailure: () => {},
      onFlowClosed: () => {},
      logger: SILENT,
    })
    registrar = new Registrar(transports)
    return registrar
  }

  private constructor(transports: SipTransports) {
    this.#transports = transports
    this.#endpoint = new Endpoint({ crypto: nodeCrypto, product: 'Test', advertised: () => this.address })
    this.#step = drive(this.#endpoint, now, (output) => this.#act(output), { signal: this.#stopped.signal })
  }

  receive(message: SipMessage, flow: Flow): void {
    this.#step((at) => this.#endpoint.receive(at, message, flow))
  }

  get address(): SocketAddress {
    const [first] = this.#transports.addresses
    assert.ok(first)
    return { host: first.host, port: first.port }
  }

  #act(output: EndpointOutput): void {
    if (output.kind === 'transmit') this.#transports.send(output.destination, output.message)
    else queueMicrotask(() => this.#take(output))
  }

  #take(output: EndpointOutput): void {
    if (output.kind === 'callResponse') this.answers.push(output.response.status)
    if (output.kind === 'offered' && output.offer !== undefined) {
      const [line] = output.offer.media
      assert.ok(line)
      const direction = line.direction === 'sendonly' ? 'recvonly' : 'sendrecv'
      this.#step((at) => this.#endpoint.answerOffer(at, output.call, this.#description(direction)))
    }
    if (output.kind === 'progressed') this.dialog = output.dialog
    if (output.kind === 'request') this.#register(output)
  }

  #register({ request, transaction }: Extract<EndpointOutput, { kind: 'request' }>): void {
    const { headers } = request
    const verdict = this.#guard.check(now(), request, (realm, username) =>
      realm === 'example.test' && username === 'ada' ? HA1 : undefined,
    )
    if (verdict.kind !== 'ok') {
      const challenge = this.#guard
        .challenge(now(), 'example.test')
        .map((value) => ['WWW-Authenticate', value] as const)
      this.#step((at) =>
        this.#endpoint.respond(at, transaction, verdict.kind === 'refused' ? 403 : 401, {
          headers: challenge,
        }),
      )
      return
    }
    this.seen.push(
      `${headers.get('CSeq')} ${headers.get('Expires')} ${headers.all('Allow-Events').join(', ')}`,
    )
    this.bound = headers.get('Expires') !== '0'
    const contact = `${headers.get('Contact')};expires=${headers.get('Expires')}`
    this.#step((at) =>
      this.#endpoint.respond(at, transaction, 200, { headers: this.bound ? [['Contact', contact]] : [] }),
    )
  }

  #description(direction: 'sendrecv' | 'recvonly'): ReturnType<typeof makeOffer> {
    return makeOffer({
      host: '127.0.0.1',
      rtpPort: 9,
      sessionId: '1',
      version: 1,
      codecs: ['PCMU'],
      dtmf: true,
      direction,
    })
  }

  call(phone: SocketAddress): SipCallId {
    let id: SipCallId = -1
    this.#step((at) => {
      const started = this.#endpoint.invite(at, {
        uri: `sip:ada@${phone.host}:${phone.port}`,
        from: '<sip:102@example.test>',
        to: '<sip:ada@example.test>',
        destination: { transport: 'udp', address: phone },
        offer: this.#description('sendrecv'),
      })
      id = started.id
      return started.outputs
    })
    return id
  }

  notify(call: SipCallId, event: string): void {
    const headers = new Headers([
      ['Event', event],
      ['Subscription-State', 'active'],
    ])
    const { dialog } = this
    this.#step(
      (at) =>
        this.#endpoint.requestInCall(at, call, {
          method: 'NOTIFY',
          headers,
          ...(dialog === undefined ? {} : { dialog }),
        }).outputs,
    )
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  async close(): Promise<void> {
    this.#stopped.abort()
    await this.#transports.close()
  }
}

describe('a phone and its registrar', () => {
  it('registers with digest, refreshes, obeys NOTIFY talk and hold, and unregisters', {
    timeout: 20_000,
  }, async () => {
    const registrar = closing(await Registrar.open())
    const phone = closing(
      await openPhone({
        ...ACCOUNT,
        user: 'ada',
        password: 'right',
        proxy: registrar.address,
        honourTalk: true,
        registerExpiresSeconds: 2,
      }),
    )
    await phone.register()
    await phone.waitFor('registered', { since: phone.log.end, timeoutMs: 5_000 })
    assert.ok(
      registrar.seen.every((line) => line.includes('talk, hold')),
      registrar.seen.join(),
    )
    const call = registrar.call(phone.address)
    await registrar.until(() => registrar.dialog !== undefined)
    registrar.notify(call, 'talk')
    await phone.waitFor('established', { since: 0 })
    registrar.notify(call, 'hold')
    assert.deepEqual((await phone.waitFor('held', { since: 0 })).event, { kind: 'held', call: 1, by: 'us' })
    registrar.notify(call, 'talk')
    assert.deepEqual((await phone.waitFor('resumed', { since: 0 })).event, {
      kind: 'resumed',
      call: 1,
      by: 'us',
    })
    registrar.notify(call, 'dance')
    await registrar.until(() => registrar.answers.length === 4)
    assert.deepEqual(registrar.answers, [200, 200, 200, 489])
    await phone.close()
    assert.equal(registrar.bound, false)
  })

  it('says that the password is wrong, and does not go on asking', { timeout: 15_000 }, async () => {
    const registrar = closing(await Registrar.open())
    const phone = closing(
      await openPhone({ ...ACCOUNT, user: 'ada', password: 'wrong', proxy: registrar.address }),
    )
    await assert.rejects(phone.register(), /waited for registered, but registrationFailed came with 403/)
    await phone.close()
  })
})
