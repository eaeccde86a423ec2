/**
 * Bearer tokens of persons: made by an operator, by the set-up link or by the person, bound to a person of an organisation
 * with a list of scopes, revocable.
 */
import { randomUUID } from 'node:crypto'
import { isScope } from '@tandem/contract'
import type { ServerDatabase } from '../data/open-data.ts'
import { StartFailure } from '../start-failure.ts'
import { forgetCallers } from './callers.ts'
import { hashOf, newTokenText } from './token-text.ts'

/** What a new token is to be. */
export interface NewToken {
  /** Email of the person. */
  readonly email: string
  /** Name, id or SIP domain of the organisation; needed only when two have a person with that email. */
  readonly organization?: string
  readonly scopes: readonly string[]
  /** How long it works, in milliseconds; for ever when absent. */
  readonly lifetimeMs?: number
  /** What it is for, for the operator's list. */
  readonly note?: string
  /** Unix milliseconds; now by default. */
  readonly now?: number
}

/** A token just made: the only moment in which its text is known. */
export interface CreatedToken {
  readonly token: string
  readonly id: string
  readonly orgId: string
  readonly personId: string
  readonly scopes: readonly string[]
  readonly expiresAt?: number
}

/** Longest note kept beside a token. */
const NOTE_CHARS_MAX = 200

/** Makes a token for a person. Throws `StartFailure` when person or scopes do not exist. */
export async function createToken(db: ServerDatabase, options: NewToken): Promise<CreatedToken> {
  const unknown = options.scopes.find((scope) => !isScope(scope))
  if (unknown !== undefined) throw new StartFailure(`There is no scope ${unknown.slice(0, 80)}.`)
  if (options.scopes.length === 0) throw new StartFailure('A token needs at least one scope, e.g. spark:all.')
  const person = await findPerson(db, options)
  const token = newTokenText()
  const id = randomUUID()
  const now = options.now ?? Date.now()
  const expiresAt = options.lifetimeMs === undefined ? undefined : now + options.lifetimeMs
  await db.commit([
    db.kysely.insertInto('tokens').values({
      id,
      hash: hashOf(token),
      org_id: person.org_id,
      person_id: person.id,
      kind: 'operator',
      client_id: null,
      grant_id: null,
      scopes: JSON.stringify([...new Set(options.scopes)]),
      note: (options.note ?? '').slice(0, NOTE_CHARS_MAX),
      created_at: now,
      expires_at: expiresAt ?? null,
      revoked_at: null,
    }),
  ])
  const made = { token, id, orgId: person.org_id, personId: person.id, scopes: options.scopes }
  return expiresAt === undefined ? made : { ...made, expiresAt }
}

/** Revokes a token by its id; false when there is none that still worked. */
export async function revokeToken(
  db: ServerDatabase,
  id: string,
  now: number = Date.now(),
): Promise<boolean> {
  const [result] = await db.commit([
    db.kysely
      .updateTable('tokens')
      .set({ revoked_at: now })
      .where('id', '=', id)
      .where('revoked_at', 'is', null),
  ])
  forgetCallers()
  return (result?.changes ?? 0) > 0
}

/** Finds the one person with an email, in an organisation if it is named. Throws `StartFailure`. */
export async function findPerson(
  db: ServerDatabase,
  options: Pick<NewToken, 'email' | 'organization'>,
): Promise<{ id: string; org_id: string }> {
  const { organization } = options
  let query = db.kysely
    .selectFrom('people')
    .innerJoin('organizations', 'organizations.id', 'people.org_id')
    .select(['people.id', 'people.org_id'])
    .where('people.email_folded', '=', options.email.toLowerCase())
  if (organization !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('organizations.id', '=', organization),
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
  const people = await query.limit(2).execute()
  const [person, another] = people
  if (person === undefined)
    throw new StartFailure('No person of the directory has this email; "tandem directory apply" adds people.')
  if (another !== undefined)
    throw new StartFailure('Two organisations have a person with this email; name the organisation too.')
  return person
}
