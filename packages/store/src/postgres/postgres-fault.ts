/**
 * What PostgreSQL and the network say went wrong, in the store's own codes and in one sentence each (PostgreSQL
 * documentation, appendix A: SQLSTATE). The server's `detail` quotes rows and is never repeated; nor are messages about
 * values.
 */
import { StoreError, type StoreErrorCode } from '../error.ts'
import type { PostgresAddress } from './address.ts'

/** Transactions that met each other; the same batch may well pass when it is tried again. */
const RETRY_STATES: readonly string[] = ['40001', '40P01']

/** Whether the whole batch, which was undone, should simply be tried again. */
export function mayRetry(error: unknown): boolean {
  return RETRY_STATES.includes(stateOf(error))
}

/** Whether a prepared statement has outlived a change of the schema made by another process. */
export function isStalePlan(error: unknown): boolean {
  return stateOf(error) === '26000' || (stateOf(error) === '0A000' && /cached plan/.test(messageOf(error)))
}

/** Whether a statement failed merely since one before it in its transaction had. */
export function isAftermath(error: unknown): boolean {
  return stateOf(error) === '25P02'
}

/** Whether the connection is gone, and with it whatever had not been committed. */
export function isConnectionLoss(error: unknown): boolean {
  const state = stateOf(error)
  if (/^(?:08|57P0)/.test(state)) return true
  if (/^[0-9A-DF-Z][0-9A-Z]{4}$/.test(state)) return false // A SQLSTATE; none begins with E, as system calls' codes do.
  return /^E[A-Z]+$/.test(state) || /terminated|not queryable|closed|timeout/i.test(messageOf(error))
}

/** Says what an exception of `pg` means. */
export function postgresFault(error: unknown, address: PostgresAddress): StoreError {
  if (error instanceof StoreError) return error
  const state = stateOf(error)
  const { place } = address
  const as = (code: StoreErrorCode, sentence: string): StoreError =>
    new StoreError(code, sentence, { cause: error })

  if (state === '28P01' || state === '28000')
    return as(
      'denied',
      `The database ${place} refuses the user ${address.user}: check name and password in the database URL.`,
    )
  if (state === '3D000')
    return as(
      'missing',
      `The database ${address.database} does not exist on its server: make it (createdb ${address.database}), or correct the database URL.`,
    )
  if (state === '42501')
    return as(
      'denied',
      `The user ${address.user} may not do that in the database ${place} (${messageOf(error)}): make it the owner of the database.`,
    )
  if (state === '53300')
    return as(
      'unreachable',
      `The database ${place} has no free connections: raise its max_connections, or start fewer servers.`,
    )
  if (isConnectionLoss(error))
    return as(
      'unreachable',
      `The database ${place} cannot be reached (${state === '' ? messageOf(error) : state}): check that it runs and that the database URL is right.`,
    )
  if (state === '53100')
    return as('full', `No space is left on the disk of the database ${place}: free some space.`)
  if (state === '25006')
    return as('readonly', `The database ${place} takes no writes: it is a standby, or read-only.`)
  if (state === '58030')
    return as('io', `The disk of the database ${place} refused to read or write: check it.`)
  if (/^XX00[12]$/.test(state))
    return as('corrupt', `The database ${place} is damaged (${state}): restore it from a backup.`)
  if (state.startsWith('23')) return as('constraint', `The database refused a row: ${messageOf(error)}.`)
  if (mayRetry(error))
    return as('locked', `Other transactions were in the way in the database ${place}: try again.`)
  if (state === '57014' || state === '25P03' || state === '25P02')
    return as('expired', 'The transaction was undone before it was committed: try again.')
  // Messages of class 22 quote the value itself.
  if (state.startsWith('22')) return as('query', `The database refused a value (SQLSTATE ${state}).`)
  return as('query', `The database refused a statement: ${messageOf(error)}.`)
}

/** SQLSTATE of the server, or the code of the system call that failed; empty when there is neither. */
function stateOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return stateOf(error.errors[0])
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
