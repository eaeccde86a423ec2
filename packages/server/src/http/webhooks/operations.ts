/** The operations of this folder: Webhooks. */
import type { Operation } from '../operation.ts'

/** All of them. */
export const WEBHOOK_OPERATIONS: readonly Operation[] = []
