/**
 * Call controls by member: the calls of a person, workspace or virtual line, for administrators and service apps. The
 * member `me` is the caller, with a user's token.
 */
import { bodyFor, requireText, segment } from './api.ts'
import { type DialRequest, ownPhoneOf } from './call-requests.ts'
import { listCalls, withCallId } from './calls.ts'
import type { Transport } from './http/requester.ts'
import type { CallOptions } from './options.ts'
import type { Call, CallInfo } from './wire.ts'

/** In which organisation the member is, and for the member `me` whose line. */
export interface MemberOptions extends CallOptions {
  readonly orgId?: string | undefined
  /** Only with the member `me`. */
  readonly lineOwnerId?: string | undefined
}

/** `client.callMembers`. */
export class CallMembers {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * All active calls of a member, oldest first.
   *
   * @example for (const call of await client.callMembers.list(personId)) console.log(call.state)
   */
  async list(memberId: string, options: MemberOptions = {}): Promise<Call[]> {
    const { orgId, lineOwnerId } = options
    return listCalls(this.#transport, pathOf(memberId, 'calls'), { orgId, lineOwnerId }, options)
  }

  /** One call of a member. */
  async get(memberId: string, callId: string, options: MemberOptions = {}): Promise<Call> {
    const path = pathOf(memberId, `calls/${segment('callId', callId)}`)
    const { orgId, lineOwnerId } = options
    const query = { orgId, lineOwnerId }
    return withCallId(await bodyFor(this.#transport, { method: 'GET', path, query }, options))
  }

  /** Rings the member's devices; when one is answered, it calls `destination`. */
  async dial(memberId: string, request: DialRequest, options: MemberOptions = {}): Promise<CallInfo> {
    const destination = requireText('destination', request.destination)
    const body = { destination, ...ownPhoneOf(request) }
    return (await this.#command(memberId, 'dial', body, options)) as CallInfo // What a 201 carries.
  }

  /** Answers a ringing call on the member's preferred device, or on the one that is named. */
  async answer(
    memberId: string,
    callId: string,
    request: { readonly endpointId?: string | undefined } = {},
    options: MemberOptions = {},
  ): Promise<void> {
    const body = { callId: requireText('callId', callId), endpointId: request.endpointId }
    await this.#command(memberId, 'answer', body, options)
  }

  /** Ends a call of the member. */
  async hangup(memberId: string, callId: string, options: MemberOptions = {}): Promise<void> {
    await this.#command(memberId, 'hangup', { callId: requireText('callId', callId) }, options)
  }

  async #command(
    memberId: string,
    name: string,
    members: Readonly<Record<string, unknown>>,
    options: MemberOptions,
  ): Promise<unknown> {
    const { orgId, lineOwnerId } = options
    const body = { ...members, lineOwnerId }
    const path = pathOf(memberId, name)
    return bodyFor(this.#transport, { method: 'POST', path, query: { orgId }, body }, options)
  }
}

function pathOf(memberId: string, rest: string): string {
  return `/telephony/calls/members/${segment('memberId', memberId)}/${rest}`
}
