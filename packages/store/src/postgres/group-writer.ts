/**
 * Group commit on PostgreSQL (storage rules R1, R7): what waits goes over one connection as one transaction, all of it
 * sent at once and answered after the one COMMIT returned. Should a statement fail, the server has undone everything;
 * then the batches run again, each behind a savepoint, and the failing ones fail alone.
 *
 * Measured on 2 cores against 16 pool connections that each commit for themselves (one row, 300 bytes; a second):
 *
 *     at once                     1        4       16       64      256
 *     group, row               2521     3975     7455    11581    35316 (prepared)
 *     pool, row                3012     2898     4868     5082     4706
 *     group, row and event     1401      972     2057     5566    11003
 *     pool, row and event       975      535      492     1160     2006
 *
 * The pool loses most where it counts: commits with an event queue for the outbox (`OUTBOX_LOCK`), one sync each.
 */
import type { Client, QueryResult } from 'pg'
import { StoreError } from '../error.ts'
import { GROUP_BATCHES_MAX } from '../sqlite/writer.ts'
import type { Statement, StatementResult } from '../statement.ts'
import { LOCK_CLASS, WRITER_LOCK } from './advisory-locks.ts'
import { isAftermath, isConnectionLoss, isStalePlan, mayRetry } from './postgres-fault.ts'
import { queryOf, resultOf } from './statements.ts'

/** How often a group that met another process's transaction is tried before it fails as `locked`. */
export const ATTEMPTS_MAX = 4

const BEGIN = `BEGIN; SELECT pg_advisory_xact_lock_shared(${LOCK_CLASS}, ${WRITER_LOCK})`

/** What the writer needs from outside. */
export interface GroupWriterOptions {
  /** A connected client in pipeline mode. */
  connect(): Promise<Client>
  faultOf(error: unknown): StoreError
}

interface Batch {
  readonly statements: readonly Statement[]
  readonly resolve: (results: readonly StatementResult[]) => void
  readonly reject: (error: StoreError) => void
}

/** Turns batches into commits over one connection, which it makes again when it is lost. */
export class GroupWriter {
  readonly #options: GroupWriterOptions
  #waiting: Batch[] = []
  #working: Promise<void> | undefined
  #client: Client | undefined
  #closed = false
  /** How many COMMITs have returned. */
  commits = 0

  constructor(options: GroupWriterOptions) {
    this.#options = options
  }

  /** Carries out all statements or none; resolves after their COMMIT. */
  commit(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    if (this.#closed) return Promise.reject(new StoreError('closed', 'The database is closed.'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ statements, resolve, reject })
      this.#working ??= this.#work()
    })
  }

  /** Finishes what was asked and closes the connection. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#working
    await this.#client?.end()
  }

  async #work(): Promise<void> {
    await Promise.resolve() // Everything asked for in the same turn goes into the first group.
    while (this.#waiting.length > 0) await this.#commitGroup(this.#waiting.splice(0, GROUP_BATCHES_MAX))
    this.#working = undefined
  }

  async #commitGroup(group: readonly Batch[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const client = await this.#connected()
        if (await this.#together(client, group)) return
        await this.#oneByOne(client, group)
        return
      } catch (error) {
        // Nothing of the group was kept, unless the connection broke at its COMMIT: then nobody can know, nobody is told
        // that it was, and it is not tried again.
        const lost = isConnectionLoss(error)
        if (lost || isStalePlan(error)) this.#drop()
        if (!lost && attempt < ATTEMPTS_MAX && (mayRetry(error) || isStalePlan(error))) continue
        const fault = this.#options.faultOf(error)
        for (const batch of group) batch.reject(fault)
        if (!lost) this.#drop() // In whatever state it is.
        return
      }
    }
  }

  /** One transaction, one round trip. False when a statement failed and so all was undone. */
  async #together(client: Client, group: readonly Batch[]): Promise<boolean> {
    const begun = client.query(BEGIN)
    const results = group.map((batch) => batch.statements.map((each) => client.query(queryOf(each))))
    const ended = client.query('COMMIT')
    const settled = await Promise.allSettled([begun, ...results.flat(), ended])
    const last = settled.at(-1)
    if (last?.status === 'fulfilled' && last.value.command === 'COMMIT') {
      this.commits++
      for (const [index, batch] of group.entries()) this.#answer(batch, results[index] ?? [])
      return true
    }
    const errors = settled.filter((each) => each.status === 'rejected').map((each) => each.reason as unknown)
    const decisive = errors.find((error) => isConnectionLoss(error)) ?? errors.find(isStalePlan)
    if (decisive !== undefined) throw decisive
    if (errors.some(mayRetry) || settled[0]?.status === 'rejected') throw errors[0]
    const [only] = group
    if (group.length > 1 || only === undefined) return false
    only.reject(this.#options.faultOf(errors.find((error) => !isAftermath(error)) ?? errors[0]))
    return true
  }

  /** After the COMMIT: only a number that no number here can hold still makes it fail, and nothing is done twice. */
  #answer(batch: Batch, results: readonly Promise<QueryResult>[]): void {
    Promise.all(results).then(
      (all) => batch.resolve(all.map(resultOf)),
      (error) => batch.reject(this.#options.faultOf(error)),
    )
  }

  /** The same work with a savepoint for each batch. */
  async #oneByOne(client: Client, group: readonly Batch[]): Promise<void> {
    await client.query(BEGIN)
    const answers: (() => void)[] = []
    for (const batch of group) {
      void client.query('SAVEPOINT batch').catch(() => undefined) // Its failure shows in what follows.
      const settled = await Promise.allSettled(
        batch.statements.map((statement) => client.query(queryOf(statement))),
      )
      const errors = settled
        .filter((each) => each.status === 'rejected')
        .map((each) => each.reason as unknown)
      const fatal = errors.find((error) => isConnectionLoss(error) || mayRetry(error))
      if (fatal !== undefined) throw await this.#undone(client, fatal)
      if (errors.length === 0) {
        await client.query('RELEASE SAVEPOINT batch')
        const results = settled.flatMap((each) => (each.status === 'fulfilled' ? [resultOf(each.value)] : []))
        answers.push(() => batch.resolve(results))
        continue
      }
      await client.query('ROLLBACK TO SAVEPOINT batch; RELEASE SAVEPOINT batch')
      const fault = this.#options.faultOf(errors.find((error) => !isAftermath(error)) ?? errors[0])
      answers.push(() => batch.reject(fault))
    }
    const ended = await client.query('COMMIT')
    if (ended.command !== 'COMMIT') throw new Error('the transaction was undone at its COMMIT')
    this.commits++
    for (const answer of answers) answer()
  }

  async #undone(client: Client, error: unknown): Promise<unknown> {
    if (!isConnectionLoss(error)) await client.query('ROLLBACK')
    return error
  }

  async #connected(): Promise<Client> {
    if (this.#client !== undefined) return this.#client
    const client = await this.#options.connect()
    client.on('error', () => this.#drop(client)) // Whoever waits on it hears of it by the failed statement.
    client.on('end', () => this.#drop(client))
    this.#client = client
    return client
  }

  #drop(which: Client | undefined = this.#client): void {
    if (this.#client === which) this.#client = undefined
    void which?.end().catch(() => undefined) // It is gone either way.
  }
}
