/** What signing in and tokens need beside the database, made once for a server: see `openAccess`. */
import type { Config } from '../config/settings.ts'
import type { ServerDatabase } from '../data/open-data.ts'
import type { Counters } from '../observe/counters.ts'
import { StartFailure } from '../start-failure.ts'
import { Callers } from '../tokens/callers.ts'
import { PasswordHasher } from './argon2.ts'
import { Attempts } from './attempts.ts'
import { Provider } from './provider.ts'

/** Sign-in and tokens of one server. */
export interface Access {
  /** Who stands behind a bearer token. */
  readonly callers: Pick<Callers, 'authenticate'>
  readonly hasher: PasswordHasher
  readonly attempts: Attempts
  /** The external provider, if one is configured. */
  readonly provider: Provider | undefined
  /** Counts a sign-in, by how it was tried and what came of it. */
  countSignIn(how: 'password' | 'provider' | 'device', outcome: 'succeeded' | 'refused' | 'banned'): void
}

/** The settings that are about signing in. */
export type AccessConfig = Pick<
  Config,
  'oidcIssuer' | 'oidcClientId' | 'oidcClientSecret' | 'oidcName' | 'oidcDomains'
>

/** Opens it. Throws `StartFailure` for settings that cannot work; the provider itself is asked when somebody uses it. */
export function openAccess(db: ServerDatabase, config: AccessConfig, counters: Counters): Access {
  return {
    callers: new Callers(db),
    hasher: new PasswordHasher(),
    attempts: new Attempts(),
    provider: providerOf(config),
    countSignIn: (how, outcome) => counters.add('tandem_sign_ins_total', { how, outcome }),
  }
}

function providerOf(config: AccessConfig): Provider | undefined {
  const { oidcIssuer: issuer, oidcClientId: clientId } = config
  if (issuer === '') return undefined
  if (!URL.canParse(issuer) || !/^https?:/.test(issuer))
    throw new StartFailure('oidcIssuer must be the https address of an OpenID Connect provider.')
  if (clientId === '') throw new StartFailure('oidcIssuer needs oidcClientId, the id that the provider gave.')
  return new Provider({
    issuer,
    clientId,
    clientSecret: config.oidcClientSecret,
    name: config.oidcName,
    domains: config.oidcDomains,
  })
}
