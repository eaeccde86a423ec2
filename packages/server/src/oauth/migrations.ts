/** The migrations of sign-in, clients and tokens: keys 022x. */
import type { Migration } from '@tandem/store'

/** By key. */
export const OAUTH_MIGRATIONS: Readonly<Record<string, Migration>> = {}
