/**
 * The address of a PostgreSQL database as the operator wrote it, and as it may be shown: a name without the password
 * (promise P12). The form is that of libpq: `postgres://user:password@host:port/database`.
 */
import { StoreError } from '../error.ts'

/** A checked address. */
export interface PostgresAddress {
  /** As `pg` takes it; holds the password, so it is never logged. */
  readonly url: string
  /** For messages: host, port and database, no user and no password. */
  readonly place: string
  readonly user: string
  readonly database: string
}

/** Checks an address; throws a `StoreError` that repeats nothing of a bad one, since it may hold a password. */
export function postgresAddress(url: string): PostgresAddress {
  const parsed = URL.parse(url)
  const database = parsed?.pathname.slice(1) ?? ''
  const host = parsed?.hostname || parsed?.searchParams.get('host') || ''
  if (parsed === null || !/^postgres(?:ql)?:$/.test(parsed.protocol) || host === '' || database === '')
    throw new StoreError(
      'address',
      'The address of the database must look like postgres://user:password@host:5432/database.',
    )
  const port = parsed.port === '' ? '' : `:${parsed.port}`
  return {
    url,
    place: `${decoded(database)} at ${host}${port}`,
    user: decoded(parsed.username),
    database: decoded(database),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // A stray percent sign: shown as it is; `pg` says what it thinks of it.
  }
}
