/**
 * Whether those who made webhooks are still there (contract, webhooks §8), and for organisation-wide ones, whether they
 * still are what they must be (webhooks §2). Asked of the directory every few seconds at most. Service apps have no row in
 * it: they are there for as long as their organisation authorizes them to read what the webhook is about.
 */
import type { Role, Scope } from '@tandem/contract'
import type { ServerDatabase } from '../data/open-data.ts'
import { roleFor, type WebhookResource } from '../events/sight.ts'
import { authorizedScopes } from '../tokens/app-scopes.ts'
import type { Webhook } from './webhook.ts'

/** How long an answer is used. */
const KNOWN_MS = 5_000
const KNOWN_MAX = 50_000

/** What an organisation authorizes a service app for; nothing for one that is gone. */
export type ScopesOfApp = (orgId: string, appId: string) => Promise<ReadonlySet<Scope>>

/** What counts of a creator: the roles of a person, the scopes of an app; undefined: it is gone. */
type Standing = { readonly roles: readonly Role[] } | { readonly scopes: ReadonlySet<Scope> } | undefined

/** Looks after creators. */
export class Creators {
  readonly #db: ServerDatabase
  readonly #now: () => number
  readonly #scopesOfApp: ScopesOfApp
  readonly #known = new Map<string, { readonly standing: Promise<Standing>; readonly at: number }>()

  constructor(options: {
    readonly db: ServerDatabase
    readonly now: () => number
    readonly scopesOfApp?: ScopesOfApp
  }) {
    this.#db = options.db
    this.#now = options.now
    this.#scopesOfApp = options.scopesOfApp ?? ((orgId, appId) => authorizedScopes(options.db, orgId, appId))
  }

  /** Whether a webhook's creator may still have it. */
  async mayHave(webhook: Webhook): Promise<boolean> {
    const { ownedBy, sights } = webhook
    const standing = await this.#standingOf(webhook)
    if (standing === undefined) return false
    if ('roles' in standing)
      return ownedBy === 'creator' || Object.values(sights).some((as) => standing.roles.includes(as))
    return Object.entries(sights).every(([resource, as]) => {
      const now = roleFor(standing.scopes, resource as WebhookResource, ownedBy) // Keys of `Sights`.
      return now === as || now === 'complianceOfficer' // That one sees everything.
    })
  }

  #standingOf(creator: Webhook): Promise<Standing> {
    const name = `${creator.orgId} ${creator.creatorId}`
    const known = this.#known.get(name)
    const now = this.#now()
    if (known !== undefined && now < known.at + KNOWN_MS) return known.standing
    const standing = this.#ask(creator)
    standing.catch(() => this.#known.delete(name)) // Whoever waits for it hears of it.
    this.#known.delete(name)
    if (this.#known.size >= KNOWN_MAX) this.#known.delete(this.#known.keys().next().value as string)
    this.#known.set(name, { standing, at: now })
    return standing
  }

  async #ask({ orgId, creatorId, creatorIsApp }: Webhook): Promise<Standing> {
    if (creatorIsApp) return { scopes: await this.#scopesOfApp(orgId, creatorId) }
    const row = await this.#db.kysely
      .selectFrom('people')
      .select('roles')
      .where('org_id', '=', orgId)
      .where('id', '=', creatorId)
      .executeTakeFirst()
    return row === undefined ? undefined : { roles: JSON.parse(row.roles) as Role[] } // Written by the directory.
  }
}
