/**
 * Recordings from journal to catalogue: told what the media workers opened and closed, makes each into a file with a
 * row and an event, finishes after a crash what was left, and answers the API's questions.
 *
 * The order is that of storage rule R2: part whole and synced, renamed, folder synced, then row and event in one commit;
 * only after the file was read back does its journal go. Whatever fails leaves the journal, raises an alarm and is tried
 * again. Call `recover` once after opening, before any recording is made.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RecordingMetadata } from '@tandem/contract'
import type { RecordingPage, RecordingQuery } from './catalogue/catalogue.ts'
import { metadataOf } from './catalogue/metadata.ts'
import type { Recording } from './catalogue/recording.ts'
import { SettledRecordings } from './catalogue/settled-recordings.ts'
import { EncoderPool } from './encode/encoder-pool.ts'
import type { FileFacts, FilesOptions, OpenedFile, SignedLink } from './file/recording-files.ts'
import type { Library, Page } from './library.ts'
import { DownloadLinks, LINK_MS_MAX, type LinkedFile, type LinkSubject } from './link/download-links.ts'
import type { LibraryTables } from './migrations.ts'
import type { RecordingsOptions } from './options.ts'
import { type AvailableRecording, type LibraryParts, libraryDatabase, openParts } from './parts.ts'
import { Production, type ProductionCounts, RETRY_MS } from './publish/production.ts'
import { Publisher } from './publish/publisher.ts'
import { ReadBack } from './publish/read-back.ts'
import { type Recovery, recoverJournal } from './publish/recovery.ts'
import { SegmentShelf } from './publish/segment-shelf.ts'
import { Scrub } from './scrub/scrub.ts'
import type { StorageState } from './scrub/storage-state.ts'
import type { SearchHit, SearchQuery } from './search/search-query.ts'
import { libraryJobs } from './upkeep/library-jobs.ts'
import { Upkeep } from './upkeep/upkeep.ts'
import type { ByteRange } from './vault/vault.ts'

/** What stands behind. */
export interface RecordingCounts extends ProductionCounts {
  /** Encoding threads that run. */
  readonly threads: number
}

/** Opens the recordings of a data folder; makes its folders where they are missing. */
export async function openRecordings<Tables extends LibraryTables>(
  options: RecordingsOptions<Tables>,
): Promise<Recordings> {
  await mkdir(join(options.dataFolder, 'journal'), { recursive: true, mode: 0o700 })
  const opened = { ...options, db: libraryDatabase(options.db) }
  const parts = await openParts(opened, {
    // Neither comes before something was asked of the library.
    onTranscriptWork: () => recordings.wake('transcripts'),
    onImported: (recording) => recordings.available(recording),
  })
  const recordings: Recordings = new Recordings(opened, parts)
  return recordings
}

/** The recordings of this node: the line from journal to file, and the library over what came of it. */
export class Recordings implements Library {
  /** Makes and checks signed links. */
  readonly links: DownloadLinks
  readonly lifecycle: LibraryParts['lifecycle']
  readonly holds: LibraryParts['holds']
  readonly retention: LibraryParts['retention']
  readonly keptTime: LibraryParts['keptTime']
  readonly audit: LibraryParts['audit']
  readonly evidence: LibraryParts['evidence']
  readonly transcripts: LibraryParts['transcripts']
  readonly imports: LibraryParts['imports']
  readonly meetings: LibraryParts['meetings']
  readonly #options: RecordingsOptions<LibraryTables>
  readonly #now: () => number
  readonly #parts: LibraryParts
  readonly #settled: SettledRecordings
  readonly #pool: EncoderPool
  readonly #shelf: SegmentShelf
  readonly #readBack: ReadBack
  readonly #production: Production
  readonly #scrub: Scrub
  readonly #upkeep: Upkeep

