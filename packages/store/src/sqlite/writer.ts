/**
 * Group commit (storage rule R7): every batch that waits goes into one transaction, and all are answered after the one
 * COMMIT returned (R1). Should one fail, all is undone and done again with a savepoint for each, so that it is undone
 * alone: savepoints for batches that do not fail cost as much as their inserts. One interactive transaction at a time may
 * hold the writer; batches that come meanwhile wait in order.
 *
 * After a failed sync or a damaged page nothing more is written (R4): the page cache can no longer be trusted.
 */
import { endsWriting, type StoreFault, sqliteFault } from '../error.ts'
import type { Statement, StatementResult } from '../statement.ts'
import type { DatabaseReply, DatabaseRequest } from './protocol.ts'

/** Most batches in one COMMIT, so that the first of them does not wait for an endless queue. */
export const GROUP_BATCHES_MAX = 256

/** The part of a connection that the writer needs. */
export interface WriteConnection {
  readonly inTransaction: boolean
  control(sql: string): void
  run(statement: Statement): StatementResult
}

type Batch = Extract<DatabaseRequest, { kind: 'commit' }>
type WriteRequest = Extract<DatabaseRequest, { kind: 'commit' | 'begin' | 'run' | 'end' }>

/** Turns write requests into commits. It owns the writing connection. */
export class Writer {
  readonly #connection: WriteConnection
  readonly #file: string
  #waiting: WriteRequest[] = []
  #held = false
  #ended: StoreFault | undefined
  /** How many COMMITs have returned. */
  commits = 0

  constructor(connection: WriteConnection, file: string) {
    this.#connection = connection
    this.#file = file
  }

  /** Whether an interactive transaction holds the writer. */
  get held(): boolean {
    return this.#held
  }

  /** Takes one request; `flush` carries it out. */
  push(request: WriteRequest): void {
    this.#waiting.push(request)
  }

  /** Carries out what may be carried out now, and gives the answers. */
  flush(): DatabaseReply[] {
    const replies: DatabaseReply[] = []
    for (;;) {
      const next = this.#takeNext()
      if (next === undefined) return replies
      if (Array.isArray(next)) replies.push(...this.#commitGroup(next))
      else replies.push(this.#step(next))
    }
  }

  /** The next group of batches or interactive step; undefined when all that is left must wait. */
  #takeNext(): Batch[] | Exclude<WriteRequest, Batch> | undefined {
    if (this.#held) {
      const index = this.#waiting.findIndex((request) => request.kind === 'run' || request.kind === 'end')
      if (index < 0) return undefined
      return this.#waiting.splice(index, 1)[0] as Exclude<WriteRequest, Batch> // Found by its kind.
    }
    const first = this.#waiting[0]
    if (first === undefined) return undefined
    if (first.kind !== 'commit') {
      this.#waiting.shift()
      return first
    }
    const group: Batch[] = []
    for (const request of this.#waiting) {
      if (request.kind !== 'commit' || group.length === GROUP_BATCHES_MAX) break
      group.push(request)
    }
    this.#waiting.splice(0, group.length)
    return group
  }

  #commitGroup(group: readonly Batch[]): DatabaseReply[] {
    if (this.#ended !== undefined) return group.map((batch) => refuse(batch, this.#ended as StoreFault))
    return this.#together(group) ?? this.#apart(group)
  }

  /** Undefined when a statement failed and all was undone: its batch has still to be found. */
  #together(group: readonly Batch[]): DatabaseReply[] | undefined {
    let isStatement = false
    try {
      this.#connection.control('BEGIN IMMEDIATE')
      isStatement = true
      const replies = group.map((batch) => this.#answer(batch))
      isStatement = false
      this.#connection.control('COMMIT')
      this.commits++
      return replies
    } catch (error) {
      const mayGoOn = isStatement && group.length > 1 && this.#connection.inTransaction
      const fault = this.#undo(error)
      if (mayGoOn && this.#ended === undefined && fault.code !== 'full') return undefined
      return group.map((batch) => refuse(batch, fault))
    }
  }

  #apart(group: readonly Batch[]): DatabaseReply[] {
    try {
      this.#connection.control('BEGIN IMMEDIATE')
      const replies = group.map((batch) => this.#runBatch(batch))
      this.#connection.control('COMMIT')
      this.commits++
      return replies
    } catch (error) {
      const fault = this.#undo(error)
      return group.map((batch) => refuse(batch, fault))
    }
  }

  /** Runs one batch behind a savepoint; throws only when the whole group is lost. */
  #runBatch(batch: Batch): DatabaseReply {
    this.#connection.control('SAVEPOINT batch')
    try {
      const reply = this.#answer(batch)
      this.#connection.control('RELEASE batch')
      return reply
    } catch (error) {
      const fault = sqliteFault(error, this.#file)
      if (!this.#connection.inTransaction || endsWriting(fault) || fault.code === 'full') throw error
      this.#connection.control('ROLLBACK TO batch')
      this.#connection.control('RELEASE batch')
      return { id: batch.id, ok: false, fault }
    }
  }

  #answer({ id, statements }: Batch): DatabaseReply {
    return { id, ok: true, results: statements.map((statement) => this.#connection.run(statement)) }
  }

  #step(request: Exclude<WriteRequest, Batch>): DatabaseReply {
    if (this.#ended !== undefined) return refuse(request, this.#ended)
    try {
      switch (request.kind) {
        case 'begin':
          this.#connection.control('BEGIN IMMEDIATE')
          this.#held = true
          return { id: request.id, ok: true, results: [] }
        case 'run':
          // After `end` by the time limit a late statement must not run outside of any transaction.
          if (!this.#held || !this.#connection.inTransaction) return refuse(request, EXPIRED)
          return { id: request.id, ok: true, results: [this.#connection.run(request.statement)] }
        case 'end':
          return this.#end(request)
      }
    } catch (error) {
      // A failed statement leaves its transaction open for a rollback, unless the engine undid it already.
      const fault = request.kind === 'run' ? this.#note(error) : this.#undo(error)
      return refuse(request, fault)
    }
  }

  #end(request: Extract<WriteRequest, { kind: 'end' }>): DatabaseReply {
    this.#held = false
    if (!this.#connection.inTransaction) {
      return request.commit ? refuse(request, EXPIRED) : { id: request.id, ok: true, results: [] }
    }
    this.#connection.control(request.commit ? 'COMMIT' : 'ROLLBACK')
    if (request.commit) this.commits++
    return { id: request.id, ok: true, results: [] }
  }

  #undo(error: unknown): StoreFault {
    const fault = this.#note(error)
    this.#held = false
    try {
      if (this.#connection.inTransaction) this.#connection.control('ROLLBACK')
    } catch (second) {
      this.#ended = sqliteFault(second, this.#file) // A writer that cannot roll back cannot be used again.
    }
    return fault
  }

  #note(error: unknown): StoreFault {
    const fault = sqliteFault(error, this.#file)
    if (endsWriting(fault)) this.#ended ??= fault
    return fault
  }
}

const EXPIRED: StoreFault = {
  code: 'expired',
  message: 'The transaction was undone before it was committed: try again.',
}

function refuse(request: { readonly id: number }, fault: StoreFault): DatabaseReply {
  return { id: request.id, ok: false, fault }
}
