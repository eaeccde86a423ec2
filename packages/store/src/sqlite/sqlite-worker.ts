/**
 * The database thread: one connection that writes and one that reads beside it. Messages that arrived while a commit
 * was syncing are taken together, so the busier the server, the more batches share a COMMIT.
 */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { StoreError, type StoreFault, sqliteFault } from '../error.ts'
import { compactHeap } from './compact-heap.ts'
import { BUSY_WAIT_MS, SqliteConnection } from './connection.ts'
import { makeFolder } from './make-folder.ts'
import type { DatabaseMessage, DatabaseReply, DatabaseRequest, DatabaseThreadData } from './protocol.ts'
import { Writer } from './writer.ts'

const { file, exclusive, attach } = workerData as DatabaseThreadData // Given by `SqliteThread`.
const port = parentPort

function post(message: DatabaseMessage): void {
  port?.postMessage(message)
}

function openFault(error: unknown): StoreFault {
  const isPath = error instanceof Error && 'syscall' in error
  if (!isPath) return sqliteFault(error, file)
  const message = `The data folder ${dirname(file)} cannot be made (${(error as Error).message}): choose another, or make its parent writable.`
  return { code: 'unwritable', message }
}

/** Holds a lock file for as long as the thread lives; the kernel lets go of it however the process dies. */
function takeLock(): DatabaseSync {
  const lock = new DatabaseSync(`${file}.lock`)
  lock.exec('BEGIN EXCLUSIVE')
  return lock
}

function read(reader: SqliteConnection, request: Extract<DatabaseRequest, { kind: 'read' }>): DatabaseReply {
  try {
    return { id: request.id, ok: true, results: [reader.run(request.statement)] }
  } catch (error) {
    return { id: request.id, ok: false, fault: sqliteFault(error, file) }
  }
}

function checkpoint(
  connection: SqliteConnection,
  writer: Writer,
  { id, rewrite }: Extract<DatabaseRequest, { kind: 'checkpoint' }>,
): DatabaseReply {
  try {
    const busy = writer.held ? 1 : connection.checkpoint({ rewrite })
    return { id, ok: true, results: [{ rows: [{ busy }], changes: 0 }] }
  } catch (error) {
    return { id, ok: false, fault: sqliteFault(error, file) }
  }
}

/** Refuses to make a new file in the place of one that this database has had, before anything is written. */
function refuseLost(): void {
  const absent = Object.entries(attach).filter(([, attached]) => !existsSync(attached))
  if (absent.length === 0 || !existsSync(file)) return
  const main = new DatabaseSync(file, { timeout: BUSY_WAIT_MS })
  try {
    for (const [schema, attached] of absent)
      if (placeOf(main, schema) !== undefined)
        throw new StoreError(
          'missing',
          `The file ${attached}, which belongs to the database ${file}, is gone: restore it from its own copy.`,
        )
  } finally {
    main.close()
  }
}

/** Gives a new attached file its name, and refuses one that belongs to another database. */
function settle(connection: SqliteConnection, schema: string): void {
  const run = (sql: string, ...parameters: string[]): Readonly<Record<string, unknown>>[] => [
    ...connection.run({ sql, parameters }).rows,
  ]
  run(`CREATE TABLE IF NOT EXISTS "${schema}".place (id text PRIMARY KEY)`)
  run(
    `INSERT INTO "${schema}".place SELECT ? WHERE NOT EXISTS (SELECT 1 FROM "${schema}".place)`,
    randomUUID(),
  )
  if (run("SELECT 1 FROM main.sqlite_master WHERE name = 'attached_place'").length === 0) return
  const [ours] = run('SELECT id FROM main.attached_place WHERE name = ?', schema)
  const [theirs] = run(`SELECT id FROM "${schema}".place`)
  if (ours === undefined || ours['id'] === theirs?.['id']) return
  throw new StoreError(
    'missing',
    `The file ${attach[schema]} belongs to another database than ${file}: restore the right copy of it.`,
  )
}

function placeOf(main: DatabaseSync, schema: string): unknown {
  const table = main.prepare("SELECT 1 FROM sqlite_master WHERE name = 'attached_place'").get()
  return table === undefined
    ? undefined
    : main.prepare('SELECT id FROM attached_place WHERE name = ?').get(schema)?.['id']
}

function serve(): void {
  makeFolder(dirname(file))
  const lock = exclusive ? takeLock() : undefined
  refuseLost()
  for (const attached of Object.values(attach)) makeFolder(dirname(attached), { mode: 0o700 })
  const writing = new SqliteConnection(file, attach)
  for (const schema of Object.keys(attach)) settle(writing, schema)
  const reading = new SqliteConnection(file, attach)
  const writer = new Writer(writing, file)

  port?.on('message', (first: readonly DatabaseRequest[]) => {
    const replies: DatabaseReply[] = []
    let closing: number | undefined
    for (const request of requestsFrom(first)) {
      if (request.kind === 'read') {
        // What was asked before the read is carried out before it.
        replies.push(...writer.flush(), read(reading, request))
      } else if (request.kind === 'checkpoint') {
        replies.push(...writer.flush(), checkpoint(writing, writer, request))
      } else if (request.kind === 'close') closing = request.id
      else writer.push(request)
    }
    replies.push(...writer.flush())
    if (closing === undefined) {
      if (replies.length > 0) post({ kind: 'replies', replies })
      return
    }
    reading.close()
    writing.close()
    lock?.close()
    post({ kind: 'replies', replies: [...replies, { id: closing, ok: true, results: [] }] })
    port?.close()
  })
}

/** The requests of a message, and of all that arrived meanwhile. */
function* requestsFrom(first: readonly DatabaseRequest[]): Generator<DatabaseRequest, void, undefined> {
  let requests: readonly DatabaseRequest[] | undefined = first
  while (requests !== undefined) {
    yield* requests
    requests = port === null ? undefined : receiveMessageOnPort(port)?.message
  }
}

try {
  serve()
  compactHeap()
  post({ kind: 'ready' })
} catch (error) {
  post({ kind: 'refused', fault: openFault(error) })
  port?.close()
}
