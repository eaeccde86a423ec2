/**
 * The outbox: an event is a row in the same commit as the rows it announces, so that neither exists without the other
 * (storage rule R2, promise P14). Whoever delivers reads by id, in order, and keeps its own cursor.
 */
import type { Compilable, CompiledQuery, Kysely } from 'kysely'
import type { Database } from './database.ts'
import { insertRow } from './insert-row.ts'
import type { StoreTables } from './tables.ts'

/** Most events given in one read: a page that one loop iteration can deliver. */
export const OUTBOX_PAGE_MAX = 1_000

/** Something that happened, to be announced. */
export interface OutboxEvent {
  readonly orgId: string
  readonly resource: string
  readonly event: string
  /** Whom it concerns; absent when the whole organisation. */
  readonly personId?: string
  /** Events with the same key keep their order on delivery. */
  readonly key: string
  /** Anything that JSON can hold. */
  readonly payload: unknown
  /** Unix milliseconds. */
  readonly createdAt: number
}

/** An event as the outbox holds it. */
export interface StoredOutboxEvent extends OutboxEvent {
  readonly id: number
}

/** A query that came from `outboxEvent`; `commit` wakes the deliverers when it sees one. */
class OutboxInsert implements Compilable {
  readonly #query: Compilable

  constructor(query: Compilable) {
    this.#query = query
  }

  compile(): CompiledQuery {
    return this.#query.compile()
  }
}

/** Whether committing `query` adds an event. */
export function isOutboxEvent(query: Compilable): boolean {
  return query instanceof OutboxInsert
}

/** The statement that adds an event; hand it to `commit` together with the rows it announces. */
export function outboxEvent<Tables>(db: Database<Tables>, event: OutboxEvent): Compilable {
  const insert = insertRow(storeTables(db), 'outbox', {
    org_id: event.orgId,
    resource: event.resource,
    event: event.event,
    person_id: event.personId ?? null,
    key: event.key,
    payload: JSON.stringify(event.payload),
    created_at: event.createdAt,
  })
  return new OutboxInsert(insert)
}

/** The events after the given id, oldest first; an empty list when there are none yet. */
export async function readOutbox<Tables>(
  db: Database<Tables>,
  page: { readonly after: number; readonly limit: number },
): Promise<StoredOutboxEvent[]> {
  const rows = await storeTables(db)
    .selectFrom('outbox')
    .selectAll()
    .where('id', '>', page.after)
    .orderBy('id')
    .limit(Math.min(page.limit, OUTBOX_PAGE_MAX))
    .execute()
  return rows.map((row) => ({
    id: row.id,
    orgId: row.org_id,
    resource: row.resource,
    event: row.event,
    ...(row.person_id === null ? {} : { personId: row.person_id }),
    key: row.key,
    payload: JSON.parse(row.payload) as unknown,
    createdAt: row.created_at,
  }))
}

/** Deletes the events up to and including an id that every deliverer has passed; returns how many. */
export async function pruneOutbox<Tables>(db: Database<Tables>, upTo: number): Promise<number> {
  const [result] = await db.commit([storeTables(db).deleteFrom('outbox').where('id', '<=', upTo)])
  return result?.changes ?? 0
}

/**
 * Deletes the events that are older than a moment (Unix milliseconds), a page at a time so that other writes pass between;
 * returns how many. Whoever calls knows that nobody waits for events that old.
 */
export async function pruneOutboxBefore<Tables>(db: Database<Tables>, createdAt: number): Promise<number> {
  const tables = storeTables(db)
  for (let total = 0; ; ) {
    const page = tables
      .selectFrom('outbox')
      .select('id')
      .where('created_at', '<', createdAt)
      .orderBy('created_at')
      .limit(OUTBOX_PAGE_MAX)
    const [result] = await db.commit([tables.deleteFrom('outbox').where('id', 'in', page)])
    const changes = result?.changes ?? 0
    total += changes
    if (changes < OUTBOX_PAGE_MAX) return total
  }
}

/**
 * The statement that blanks what the outbox still says of a key: each payload becomes `{"id": key}`. It belongs into the
 * commit that erases the thing, before the event that announces the erasure (promise P16).
 */
export function redactOutbox<Tables>(db: Database<Tables>, key: string): Compilable {
  return storeTables(db)
    .updateTable('outbox')
    .set({ payload: JSON.stringify({ id: key }) })
    .where('key', '=', key)
}

function storeTables<Tables>(db: Database<Tables>): Kysely<StoreTables> {
  return db.kysely as unknown as Kysely<StoreTables> // Every database has the store's tables.
}
