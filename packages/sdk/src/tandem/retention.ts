/**
 * How long recordings are kept: by organisation, location and owner; the longest that applies counts, and what a recording
 * was promised never becomes less.
 */
import { segment } from '../api.ts'
import { type Ask, sendForJson, type Transport } from '../http/requester.ts'
import type { CallOptions } from '../options.ts'
import { itemsOf } from '../pager/pager.ts'
import type { NewRetentionPolicy, RecordingKeeping, RetentionPolicy, RetentionPolicySet } from '../wire.ts'
import { tandemUrl } from './tandem-url.ts'

const PATH = '/retention'

/** Whose recordings a policy is about. */
export type RetentionScope = 'organization' | 'location' | 'owner' | (string & {})

/** `client.tandem.retention`. */
export class Retention {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** All policies, for administrators and compliance officers. */
  async list(options: CallOptions = {}): Promise<RetentionPolicy[]> {
    const ask: Ask = { method: 'GET', url: tandemUrl(this.#transport, PATH), options }
    return [...itemsOf<RetentionPolicy>(ask, await sendForJson(this.#transport, ask))]
  }

  /**
   * Sets a policy, as a compliance officer. `scopeId` is the raw UUID of the organisation, location or owner.
   *
   * @example await client.tandem.retention.set('organization', orgId, { keepDays: 3650 })
   */
  async set(
    scope: RetentionScope,
    scopeId: string,
    policy: NewRetentionPolicy,
    options: CallOptions = {},
  ): Promise<RetentionPolicySet> {
    const { keepDays, eraseAtEnd } = policy
    const url = tandemUrl(this.#transport, pathOf(scope, scopeId))
    const body = { keepDays, eraseAtEnd }
    const { body: answer } = await sendForJson(this.#transport, { method: 'PUT', url, body, options })
    return answer as RetentionPolicySet // What a 200 of this path carries.
  }

  /** Removes a policy; what is kept by it stays kept. */
  async delete(scope: RetentionScope, scopeId: string, options: CallOptions = {}): Promise<void> {
    const url = tandemUrl(this.#transport, pathOf(scope, scopeId))
    await sendForJson(this.#transport, { method: 'DELETE', url, options })
  }

  /** Until when one recording is kept, and why. */
  async keeping(recordingId: string, options: CallOptions = {}): Promise<RecordingKeeping> {
    const url = tandemUrl(this.#transport, `/recordings/${segment('recordingId', recordingId)}/keeping`)
    return (await sendForJson(this.#transport, { method: 'GET', url, options })).body as RecordingKeeping // What a 200 carries.
  }
}

function pathOf(scope: RetentionScope, scopeId: string): `/${string}` {
  return `${PATH}/${segment('scope', scope)}/${segment('scopeId', scopeId)}`
}
