/**
 * Grants: one consent of a person, or one authorization of a service app, and everything that was given out for it. What is
 * revoked is revoked as a family (contract, auth §3).
 */
import { randomUUID } from 'node:crypto'
import type { Scope } from '@tandem/contract'
import type { Kysely, StoreTables } from '@tandem/store'
import type { ServerTables } from '../data/tables.ts'
import { hashOf, newTokenText } from '../tokens/token-text.ts'
import type { OAuthClient } from './clients.ts'

/** How long an access token works. */
export const ACCESS_MS: number = 14 * 86_400_000
/** How long a refresh token works; a use begins it anew. */
export const REFRESH_MS: number = 90 * 86_400_000
/** How long what has expired is kept, so that a late client learns no more than that it is dead. */
const KEPT_MS = 30 * 86_400_000

/** A connection or a transaction. */
export type Writer = Kysely<ServerTables & StoreTables>

/** A grant as far as giving tokens out for it goes. */
export interface Grant {
  readonly id: string
  readonly orgId: string
  /** Undefined for a service app. */
  readonly personId: string | undefined
}

/** What a token endpoint answers (contract, auth §3). */
export interface TokenAnswer {
  readonly access_token: string
  readonly expires_in: number
  readonly refresh_token: string
  readonly refresh_token_expires_in: number
  readonly token_type: 'Bearer'
  readonly scope: string
}

/** Writes down a new consent. */
export async function makeGrant(
  writer: Writer,
  grant: Omit<Grant, 'id'> & {
    readonly client: OAuthClient
    readonly scopes: readonly Scope[]
    readonly now: number
  },
): Promise<Grant> {
  const id = randomUUID()
  await writer
    .insertInto('oauth_grants')
    .values({
      id,
      org_id: grant.orgId,
      client_id: grant.client.id,
      person_id: grant.personId ?? null,
      scopes: JSON.stringify(grant.scopes),
      created_at: grant.now,
      revoked_at: null,
    })
    .execute()
  return { id, orgId: grant.orgId, personId: grant.personId }
}

/** Gives out an access token, and a refresh token unless the client keeps the one it has. */
export async function giveTokens(
  writer: Writer,
  given: {
    readonly grant: Grant
    readonly client: OAuthClient
    readonly scopes: readonly Scope[]
    /** What a new refresh token may be used for; the scopes unless set. */
    readonly refreshScopes?: readonly Scope[]
    /** The refresh token that is kept. */
    readonly kept?: string
    readonly now: number
  },
): Promise<TokenAnswer> {
  const { grant, client, scopes, kept, now } = given
  const access = newTokenText()
  await prune(writer, now)
  await writer
    .insertInto('tokens')
    .values({
      id: randomUUID(),
      hash: hashOf(access),
      org_id: grant.orgId,
      person_id: grant.personId ?? null,
      kind: client.kind,
      client_id: client.id,
      grant_id: grant.id,
      scopes: JSON.stringify(scopes),
      note: client.name,
      created_at: now,
      expires_at: now + ACCESS_MS,
      revoked_at: null,
    })
    .execute()
  const refresh = kept ?? newTokenText('tdr_')
  if (kept === undefined)
    await writer
      .insertInto('oauth_refresh_tokens')
      .values({
        hash: hashOf(refresh),
        grant_id: grant.id,
        scopes: JSON.stringify(given.refreshScopes ?? scopes),
        created_at: now,
        expires_at: now + REFRESH_MS,
        rotated_at: null,
      })
      .execute()
  return {
    access_token: access,
    expires_in: wholeSeconds(ACCESS_MS),
    refresh_token: refresh,
    refresh_token_expires_in: wholeSeconds(REFRESH_MS),
    token_type: 'Bearer',
    scope: scopes.join(' '),
  }
}

/** Revokes a grant and all that came of it; call `forgetCallers` after the commit. */
export async function revokeGrant(writer: Writer, grantId: string, now: number): Promise<void> {
  await writer
    .updateTable('oauth_grants')
    .set({ revoked_at: now })
    .where('id', '=', grantId)
    .where('revoked_at', 'is', null)
    .execute()
  await writer
    .updateTable('tokens')
    .set({ revoked_at: now })
    .where('grant_id', '=', grantId)
    .where('revoked_at', 'is', null)
    .execute()
  await writer.deleteFrom('oauth_refresh_tokens').where('grant_id', '=', grantId).execute()
}

/** What it says is never more than what is left when the answer arrives. */
function wholeSeconds(ms: number): number {
  return Math.floor((ms - 1) / 1_000)
}

/** Rows of tokens and codes that have been dead for a month. */
async function prune(writer: Writer, now: number): Promise<void> {
  await writer
    .deleteFrom('tokens')
    .where('expires_at', '<', now - KEPT_MS)
    .execute()
  await writer
    .deleteFrom('oauth_refresh_tokens')
    .where('expires_at', '<', now - KEPT_MS)
    .execute()
  await writer
    .deleteFrom('oauth_codes')
    .where('expires_at', '<', now - KEPT_MS)
    .execute()
}
