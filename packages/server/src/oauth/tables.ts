/**
 * The tables of sign-in, clients and tokens. Of every secret there is only its SHA-256, of every password its argon2id.
 * Times are Unix milliseconds; lists of scopes and addresses are JSON text.
 */

/** An application of an organisation: an integration, which acts for people, or a service app, which acts for itself. */
export interface OAuthClientTable {
  id: string
  org_id: string
  name: string
  /** `integration`, `service`. */
  kind: string
  /** Null: a public client, which has no secret and must use PKCE. */
  secret_hash: string | null
  redirect_uris: string
  /** What it may ask for; of a service app, what may be authorized. */
  scopes: string
  /** Of a service app: the scopes that the organisation has authorized; null: not authorized. */
  authorized_scopes: string | null
  created_by: string
  created_at: number
}

/** One consent, and the family of everything that was given out for it. */
export interface OAuthGrantTable {
  id: string
  org_id: string
  client_id: string
  /** Null for a service app. */
  person_id: string | null
  scopes: string
  created_at: number
  revoked_at: number | null
}

/** A refresh token. `rotated_at` is set when a public client has had a newer one. */
export interface OAuthRefreshTokenTable {
  hash: string
  grant_id: string
  scopes: string
  created_at: number
  expires_at: number
  rotated_at: number | null
}

/** An authorization code. `grant_id` is what its use gave, to be revoked when it is used again. */
export interface OAuthCodeTable {
  hash: string
  org_id: string
  client_id: string
  person_id: string
  redirect_uri: string
  scopes: string
  /** PKCE, S256; null only for clients with a secret. */
  challenge: string | null
  expires_at: number
  used_at: number | null
  grant_id: string | null
}

/** A device that waits for a person. */
export interface OAuthDeviceTable {
  hash: string
  user_code_hash: string
  org_id: string
  client_id: string
  scopes: string
  /** `pending`, `allowed`, `denied`, `used`. */
  state: string
  person_id: string | null
  interval_seconds: number
  polled_at: number | null
  expires_at: number
}

/** A browser that somebody has signed in with. */
export interface SessionTable {
  hash: string
  org_id: string
  person_id: string
  created_at: number
  expires_at: number
}

/** A person's password: argon2id in PHC form. */
export interface PasswordTable {
  person_id: string
  org_id: string
  hash: string
  set_at: number
}

/** A one-time link with which a person sets a password. */
export interface PasswordLinkTable {
  hash: string
  org_id: string
  person_id: string
  created_at: number
  expires_at: number
  used_at: number | null
}

/** By name. */
export interface OAuthTables {
  oauth_clients: OAuthClientTable
  oauth_grants: OAuthGrantTable
  oauth_refresh_tokens: OAuthRefreshTokenTable
  oauth_codes: OAuthCodeTable
  oauth_devices: OAuthDeviceTable
  sessions: SessionTable
  passwords: PasswordTable
  password_links: PasswordLinkTable
}
