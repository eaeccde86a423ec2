/**
 * Where calls are answered when a command names no device: of a person, of the caller, or of a secondary line.
 */
import { bodyFor, segment } from './api.ts'
import type { LineOptions } from './call-requests.ts'
import type { Transport } from './http/requester.ts'
import type { CallOptions } from './options.ts'
import type { MyPreferredAnswerEndpoint, PreferredAnswerEndpoint } from './wire.ts'

/** In which organisation the person, workspace or line is; the caller's when absent. */
export interface OrgOptions extends CallOptions {
  readonly orgId?: string | undefined
}

/** `client.preferredAnswer`. */
export class PreferredAnswer {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * The choice of a person, and what there is to choose from: `endpoints[].id` is what commands take as `endpointId`.
   *
   * @example const { endpoints } = await client.preferredAnswer.get(personId)
   */
  async get(personId: string, options: OrgOptions = {}): Promise<PreferredAnswerEndpoint> {
    const request = { method: 'GET', path: ofPerson(personId), query: { orgId: options.orgId } } as const
    return (await bodyFor(this.#transport, request, options)) as PreferredAnswerEndpoint // What a 200 of this path carries.
  }

  /** Chooses for a person; `null` takes the choice back. */
  async set(personId: string, endpointId: string | null, options: OrgOptions = {}): Promise<void> {
    const body = { preferredAnswerEndpointId: endpointId }
    const query = { orgId: options.orgId }
    await bodyFor(this.#transport, { method: 'PUT', path: ofPerson(personId), query, body }, options)
  }

  /** The caller's own choice, or with `lineOwnerId` that for a secondary line; undefined when there is none. */
  async getMine(options: LineOptions = {}): Promise<MyPreferredAnswerEndpoint | undefined> {
    const body = await bodyFor(this.#transport, { method: 'GET', path: mine(options) }, options)
    const endpoint = body as Partial<MyPreferredAnswerEndpoint> | undefined // What a 200 of this path carries; {} for none.
    return endpoint?.id === undefined ? undefined : (endpoint as MyPreferredAnswerEndpoint) // With an id all is there.
  }

  /** Chooses for the caller, or with `lineOwnerId` for a secondary line; `null` takes the choice back. */
  async setMine(endpointId: string | null, options: LineOptions = {}): Promise<void> {
    const request = { method: 'PUT', path: mine(options), body: { id: endpointId } } as const
    await bodyFor(this.#transport, request, options)
  }
}

function ofPerson(personId: string): string {
  return `/telephony/config/people/${segment('personId', personId)}/preferredAnswerEndpoint`
}

function mine({ lineOwnerId }: LineOptions): string {
  const line = lineOwnerId === undefined ? '' : `secondaryLines/${segment('lineOwnerId', lineOwnerId)}/`
  return `/telephony/config/people/me/settings/${line}preferredAnswerEndpoint`
}
