/**
 * The SIP user agent of a phone: the endpoint on the phone's sockets, driven in real time.
 *
 * Messages leave as they are caused; everything else that the endpoint says is handed on one microtask later, so that
 * what follows from it is an input of its own. After the signal it takes and says nothing.
 */
import { after, type Instant } from '@tandem/base'
import { drive, nodeCrypto, now, type SipTransports, type Step } from '@tandem/io'
import {
  Endpoint,
  type EndpointOutput,
  type SipMessage,
  type SocketAddress,
  type TransportName,
} from '@tandem/sip'
import { PhoneError } from '../phone-error.ts'

/** How the phone names itself. */
export const PRODUCT = 'Tandem-Phone'

const CALLS_MAX = 40 // Sixteen calls, those that hear busy, and those whose BYE is not answered yet.
const SETTLE_LOOK_MS = 10 // How often it is looked whether the last call is over.

/** One input of the endpoint. */
export type EndpointInput = (at: Instant, endpoint: Endpoint) => readonly EndpointOutput[]

/** What the endpoint says, but for messages to send. */
export type AgentOutput = Exclude<EndpointOutput, { readonly kind: 'transmit' }>

/** An endpoint with sockets. */
export class UserAgent {
  readonly #transports: SipTransports
  readonly #endpoint: Endpoint
  readonly #step: Step<EndpointOutput>
  readonly #signal: AbortSignal

  constructor(options: {
    readonly transports: SipTransports
    /** Whether NOTIFY talk and hold are advertised. */
    readonly honourTalk: boolean
    /** Whether REFER is taken. */
    readonly honourRefer: boolean
    readonly signal: AbortSignal
    readonly take: (output: AgentOutput) => void
    /** Is shown what leaves. */
    readonly sent: (message: SipMessage) => void
  }) {
    const { transports, signal, take, sent } = options
    this.#transports = transports
    this.#signal = signal
    this.#endpoint = new Endpoint({
      crypto: nodeCrypto,
      product: PRODUCT,
      advertised: (transport) => this.addressOf(transport),
      methods: ['INFO', 'NOTIFY', 'MESSAGE', ...(options.honourRefer ? ['REFER'] : [])],
      ...(options.honourTalk ? { allowEvents: ['talk', 'hold'] } : {}),
      callsMax: CALLS_MAX,
    })
    const act = (output: EndpointOutput): void => {
      if (output.kind === 'transmit') {
        sent(output.message)
        transports.send(output.destination, output.message)
      } else
        queueMicrotask(() => {
          if (!signal.aborted) take(output)
        })
    }
    this.#step = drive(this.#endpoint, now, act, { signal })
  }

  /** Our socket of that transport. */
  addressOf(transport: TransportName): SocketAddress {
    const found = this.#transports.addresses.find((each) => each.transport === transport)
    if (found === undefined) throw new PhoneError(`a phone has no ${transport}`)
    return { host: found.host, port: found.port }
  }

  /** Gives the endpoint an input, and carries out what it causes. */
  feed(input: EndpointInput): void {
    if (!this.#signal.aborted) this.#step((at) => input(at, this.#endpoint))
  }

  /** Waits until the last BYE is answered, at most `ms`. */
  async settle(ms: number): Promise<void> {
    const giveUpAt = after(now(), ms)
    while (this.#endpoint.counts.calls > 0 && now() < giveUpAt)
      await new Promise((resolve) => setTimeout(resolve, SETTLE_LOOK_MS))
  }
}
