/** How long an interactive transaction may hold the writer, on both engines; migrations take what they need. */
import { StoreError } from './error.ts'

/** Longest that an interactive transaction may hold the writer; every other write waits behind it. */
export const TRANSACTION_MS_MAX = 10_000

/** The limit in force; endless while the schema is brought up to date. */
export interface TransactionLimit {
  ms: number
}

/** What a transaction that was undone by the limit fails with. */
export function expiredError(): StoreError {
  return new StoreError(
    'expired',
    `A transaction held the writer for more than ${TRANSACTION_MS_MAX} ms and was undone: make it shorter.`,
  )
}