  /** Use `openRecordings`. */
  constructor(options: RecordingsOptions<LibraryTables>, parts: LibraryParts) {
    const { dataFolder, db, kek, logger, onAlarm, now = Date.now } = options
    const { catalogue, vault, audit } = parts
    const journalFolder = join(dataFolder, 'journal')
    this.#options = options
    this.#parts = parts
    this.#now = now
    this.links = new DownloadLinks(options.linkKey)
    this.lifecycle = parts.lifecycle
    this.holds = parts.holds
    this.retention = parts.retention
    this.keptTime = parts.keptTime
    this.audit = audit
    this.evidence = parts.evidence
    this.transcripts = parts.transcripts
    this.imports = parts.imports
    this.meetings = parts.meetings
    this.#settled = new SettledRecordings(db)
    this.#pool = new EncoderPool({
      data: { journalFolder, partFolder: vault.partFolder, kek },
      vault,
      done: () => [...this.#readBack.made, ...this.#production.passedOver],
      logger,
      ...(options.encoderThreads === undefined ? {} : { threads: options.encoderThreads }),
    })
    this.#shelf = new SegmentShelf({
      journalFolder,
      quarantineFolder: join(dataFolder, 'quarantine'),
      inspect: (path) => this.#pool.inspect(path),
      now,
    })
    const shared = { catalogue, vault, pool: this.#pool }
    this.#readBack = new ReadBack({ ...shared, shelf: this.#shelf, logger, onAlarm })
    const { storageRegion, onVoicemail, retryMs = RETRY_MS } = options
    this.#production = new Production({
      publisher: new Publisher({
        ...shared,
        settled: this.#settled,
        storageRegion,
        onVoicemail,
        now,
        statements: (recording) => parts.wishes.statements(recording),
        stamp: (orgId, subject) => parts.retention.stamp(orgId, subject),
        onAvailable: (recordings) => {
          for (const { id, facts } of recordings) this.available({ id, orgId: facts.opening.orgId })
        },
      }),
      pool: this.#pool,
      readBack: this.#readBack,
      logger,
      onAlarm,
      retryMs,
    })
    const isBusy = options.isBusy ?? (() => this.counts.open > 0)
    this.#scrub = new Scrub({
      ...{ db, vault, audit, logger, onAlarm, isBusy },
      isMaking: (id) => this.#production.isMaking(id),
      ...(options.scrubRates === undefined ? {} : { rates: options.scrubRates }),
    })
    this.#upkeep = new Upkeep(libraryJobs({ db, parts, scrub: this.#scrub, now, logger, isBusy }), logger)
  }

  /** Begins what the library does by itself: call it once, after `recover`. */
  start(): void {
    this.#upkeep.start()
  }

  /** Has one of its own jobs done soon. */
  wake(job: string): void {
    this.#upkeep.wake(job)
  }

  /** A recording has begun: its opening is on disk. */
  opened(recordingId: string): void {
    this.#production.begin(recordingId)
  }

  /**
   * A recording has ended: its closing is on disk. It becomes available soon; one that was stopped while its call half
   * goes on, together with the others of that half when it ends.
   */
  closed(recordingId: string): void {
    this.#production.finish(recordingId, 'the end of the journal is lost')
  }

  /** A recording could not go on (disk full, sync error): what is on disk becomes a recording that shows the gap. */
  failed(recordingId: string, why: string): void {
    this.#options.onAlarm({
      what: 'recording-failed',
      recordingId,
      message: `Recording ${recordingId} stopped before its call ended: ${why}`,
    })
    this.#production.finish(recordingId, why)
  }

  /** A call half has ended, by its raw id (`callhalf-…`): say so for each, recorded or not. */
  callEnded(callId: string): void {
    this.#production.callEnded(callId)
  }

  /** The journal's writer will never write to this segment again, so that it may go with its last recording. */
  segmentRetired(name: string): void {
    this.#shelf.retired(name)
    this.#production.tidyLater()
  }

  link(subject: Omit<LinkSubject, 'expiresAt'>): SignedLink {
    const { publicUrl = '' } = this.#options
    const expiresAt = this.#now() + LINK_MS_MAX
    const query = this.links.sign({ ...subject, expiresAt })
    const path = `/media/${encodeURIComponent(subject.recordingId)}/${subject.file}?${query}`
    return { url: `${typeof publicUrl === 'string' ? publicUrl : publicUrl()}${path}`, expiresAt }
  }

  /** One page of recordings, newest first. */
  list(query: RecordingQuery): Promise<RecordingPage> {
    return this.#parts.catalogue.list(query)
  }

  /** One recording of an organisation, the id compared without hyphens and case; undefined when there is none. */
  get(orgId: string, recordingId: string): Promise<Recording | undefined> {
    return this.#parts.catalogue.get(orgId, recordingId)
  }

  /** One recording whatever its organisation: only behind a signed link. */
  find(recordingId: string): Promise<Recording | undefined> {
    return this.#parts.catalogue.find(recordingId)
  }

  /** The metadata document; undefined when there is no such recording. */
  async metadata(
    orgId: string,
    recordingId: string,
    options: { readonly showAllTypes: boolean },
  ): Promise<RecordingMetadata | undefined> {
    const found = await this.#parts.catalogue.facts(orgId, recordingId)
    return found === undefined ? undefined : metadataOf(found.recording, found.facts, options)
  }

  search(query: SearchQuery): Promise<Page<SearchHit>> {
    return this.#parts.search.search(query)
  }

  files(recording: Recording, options?: FilesOptions): Promise<ReadonlyMap<LinkedFile, FileFacts>> {
    return this.#parts.files.files(recording, options)
  }

  openFile(recordingId: string, file: LinkedFile, range?: ByteRange): Promise<OpenedFile | undefined> {
    return this.#parts.files.open(recordingId, file, range)
  }

  async storage(): Promise<StorageState> {
    const { vault, keptTime } = this.#parts
    return {
      scrub: await this.#scrub.state(),
      quarantinedFiles: await vault.quarantinedFiles(),
      encrypted: vault.form === 'sealed',
      vault: vault.kind,
      keptTime: keptTime.now(),
      clockDoubted: keptTime.doubt !== undefined,
    }
  }

  /** What stands behind at this moment. */
  get counts(): RecordingCounts {
    return { ...this.#production.counts, threads: this.#pool.threadCount }
  }

  /**
   * Finishes what an earlier process left: every recording of the journal without a row becomes one that is marked as
   * recovered, parts that belong to nothing go to quarantine, and the newest files are read back. Repeating it, or dying
   * in the middle of it, does no harm (promise P2).
   */
  async recover(): Promise<Recovery> {
    const { audit, catalogue, imports, lifecycle, manifests, transcripts, vault } = this.#parts
    await audit.start()
    const recovery = await recoverJournal({
      catalogue,
      settled: this.#settled,
      vault,
      shelf: this.#shelf,
      production: this.#production,
      readBack: this.#readBack,
    })
    const { recovered, unfinished, quarantinedParts, quarantinedSegments } = recovery
    if (recovered + unfinished + quarantinedParts + quarantinedSegments > 0) {
      this.#options.logger.info('Recovered what the last run left', { ...recovery })
    }
    await lifecycle.sweep() // Finishes erasures that were cut off before anybody can ask for them.
    await imports.recover()
    await transcripts.recover()
    await manifests.complete()
    return recovery
  }

  /** Resolves when everything that ended is available, waits for its call to end, or waits for another try. */
  idle(): Promise<void> {
    return this.#production.idle()
  }

  /** Stops. What is not available yet is finished after the next start. */
  async close(): Promise<void> {
    const { audit, imports, keptTime, manifests, transcripts, vault } = this.#parts
    await this.#upkeep.close()
    this.#production.close()
    this.#readBack.end()
    await this.#pool.close()
    await this.#production.idle()
    await transcripts.close()
    await imports.close()
    await manifests.idle()
    await keptTime.save()
    await audit.close()
    await vault.close()
  }

  /** What follows from a recording's becoming available; the start makes good what a crash leaves out of it. */
  available({ id, orgId }: AvailableRecording): void {
    const { manifests, transcripts } = this.#parts
    manifests.request(orgId, id)
    if (transcripts.configured) this.wake('transcripts') // Its commit may have put it in line.
  }
}
