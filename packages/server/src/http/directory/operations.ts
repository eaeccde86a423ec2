/** The operations of this folder: The directory over HTTP. */
import type { Operation } from '../operation.ts'

/** All of them. */
export const DIRECTORY_OPERATIONS: readonly Operation[] = []
