/**
 * Makes and keeps the manifests of recordings. One is made right after a recording becomes available, a further version
 * when something in it is no longer so; a crash between the two is made good at the next start (`complete`). What a
 * manifest says of the media never changes: a row that says otherwise was tampered with, and gets no new version.
 */
import type { Logger } from '@tandem/base'
import { type Compilable, type Database, StoreError, sql } from '@tandem/store'
import { canonicalJson, sha256Hex } from '../audit/canonical-json.ts'
import type { Signer } from '../audit/signing-keys.ts'
import { idKey } from '../catalogue/recording.ts'
import type { CatalogueTables } from '../catalogue/tables.ts'
import { StorageFault } from '../vault/storage-fault.ts'
import type { SignedManifest } from './evidence.ts'
import { type Manifest, manifestFacts } from './manifest.ts'
import type { EvidenceTables } from './tables.ts'

/** The metadata document of a recording, every type shown; undefined when there is none. */
export type MetadataSource = (orgId: string, recordingId: string) => Promise<unknown>

/** What manifests need. */
export interface ManifestsOptions<
  Tables extends CatalogueTables & EvidenceTables = CatalogueTables & EvidenceTables,
> {
  readonly db: Database<Tables>
  readonly signer: Signer
  readonly now: () => number
  readonly metadata: MetadataSource
  /** Release of this software. */
  readonly software: string
  readonly logger: Logger
}

/** Recordings looked at in one step of `complete`: a step ends within some ten milliseconds. */
const COMPLETE_ROWS = 100
/** How often a version that somebody else wrote first is tried again. */
const ATTEMPTS_MAX = 3

/** The manifests of one database. */
export class Manifests {
  readonly #options: ManifestsOptions
  readonly #db: Database<CatalogueTables & EvidenceTables>
  /** Manifests asked for and not made yet, in the order in which they were. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: ManifestsOptions) {
    this.#options = options
    this.#db = options.db
  }

  /** The manifests of a database that has these tables among others. */
  static over<Tables extends CatalogueTables & EvidenceTables>(options: ManifestsOptions<Tables>): Manifests {
    return new Manifests(options as unknown as ManifestsOptions) // Kysely's types do not vary with their tables.
  }

