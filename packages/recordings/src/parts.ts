/**
 * Puts the rooms of the library together, each with what it needs of the others: keys before vault, vault before
 * whatever stores files, the audit log before whatever is written down in it. Nothing runs yet when this returns.
 */
import { join } from 'node:path'
import { type Database, openText, sealText } from '@tandem/store'
import { Audit } from './audit/audit.ts'
import { SigningKeys } from './audit/signing-keys.ts'
import { Catalogue } from './catalogue/catalogue.ts'
import { metadataOf } from './catalogue/metadata.ts'
import { Manifests } from './evidence/manifests.ts'
import { RecordingEvidence } from './evidence/recording-evidence.ts'
import { LibraryFiles } from './file/library-files.ts'
import { transcriptVault } from './file/transcript-vault.ts'
import { LegalHolds } from './hold/legal-holds.ts'
import { LibraryImports } from './import/library-imports.ts'
import { DataKeys } from './keys/data-keys.ts'
import { keyIdOf } from './keys/key-ring.ts'
import { ErasureTraces } from './lifecycle/erasure-traces.ts'
import { ProvenTime } from './lifecycle/proven-time.ts'
import { RecordingLifecycle } from './lifecycle/recording-lifecycle.ts'
import { MeetingCatalogue } from './meeting/meeting-catalogue.ts'
import { passwordSeal } from './meeting/password-seal.ts'
import { LIBRARY_DEPENDENTS, type LibraryTables } from './migrations.ts'
import type { RecordingsOptions } from './options.ts'
import { RetentionPolicies } from './retention/retention-policies.ts'
import { Search } from './search/search.ts'
import { TrigramIndex } from './search/trigram-index.ts'
import { RecordingTranscripts } from './transcript/recording-transcripts.ts'
import { TranscriptWishes } from './transcript/transcript-wishes.ts'
import { openVault } from './vault/open-vault.ts'
import type { Vault } from './vault/vault.ts'

/** Names the one data key that is no recording's: it seals the library's own small secrets. */
const LIBRARY_SECRET = 'library secret'

/** The rooms. */
export interface LibraryParts {
  readonly keys: DataKeys
  readonly vault: Vault
  readonly audit: Audit
  readonly keptTime: ProvenTime
  readonly retention: RetentionPolicies
  readonly catalogue: Catalogue
  readonly search: Search
  readonly lifecycle: RecordingLifecycle
  readonly holds: LegalHolds
  readonly meetings: MeetingCatalogue
  readonly transcripts: RecordingTranscripts
  readonly wishes: TranscriptWishes
  readonly imports: LibraryImports
  readonly files: LibraryFiles
  readonly manifests: Manifests
  readonly evidence: RecordingEvidence
  readonly traces: ErasureTraces
}

/** What whoever puts them together adds. */
export interface PartsHooks {
  /** Transcripts may have work to do. */
  readonly onTranscriptWork: () => void
  /** An imported recording has become available. */
  readonly onImported: (recording: AvailableRecording) => void
}

/** A recording that can be listed from now on. */
export interface AvailableRecording {
  readonly id: string
  readonly orgId: string
}

