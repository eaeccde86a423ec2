/**
 * Sites (meeting-recordings §1, §5, §7): the host names that meetings were held under. An organisation's preferred site is
 * its first domain, else the host that this server is reached under; nobody of it has another one.
 */
import type { Services } from '../operation.ts'

/** The preferred site of everybody of an organisation: a host name without a scheme, lower case. */
export async function preferredSite(
  services: Pick<Services, 'db' | 'publicUrl'>,
  orgId: string,
): Promise<string> {
  const row = await services.db.kysely
    .selectFrom('domains')
    .select('domain')
    .where('org_id', '=', orgId)
    .orderBy('position')
    .limit(1)
    .executeTakeFirst()
  return (row?.domain ?? new URL(services.publicUrl).hostname).toLowerCase()
}
