/** The operations of this folder: Live events. */
import type { Operation } from '../operation.ts'

/** All of them. */
export const EVENT_OPERATIONS: readonly Operation[] = []
