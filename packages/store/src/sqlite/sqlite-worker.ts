/**
 * The database thread: one connection that writes and one that reads beside it. Messages that arrived while a commit
 * was syncing are taken together, so the busier the server, the more batches share a COMMIT.
 */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { type StoreFault, sqliteFault } from '../error.ts'
import { SqliteConnection } from './connection.ts'
import type { DatabaseMessage, DatabaseReply, DatabaseRequest, DatabaseThreadData } from './protocol.ts'
import { Writer } from './writer.ts'

const { file, exclusive } = workerData as DatabaseThreadData // Given by `SqliteThread`.
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

function serve(): void {
  mkdirSync(dirname(file), { recursive: true })
  const lock = exclusive ? takeLock() : undefined
  const writing = new SqliteConnection(file)
  const reading = new SqliteConnection(file)
  const writer = new Writer(writing, file)

  port?.on('message', (first: DatabaseRequest) => {
    const replies: DatabaseReply[] = []
    let closing: number | undefined
    for (let request: DatabaseRequest | undefined = first; request !== undefined; request = nextRequest()) {
      if (request.kind === 'read') {
        // What was asked before the read is carried out before it.
        replies.push(...writer.flush(), read(reading, request))
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

function nextRequest(): DatabaseRequest | undefined {
  return port === null ? undefined : (receiveMessageOnPort(port)?.message as DatabaseRequest | undefined)
}

try {
  serve()
  post({ kind: 'ready' })
} catch (error) {
  post({ kind: 'refused', fault: openFault(error) })
  port?.close()
}
