/** Reads the events of calls where they are kept for delivery: the outbox in the server's database (rule R5: commit before publish). */
import { DatabaseSync } from 'node:sqlite'

/** One event as it will be delivered. */
export interface OutboxEvent {
  readonly id: number
  readonly resource: string
  readonly event: string
  readonly eventType: string
  readonly personId: string
  readonly data: Readonly<Record<string, unknown>>
}

/** An open view of the outbox, beside the running server. */
export class Outbox {
  readonly #database: DatabaseSync

  constructor(path: string) {
    this.#database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
  }

  /** The number of the newest event. */
  get end(): number {
    return Number(this.#database.prepare('select max(id) as id from outbox').get()?.['id'] ?? 0)
  }

  /** Events after a number, oldest first, of these lines. */
  since(id: number, lineIds: ReadonlySet<string>): OutboxEvent[] {
    const rows = this.#database.prepare('select * from outbox where id > ? order by id').all(id)
    return rows
      .filter((row) => lineIds.has(String(row['person_id'])))
      .map((row) => {
        const data = JSON.parse(String(row['payload'])) as Record<string, unknown>
        return {
          id: Number(row['id']),
          resource: String(row['resource']),
          event: String(row['event']),
          eventType: String(data['eventType']),
          personId: String(row['person_id']),
          data,
        }
      })
  }

  close(): void {
    this.#database.close()
  }
}
