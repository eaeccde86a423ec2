/**
 * What a service app can do (contract, auth §1): what its organisation has authorized, less the scopes of what belongs to one
 * person. A service app is nobody's line: it has no calls, no phones and no settings of its own.
 */
import { isScope, type Scope } from '@tandem/contract'
import type { ServerDatabase } from '../data/open-data.ts'

/** Scopes that mean nothing without a person. */
const OWN_ALONE = /^spark:(all|calls_|recordings_|telephony_config_)|^meeting:recordings_|^tandem:/

/** The scopes that count for a service app. */
export function appScopes(granted: readonly string[]): ReadonlySet<Scope> {
  return new Set(granted.filter((name): name is Scope => isScope(name) && !OWN_ALONE.test(name)))
}

/** What an organisation has authorized a service app for, as it counts; nothing for who is none, or none any more. */
export async function authorizedScopes(
  db: ServerDatabase,
  orgId: string,
  appId: string,
): Promise<ReadonlySet<Scope>> {
  const app = await db.kysely
    .selectFrom('oauth_clients')
    .select('authorized_scopes')
    .where('org_id', '=', orgId)
    .where('id', '=', appId)
    .executeTakeFirst()
  return appScopes(JSON.parse(app?.authorized_scopes ?? '[]') as string[]) // Written by the operations on clients.
}
