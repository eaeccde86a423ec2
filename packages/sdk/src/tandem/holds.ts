/**
 * Legal holds, for compliance officers: what is under one is neither purged nor erased, whatever else is ruled.
 */
import { requireText, segment } from '../api.ts'
import { InvalidArgument } from '../error/webex-error.ts'
import { sendForJson, type Transport } from '../http/requester.ts'
import type { CallOptions } from '../options.ts'
import { Pager } from '../pager/pager.ts'
import { checkPageSize } from '../recording-query.ts'
import type { LegalHold, NewHold } from '../wire.ts'
import { tandemUrl } from './tandem-url.ts'

const PATH = '/holds'

/** Which holds. */
export interface HoldQuery {
  /** Only those in force, or only those that were released. */
  readonly active?: boolean | undefined
  /** Only those on this recording. */
  readonly recordingId?: string | undefined
  /** Holds on one page, 1 to 100. */
  readonly max?: number | undefined
}

/** `client.tandem.holds`. */
export class Holds {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Newest first. */
  list({ active, recordingId, max }: HoldQuery = {}, options: CallOptions = {}): Pager<LegalHold> {
    checkPageSize(max)
    return new Pager(this.#transport, tandemUrl(this.#transport, PATH, { active, recordingId, max }), options)
  }

  /** One hold. */
  async get(id: string, options: CallOptions = {}): Promise<LegalHold> {
    const url = tandemUrl(this.#transport, `${PATH}/${segment('id', id)}`)
    return (await sendForJson(this.#transport, { method: 'GET', url, options })).body as LegalHold // What a 200 carries.
  }

  /**
   * Places up to 100 recordings under hold: all of them, or none.
   *
   * @example const { id } = await client.tandem.holds.place({ recordingIds: [recording.id], reason: 'Case 4711' })
   */
  async place(hold: NewHold, options: CallOptions = {}): Promise<LegalHold> {
    if (hold.recordingIds.length === 0)
      throw new InvalidArgument('recordingIds must name at least one recording')
    const { recordingIds, reason } = hold
    for (const id of recordingIds) requireText('each of recordingIds', id)
    const body = { recordingIds, reason: requireText('reason', reason) }
    const url = tandemUrl(this.#transport, PATH)
    return (await sendForJson(this.#transport, { method: 'POST', url, body, options })).body as LegalHold // What a 201 carries.
  }

  /** Ends a hold. It stays listed, with who ended it and why. */
  async release(id: string, reason: string, options: CallOptions = {}): Promise<void> {
    const url = tandemUrl(this.#transport, `${PATH}/${segment('id', id)}`)
    const body = { reason: requireText('reason', reason) }
    await sendForJson(this.#transport, { method: 'DELETE', url, body, options })
  }
}
