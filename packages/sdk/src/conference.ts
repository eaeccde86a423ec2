/**
 * Conference controls: one conference a line, whose host is the caller. `forMember` gives the same for a line that an
 * administrator names.
 */
import { bodyFor, requireText, segment } from './api.ts'
import type { MemberOptions } from './call-members.ts'
import type { LineOptions, MaybeCall } from './call-requests.ts'
import { InvalidArgument } from './error/webex-error.ts'
import type { Transport } from './http/requester.ts'
import type { ConferenceDetails } from './wire.ts'

const CALLS_MIN = 2 // Fewer make no conference (call-controls §7).

/** `client.conference`. */
export class Conference {
  readonly #transport: Transport
  readonly #path: string
  readonly #orgId: string | undefined

  constructor(transport: Transport, path = '/telephony/conference', orgId?: string) {
    this.#transport = transport
    this.#path = path
    this.#orgId = orgId
  }

  /**
   * The same controls for the conference of a person, workspace or virtual line, for administrators; `me` is the caller.
   *
   * @example await client.conference.forMember(personId).release()
   */
  forMember(memberId: string, { orgId }: Pick<MemberOptions, 'orgId'> = {}): Conference {
    const path = `/telephony/conference/members/${segment('memberId', memberId)}`
    return new Conference(this.#transport, path, orgId)
  }

  /**
   * Joins calls of the host, two or more.
   *
   * @example await client.conference.start([callId1, callId2])
   */
  async start(callIds: readonly string[], options: LineOptions = {}): Promise<void> {
    if (callIds.length < CALLS_MIN)
      throw new InvalidArgument(`a conference needs at least ${CALLS_MIN} calls`)
    for (const callId of callIds) requireText('callIds', callId)
    await this.#command('', { callIds }, options)
  }

  /** The conference of the host; undefined when there is none. */
  async get(options: LineOptions = {}): Promise<ConferenceDetails | undefined> {
    const details = await this.#plain('GET', '', options)
    return (isEmpty(details) ? undefined : details) as ConferenceDetails | undefined // What a 200 of this path carries.
  }

  /** Ends the conference for the host and everybody in it. */
  async release(options: LineOptions = {}): Promise<void> {
    await this.#plain('DELETE', '', options)
  }

  /** Adds a call of the host to the conference. */
  async addParticipant(callId: string, options: LineOptions = {}): Promise<void> {
    await this.#command('/addParticipant', { callId: requireText('callId', callId) }, options)
  }

  /** Mutes one participant, or the host when no call is named. */
  async mute(call: MaybeCall = {}, options: LineOptions = {}): Promise<void> {
    await this.#command('/mute', { callId: call.callId }, options)
  }

  /** Lets a participant be heard again, or the host when no call is named. */
  async unmute(call: MaybeCall = {}, options: LineOptions = {}): Promise<void> {
    await this.#command('/unmute', { callId: call.callId }, options)
  }

  /** Keeps a participant from hearing the others. */
  async deafen(callId: string, options: LineOptions = {}): Promise<void> {
    await this.#command('/deafen', { callId: requireText('callId', callId) }, options)
  }

  /** Lets a participant hear the others again. */
  async undeafen(callId: string, options: LineOptions = {}): Promise<void> {
    await this.#command('/undeafen', { callId: requireText('callId', callId) }, options)
  }

  /** Takes the host out for a while; the others go on talking. */
  async hold(options: LineOptions = {}): Promise<void> {
    await this.#plain('POST', '/hold', options)
  }

  /** Takes the host back in. */
  async resume(options: LineOptions = {}): Promise<void> {
    await this.#plain('POST', '/resume', options)
  }

  async #command(
    rest: string,
    members: Readonly<Record<string, unknown>>,
    options: LineOptions,
  ): Promise<void> {
    const body = { ...members, lineOwnerId: options.lineOwnerId }
    const query = { orgId: this.#orgId }
    await bodyFor(this.#transport, { method: 'POST', path: `${this.#path}${rest}`, query, body }, options)
  }

  /** Without a body: the line owner goes into the query. */
  async #plain(method: 'GET' | 'POST' | 'DELETE', rest: string, options: LineOptions): Promise<unknown> {
    const query = { orgId: this.#orgId, lineOwnerId: options.lineOwnerId }
    return bodyFor(this.#transport, { method, path: `${this.#path}${rest}`, query }, options)
  }
}

function isEmpty(details: unknown): boolean {
  return typeof details !== 'object' || details === null || Object.keys(details).length === 0
}
