/** The migrations of webhooks: keys 023x. */
import type { Migration } from '@tandem/store'

/** By key. */
export const WEBHOOK_MIGRATIONS: Readonly<Record<string, Migration>> = {}
