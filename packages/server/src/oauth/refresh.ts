/**
 * Refresh tokens (contract, auth §3): a client with a secret keeps the one it has, and a use begins its lifetime anew; a
 * public client gets a new one with each use, and an old one presented again revokes the family.
 */
import type { Scope } from '@tandem/contract'
import type { ServerDatabase } from '../data/open-data.ts'
import { forgetCallers } from '../tokens/callers.ts'
import { hashOf, isTokenText } from '../tokens/token-text.ts'
import type { OAuthClient } from './clients.ts'
import { giveTokens, REFRESH_MS, revokeGrant, type TokenAnswer } from './grants.ts'
import { storedScopes } from './scope-list.ts'

/** What came of it. */
export type RefreshUse =
  | { readonly kind: 'given'; readonly answer: TokenAnswer }
  | { readonly kind: 'refused' | 'scopeTooWide' }
  | { readonly kind: 'reused'; readonly personId: string | undefined }

/** Uses a refresh token; `scopes` may ask for fewer than were granted. */
export async function useRefreshToken(
  db: ServerDatabase,
  presented: {
    readonly client: OAuthClient
    readonly token: string
    readonly scopes: readonly Scope[] | undefined
  },
  now: number,
): Promise<RefreshUse> {
  const { client, token } = presented
  if (!isTokenText(token, 'tdr_')) return { kind: 'refused' }
  const hash = hashOf(token)
  const use = await db.transaction(async (tx): Promise<RefreshUse> => {
    const row = await tx
      .selectFrom('oauth_refresh_tokens as token')
      .innerJoin('oauth_grants as grant', 'grant.id', 'token.grant_id')
      .select([
        'token.scopes',
        'token.expires_at',
        'token.rotated_at',
        'grant.id',
        'grant.org_id',
        'grant.person_id',
      ])
      .where('token.hash', '=', hash)
      .where('grant.client_id', '=', client.id)
      .where('grant.revoked_at', 'is', null)
      .executeTakeFirst()
    if (row === undefined || now >= row.expires_at) return { kind: 'refused' }
    const personId = row.person_id ?? undefined
    if (row.rotated_at !== null) {
      await revokeGrant(tx, row.id, now)
      return { kind: 'reused', personId }
    }
    const granted = storedScopes(row.scopes)
    const scopes = presented.scopes ?? granted
    if (scopes.some((scope) => !granted.includes(scope))) return { kind: 'scopeTooWide' }
    const change = client.isConfidential ? { expires_at: now + REFRESH_MS } : { rotated_at: now }
    await tx.updateTable('oauth_refresh_tokens').set(change).where('hash', '=', hash).execute()
    const answer = await giveTokens(tx, {
      grant: { id: row.id, orgId: row.org_id, personId },
      client,
      scopes,
      refreshScopes: granted,
      ...(client.isConfidential ? { kept: token } : {}),
      now,
    })
    return { kind: 'given', answer }
  })
  if (use.kind === 'reused') forgetCallers()
  return use
}

/** Revokes what a client presents: a refresh token with its family, an access token alone (RFC 7009 §2.1). */
export async function revokePresented(
  db: ServerDatabase,
  presented: { readonly client: OAuthClient; readonly token: string },
  now: number,
): Promise<{ readonly personId: string | null } | undefined> {
  const { client, token } = presented
  const hash = hashOf(token)
  const revoked = await db.transaction(async (tx) => {
    const family = await tx
      .selectFrom('oauth_refresh_tokens as token')
      .innerJoin('oauth_grants as grant', 'grant.id', 'token.grant_id')
      .select(['grant.id', 'grant.person_id'])
      .where('token.hash', '=', hash)
      .where('grant.client_id', '=', client.id)
      .executeTakeFirst()
    if (family !== undefined) {
      await revokeGrant(tx, family.id, now)
      return { personId: family.person_id }
    }
    const access = await tx
      .selectFrom('tokens')
      .select(['id', 'person_id'])
      .where('hash', '=', hash)
      .where('client_id', '=', client.id)
      .where('revoked_at', 'is', null)
      .executeTakeFirst()
    if (access === undefined) return undefined
    await tx.updateTable('tokens').set({ revoked_at: now }).where('id', '=', access.id).execute()
    return { personId: access.person_id }
  })
  if (revoked !== undefined) forgetCallers()
  return revoked
}
