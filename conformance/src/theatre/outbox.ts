/** Reads the server's database beside it: the events of calls where they wait for delivery, and ids that no operation shows. */
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

  /** Events of calls and conferences after a number, oldest first, of these lines. */
  since(id: number, lineIds: ReadonlySet<string>): OutboxEvent[] {
    const rows = this.#database
      .prepare("select * from outbox where id > ? and resource like 'telephony_%' order by id")
      .all(id)
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

  /** The id of a line by its extension, which must be the only one of its kind. */
  lineIdOf(extension: string): string {
    const rows = this.#database.prepare('select id from lines where extension = ?').all(extension)
    if (rows.length !== 1) throw new Error(`${rows.length} lines have the extension ${extension}`)
    return String(rows[0]?.['id'])
  }

  close(): void {
    this.#database.close()
  }
}
