import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Statement, StatementResult } from '../statement.ts'
import { GROUP_BATCHES_MAX, type WriteConnection, Writer } from './writer.ts'

/** A connection that writes down what it was told; `fail` decides which statement throws. */
class Tape implements WriteConnection {
  readonly said: string[] = []
  inTransaction = false
  fail: (sql: string) => Error | undefined = () => undefined

  control(sql: string): void {
    this.#say(sql)
    if (sql.startsWith('BEGIN')) this.inTransaction = true
    if (sql === 'COMMIT' || sql === 'ROLLBACK') this.inTransaction = false
  }

  run(statement: Statement): StatementResult {
    this.#say(statement.sql)
    return { rows: [], changes: 1 }
  }

  #say(sql: string): void {
    this.said.push(sql)
    const error = this.fail(sql)
    if (error !== undefined) throw error
  }
}

function sqliteError(errcode: number): Error {
  return Object.assign(new Error(`code ${errcode}`), { errcode })
}

function batch(id: number, ...statements: string[]): Parameters<Writer['push']>[0] {
  return { id, kind: 'commit', statements: statements.map((sql) => ({ sql, parameters: [] })) }
}

describe('Writer', () => {
  it('puts every waiting batch into one COMMIT and answers after it (rules R1, R7)', () => {
    const tape = new Tape()
    const writer = new Writer(tape, 'x.db')
    for (const id of [1, 2, 3]) writer.push(batch(id, `insert ${id}`))
    const replies = writer.flush()
    assert.deepEqual(
      replies.map((reply) => [reply.id, reply.ok]),
      [
        [1, true],
        [2, true],
        [3, true],
      ],
    )
    assert.equal(tape.said.filter((sql) => sql === 'COMMIT').length, 1)
    assert.equal(tape.said.at(-1), 'COMMIT')
    assert.equal(writer.commits, 1)
  })

  it('undoes a failing batch alone', () => {
    const tape = new Tape()
    tape.fail = (sql) => (sql === 'bad' ? sqliteError(19) : undefined)
    const writer = new Writer(tape, 'x.db')
    writer.push(batch(1, 'good'))
    writer.push(batch(2, 'fine', 'bad'))
    writer.push(batch(3, 'good'))
    assert.deepEqual(
      writer.flush().map((reply) => [reply.id, reply.ok ? 'ok' : reply.fault.code]),
      [
        [1, 'ok'],
        [2, 'constraint'],
        [3, 'ok'],
      ],
    )
    assert.ok(tape.said.includes('ROLLBACK TO batch'))
    assert.deepEqual(tape.said.slice(0, 5), ['BEGIN IMMEDIATE', 'good', 'fine', 'bad', 'ROLLBACK'])
    assert.equal(writer.commits, 1)
  })

  it('gives a batch that comes alone no savepoint, and undoes it as a whole', () => {
    const tape = new Tape()
    tape.fail = (sql) => (sql === 'bad' ? sqliteError(19) : undefined)
    const writer = new Writer(tape, 'x.db')
    writer.push(batch(1, 'fine', 'bad'))
    assert.deepEqual(
      writer.flush().map((reply) => (reply.ok ? 'ok' : reply.fault.code)),
      ['constraint'],
    )
    assert.deepEqual(tape.said, ['BEGIN IMMEDIATE', 'fine', 'bad', 'ROLLBACK'])
  })

  it('fails the whole group when the COMMIT fails, and writes no more after a failed sync (rule R4)', () => {
    const tape = new Tape()
    tape.fail = (sql) => (sql === 'COMMIT' ? sqliteError(1034) : undefined) // SQLITE_IOERR_FSYNC
    const writer = new Writer(tape, 'x.db')
    writer.push(batch(1, 'a'))
    writer.push(batch(2, 'b'))
    assert.deepEqual(
      writer.flush().map((reply) => reply.ok),
      [false, false],
    )
    tape.fail = () => undefined
    const before = tape.said.length
    writer.push(batch(3, 'c'))
    assert.deepEqual(
      writer.flush().map((reply) => (reply.ok ? 'ok' : reply.fault.code)),
      ['io'],
    )
    assert.equal(tape.said.length, before, 'the disk is not tried again')
  })

  it('undoes the group on a full disk and writes again when there is space', () => {
    const tape = new Tape()
    tape.fail = (sql) => (sql === 'a' ? sqliteError(13) : undefined)
    const writer = new Writer(tape, 'x.db')
    writer.push(batch(1, 'a'))
    writer.push(batch(2, 'b'))
    assert.deepEqual(
      writer.flush().map((reply) => (reply.ok ? 'ok' : reply.fault.code)),
      ['full', 'full'],
    )
    tape.fail = () => undefined
    writer.push(batch(3, 'a'))
    assert.deepEqual(
      writer.flush().map((reply) => reply.ok),
      [true],
    )
  })

  it(`takes ${GROUP_BATCHES_MAX} batches into one COMMIT and the next one into another`, () => {
    const writer = new Writer(new Tape(), 'x.db')
    for (let id = 0; id < GROUP_BATCHES_MAX; id++) writer.push(batch(id, 'a'))
    writer.flush()
    assert.equal(writer.commits, 1)
    for (let id = 0; id <= GROUP_BATCHES_MAX; id++) writer.push(batch(id, 'a'))
    writer.flush()
    assert.equal(writer.commits, 3)
  })

  it('lets batches wait while a transaction holds the writer', () => {
    const tape = new Tape()
    const writer = new Writer(tape, 'x.db')
    writer.push({ id: 1, kind: 'begin' })
    writer.push(batch(2, 'later'))
    writer.push({ id: 3, kind: 'run', statement: { sql: 'inside', parameters: [] } })
    assert.deepEqual(
      writer.flush().map((reply) => reply.id),
      [1, 3],
    )
    writer.push({ id: 4, kind: 'end', commit: true })
    assert.deepEqual(
      writer.flush().map((reply) => reply.id),
      [4, 2],
    )
    assert.ok(tape.said.indexOf('later') > tape.said.indexOf('COMMIT'))
  })

  it('refuses a statement whose transaction is over', () => {
    const tape = new Tape()
    const writer = new Writer(tape, 'x.db')
    writer.push({ id: 1, kind: 'run', statement: { sql: 'orphan', parameters: [] } })
    assert.deepEqual(
      writer.flush().map((reply) => (reply.ok ? 'ok' : reply.fault.code)),
      ['expired'],
    )
    assert.deepEqual(tape.said, [])
  })
})
