/** The directory tables as one value in memory: what a plan starts from and what it ends in. */
import { type Kysely, type Selectable, type StoreTables, sql } from '@tandem/store'
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

/**
 * Reads them all, in a stable order; with `orgId` those of one organisation, but for names and domains of the others, of which
 * no two may be the same.
 */
export async function readRows(
  db: Kysely<ServerTables & StoreTables>,
  orgId?: string,
): Promise<DirectoryRows> {
  const within = orgId === undefined ? sql<boolean>`1 = 1` : sql<boolean>`org_id = ${orgId}`
  return {
    organizations: await db.selectFrom('organizations').selectAll().orderBy('id').execute(),
    domains: await db.selectFrom('domains').selectAll().orderBy('org_id').orderBy('position').execute(),
    locations: await db.selectFrom('locations').selectAll().where(within).orderBy('id').execute(),
    lines: await db.selectFrom('lines').selectAll().where(within).orderBy('id').execute(),
    people: await db.selectFrom('people').selectAll().where(within).orderBy('id').execute(),
    devices: await db.selectFrom('devices').selectAll().where(within).orderBy('id').execute(),
    deviceLines: await db
      .selectFrom('device_lines')
      .selectAll()
      .where(within)
      .orderBy('device_id')
      .orderBy('position')
      .execute(),
    assistants: await db
      .selectFrom('assistants')
      .selectAll()
      .where(within)
      .orderBy('executive_id')
      .orderBy('position')
      .execute(),
    groups: await db.selectFrom('line_groups').selectAll().where(within).orderBy('id').execute(),
    members: await db
      .selectFrom('line_group_members')
      .selectAll()
      .where(within)
      .orderBy('group_id')
      .orderBy('position')
      .execute(),
  }
}