/** Opens the rooms over one database and one vault. Fails with a sentence of whichever cannot be opened. */
export async function openParts(
  options: RecordingsOptions<LibraryTables>,
  hooks: PartsHooks,
): Promise<LibraryParts> {
  const { db, dataFolder, kek, logger, now = Date.now } = options
  const ring = options.ring ?? { current: { id: keyIdOf(kek), key: kek }, others: [] }
  const keys = await DataKeys.open({ db, ring, now })
  const secret = await keys.create(LIBRARY_SECRET)
  const vault = await openVault(options.vaultUrl ?? 'file:vault', {
    dataFolder,
    form: options.encryption === false ? 'hashed' : 'sealed',
    keys,
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.disk === undefined ? {} : { disk: options.disk }),
  })
  const signer = await SigningKeys.open({
    db,
    now,
    seal: (context, text) => sealText(secret, context, text),
    open: (context, sealed) => openText(secret, context, sealed),
  })
  const { onAuditHead } = options
  const audit = Audit.over({
    db,
    now,
    signer,
    logger,
    ...(onAuditHead === undefined ? {} : { onHead: onAuditHead }),
  })
  const keptTime = await ProvenTime.open({
    db,
    audit,
    wall: now,
    monotonic: options.monotonic ?? (() => performance.now()),
    organizations: options.organizations ?? (async () => []),
  })
  const retention = new RetentionPolicies({ db, audit, now, keptTime })
  const index = new TrigramIndex(db)
  const search = new Search({ db, index })
  const catalogue = new Catalogue(db, { audit, index, now })
  const passwords = passwordSeal(secret)
  const meetings = new MeetingCatalogue({ db, audit, passwords, now })
  const lifecycle = new RecordingLifecycle({
    db,
    audit,
    now,
    keptTime,
    retention,
    keys,
    vault,
    search,
    dependents: LIBRARY_DEPENDENTS,
    checkpoint: () => db.checkpoint(),
    ...(options.binMs === undefined ? {} : { binMs: options.binMs }),
  })
  // The sound track of an MP4 is a file of its own, which only `files` knows; it is not asked before all is open.
  const soundTrack = async (id: string): Promise<AsyncIterable<Uint8Array> | undefined> => {
    const recording = await catalogue.find(id)
    return recording === undefined ? undefined : files.content(recording, 'audio')
  }
  const transcripts = new RecordingTranscripts({
    db,
    audit,
    search,
    logger,
    now,
    vault: transcriptVault(vault, catalogue, soundTrack),
    searchable: options.transcriptSearch ?? true,
    node: options.node ?? 'node',
    onWork: hooks.onTranscriptWork,
    ...(options.transcriber === undefined ? {} : { use: options.transcriber }),
  })
  const wishes = new TranscriptWishes({ transcripts, wanted: options.wantsTranscript, logger })
  const files = new LibraryFiles({ db, catalogue, vault, transcripts })
  const imports = await LibraryImports.open({
    db,
    vault,
    audit,
    passwords,
    logger,
    now,
    transcripts,
    storageRegion: options.storageRegion,
    keptNow: () => keptTime.now(),
    retention: (row) =>
      retention.stamp(row.org_id, {
        locationId: row.location_id,
        ownerId: row.owner_id,
        madeAt: row.kept_from,
      }),
    statements: (row) => wishes.statements({ id: row.id, orgId: row.org_id, ownerId: row.owner_id }),
    onAvailable: (row) => hooks.onImported({ id: row.id, orgId: row.org_id }),
    folder: join(dataFolder, 'imports'),
    quarantine: join(dataFolder, 'quarantine'),
    partSecret: secret,
  })
  const metadata = async (orgId: string, id: string): Promise<unknown> => {
    const found = await catalogue.facts(orgId, id)
    return found === undefined ? undefined : metadataOf(found.recording, found.facts, { showAllTypes: true })
  }
  const software = options.software ?? 'tandem'
  const manifests = Manifests.over({ db, signer, now, metadata, software, logger })
  const evidence = RecordingEvidence.over({
    db,
    audit,
    signer,
    manifests,
    metadata,
    now,
    software,
    files: (recording, file) => files.content(recording, file),
    transcriptVtt: async (orgId, id) => {
      const transcript = await transcripts.get(orgId, id)
      return transcript === undefined ? undefined : transcripts.render(transcript, 'vtt').text
    },
  })
  return {
    ...{
      keys,
      vault,
      audit,
      keptTime,
      retention,
      catalogue,
      search,
      lifecycle,
      holds: new LegalHolds({ db, audit, now }),
    },
    ...{ meetings, transcripts, wishes, imports, files, manifests, evidence, traces: new ErasureTraces(db) },
  }
}

/** The database as the rooms see it: it has their tables, and maybe others. */
export function libraryDatabase<Tables extends LibraryTables>(db: Database<Tables>): Database<LibraryTables> {
  return db as unknown as Database<LibraryTables> // Kysely's types do not vary with their tables.
}
