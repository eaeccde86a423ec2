/** The directory tables as one value in memory: what a plan starts from and what it ends in. */
import type { Kysely, Selectable, StoreTables } from '@tandem/store'
import type {
  AssistantTable,
  DeviceLineTable,
  DeviceTable,
  DomainTable,
  LineGroupMemberTable,
  LineGroupTable,
  LineTable,
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
  readonly lines: readonly Selectable<LineTable>[]
  readonly people: readonly Selectable<PersonTable>[]
  readonly devices: readonly Selectable<DeviceTable>[]
  readonly deviceLines: readonly Selectable<DeviceLineTable>[]
  readonly assistants: readonly Selectable<AssistantTable>[]
  readonly groups: readonly Selectable<LineGroupTable>[]
  readonly members: readonly Selectable<LineGroupMemberTable>[]
}

/** Reads them all, in a stable order. */
export async function readRows(db: Kysely<ServerTables & StoreTables>): Promise<DirectoryRows> {
  return {
    organizations: await db.selectFrom('organizations').selectAll().orderBy('id').execute(),
    domains: await db.selectFrom('domains').selectAll().orderBy('org_id').orderBy('position').execute(),
    locations: await db.selectFrom('locations').selectAll().orderBy('id').execute(),
    lines: await db.selectFrom('lines').selectAll().orderBy('id').execute(),
    people: await db.selectFrom('people').selectAll().orderBy('id').execute(),
    devices: await db.selectFrom('devices').selectAll().orderBy('id').execute(),
    deviceLines: await db
      .selectFrom('device_lines')
      .selectAll()
      .orderBy('device_id')
      .orderBy('position')
      .execute(),
    assistants: await db
      .selectFrom('assistants')
      .selectAll()
      .orderBy('executive_id')
      .orderBy('position')
      .execute(),
    groups: await db.selectFrom('line_groups').selectAll().orderBy('id').execute(),
    members: await db
      .selectFrom('line_group_members')
      .selectAll()
      .orderBy('group_id')
      .orderBy('position')
      .execute(),
  }
}
