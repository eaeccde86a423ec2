/**
 * The one-time set-up link: printed at a start while nobody has a token, works once within 24 hours, and gives an
 * administrator the first one. Only the hash of its secret is stored; a new start replaces an unused link.
 */
import { randomBytes } from 'node:crypto'
import type { Role } from '@tandem/contract'
import type { ServerDatabase } from '../data/open-data.ts'
import { hashOf } from './token-text.ts'
import { type CreatedToken, createToken } from './tokens.ts'

/** How long a set-up link works, in milliseconds. */
export const SETUP_LINK_MS: number = 24 * 60 * 60 * 1_000
/** What the first token can do: everything that an administrator's roles carry. */
export const SETUP_SCOPES: readonly string[] = [
  'spark:all',
  'spark-compliance:recordings_read',
  'spark-compliance:recordings_write',
]

const SECRET_BYTES = 32

/** An administrator whom the set-up page offers. */
export interface Administrator {
  readonly id: string
  readonly orgId: string
  readonly email: string
  readonly organization: string
}

/** Makes the link's secret when there is no token yet; `undefined` when there is one. */
export async function makeSetupSecret(db: ServerDatabase, now: number): Promise<string | undefined> {
  const token = await db.kysely.selectFrom('tokens').select('id').limit(1).executeTakeFirst()
  if (token !== undefined) return undefined
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  await db.commit([
    db.kysely.deleteFrom('setup_links'),
    db.kysely
      .insertInto('setup_links')
      .values({ hash: hashOf(secret), created_at: now, expires_at: now + SETUP_LINK_MS, used_at: null }),
  ])
  return secret
}

/** Whether a link with this secret still works. */
export async function setupLinkWorks(db: ServerDatabase, secret: string, now: number): Promise<boolean> {
  const row = await db.kysely
    .selectFrom('setup_links')
    .select('expires_at')
    .where('hash', '=', hashOf(secret))
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return row !== undefined && now < row.expires_at
}

/** Everybody who can be given the first token. */
export async function administrators(db: ServerDatabase): Promise<Administrator[]> {
  const rows = await db.kysely
    .selectFrom('people')
    .innerJoin('organizations', 'organizations.id', 'people.org_id')
    .select(['people.id', 'people.org_id', 'people.email', 'people.roles', 'organizations.name'])
    .where('people.roles', 'like', '%"admin"%')
    .orderBy('organizations.name')
    .orderBy('people.email')
    .limit(100)
    .execute()
  return rows
    .filter((row) => (JSON.parse(row.roles) as Role[]).includes('admin')) // Written by the directory.
    .map((row) => ({ id: row.id, orgId: row.org_id, email: row.email, organization: row.name }))
}

/** Uses the link up and makes the token; `undefined` when it no longer works or the person is no administrator. */
export async function useSetupLink(
  db: ServerDatabase,
  options: { readonly secret: string; readonly personId: string; readonly now: number },
): Promise<CreatedToken | undefined> {
  const administrator = (await administrators(db)).find((person) => person.id === options.personId)
  if (administrator === undefined) return undefined
  const [used] = await db.commit([
    db.kysely
      .updateTable('setup_links')
      .set({ used_at: options.now })
      .where('hash', '=', hashOf(options.secret))
      .where('used_at', 'is', null)
      .where('expires_at', '>', options.now),
  ])
  if (used?.changes !== 1) return undefined
  return createToken(db, {
    email: administrator.email,
    organization: administrator.orgId,
    scopes: SETUP_SCOPES,
    note: 'made with the set-up link',
    now: options.now,
  })
}
