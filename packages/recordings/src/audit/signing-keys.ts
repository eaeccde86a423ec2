/**
 * The Ed25519 keys that sign audit heads, manifests and exports (promise P17, "Compliance consequences"). One is made at
 * the first start; its private half lies sealed in the database under the key-encryption key. A rotation adds a key, and
 * the public halves of all stay, since what they signed must be checked for as long as it is kept.
 */
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Database } from '@tandem/store'
import type { SigningKey } from './audit-log.ts'
import type { AuditTables } from './tables.ts'

/** Seals a text for the place named by `context` under the key-encryption key. */
export type SealText = (context: string, text: string) => Uint8Array
/** Opens what `SealText` made for the same place; undefined for anything else. */
export type OpenText = (context: string, sealed: Uint8Array) => string | undefined

/** What the signing keys need. */
export interface SigningKeysOptions<Tables extends AuditTables = AuditTables> {
  readonly db: Database<Tables>
  /** Unix milliseconds. */
  readonly now: () => number
  readonly seal: SealText
  readonly open: OpenText
}

/** Signs with the key in use. */
export interface Signer {
  /** Names the key in use; part of what is signed. */
  readonly keyId: string
  /** Ed25519 over the text as UTF-8, base64. */
  sign(text: string): string
  /** Public halves, oldest first. */
  keys(): Promise<readonly SigningKey[]>
}

/** The signing key cannot be used. Its message says what to do. */
export class SigningKeyError extends Error {
  override readonly name = 'SigningKeyError'
}

/** Characters of a key's id: 64 bits of the hash of its public half, enough to tell keys apart. */
const KEY_ID_CHARACTERS = 16

/** The keys of one database. */
export class SigningKeys implements Signer {
  readonly #db: Database<AuditTables>
  readonly #options: SigningKeysOptions
  #key: { readonly id: string; readonly privateKey: KeyObject }

  private constructor(options: SigningKeysOptions, id: string, privateKey: KeyObject) {
    this.#db = options.db
    this.#options = options
    this.#key = { id, privateKey }
  }

  /** Opens the key in use, or makes the first; throws `SigningKeyError` when it does not open. */
  static async open<Tables extends AuditTables>(options: SigningKeysOptions<Tables>): Promise<SigningKeys> {
    const known = options as unknown as SigningKeysOptions // It has the tables of this folder, which is all we use.
    const row = await known.db.kysely
      .selectFrom('signing_key')
      .selectAll()
      .where('until_at', 'is', null)
      .executeTakeFirst()
    if (row === undefined) {
      const made = makeKey(known)
      await known.db.commit([known.db.kysely.insertInto('signing_key').values(made.row)])
      return new SigningKeys(known, made.row.key_id, made.privateKey)
    }
    const pem = known.open(contextOf(row.key_id), row.sealed)
    if (pem === undefined) {
      throw new SigningKeyError(
        `The signing key ${row.key_id} does not open with this key-encryption key: start with the key file that this data folder was made with.`,
      )
    }
    return new SigningKeys(known, row.key_id, createPrivateKey(pem))
  }

  get keyId(): string {
    return this.#key.id
  }

  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#key.privateKey).toString('base64')
  }

  async keys(): Promise<readonly SigningKey[]> {
    const rows = await this.#db.kysely
      .selectFrom('signing_key')
      .select(['key_id', 'public_key', 'from_at', 'until_at'])
      .orderBy('from_at')
      .orderBy('key_id')
      .execute()
    return rows.map((row) => ({
      keyId: row.key_id,
      algorithm: 'Ed25519',
      publicKey: row.public_key,
      from: Number(row.from_at),
      ...(row.until_at === null ? {} : { until: Number(row.until_at) }),
    }))
  }

  /** Goes on with a new key; the id of that. What was signed before stays good. */
  async rotate(): Promise<string> {
    const { row, privateKey } = makeKey(this.#options)
    await this.#db.commit([
      this.#db.kysely.updateTable('signing_key').set({ until_at: row.from_at }).where('until_at', 'is', null),
      this.#db.kysely.insertInto('signing_key').values(row),
    ])
    this.#key = { id: row.key_id, privateKey }
    return row.key_id
  }

  /** Seals the private half again under another key-encryption key; nothing else changes. */
  async reseal(seal: SealText): Promise<void> {
    const { id, privateKey } = this.#key
    await this.#db.commit([
      this.#db.kysely
        .updateTable('signing_key')
        .set({ sealed: seal(contextOf(id), pemOf(privateKey)) })
        .where('key_id', '=', id),
    ])
  }
}

function makeKey(options: SigningKeysOptions) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const der = publicKey.export({ type: 'spki', format: 'der' })
  const id = createHash('sha256').update(der).digest('hex').slice(0, KEY_ID_CHARACTERS)
  const row = {
    key_id: id,
    public_key: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sealed: options.seal(contextOf(id), pemOf(privateKey)),
    from_at: options.now(),
    until_at: null,
  }
  return { row, privateKey }
}

function pemOf(privateKey: KeyObject): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function contextOf(keyId: string): string {
  return `signing key ${keyId}`
}
