/**
 * Who stands behind a bearer token, and what they can do now: one read by an index. An expired token is dead to the
 * millisecond; a revoked one, one whose person or client has gone, and a role that was taken away with the next read
 * (promises P11, P12).
 */
import { type Caller, effectiveScopes, type Role, type Scope } from '@tandem/contract'
import type { ServerDatabase } from '../data/open-data.ts'
import { appScopes } from './app-scopes.ts'
import { hashOf, isTokenText } from './token-text.ts'

/** A caller known by a token. */
export type TokenCaller = Caller & { readonly tokenId: string }

/** A token that has been looked up. */
export interface KnownToken {
  readonly caller: TokenCaller
  /** Unix milliseconds; `Infinity` when it works for ever. */
  readonly expiresAt: number
}

/** Whose token it is; `undefined` for one that is malformed, unknown, revoked or expired. */
export async function authenticate(
  db: ServerDatabase,
  token: string,
  now: number,
): Promise<TokenCaller | undefined> {
  if (!isTokenText(token)) return undefined
  const known = await lookUp(db, hashOf(token))
  return known !== undefined && now < known.expiresAt ? known.caller : undefined
}

/** Looks a token up by its hash; it may have expired. */
export async function lookUp(db: ServerDatabase, hash: string): Promise<KnownToken | undefined> {
  const row = await db.kysely
    .selectFrom('tokens')
    .leftJoin('people', (join) =>
      join.onRef('people.org_id', '=', 'tokens.org_id').onRef('people.id', '=', 'tokens.person_id'),
    )
    .leftJoin('oauth_clients', 'oauth_clients.id', 'tokens.client_id')
    .select([
      'tokens.id',
      'tokens.org_id',
      'tokens.person_id',
      'tokens.kind',
      'tokens.client_id',
      'tokens.scopes',
      'tokens.expires_at',
      'people.roles',
      'oauth_clients.scopes as client_scopes',
      'oauth_clients.authorized_scopes',
    ])
    .where('tokens.hash', '=', hash)
    .where('tokens.revoked_at', 'is', null)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const asksFor = row.kind === 'service' ? row.authorized_scopes : row.client_scopes
  const scopes = scopesOf(row.scopes, row.client_id === null ? undefined : asksFor)
  const expiresAt = row.expires_at ?? Number.POSITIVE_INFINITY
  const base = { tokenId: row.id, orgId: row.org_id }
  const ofClient = row.client_id === null ? {} : { clientId: row.client_id }
  if (row.person_id === null) {
    if (row.kind !== 'service' || row.client_id === null) return undefined
    const caller: TokenCaller = {
      ...base,
      ...ofClient,
      personId: row.client_id,
      isApp: true,
      scopes: appScopes(scopes),
    }
    return { caller, expiresAt }
  }
  if (row.roles === null) return undefined // The key keeps this from happening.
  const held: ReadonlySet<Scope> = effectiveScopes(scopes, JSON.parse(row.roles) as Role[]) // Written by the directory.
  return { caller: { ...base, ...ofClient, personId: row.person_id, scopes: held }, expiresAt }
}

/** What a token was given and its client may still ask for: taking a scope from a client takes it from its tokens. */
function scopesOf(granted: string, allowed: string | null | undefined): string[] {
  const scopes = JSON.parse(granted) as string[] // Written by whoever made the token.
  if (allowed === undefined) return scopes
  const set = new Set(JSON.parse(allowed ?? '[]') as string[]) // Written by the operations on clients.
  return scopes.filter((scope) => set.has(scope))
}
