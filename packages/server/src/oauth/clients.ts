/** OAuth clients: looking one up, and knowing it by its secret. */
import { timingSafeEqual } from 'node:crypto'
import { canonicalUuid, decodeWebexId, type Scope } from '@tandem/contract'
import type { Selectable } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import { hashOf } from '../tokens/token-text.ts'
import { storedScopes } from './scope-list.ts'
import type { OAuthClientTable } from './tables.ts'

/** A client. */
export interface OAuthClient {
  readonly id: string
  readonly orgId: string
  readonly name: string
  readonly kind: 'integration' | 'service'
  /** Whether it has a secret. */
  readonly isConfidential: boolean
  readonly redirectUris: readonly string[]
  readonly scopes: readonly Scope[]
  /** Of a service app that the organisation has authorized. */
  readonly authorizedScopes?: readonly Scope[]
  readonly createdBy: string
  readonly createdAt: number
}

/** The raw id in whatever form a client is named: UUID, or Webex id of an application. */
export function rawClientId(id: string): string {
  const webexId = decodeWebexId(id)
  return canonicalUuid(webexId?.type === 'APPLICATION' ? webexId.key : id)
}

/** Finds a client of any organisation. */
export async function findClient(db: ServerDatabase, id: string): Promise<OAuthClient | undefined> {
  const row = await clientRow(db, id)
  return row === undefined ? undefined : clientOf(row)
}

/**
 * The client, if it proved to be it: one with a secret by the secret, a public one by having none. Whether the id or the
 * secret is wrong takes the same time.
 */
export async function knownClient(
  db: ServerDatabase,
  { id, secret }: { readonly id: string; readonly secret: string | undefined },
): Promise<OAuthClient | undefined> {
  const row = await clientRow(db, id)
  const expected = row?.secret_hash ?? hashOf('')
  const isSecret = timingSafeEqual(Buffer.from(hashOf(secret ?? ''), 'hex'), Buffer.from(expected, 'hex'))
  if (row === undefined) return undefined
  const isKnown = row.secret_hash === null ? secret === undefined : secret !== undefined && isSecret
  return isKnown ? clientOf(row) : undefined
}

/** What a row says. */
export function clientOf(row: Selectable<OAuthClientTable>): OAuthClient {
  return {
    id: row.id,
    orgId: row.org_id,
    name: row.name,
    kind: row.kind === 'service' ? 'service' : 'integration',
    isConfidential: row.secret_hash !== null,
    redirectUris: JSON.parse(row.redirect_uris) as string[], // Written by the operations on clients.
    scopes: storedScopes(row.scopes),
    ...(row.authorized_scopes === null ? {} : { authorizedScopes: storedScopes(row.authorized_scopes) }),
    createdBy: row.created_by,
    createdAt: row.created_at,
  }
}

function clientRow(db: ServerDatabase, id: string): Promise<Selectable<OAuthClientTable> | undefined> {
  return db.kysely
    .selectFrom('oauth_clients')
    .selectAll()
    .where('id', '=', rawClientId(id))
    .executeTakeFirst()
}
