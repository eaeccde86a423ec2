/** The directory tables as one value in memory: what a plan starts from and what it ends in. */
import type { Kysely, Selectable, StoreTables } from '@tandem/store'
import type {
  DeviceTable,
  DomainTable,
  LocationTable,
  OrganizationTable,
  PersonTable,
  ServerTables,
} from '../data/tables.ts'

/** All rows of the directory. */
export interface DirectoryRows {
  readonly organizations: readonly Selectable<OrganizationTable>[]
  readonly domains: readonly Selectable<DomainTable>[]
  readonly locations: readonly Selectable<LocationTable>[]
  readonly people: readonly Selectable<PersonTable>[]
  readonly devices: readonly Selectable<DeviceTable>[]
}

/** Reads them all, in a stable order. */
export async function readRows(db: Kysely<ServerTables & StoreTables>): Promise<DirectoryRows> {
  return {
    organizations: await db.selectFrom('organizations').selectAll().orderBy('id').execute(),
    domains: await db.selectFrom('domains').selectAll().orderBy('org_id').orderBy('position').execute(),
    locations: await db.selectFrom('locations').selectAll().orderBy('id').execute(),
    people: await db.selectFrom('people').selectAll().orderBy('id').execute(),
    devices: await db.selectFrom('devices').selectAll().orderBy('id').execute(),
  }
}
