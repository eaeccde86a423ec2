/** The tables of sign-in, clients and tokens. */

/** By name. */
export type OAuthTables = Record<never, never>
