/**
 * The one way in which the server tells an operator that something is wrong: a line in the log at `error`, the counter
 * `tandem_alarms_total`, and an event of the resource `tandem_alarms` in the outbox (promise P4). A kind that lasts is
 * told once, and its end is an event `deleted`.
 *
 * Raising never fails and never waits. Events wait in memory while the database cannot take them, up to a limit: an
 * alarm about the database is told when it is back.
 */
import type { LogFields, Logger } from '@tandem/base'
import { type Compilable, type Database, outboxEvent } from '@tandem/store'
import { ALARM_KINDS, type AlarmKind, type AlarmKindRow } from './alarm-kinds.ts'
import type { Counters } from './counters.ts'

/** What an alarm is about: ids, codes and counts, never names or numbers. */
export interface AlarmIds extends LogFields {
  /** The organisation concerned; absent when the whole system is. */
  readonly orgId?: string
}

/** Who raises and clears alarms. */
export interface RaisesAlarms {
  /** Tells of something wrong. Of a kind that lasts the ids are its identity: with the same ones it is told once. */
  alarm(kind: AlarmKind, ids?: AlarmIds): void
  /** What was raised with these ids is over; does nothing when it was not raised. */
  clear(kind: AlarmKind, ids?: AlarmIds): void
}

/** What alarms are made with. */
export interface AlarmsOptions {
  readonly counters: Counters
  /** Asked at each alarm, since the log counts its own errors here. */
  readonly logger: () => Logger
  /** Unix milliseconds. */
  readonly now?: () => number
}

/** Events that wait for the database at most; the oldest go first. */
const WAITING_MAX = 1_000
/** How soon a database that could not take them is asked again. */
const AGAIN_MS = 5_000
/** Error lines are told of in one alarm at most this often. */
const LOG_ALARM_EVERY_MS = 60_000
/** How many lasting alarms are remembered; only one call at a time per id has one, so this guards against a bug. */
const RAISED_MAX = 10_000

interface Waiting {
  readonly event: 'created' | 'deleted'
  readonly kind: AlarmKind
  readonly ids: AlarmIds
  readonly at: number
}

/** The alarms of one server. */
export class Alarms implements RaisesAlarms {
  readonly #options: AlarmsOptions
  readonly #raised = new Set<string>()
  #db: Database<never> | undefined
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined
  #again: NodeJS.Timeout | undefined
  #lines = 0
  #linesToldAt = Number.NEGATIVE_INFINITY
  #writesLine = false

  constructor(options: AlarmsOptions) {
    this.#options = options
  }

  /** From here on events go to this database, those that waited too. */
  connect<Tables>(db: Database<Tables>): void {
    this.#db = db as unknown as Database<never> // Only the outbox is used, which every database has.
    this.#write()
  }

  alarm(kind: AlarmKind, ids: AlarmIds = {}): void {
    const row: AlarmKindRow = ALARM_KINDS[kind]
    if (row.lasts === true) {
      const key = keyOf(kind, ids)
      if (this.#raised.has(key) || this.#raised.size >= RAISED_MAX) return
      this.#raised.add(key)
    }
    this.#options.counters.add('tandem_alarms_total', { kind })
    if (row.logged !== true) this.#log(row.text, { alarm: kind, ...ids })
    this.#tell('created', kind, ids)
  }

  clear(kind: AlarmKind, ids: AlarmIds = {}): void {
    if (!this.#raised.delete(keyOf(kind, ids))) return
    this.#options.logger().info('An alarm is over', { alarm: kind, ...ids })
    this.#tell('deleted', kind, ids)
  }

  /** The lasting alarms that are raised now, by kind. */
  get raised(): readonly string[] {
    return [...this.#raised]
  }

  /** The log has one more error line: told as an alarm, once a minute at most. */
  errorLogged(): void {
    if (this.#writesLine) return // An alarm's own line.
    this.#lines += 1
    const now = this.#now()
    if (now - this.#linesToldAt < LOG_ALARM_EVERY_MS) return
    this.#linesToldAt = now
    this.alarm('errors-logged', { lines: this.#lines })
    this.#lines = 0
  }

  /** Resolves when what was told is in the outbox, or the database did not take it now. */
  async settled(): Promise<void> {
    clearTimeout(this.#again)
    this.#write()
    while (this.#writing !== undefined) await this.#writing
    clearTimeout(this.#again)
  }

  #log(text: string, fields: LogFields): void {
    this.#writesLine = true
    try {
      this.#options.logger().error(text, fields)
    } finally {
      this.#writesLine = false
    }
  }

  #tell(event: Waiting['event'], kind: AlarmKind, ids: AlarmIds): void {
    this.#waiting.push({ event, kind, ids, at: this.#now() })
    if (this.#waiting.length > WAITING_MAX) this.#waiting.shift()
    this.#write()
  }

  #write(): void {
    if (this.#db === undefined || this.#waiting.length === 0) return
    this.#writing ??= this.#writeWaiting(this.#db).finally(() => {
      this.#writing = undefined
    })
  }

  async #writeWaiting(db: Database<never>): Promise<void> {
    while (this.#waiting.length > 0) {
      const told = this.#waiting
      this.#waiting = []
      try {
        await db.commit(told.map((one) => eventOf(db, one)))
      } catch {
        // The log and the counter have it already; the event is tried again for as long as the server runs.
        this.#waiting = [...told, ...this.#waiting].slice(-WAITING_MAX)
        clearTimeout(this.#again)
        this.#again = setTimeout(() => this.#write(), AGAIN_MS).unref()
        return
      }
    }
  }

  #now(): number {
    return (this.#options.now ?? Date.now)()
  }
}

function keyOf(kind: AlarmKind, ids: AlarmIds): string {
  const parts = Object.entries(ids).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return parts.length === 0 ? kind : `${kind} ${JSON.stringify(parts)}`
}

function eventOf(db: Database<never>, { event, kind, ids, at }: Waiting): Compilable {
  const { orgId = '', ...about } = ids
  return outboxEvent(db, {
    orgId,
    resource: 'tandem_alarms',
    event,
    key: `alarm-${kind}`,
    payload: { kind, at: new Date(at).toISOString(), text: ALARM_KINDS[kind].text, ...about },
    createdAt: at,
  })
}
