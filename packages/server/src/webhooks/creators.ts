/**
 * Whether those who made webhooks are still there (contract, webhooks §8), and for organisation-wide ones, whether they
 * still are what they must be (webhooks §2). Asked of the directory every few seconds at most. Service apps have no row in
 * it; theirs are asked of whoever knows them.
 */
import type { Role } from '@tandem/contract'
import type { ServerDatabase } from '../data/open-data.ts'
import type { Webhook } from './webhook.ts'

/** How long an answer is used. */
const KNOWN_MS = 5_000
const KNOWN_MAX = 50_000

/** Whether a service app still acts for an organisation. */
export type HasApp = (orgId: string, appId: string) => Promise<boolean>

/** Looks after creators. */
export class Creators {
  readonly #db: ServerDatabase
  readonly #now: () => number
  readonly #hasApp: HasApp
  readonly #known = new Map<
    string,
    { readonly roles: Promise<readonly Role[] | undefined>; readonly at: number }
  >()

  constructor(options: {
    readonly db: ServerDatabase
    readonly now: () => number
    readonly hasApp?: HasApp
  }) {
    this.#db = options.db
    this.#now = options.now
    this.#hasApp = options.hasApp ?? (async () => true)
  }

  /** Whether a webhook's creator may still have it. */
  async mayHave({ orgId, creatorId, creatorIsApp, ownedBy, sights }: Webhook): Promise<boolean> {
    if (creatorIsApp) return this.#hasApp(orgId, creatorId)
    const roles = await this.#rolesOf(orgId, creatorId)
    if (roles === undefined) return false
    return ownedBy === 'creator' || Object.values(sights).some((as) => roles.includes(as))
  }

  #rolesOf(orgId: string, personId: string): Promise<readonly Role[] | undefined> {
    const name = `${orgId} ${personId}`
    const known = this.#known.get(name)
    const now = this.#now()
    if (known !== undefined && now < known.at + KNOWN_MS) return known.roles
    const roles = this.#ask(orgId, personId)
    roles.catch(() => this.#known.delete(name)) // Whoever waits for it hears of it.
    this.#known.delete(name)
    if (this.#known.size >= KNOWN_MAX) this.#known.delete(this.#known.keys().next().value as string)
    this.#known.set(name, { roles, at: now })
    return roles
  }

  async #ask(orgId: string, personId: string): Promise<readonly Role[] | undefined> {
    const row = await this.#db.kysely
      .selectFrom('people')
      .select('roles')
      .where('org_id', '=', orgId)
      .where('id', '=', personId)
      .executeTakeFirst()
    return row === undefined ? undefined : (JSON.parse(row.roles) as Role[]) // Written by the directory.
  }
}
