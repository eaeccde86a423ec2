/**
 * The directory as the call engine wants it: one plain value of everything, with the secrets opened. Made at start and
 * again whenever the directory's revision moves.
 */
import type { Logger } from '@tandem/base'
import type { DirectorySnapshot, RecordingMode } from '@tandem/engine'
import type { ServerData, ServerDatabase } from '../data/open-data.ts'
import { readRows } from './rows.ts'
import { openHa1 } from './secrets.ts'

/** Reads the whole directory. A device whose secret does not open is left out, and the log says how many. */
export async function loadSnapshot(
  data: Pick<ServerData, 'db' | 'keys'>,
  logger: Logger,
): Promise<DirectorySnapshot> {
  const rows = await readRows(data.db.kysely)
  const domains = Map.groupBy(rows.domains, (row) => row.org_id)
  const devices = rows.devices.flatMap((row) => {
    const ha1 = openHa1(data.keys.kek, { orgId: row.org_id, id: row.id }, row.secret)
    if (ha1 === undefined) return []
    return [
      {
        id: row.id,
        orgId: row.org_id,
        personId: row.person_id,
        name: row.name,
        sipUser: row.sip_user,
        ha1Md5: ha1.md5,
        ha1Sha256: ha1.sha256,
      },
    ]
  })
  if (devices.length < rows.devices.length)
    logger.error('SIP secrets do not open with this key; set the passwords of these devices again', {
      devices: rows.devices.length - devices.length,
    })
  return {
    organizations: rows.organizations.map((row) => ({
      id: row.id,
      name: row.name,
      domains: (domains.get(row.id) ?? []).map((domain) => domain.domain),
    })),
    locations: rows.locations.map((row) => ({ id: row.id, orgId: row.org_id, name: row.name })),
    people: rows.people.map((row) => ({
      id: row.id,
      orgId: row.org_id,
      locationId: row.location_id,
      displayName: row.display_name,
      email: row.email,
      extension: row.extension,
      numbers: JSON.parse(row.numbers) as string[], // Written by `plan.ts`.
      recording: row.recording as RecordingMode, // Written by `plan.ts`, from the list of modes.
    })),
    devices,
  }
}

/** A number that grows with every change of the directory, also by another process; 0 before the first. */
export async function directoryRevision(db: ServerDatabase): Promise<number> {
  const row = await db.kysely
    .selectFrom('server_state')
    .select('value')
    .where('name', '=', 'directory')
    .executeTakeFirst()
  return Number(row?.value ?? 0)
}
