/** The operations on live events. */
import type { Operation } from '../operation.ts'
import { streamEvents } from './stream-events.ts'

/** All of them. */
export const EVENT_OPERATIONS: readonly Operation[] = [streamEvents]
