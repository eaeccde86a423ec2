/**
 * Sessions of browsers. The cookie holds 256 random bits, the database their hash. A browser that nobody has signed in with has
 * a cookie too, which no row knows: the forms are bound to it all the same, so that nobody can be signed in by a foreign page.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { ServerDatabase } from '../data/open-data.ts'
import { hashOf } from '../tokens/token-text.ts'

/** How long somebody stays signed in. */
export const SESSION_MS: number = 12 * 60 * 60_000

/** Who has signed in. */
export interface SignedIn {
  readonly orgId: string
  readonly personId: string
  readonly email: string
  readonly name: string
  readonly roles: readonly string[]
}

/** A new value for the cookie. */
export function newSessionId(): string {
  return randomBytes(32).toString('base64url')
}

/** Whether a text may be the value of our cookie. */
export function isSessionId(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text)
}

/** What a form of this browser must send back. */
export function formToken(sessionId: string): string {
  return createHash('sha256').update(`form:${sessionId}`).digest('base64url')
}

/** Whether a form comes from a page that this browser was shown. */
export function isFormToken(sessionId: string | undefined, given: string): boolean {
  if (sessionId === undefined) return false
  const [one, other] = [Buffer.from(formToken(sessionId)), Buffer.from(given)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** Begins a session under a new id, never under one that the browser had before. */
export async function beginSession(
  db: ServerDatabase,
  person: { readonly orgId: string; readonly personId: string },
  now: number,
): Promise<string> {
  const id = newSessionId()
  await db.commit([
    db.kysely.deleteFrom('sessions').where('expires_at', '<', now),
    db.kysely.insertInto('sessions').values({
      hash: hashOf(id),
      org_id: person.orgId,
      person_id: person.personId,
      created_at: now,
      expires_at: now + SESSION_MS,
    }),
  ])
  return id
}

/** Who has signed in with this browser. */
export async function signedIn(
  db: ServerDatabase,
  sessionId: string,
  now: number,
): Promise<SignedIn | undefined> {
  const row = await db.kysely
    .selectFrom('sessions')
    .innerJoin('people', (join) =>
      join.onRef('people.org_id', '=', 'sessions.org_id').onRef('people.id', '=', 'sessions.person_id'),
    )
    .innerJoin('lines', 'lines.id', 'people.id')
    .select(['people.org_id', 'people.id', 'people.email', 'people.roles', 'lines.display_name'])
    .where('sessions.hash', '=', hashOf(sessionId))
    .where('sessions.expires_at', '>', now)
    .executeTakeFirst()
  if (row === undefined) return undefined
  return {
    orgId: row.org_id,
    personId: row.id,
    email: row.email,
    name: row.display_name,
    roles: JSON.parse(row.roles) as string[], // Written by the directory.
  }
}

/** Ends a session. */
export async function endSession(db: ServerDatabase, sessionId: string): Promise<void> {
  await db.commit([db.kysely.deleteFrom('sessions').where('hash', '=', hashOf(sessionId))])
}
