/**
 * The server's own tables and the migrations that make them: directory, tokens, registrations, call records. Every row
 * and every index is keyed by organisation first; what a person types is unique inside one organisation only, except
 * for SIP domains, which name the organisation. Times are Unix milliseconds, lists and documents are JSON text.
 */
import type { Kysely, Migration } from '@tandem/store'

/** An organisation. `managed_by` names the directory file it came from. */
export interface OrganizationTable {
  id: string
  name: string
  managed_by: string
  created_at: number
}

/** A SIP domain; position 0 is the realm of the organisation's digests. */
export interface DomainTable {
  domain: string
  org_id: string
  position: number
}

/** A calling location. */
export interface LocationTable {
  id: string
  org_id: string
  name: string
  managed_by: string
}

/** A person with a line. `email_folded` is what emails are compared by. */
export interface PersonTable {
  id: string
  org_id: string
  location_id: string
  email: string
  email_folded: string
  display_name: string
  first_name: string
  last_name: string
  extension: string
  numbers: string
  roles: string
  recording: string
  timezone: string | null
  managed_by: string
  created_at: number
  modified_at: number
}

/** A phone. `secret` holds its HA1s, sealed. */
export interface DeviceTable {
  id: string
  org_id: string
  person_id: string
  name: string
  sip_user: string
  realm: string
  secret: Uint8Array
  managed_by: string
}

/** Who may act as whom, by the hash of a bearer token. */
export interface TokenTable {
  id: string
  hash: string
  org_id: string
  person_id: string
  scopes: string
  note: string
  created_at: number
  expires_at: number | null
  revoked_at: number | null
}

/** A one-time set-up link, by the hash of its secret. */
export interface SetupLinkTable {
  hash: string
  created_at: number
  expires_at: number
  used_at: number | null
}

/** The registered contacts of one device, as one document. */
export interface BindingTable {
  org_id: string
  device_id: string
  bindings: string
}

/** One conversation that has ended. */
export interface CallRecordTable {
  org_id: string
  call_session_id: string
  started_at: number
  answered_at: number | null
  ended_at: number
  cause: string
  record: string
}

/** Facts about the data folder itself: `key` is the fingerprint of the master key, `directory` counts its changes. */
export interface ServerStateTable {
  name: string
  value: string
}

/** The tables of this package. */
export interface ServerTables {
  organizations: OrganizationTable
  domains: DomainTable
  locations: LocationTable
  people: PersonTable
  devices: DeviceTable
  tokens: TokenTable
  setup_links: SetupLinkTable
  bindings: BindingTable
  call_records: CallRecordTable
  server_state: ServerStateTable
}

/** The migrations of this package, by key. */
export const SERVER_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0200_directory': { up: makeDirectory },
  '0201_tokens': { up: makeTokens },
  '0202_calls': { up: makeCalls },
}

async function makeDirectory(db: Kysely<ServerTables>): Promise<void> {
  await db.schema
    .createTable('organizations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('managed_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('domains')
    .addColumn('domain', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) =>
      column.notNull().references('organizations.id').onDelete('cascade'),
    )
    .addColumn('position', 'integer', (column) => column.notNull())
    .addUniqueConstraint('domains_position', ['org_id', 'position'])
    .execute()
  await db.schema
    .createTable('locations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) =>
      column.notNull().references('organizations.id').onDelete('cascade'),
    )
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('managed_by', 'text', (column) => column.notNull())
    .addUniqueConstraint('locations_name', ['org_id', 'name'])
    .addUniqueConstraint('locations_key', ['org_id', 'id'])
    .execute()
  await db.schema
    .createTable('people')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) =>
      column.notNull().references('organizations.id').onDelete('cascade'),
    )
    .addColumn('location_id', 'text', (column) => column.notNull())
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('email_folded', 'text', (column) => column.notNull())
    .addColumn('display_name', 'text', (column) => column.notNull())
    .addColumn('first_name', 'text', (column) => column.notNull())
    .addColumn('last_name', 'text', (column) => column.notNull())
    .addColumn('extension', 'text', (column) => column.notNull())
    .addColumn('numbers', 'text', (column) => column.notNull())
    .addColumn('roles', 'text', (column) => column.notNull())
    .addColumn('recording', 'text', (column) => column.notNull())
    .addColumn('timezone', 'text')
    .addColumn('managed_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('modified_at', 'integer', (column) => column.notNull())
    .addUniqueConstraint('people_extension', ['org_id', 'extension'])
    .addUniqueConstraint('people_email', ['org_id', 'email_folded'])
    .addUniqueConstraint('people_key', ['org_id', 'id'])
    // A person's location is one of the same organisation, by the key itself.
    .addForeignKeyConstraint('people_location', ['org_id', 'location_id'], 'locations', ['org_id', 'id'])
    .execute()
  await db.schema
    .createTable('devices')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('person_id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('sip_user', 'text', (column) => column.notNull())
    .addColumn('realm', 'text', (column) => column.notNull())
    .addColumn('secret', 'blob', (column) => column.notNull())
    .addColumn('managed_by', 'text', (column) => column.notNull())
    .addUniqueConstraint('devices_user', ['org_id', 'sip_user'])
    .addForeignKeyConstraint('devices_person', ['org_id', 'person_id'], 'people', ['org_id', 'id'], (key) =>
      key.onDelete('cascade'),
    )
    .execute()
  await db.schema
    .createTable('server_state')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute()
}

async function makeTokens(db: Kysely<ServerTables>): Promise<void> {
  await db.schema
    .createTable('tokens')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('person_id', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('note', 'text', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'integer')
    .addColumn('revoked_at', 'integer')
    .addForeignKeyConstraint('tokens_person', ['org_id', 'person_id'], 'people', ['org_id', 'id'], (key) =>
      key.onDelete('cascade'),
    )
    .execute()
  await db.schema
    .createTable('setup_links')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .addColumn('used_at', 'integer')
    .execute()
}

async function makeCalls(db: Kysely<ServerTables>): Promise<void> {
  await db.schema
    .createTable('bindings')
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('device_id', 'text', (column) => column.notNull())
    .addColumn('bindings', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('bindings_key', ['org_id', 'device_id'])
    .execute()
  await db.schema
    .createTable('call_records')
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('call_session_id', 'text', (column) => column.notNull())
    .addColumn('started_at', 'integer', (column) => column.notNull())
    .addColumn('answered_at', 'integer')
    .addColumn('ended_at', 'integer', (column) => column.notNull())
    .addColumn('cause', 'text', (column) => column.notNull())
    .addColumn('record', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('call_records_key', ['org_id', 'call_session_id'])
    .execute()
  await db.schema
    .createIndex('call_records_time')
    .on('call_records')
    .columns(['org_id', 'started_at'])
    .execute()
}
