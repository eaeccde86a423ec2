/** The operations of this folder: OAuth, sign-in, clients and tokens. */
import type { Operation } from '../operation.ts'

/** All of them. */
export const OAUTH_OPERATIONS: readonly Operation[] = []
