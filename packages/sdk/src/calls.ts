/**
 * Call controls: the caller's own calls, or with `lineOwnerId` those of a line that appears on the caller's device.
 *
 * A command is sent once. It is repeated only after a 429, by which the server says that it did nothing. What another
 * person must do, such as answering, is not waited for: follow the call with `get` or with webhooks.
 */
import { bodyFor, requireText, segment, urlOf } from './api.ts'
import {
  type AttendedTransfer,
  type BargeInRequest,
  type DialRequest,
  type DivertTarget,
  divertOf,
  type LineOptions,
  type MaybeCall,
  type MuteTransfer,
  type OwnPhone,
  ownPhoneOf,
  type ParkTarget,
  type PickupRequest,
  parkOf,
  type RejectAction,
  type RetrieveRequest,
  requireDtmf,
  transferOf,
} from './call-requests.ts'
import { UnreadableResponse } from './error/webex-error.ts'
import { type Ask, sendForJson, type Transport } from './http/requester.ts'
import type { CallOptions } from './options.ts'
import { itemsOf } from './pager/pager.ts'
import type { Call, CallHistoryRecord, CallInfo, Party } from './wire.ts'

const PATH = '/telephony/calls'

/** `client.calls`. */
export class Calls {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * All active calls, oldest first.
   *
   * @example const ringing = (await client.calls.list()).filter((call) => call.state === 'alerting')
   */
  async list(options: LineOptions = {}): Promise<Call[]> {
    return listCalls(this.#transport, PATH, { lineOwnerId: options.lineOwnerId }, options)
  }

  /** One call. One that is over, or not the caller's, is `NotFound` with the description `Call not found`. */
  async get(callId: string, options: LineOptions = {}): Promise<Call> {
    const path = `${PATH}/${segment('callId', callId)}`
    const query = { lineOwnerId: options.lineOwnerId }
    return withCallId(await bodyFor(this.#transport, { method: 'GET', path, query }, options))
  }

  /**
   * The last calls, newest first, at most 20 of each type. Only of the caller: there is no line owner.
   *
   * @example const missed = await client.calls.history({ type: 'missed' })
   */
  async history(
    query: { readonly type?: 'placed' | 'missed' | 'received' | (string & {}) | undefined } = {},
    options: CallOptions = {},
  ): Promise<CallHistoryRecord[]> {
    const url = urlOf(this.#transport, `${PATH}/history`, { type: query.type })
    const ask: Ask = { method: 'GET', url, options }
    return [...itemsOf<CallHistoryRecord>(ask, await sendForJson(this.#transport, ask))]
  }

  /**
   * Rings the caller's devices; when one is answered, it calls `destination`. The ids are those of the ringing call.
   *
   * @example const { callId } = await client.calls.dial({ destination: '+493012345' })
   */
  async dial(request: DialRequest, options: LineOptions = {}): Promise<CallInfo> {
    const destination = requireText('destination', request.destination)
    return this.#place('dial', { destination, ...ownPhoneOf(request) }, options)
  }

  /** Answers a ringing call on the preferred device, or on the one that is named. Resolves when it has answered. */
  async answer(
    callId: string,
    request: { readonly endpointId?: string | undefined } = {},
    options: LineOptions = {},
  ): Promise<void> {
    await this.#command('answer', { ...named(callId), endpointId: request.endpointId }, options)
  }

  /**
   * Refuses an unanswered incoming call: as busy, as unavailable, or by silencing it while the caller hears ringing on.
   *
   * @example await client.calls.reject(callId, { action: 'ignore' })
   */
  async reject(
    callId: string,
    request: { readonly action?: RejectAction | undefined } = {},
    options: LineOptions = {},
  ): Promise<void> {
    await this.#command('reject', { ...named(callId), action: request.action }, options)
  }

  /** Ends a call in whatever state; an incoming one that rings is rejected as busy. */
  async hangup(callId: string, options: LineOptions = {}): Promise<void> {
    await this.#command('hangup', named(callId), options)
  }

  /** Holds a connected call. */
  async hold(callId: string, options: LineOptions = {}): Promise<void> {
    await this.#command('hold', named(callId), options)
  }

  /** Takes a held call back. */
  async resume(callId: string, options: LineOptions = {}): Promise<void> {
    await this.#command('resume', named(callId), options)
  }

  /** Mutes the caller in a call that is `muteCapable`; nothing happens when that is so already. */
  async mute(callId: string, options: LineOptions = {}): Promise<void> {
    await this.#command('mute', named(callId), options)
  }

  /** Lets the caller be heard again. */
  async unmute(callId: string, options: LineOptions = {}): Promise<void> {
    await this.#command('unmute', named(callId), options)
  }

  /**
   * Sends a call on, ringing or answered: to a destination, to the own voicemail, or to somebody's voicemail.
   *
   * @example await client.calls.divert(callId, { toVoicemail: true, destination: '2188' })
   */
  async divert(callId: string, target: DivertTarget, options: LineOptions = {}): Promise<void> {
    await this.#command('divert', { ...named(callId), ...divertOf(target) }, options)
  }

  /**
   * Moves one call to a destination once that answers (mute transfer); else the call stays with the caller. The result is
   * the call to the destination.
   */
  async transfer(request: MuteTransfer, options?: LineOptions): Promise<CallInfo>
  /**
   * Joins two calls and leaves them (attended transfer): those that are named, or the only two that there are.
   *
   * @example await client.calls.transfer({ callId1, callId2 })
   */
  async transfer(request?: AttendedTransfer, options?: LineOptions): Promise<undefined>
  /** One of the two; the result is undefined after an attended transfer. */
  async transfer(
    request?: AttendedTransfer | MuteTransfer,
    options?: LineOptions,
  ): Promise<CallInfo | undefined>
  async transfer(
    request: AttendedTransfer | MuteTransfer = {},
    options: LineOptions = {},
  ): Promise<CallInfo | undefined> {
    return (await this.#command('transfer', transferOf(request), options)) as CallInfo | undefined // A 201 or a 204.
  }

  /**
   * Parks a call and says where it waits; that party's `number` is what `retrieve` takes as `destination`.
   *
   * @example const { number } = await client.calls.park(callId, { isGroupPark: true })
   */
  async park(callId: string, target: ParkTarget = {}, options: LineOptions = {}): Promise<Party> {
    const body = await this.#command('park', { ...named(callId), ...parkOf(target) }, options)
    const { parkedAgainst } = (body ?? {}) as { parkedAgainst?: Party } // What a 200 of this path carries.
    if (parkedAgainst !== undefined) return parkedAgainst
    throw new UnreadableResponse('the call was parked, but the answer does not say where')
  }

  /** Rings the caller's devices; the one that is answered gets the parked call. */
  async retrieve(request: RetrieveRequest = {}, options: LineOptions = {}): Promise<CallInfo> {
    return this.#place('retrieve', { destination: request.destination, ...ownPhoneOf(request) }, options)
  }

  /**
   * Rings the caller's devices; the one that is answered gets the call that rings for `target`, or for the pickup group.
   *
   * @example await client.calls.pickup({ target: '2188' })
   */
  async pickup(request: PickupRequest = {}, options: LineOptions = {}): Promise<CallInfo> {
    return this.#place('pickup', { target: request.target, ...ownPhoneOf(request) }, options)
  }

  /** Rings the caller's devices; the one that is answered joins the answered call of `target`. */
  async bargeIn(request: BargeInRequest, options: LineOptions = {}): Promise<CallInfo> {
    const target = requireText('target', request.target)
    return this.#place('bargeIn', { target, ...ownPhoneOf(request) }, options)
  }

  /** Moves the active call to another own device: all of them ring, or the one that is named. */
  async pull(request: Pick<OwnPhone, 'endpointId'> = {}, options: LineOptions = {}): Promise<CallInfo> {
    return this.#place('pull', { endpointId: request.endpointId }, options)
  }

  /** Pushes an assistant's call to the executive that it is for. */
  async push(call: MaybeCall = {}, options: LineOptions = {}): Promise<void> {
    await this.#command('push', { callId: call.callId }, options)
  }

  /**
   * Starts a recording, where the line records on demand; each start makes a new one.
   *
   * @example await client.calls.startRecording({ callId })
   */
  async startRecording(call: MaybeCall = {}, options: LineOptions = {}): Promise<void> {
    await this.#command('startRecording', { callId: call.callId }, options)
  }

  /** Ends a recording on demand. */
  async stopRecording(call: MaybeCall = {}, options: LineOptions = {}): Promise<void> {
    await this.#command('stopRecording', { callId: call.callId }, options)
  }

  /** Pauses a recording: what is said until `resumeRecording` is nowhere in it. */
  async pauseRecording(call: MaybeCall = {}, options: LineOptions = {}): Promise<void> {
    await this.#command('pauseRecording', { callId: call.callId }, options)
  }

  /** Goes on with a paused recording. */
  async resumeRecording(call: MaybeCall = {}, options: LineOptions = {}): Promise<void> {
    await this.#command('resumeRecording', { callId: call.callId }, options)
  }

  /**
   * Sends keys to the other side in order; a comma is a pause.
   *
   * @example await client.calls.transmitDtmf({ callId, dtmf: '1,234#' })
   */
  async transmitDtmf(
    request: MaybeCall & { readonly dtmf: string },
    options: LineOptions = {},
  ): Promise<void> {
    const dtmf = requireDtmf(request.dtmf)
    await this.#command('transmitDtmf', { callId: request.callId, dtmf }, options)
  }

  /** Lights or puts out the message lamp of a line whose voicemail is kept by a system outside; for administrators. */
  async setMessageWaiting(
    id: string,
    action: 'SET' | 'CLEAR',
    options: CallOptions & { readonly orgId?: string | undefined } = {},
  ): Promise<void> {
    const query = { id: requireText('id', id), orgId: options.orgId }
    const path = '/telephony/externalVoicemail/mwi'
    await bodyFor(this.#transport, { method: 'POST', path, query, body: { action } }, options)
  }

  async #place(name: string, body: Members, options: LineOptions): Promise<CallInfo> {
    return (await this.#command(name, body, options)) as CallInfo // What a 201 carries.
  }

  async #command(name: string, members: Members, options: LineOptions): Promise<unknown> {
    const body = { ...members, lineOwnerId: options.lineOwnerId }
    return bodyFor(this.#transport, { method: 'POST', path: `${PATH}/${name}`, body }, options)
  }
}

type Members = Readonly<Record<string, unknown>>

function named(callId: string): { readonly callId: string } {
  return { callId: requireText('callId', callId) }
}

/** The calls that a list path answers. */
export async function listCalls(
  transport: Transport,
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  options: CallOptions,
): Promise<Call[]> {
  const ask: Ask = { method: 'GET', url: urlOf(transport, path, query), options }
  return itemsOf<unknown>(ask, await sendForJson(transport, ask)).map(withCallId)
}

/** The call of an answer, which names it `id`; webhooks and commands say `callId`. */
export function withCallId(body: unknown): Call {
  const call = body as Call & { readonly callId?: string } // What a success carries; all but `callId` is there.
  return { ...call, callId: call.callId ?? call.id }
}
