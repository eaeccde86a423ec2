/**
 * Call controls: the caller's own calls, or with `lineOwnerId` those of a line that appears on the caller's device.
 *
 * A command is sent once. It is repeated only after a 429, by which the server says that it did nothing.
 */
import { requireText, segment, urlOf } from './api.ts'
import { InvalidArgument } from './error/webex-error.ts'
import { type Ask, sendForJson, type Transport } from './http/requester.ts'
import type { CallOptions } from './options.ts'
import { itemsOf } from './pager/pager.ts'
import type { Call, CallInfo } from './wire.ts'

/** Whose line a request is about; the caller's own when absent. */
export interface LineOptions extends CallOptions {
  readonly lineOwnerId?: string | undefined
}

/** Where a dialled call goes and what rings for it first: all devices of the caller, one of them, or a number. */
export type DialRequest = { readonly destination: string } & (
  | { readonly endpointId?: string | undefined; readonly singleNumberReachPhoneNumber?: undefined }
  | { readonly endpointId?: undefined; readonly singleNumberReachPhoneNumber: string }
)

/** `client.calls`. */
export class Calls {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** All active calls, oldest first. */
  async list(options: LineOptions = {}): Promise<Call[]> {
    const url = urlOf(this.#transport, '/telephony/calls', { lineOwnerId: options.lineOwnerId })
    const ask: Ask = { method: 'GET', url, options }
    return itemsOf<WireCall>(ask, await sendForJson(this.#transport, ask)).map(withCallId)
  }

  /** One call. One that is over, or not the caller's, is `NotFound` with the description `Call not found`. */
  async get(callId: string, options: LineOptions = {}): Promise<Call> {
    const path = `/telephony/calls/${segment('callId', callId)}`
    const url = urlOf(this.#transport, path, { lineOwnerId: options.lineOwnerId })
    const { body } = await sendForJson(this.#transport, { method: 'GET', url, options })
    return withCallId(body as WireCall) // What a 200 of this path carries.
  }

  /** Rings the caller's devices; when one is answered, it calls `destination`. The ids are those of the ringing call. */
  async dial(request: DialRequest, options: LineOptions = {}): Promise<CallInfo> {
    requireText('destination', request.destination)
    const { destination, endpointId, singleNumberReachPhoneNumber } = request
    if (endpointId !== undefined && singleNumberReachPhoneNumber !== undefined)
      throw new InvalidArgument('give endpointId or singleNumberReachPhoneNumber, not both')
    return (await this.#command(
      'dial',
      { destination, endpointId, singleNumberReachPhoneNumber },
      options,
    )) as CallInfo // What a 201 carries.
  }

  /** Ends a call in whatever state; an incoming one that rings is rejected as busy. */
  async hangup(callId: string, options: LineOptions = {}): Promise<void> {
    await this.#command('hangup', { callId: requireText('callId', callId) }, options)
  }

  async #command(
    name: string,
    body: Readonly<Record<string, unknown>>,
    options: LineOptions,
  ): Promise<unknown> {
    const url = urlOf(this.#transport, `/telephony/calls/${name}`)
    const { lineOwnerId } = options
    const ask: Ask = { method: 'POST', url, body: { ...body, lineOwnerId }, options }
    return (await sendForJson(this.#transport, ask)).body
  }
}

/** REST names it `id`, webhooks `callId`. */
type WireCall = Omit<Call, 'callId'> & { readonly callId?: string }

function withCallId(call: WireCall): Call {
  return { ...call, callId: call.callId ?? call.id } as Call // Every member of a call is there, `callId` now too.
}
