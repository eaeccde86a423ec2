/**
 * Applies a directory file to the database, all of it or nothing. The database is the directory's truth: a file only
 * changes it, and ids stay what they were. Changing nothing writes nothing.
 */
import type { Insertable, Kysely, StoreTables } from '@tandem/store'
import type { ServerData } from '../data/open-data.ts'
import type { ServerTables } from '../data/tables.ts'
import { DIRECTORY_BYTES_MAX, readDirectory } from './document.ts'
import type { DirectoryChange } from './draft.ts'
import { type DirectoryPlan, planDirectory } from './plan.ts'
import { countChange } from './revision.ts'
import { type DirectoryRows, readRows } from './rows.ts'

/** How to apply a file. */
export interface ApplyOptions {
  /** Names the file in errors, and marks what it manages. */
  readonly fileName: string
  /** Only say what would happen. */
  readonly dryRun?: boolean
  /** Remove what the file made once and names no longer. */
  readonly prune?: boolean
  /** Unix milliseconds; now by default. */
  readonly now?: number
}

/** What became of it. `errors` each name line and field; with any of them nothing was changed. */
export interface ApplyResult {
  readonly errors: readonly string[]
  readonly changes: readonly DirectoryChange[]
  /** What the file made once, names no longer, and kept for want of `prune`. */
  readonly left: readonly DirectoryChange[]
}

/** Applies the text of a directory file. */
export async function applyDirectory(
  data: Pick<ServerData, 'db' | 'keys'>,
  yamlText: string,
  options: ApplyOptions,
): Promise<ApplyResult> {
  if (Buffer.byteLength(yamlText) > DIRECTORY_BYTES_MAX)
    return failed([`${options.fileName}:1: the file is larger than ${DIRECTORY_BYTES_MAX / 1_048_576} MiB`])
  const { YamlReader } = await import('./yaml-reader.ts') // With the YAML library, which most starts do not need.
  const reader = new YamlReader(yamlText, options.fileName)
  const entries = readDirectory(reader)
  if (reader.errors.length > 0) return failed(reader.errors)
  return data.db.transaction(async (tx) => {
    const before = await readRows(tx)
    const plan = planDirectory({
      reader,
      entries,
      before,
      fileName: options.fileName,
      prune: options.prune ?? false,
      kek: data.keys.kek,
      now: options.now ?? Date.now(),
    })
    if (reader.errors.length > 0) return failed(reader.errors)
    if (!(options.dryRun ?? false) && plan.changes.length > 0) await write(tx, before, plan)
    return { errors: [], changes: plan.changes, left: plan.left }
  })
}

function failed(errors: readonly string[]): ApplyResult {
  return { errors, changes: [], left: [] }
}

type Tx = Kysely<ServerTables & StoreTables>

async function write(tx: Tx, before: DirectoryRows, plan: DirectoryPlan): Promise<void> {
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
  for (const table of ['domains', 'device_lines', 'assistants', 'line_group_members'] as const)
    await tx.deleteFrom(table).execute()
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
  await insert(tx, 'domains', rows.domains)
  await insert(tx, 'device_lines', rows.deviceLines)
  await insert(tx, 'assistants', rows.assistants)
  await insert(tx, 'line_group_members', rows.members)
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
