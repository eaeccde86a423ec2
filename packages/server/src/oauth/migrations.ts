/** The migrations of sign-in, clients and tokens: keys 022x. Tokens that there are keep working. */
import { type Kysely, type Migration, sql } from '@tandem/store'

/** The tables as they became then; no type is kept for history. */
type Db = Kysely<never>

/** By key. */
export const OAUTH_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0220_clients': { up: makeClients },
  '0221_tokens': { up: widenTokens },
  '0222_sign_in': { up: makeSignIn },
}

async function makeClients(db: Db): Promise<void> {
  await db.schema
    .createTable('oauth_clients')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) =>
      column.notNull().references('organizations.id').onDelete('cascade'),
    )
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull().check(sql`kind in ('integration', 'service')`))
    .addColumn('secret_hash', 'text')
    .addColumn('redirect_uris', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('authorized_scopes', 'text')
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addUniqueConstraint('oauth_clients_key', ['org_id', 'id'])
    .execute()
  await db.schema
    .createTable('oauth_grants')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('person_id', 'text')
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('revoked_at', 'integer')
    // Client and person are of the grant's own organisation, by the key itself.
    .addForeignKeyConstraint(
      'oauth_grants_client',
      ['org_id', 'client_id'],
      'oauth_clients',
      ['org_id', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .addForeignKeyConstraint(
      'oauth_grants_person',
      ['org_id', 'person_id'],
      'people',
      ['org_id', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .execute()
  await db.schema
    .createIndex('oauth_grants_of_client')
    .on('oauth_grants')
    .columns(['client_id', 'person_id'])
    .execute()
  await db.schema
    .createIndex('oauth_grants_of_person')
    .on('oauth_grants')
    .columns(['org_id', 'person_id'])
    .execute()
  await db.schema
    .createTable('oauth_refresh_tokens')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('grant_id', 'text', (column) =>
      column.notNull().references('oauth_grants.id').onDelete('cascade'),
    )
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .addColumn('rotated_at', 'integer')
    .execute()
  await db.schema
    .createIndex('oauth_refresh_tokens_of_grant')
    .on('oauth_refresh_tokens')
    .column('grant_id')
    .execute()
  await ofClientAndPerson(db, 'oauth_codes', 'not null')
    .addColumn('redirect_uri', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('challenge', 'text')
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .addColumn('used_at', 'integer')
    .addColumn('grant_id', 'text')
    .execute()
  await ofClientAndPerson(db, 'oauth_devices', 'null')
    .addColumn('user_code_hash', 'text', (column) => column.notNull().unique())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('interval_seconds', 'integer', (column) => column.notNull())
    .addColumn('polled_at', 'integer')
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .execute()
}

/** What is known by the hash of a secret and belongs to a client and a person of one organisation. */
function ofClientAndPerson(db: Db, table: string, person: 'null' | 'not null') {
  return db.schema
    .createTable(table)
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('person_id', 'text', (column) => (person === 'null' ? column : column.notNull()))
    .addForeignKeyConstraint(
      `${table}_client`,
      ['org_id', 'client_id'],
      'oauth_clients',
      ['org_id', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .addForeignKeyConstraint(`${table}_person`, ['org_id', 'person_id'], 'people', ['org_id', 'id'], (key) =>
      key.onDelete('cascade'),
    )
}

/** A service app has no person, and SQLite cannot take NOT NULL off a column: the table is made anew. */
async function widenTokens(db: Db): Promise<void> {
  await db.schema
    .createTable('tokens_0221')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('org_id', 'text', (column) =>
      column.notNull().references('organizations.id').onDelete('cascade'),
    )
    .addColumn('person_id', 'text')
    .addColumn('kind', 'text', (column) =>
      column.notNull().check(sql`kind in ('operator', 'personal', 'integration', 'service')`),
    )
    .addColumn('client_id', 'text')
    .addColumn('grant_id', 'text', (column) => column.references('oauth_grants.id').onDelete('cascade'))
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('note', 'text', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'integer')
    .addColumn('revoked_at', 'integer')
    .addForeignKeyConstraint('tokens_holder', ['org_id', 'person_id'], 'people', ['org_id', 'id'], (key) =>
      key.onDelete('cascade'),
    )
    .addForeignKeyConstraint(
      'tokens_client',
      ['org_id', 'client_id'],
      'oauth_clients',
      ['org_id', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .execute()
  await sql`insert into tokens_0221
    select id, hash, org_id, person_id, 'operator', null, null, scopes, note, created_at, expires_at, revoked_at
    from tokens`.execute(db)
  await db.schema.dropTable('tokens').execute()
  await db.schema.alterTable('tokens_0221').renameTo('tokens').execute()
  await db.schema.createIndex('tokens_of_person').on('tokens').columns(['org_id', 'person_id']).execute()
  await db.schema.createIndex('tokens_of_grant').on('tokens').column('grant_id').execute()
}

async function makeSignIn(db: Db): Promise<void> {
  await ofPerson(db, 'sessions')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .execute()
  await ofPerson(db, 'password_links')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .addColumn('used_at', 'integer')
    .execute()
  await ofPerson(db, 'passwords')
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('set_at', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('passwords_key', ['person_id'])
    .execute()
  for (const table of ['sessions', 'password_links'])
    await db.schema.createIndex(`${table}_of_person`).on(table).columns(['org_id', 'person_id']).execute()
}

/** What goes with a person. */
function ofPerson(db: Db, table: string) {
  return db.schema
    .createTable(table)
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('person_id', 'text', (column) => column.notNull())
    .addForeignKeyConstraint(`${table}_person`, ['org_id', 'person_id'], 'people', ['org_id', 'id'], (key) =>
      key.onDelete('cascade'),
    )
}
