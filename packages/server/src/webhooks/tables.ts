/** The tables of webhooks and their deliveries. */

/** By name. */
export type WebhookTables = Record<never, never>
