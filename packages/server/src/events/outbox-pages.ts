/**
 * How the streams of live events look into the outbox: where it begins and ends, and what one subscription has missed. Each
 * question is bounded, since all reads of the server share one thread on SQLite.
 */
import { dialectOf, type StoredOutboxEvent, sql } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import { ALARM_RESOURCE } from './sight.ts'
import type { Subscription } from './subscription.ts'

/** Ids that one step looks at: some 10 ms where nothing fits. */
const STEP_IDS = 10_000
/** Events that one step gives. */
const STEP_EVENTS = 200

/** The newest id ever given out, also when its event is no longer kept; 0 before the first. */
export async function newestId(db: ServerDatabase): Promise<number> {
  const { kysely } = db
  const row = await kysely
    .selectFrom('outbox')
    .select(({ fn }) => fn.max('id').as('id'))
    .executeTakeFirst()
  if (row?.id !== null && row?.id !== undefined) return Number(row.id)
  // Nothing is kept. The counter behind the ids still knows.
  const counter =
    dialectOf(kysely) === 'postgres'
      ? sql<{ id: unknown }>`select case when last_value is null then 0 else last_value end as id
          from pg_sequences where schemaname || '.' || sequencename = pg_get_serial_sequence('outbox', 'id')`
      : sql<{ id: unknown }>`select seq as id from sqlite_sequence where name = 'outbox'`
  const { rows } = await counter.execute(kysely)
  return Number(rows[0]?.id ?? 0)
}

/** The oldest id that is kept; `undefined` when none is. */
export async function oldestId(db: ServerDatabase): Promise<number | undefined> {
  const row = await db.kysely
    .selectFrom('outbox')
    .select(({ fn }) => fn.min('id').as('id'))
    .executeTakeFirst()
  return row?.id === null || row?.id === undefined ? undefined : Number(row.id)
}

/** What a subscription missed, oldest first, and up to which id that is all. */
export interface Missed {
  readonly events: readonly StoredOutboxEvent[]
  readonly upTo: number
}

/** One step from `after` towards `end`; nothing beyond `end` is looked at. */
export async function missed(
  db: ServerDatabase,
  subscription: Subscription,
  { after, end }: { readonly after: number; readonly end: number },
): Promise<Missed> {
  const upTo = Math.min(after + STEP_IDS, end)
  const { orgId, personId, ownedBy, roles } = subscription
  let query = db.kysely
    .selectFrom('outbox')
    .selectAll()
    .where('id', '>', after)
    .where('id', '<=', upTo)
    .where('resource', 'in', [...roles.keys()])
  if (ownedBy === 'creator') query = query.where('org_id', '=', orgId).where('person_id', '=', personId)
  else query = query.where('org_id', 'in', roles.has(ALARM_RESOURCE) ? [orgId, ''] : [orgId])
  const rows = await query.orderBy('id').limit(STEP_EVENTS).execute()
  const events = rows.map((row) => ({
    id: row.id,
    orgId: row.org_id,
    resource: row.resource,
    event: row.event,
    ...(row.person_id === null ? {} : { personId: row.person_id }),
    key: row.key,
    payload: JSON.parse(row.payload) as unknown,
    createdAt: row.created_at,
  }))
  const last = events.at(-1)
  return { events, upTo: events.length === STEP_EVENTS && last !== undefined ? last.id : upTo }
}
