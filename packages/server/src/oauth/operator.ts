/** What an operator does about passwords at the machine itself, beside a running server or without one. */
import type { Config } from '../config/settings.ts'
import type { ServerDatabase } from '../data/open-data.ts'
import { StartFailure } from '../start-failure.ts'
import { findPerson } from '../tokens/tokens.ts'
import { PasswordHasher } from './argon2.ts'
import { makePasswordLink, passwordFault, setPassword } from './passwords.ts'

/** Whom it is about; the organisation is needed only when two have a person with that email. */
export interface NamedPerson {
  readonly email: string
  readonly organization?: string
}

/** Sets a person's password and ends the person's sessions. Throws `StartFailure`. */
export async function setPersonPassword(
  db: ServerDatabase,
  person: NamedPerson,
  password: string,
): Promise<void> {
  const { id, org_id } = await findPerson(db, person)
  const fault = passwordFault(password, person.email)
  if (fault !== undefined) throw new StartFailure(`The password ${fault}.`)
  await setPassword(db, new PasswordHasher(), { orgId: org_id, personId: id, password, now: Date.now() })
}

/** Makes a one-time link with which a person sets a password. Throws `StartFailure`. */
export async function invitePerson(
  db: ServerDatabase,
  person: NamedPerson,
  config: Pick<Config, 'publicUrl' | 'httpHost' | 'httpPort'>,
): Promise<{ readonly url: string; readonly expiresAt: number }> {
  const { id, org_id } = await findPerson(db, person)
  const { secret, expiresAt } = await makePasswordLink(db, { orgId: org_id, personId: id, now: Date.now() })
  const host = config.httpHost.includes(':') ? `[${config.httpHost}]` : config.httpHost
  const origin = config.publicUrl === '' ? `http://${host}:${config.httpPort}` : config.publicUrl
  return { url: `${origin.replace(/\/$/, '')}/password/${secret}`, expiresAt }
}