  /** Has the manifest made, or its next version, soon and without making anybody wait: after every change. */
  request(orgId: string, recordingId: string): void {
    this.#last = this.#last
      .then(() => this.make(orgId, recordingId))
      .catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error)
        this.#options.logger.error('A manifest could not be made; it is tried again at the next start', {
          recordingId,
          why,
        })
      })
  }

  /** Resolves when everything that was requested is made. */
  async idle(): Promise<void> {
    await this.#last
  }

  /** The newest version, made when it is missing or no longer so; undefined when there is no such recording. */
  async make(orgId: string, recordingId: string): Promise<SignedManifest | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#makeOnce(orgId, recordingId)
      } catch (error) {
        const raced = error instanceof StoreError && error.code === 'constraint' && attempt < ATTEMPTS_MAX
        if (!raced) throw error
      }
    }
  }

  /** All versions, oldest first. */
  async versions(orgId: string, recordingId: string): Promise<readonly SignedManifest[]> {
    const rows = await this.#db.kysely
      .selectFrom('recording_manifest')
      .select(['key_id', 'body', 'signature'])
      .where('id_key', '=', idKey(recordingId))
      .where('org_id', '=', orgId)
      .orderBy('version')
      .execute()
    return rows.map((row) => ({ keyId: row.key_id, body: row.body, signature: row.signature }))
  }

  /**
   * Makes what a crash left out; how many. Ask at start, before recordings are added: from then on every recording that
   * is there has one, and the next start looks at newer ones only.
   */
  async complete(): Promise<number> {
    const { kysely } = this.#db
    const newest = await kysely
      .selectFrom('recording')
      .select(({ fn }) => fn.max('seq').as('seq'))
      .executeTakeFirst()
    const end = Number(newest?.seq ?? 0)
    const mark = await kysely
      .selectFrom('manifest_mark')
      .select('seq')
      .where('name', '=', 'complete')
      .executeTakeFirst()
    let [after, count] = [Number(mark?.seq ?? 0), 0]
    while (after < end) {
      const rows = await kysely
        .selectFrom('recording')
        .leftJoin('recording_manifest', (join) =>
          join.onRef('recording_manifest.id_key', '=', 'recording.id_key').on('version', '=', 1),
        )
        .select(['recording.seq as seq', 'recording.id as id', 'recording.org_id as orgId', 'version'])
        .where('recording.seq', '>', after)
        .where('recording.seq', '<=', end)
        .orderBy('recording.seq')
        .limit(COMPLETE_ROWS)
        .execute()
      for (const row of rows) {
        if (row.version !== null) continue
        await this.make(row.orgId, row.id)
        count++
      }
      after = rows.length === 0 ? end : Number(rows.at(-1)?.seq)
      const moved = { name: 'complete', seq: after }
      await kysely
        .insertInto('manifest_mark')
        .values(moved)
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ seq: after }))
        .execute()
    }
    return count
  }

  async #makeOnce(orgId: string, recordingId: string): Promise<SignedManifest | undefined> {
    const source = await this.#source(orgId, recordingId)
    if (source === undefined) return undefined
    const latest = (await this.versions(orgId, recordingId)).at(-1)
    const before = latest === undefined ? undefined : (JSON.parse(latest.body) as Manifest) // Written below.
    const facts = manifestFacts(source)
    if (latest !== undefined && before !== undefined) {
      if (canonicalJson(before.media) !== canonicalJson(facts.media)) {
        throw new StorageFault(
          'damaged',
          `Recording ${recordingId} is not the one that its manifest was made for: restore it from a backup`,
        )
      }
      const { version: _, previousHash: __, at: ___, keyId: ____, software: _____, ...known } = before
      if (canonicalJson(known) === canonicalJson(facts)) return latest
    }
    const { signer, now, software } = this.#options
    const manifest: Manifest = {
      ...facts,
      version: (before?.version ?? 0) + 1,
      previousHash: latest === undefined ? '' : sha256Hex(latest.body),
      at: now(),
      keyId: signer.keyId,
      software,
    }
    const body = canonicalJson(manifest)
    const signed = { keyId: signer.keyId, body, signature: signer.sign(body) }
    await this.#db.commit([this.#insert(manifest, signed)])
    return signed
  }

  async #source(orgId: string, recordingId: string) {
    const { kysely } = this.#db
    const key = idKey(recordingId)
    const row = await kysely
      .selectFrom('recording')
      .selectAll()
      .where('id_key', '=', key)
      .where('org_id', '=', orgId)
      .executeTakeFirst()
    if (row === undefined) return undefined
    const [files, facts, metadata] = await Promise.all([
      kysely.selectFrom('recording_file').selectAll().where('id_key', '=', key).execute(),
      kysely.selectFrom('recording_facts').select('facts').where('id_key', '=', key).executeTakeFirst(),
      this.#options.metadata(orgId, recordingId),
    ])
    return { row, files, metadata, ...(facts === undefined ? {} : { facts: facts.facts }) }
  }

  /** Only beside the recording itself: one that was erased meanwhile leaves no manifest behind. */
  #insert(manifest: Manifest, signed: SignedManifest): Compilable {
    const { kysely } = this.#db
    const key = idKey(manifest.recordingId)
    const statement = sql`insert into recording_manifest (id_key, org_id, version, key_id, body, signature)
      select id_key, org_id, cast(${manifest.version} as bigint), cast(${signed.keyId} as text), cast(${signed.body} as text), cast(${signed.signature} as text)
      from recording where id_key = ${key}`
    return { compile: () => statement.compile(kysely) }
  }
}
