/**
 * Authorization codes: made by a consent, used once within five minutes by the client and for the address that they were made
 * for (contract, auth §3; RFC 7636). A second use revokes what the first one gave.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Scope } from '@tandem/contract'
import type { ServerDatabase } from '../data/open-data.ts'
import { forgetCallers } from '../tokens/callers.ts'
import { hashOf } from '../tokens/token-text.ts'
import type { OAuthClient } from './clients.ts'
import { giveTokens, makeGrant, revokeGrant, type TokenAnswer } from './grants.ts'
import { storedScopes } from './scope-list.ts'

/** How long a code works. */
export const CODE_MS: number = 5 * 60_000

/** What a person consented to. */
export interface Consent {
  readonly client: OAuthClient
  readonly personId: string
  readonly redirectUri: string
  readonly scopes: readonly Scope[]
  /** PKCE, S256; undefined only for clients with a secret. */
  readonly challenge: string | undefined
}

/** Makes a code for a consent. */
export async function makeCode(db: ServerDatabase, consent: Consent, now: number): Promise<string> {
  const code = randomBytes(32).toString('base64url')
  await db.commit([
    db.kysely.insertInto('oauth_codes').values({
      hash: hashOf(code),
      org_id: consent.client.orgId,
      client_id: consent.client.id,
      person_id: consent.personId,
      redirect_uri: consent.redirectUri,
      scopes: JSON.stringify(consent.scopes),
      challenge: consent.challenge ?? null,
      expires_at: now + CODE_MS,
      used_at: null,
      grant_id: null,
    }),
  ])
  return code
}

/** What a client presents. */
export interface PresentedCode {
  readonly client: OAuthClient
  readonly code: string
  readonly redirectUri: string | undefined
  readonly verifier: string | undefined
}

/** What came of it. `reused`: somebody has it who should not, and what it gave before is revoked. */
export type CodeUse =
  | {
      readonly kind: 'given'
      readonly answer: TokenAnswer
      readonly personId: string
      readonly grantId: string
    }
  | { readonly kind: 'refused' }
  | { readonly kind: 'reused'; readonly personId: string }

/** Uses a code up. */
export async function useCode(db: ServerDatabase, presented: PresentedCode, now: number): Promise<CodeUse> {
  const { client } = presented
  const hash = hashOf(presented.code)
  const use = await db.transaction(async (tx): Promise<CodeUse> => {
    const row = await tx
      .selectFrom('oauth_codes')
      .selectAll()
      .where('hash', '=', hash)
      .where('client_id', '=', client.id)
      .executeTakeFirst()
    if (row === undefined) return { kind: 'refused' }
    if (row.used_at !== null) {
      if (row.grant_id !== null) await revokeGrant(tx, row.grant_id, now)
      return { kind: 'reused', personId: row.person_id }
    }
    if (now >= row.expires_at || row.redirect_uri !== presented.redirectUri) return { kind: 'refused' }
    if (!isProof(row.challenge, presented.verifier)) return { kind: 'refused' }
    const scopes = storedScopes(row.scopes)
    const grant = await makeGrant(tx, { client, orgId: row.org_id, personId: row.person_id, scopes, now })
    await tx
      .updateTable('oauth_codes')
      .set({ used_at: now, grant_id: grant.id })
      .where('hash', '=', hash)
      .execute()
    const answer = await giveTokens(tx, { grant, client, scopes, now })
    return { kind: 'given', answer, personId: row.person_id, grantId: grant.id }
  })
  if (use.kind === 'reused') forgetCallers()
  return use
}

/** A verifier where no challenge was is as wrong as a missing one: somebody has taken the challenge off on the way. */
function isProof(challenge: string | null, verifier: string | undefined): boolean {
  if (challenge === null || verifier === undefined) return challenge === null && verifier === undefined
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) return false
  const given = Buffer.from(createHash('sha256').update(verifier).digest('base64url'))
  const expected = Buffer.from(challenge)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
