/** Writes a plan: rows that go, then those that change or come, and the directory's revision. */
import type { Insertable, Kysely, StoreTables } from '@tandem/store'
import type { ServerTables } from '../data/tables.ts'
import type { DirectoryPlan } from './plan.ts'
import { countChange } from './revision.ts'
import type { DirectoryRows } from './rows.ts'

type Tx = Kysely<ServerTables & StoreTables>

/**
 * Carries a plan out, in a transaction of the caller's. `orgId` is the organisation when the plan was made from the rows of
 * one alone: those of others are not looked at.
 */
export async function writePlan(
  tx: Tx,
  before: DirectoryRows,
  plan: DirectoryPlan,
  orgId?: string,
): Promise<void> {
  const actions = new Map(plan.changes.map((change) => [change.id, change.action]))
  const inAction = <Row extends { readonly id: string }>(rows: readonly Row[], action: string): Row[] =>
    rows.filter((row) => actions.get(row.id) === action)
  const { rows } = plan

  for (const row of inAction(before.groups, 'remove'))
    await tx.deleteFrom('line_groups').where('id', '=', row.id).execute()
  for (const row of inAction(before.devices, 'remove')) {
    await tx.deleteFrom('bindings').where('org_id', '=', row.org_id).where('device_id', '=', row.id).execute()
    await tx.deleteFrom('devices').where('id', '=', row.id).execute()
  }
  for (const row of inAction(before.lines, 'remove')) await removeLine(tx, row.id)
  for (const row of inAction(before.locations, 'remove'))
    await tx.deleteFrom('locations').where('id', '=', row.id).execute()
  for (const row of inAction(before.organizations, 'remove'))
    await tx.deleteFrom('organizations').where('id', '=', row.id).execute()

  await makeRoom(tx, actions)
  const links = [
    ['domains', before.domains, rows.domains],
    ['device_lines', before.deviceLines, rows.deviceLines],
    ['assistants', before.assistants, rows.assistants],
    ['line_group_members', before.members, rows.members],
  ] as const
  const changedLinks = links.filter(([, old, now]) => JSON.stringify(old) !== JSON.stringify(now))
  for (const [table] of changedLinks) {
    const gone = tx.deleteFrom(table)
    // All domains are read whatever the organisation, since no two may share one.
    await (orgId === undefined || table === 'domains' ? gone : gone.where('org_id', '=', orgId)).execute()
  }
  for (const [table, all] of [
    ['organizations', rows.organizations],
    ['locations', rows.locations],
    ['lines', rows.lines],
    ['people', rows.people],
    ['devices', rows.devices],
    ['line_groups', rows.groups],
  ] as const) {
    for (const row of inAction<{ readonly id: string }>(all, 'update'))
      await tx
        .updateTable(table as 'organizations')
        .set(row)
        .where('id', '=', row.id)
        .execute() // Each table with its own rows.
    await insert(tx, table, inAction<{ readonly id: string }>(all, 'create'))
  }
  for (const [table, , now] of changedLinks) await insert(tx, table, now)
  await countChange(tx).execute()
}

/** With a line go its person, tokens and phones by the key; its mailbox is only marked, since it has files (R3). */
async function removeLine(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('call_history').where('line_id', '=', id).execute()
  await tx.updateTable('voicemail').set({ deleted: 1 }).where('line_id', '=', id).execute()
  await tx.deleteFrom('lines').where('id', '=', id).execute()
}

/** Two entries may have exchanged a name or an extension: unique values step aside before the new ones come. */
async function makeRoom(tx: Tx, actions: ReadonlyMap<string, string>): Promise<void> {
  for (const [id, action] of actions) {
    if (action !== 'update') continue
    const aside = `~${id}`
    await tx.updateTable('organizations').set({ name: aside }).where('id', '=', id).execute()
    await tx.updateTable('locations').set({ name: aside }).where('id', '=', id).execute()
    await tx.updateTable('lines').set({ extension: aside }).where('id', '=', id).execute()
    await tx.updateTable('people').set({ email_folded: aside }).where('id', '=', id).execute()
    await tx.updateTable('line_groups').set({ name: aside }).where('id', '=', id).execute()
    await tx.updateTable('devices').set({ sip_user: aside }).where('id', '=', id).execute()
  }
}

/** Rows for one INSERT: well under SQLite's limit of bound values. */
const ROWS_PER_INSERT = 200

async function insert(tx: Tx, table: keyof ServerTables, rows: readonly object[]): Promise<void> {
  for (let i = 0; i < rows.length; i += ROWS_PER_INSERT) {
    const some = rows.slice(i, i + ROWS_PER_INSERT)
    await tx
      .insertInto(table as 'domains')
      .values(some as Insertable<ServerTables['domains']>[])
      .execute() // Each table with its own rows, as `write` pairs them.
  }
}
