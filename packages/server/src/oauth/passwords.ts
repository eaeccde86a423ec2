/**
 * Passwords of people: what one must be like, setting one, knowing a person by one, and the one-time links with which a person
 * sets the first.
 */
import { randomBytes } from 'node:crypto'
import type { ServerDatabase } from '../data/open-data.ts'
import { hashOf } from '../tokens/token-text.ts'
import type { PasswordHasher } from './argon2.ts'

/** Shortest and longest password, in characters. */
export const PASSWORD_CHARS_MIN = 12
/** Longest password. */
export const PASSWORD_CHARS_MAX = 256
/** How long a link works. */
export const LINK_MS: number = 72 * 60 * 60_000

/** A person as sign-in knows one. */
export interface PersonKey {
  readonly orgId: string
  readonly personId: string
}

/** What is wrong with a new password, as the end of a sentence; `undefined` for a good one. */
export function passwordFault(password: string, email: string): string | undefined {
  const chars = [...password].length
  if (chars < PASSWORD_CHARS_MIN) return `must have at least ${PASSWORD_CHARS_MIN} characters`
  if (chars > PASSWORD_CHARS_MAX) return `must have at most ${PASSWORD_CHARS_MAX} characters`
  if (password.trim().toLowerCase() === email.toLowerCase()) return 'must not be the email address'
  return undefined
}

/** Sets a password and ends the person's sessions; links that wait are dead. */
export async function setPassword(
  db: ServerDatabase,
  hasher: PasswordHasher,
  { orgId, personId, password, now }: PersonKey & { readonly password: string; readonly now: number },
): Promise<void> {
  const hash = await hasher.hash(password)
  const ofPerson = { org_id: orgId, person_id: personId }
  await db.commit([
    db.kysely
      .insertInto('passwords')
      .values({ ...ofPerson, hash, set_at: now })
      .onConflict((conflict) => conflict.column('person_id').doUpdateSet({ hash, set_at: now })),
    db.kysely.deleteFrom('sessions').where('org_id', '=', orgId).where('person_id', '=', personId),
    db.kysely.deleteFrom('password_links').where('org_id', '=', orgId).where('person_id', '=', personId),
  ])
}

/** The stored form of a person's password; `undefined` when there is none. */
export async function storedPassword(
  db: ServerDatabase,
  { orgId, personId }: PersonKey,
): Promise<string | undefined> {
  const row = await db.kysely
    .selectFrom('passwords')
    .select('hash')
    .where('org_id', '=', orgId)
    .where('person_id', '=', personId)
    .executeTakeFirst()
  return row?.hash
}

/** Everybody with an email, in every organisation or in the one named by name or SIP domain; ten at most. */
export async function peopleWithEmail(
  db: ServerDatabase,
  email: string,
  organization: string | undefined,
): Promise<(PersonKey & { readonly hash: string | undefined })[]> {
  let query = db.kysely
    .selectFrom('people')
    .innerJoin('organizations', 'organizations.id', 'people.org_id')
    .leftJoin('passwords', 'passwords.person_id', 'people.id')
    .select(['people.org_id', 'people.id', 'passwords.hash'])
    .where('people.email_folded', '=', email.toLowerCase())
  if (organization !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('organizations.name', '=', organization),
        eb.exists(
          eb
            .selectFrom('domains')
            .select('domain')
            .whereRef('domains.org_id', '=', 'organizations.id')
            .where('domain', '=', organization.toLowerCase()),
        ),
      ]),
    )
  const rows = await query.orderBy('people.org_id').limit(10).execute()
  return rows.map((row) => ({ orgId: row.org_id, personId: row.id, hash: row.hash ?? undefined }))
}

/** Makes a link's secret; one that the person had before is dead. */
export async function makePasswordLink(
  db: ServerDatabase,
  { orgId, personId, now }: PersonKey & { readonly now: number },
): Promise<{ readonly secret: string; readonly expiresAt: number }> {
  const secret = randomBytes(32).toString('base64url')
  const expiresAt = now + LINK_MS
  await db.commit([
    db.kysely.deleteFrom('password_links').where('org_id', '=', orgId).where('person_id', '=', personId),
    db.kysely.insertInto('password_links').values({
      hash: hashOf(secret),
      org_id: orgId,
      person_id: personId,
      created_at: now,
      expires_at: expiresAt,
      used_at: null,
    }),
  ])
  return { secret, expiresAt }
}

/** Whose link it is, while it works. */
export async function linkedPerson(
  db: ServerDatabase,
  secret: string,
  now: number,
): Promise<(PersonKey & { readonly email: string }) | undefined> {
  const row = await db.kysely
    .selectFrom('password_links')
    .innerJoin('people', (join) =>
      join
        .onRef('people.org_id', '=', 'password_links.org_id')
        .onRef('people.id', '=', 'password_links.person_id'),
    )
    .select(['people.org_id', 'people.id', 'people.email'])
    .where('password_links.hash', '=', hashOf(secret))
    .where('password_links.used_at', 'is', null)
    .where('password_links.expires_at', '>', now)
    .executeTakeFirst()
  return row === undefined ? undefined : { orgId: row.org_id, personId: row.id, email: row.email }
}

/** Uses a link up; false when somebody else has just done so. */
export async function useLink(db: ServerDatabase, secret: string, now: number): Promise<boolean> {
  const [used] = await db.commit([
    db.kysely
      .updateTable('password_links')
      .set({ used_at: now })
      .where('hash', '=', hashOf(secret))
      .where('used_at', 'is', null)
      .where('expires_at', '>', now),
  ])
  return used?.changes === 1
}
