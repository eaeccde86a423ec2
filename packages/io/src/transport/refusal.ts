/**
 * The answer to a request that could not be parsed: RFC 3261 §8.2.7 without any state, sent at best effort.
 *
 * A budget bounds such answers, so that a flood of garbage earns silence and not a flood of ours (promises S22, P7).
 */
import {
  type Flow,
  type ParseFailure,
  receivedVia,
  refusalOf,
  responseDestination,
  type SipResponse,
  type SocketAddress,
} from '@tandem/sip'

/** Refusals a second, of one transport. */
export const REFUSALS_PER_SECOND_MAX = 100

/** The refusal and where it goes; undefined when the message does not say enough to be answered. */
export function refusalFor(
  failure: ParseFailure,
  flow: Flow,
): { readonly response: SipResponse; readonly address: SocketAddress } | undefined {
  const { request } = failure
  if (request === undefined || !receivedVia(request, flow)) return undefined
  const response = refusalOf(request, { status: failure.status, reason: failure.reason })
  const destination = responseDestination(response, flow)
  return destination === undefined ? undefined : { response, address: destination.address }
}

/** Lets `REFUSALS_PER_SECOND_MAX` pass in each second. */
export class RefusalBudget {
  readonly #clock: () => number
  #second = 0
  #used = 0

  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock
  }

  /** Whether one more may go out; counts it. */
  allows(): boolean {
    const second = Math.floor(this.#clock() / 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#used = 0
    }
    this.#used += 1
    return this.#used <= REFUSALS_PER_SECOND_MAX
  }
}
