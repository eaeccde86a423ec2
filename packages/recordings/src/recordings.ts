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
import type { Database } from '@tandem/store'
import { Catalogue, type RecordingPage, type RecordingQuery } from './catalogue/catalogue.ts'
import { metadataOf } from './catalogue/metadata.ts'
import type { Recording } from './catalogue/recording.ts'
import { SettledRecordings } from './catalogue/settled-recordings.ts'
import type { RecordingsTables } from './catalogue/tables.ts'
import { EncoderPool } from './encode/encoder-pool.ts'
import { DownloadLinks, LINK_MS_MAX, type LinkSubject } from './link/download-links.ts'
import type { RecordingsOptions } from './options.ts'
import { Production, type ProductionCounts, RETRY_MS } from './publish/production.ts'
import { Publisher } from './publish/publisher.ts'
import { ReadBack } from './publish/read-back.ts'
import { type Recovery, recoverJournal } from './publish/recovery.ts'
import { SegmentShelf } from './publish/segment-shelf.ts'
import { FolderVault } from './vault/folder-vault.ts'
import type { ByteRange, OpenFile, Vault } from './vault/vault.ts'

/** A signed address. */
export interface AudioLink {
  /** Absolute when `publicUrl` was given, else a path. */
  readonly url: string
  /** Unix milliseconds. */
  readonly expiresAt: number
}

/** What stands behind. */
export interface RecordingCounts extends ProductionCounts {
  /** Encoding threads that run. */
  readonly threads: number
}

/** Opens the recordings of a data folder; makes its folders where they are missing. */
export async function openRecordings<Tables extends RecordingsTables>(
  options: RecordingsOptions<Tables>,
): Promise<Recordings> {
  const quarantine = join(options.dataFolder, 'quarantine')
  await mkdir(join(options.dataFolder, 'journal'), { recursive: true, mode: 0o700 })
  const vault = await FolderVault.open(join(options.dataFolder, 'vault'), {
    quarantine,
    ...(options.disk === undefined ? {} : { disk: options.disk }),
  })
  const db = options.db as unknown as Database<RecordingsTables> // It has our tables and others.
  return new Recordings({ ...options, db }, vault)
}

/** The recordings of this node. */
export class Recordings {
  /** Makes and checks signed links. */
  readonly links: DownloadLinks
  readonly #options: RecordingsOptions<RecordingsTables>
  readonly #now: () => number
  readonly #vault: Vault
  readonly #catalogue: Catalogue
  readonly #settled: SettledRecordings
  readonly #pool: EncoderPool
  readonly #shelf: SegmentShelf
  readonly #readBack: ReadBack
  readonly #production: Production

  /** Use `openRecordings`. */
  constructor(options: RecordingsOptions<RecordingsTables>, vault: Vault) {
    const { dataFolder, kek, logger, onAlarm, now = Date.now } = options
    const journalFolder = join(dataFolder, 'journal')
    this.#options = options
    this.#now = now
    this.#vault = vault
    this.links = new DownloadLinks(options.linkKey)
    this.#catalogue = new Catalogue(options.db)
    this.#settled = new SettledRecordings(options.db)
    this.#pool = new EncoderPool({
      data: { journalFolder, partFolder: join(dataFolder, 'vault', 'tmp'), kek },
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
    const shared = { catalogue: this.#catalogue, vault, pool: this.#pool }
    this.#readBack = new ReadBack({ ...shared, shelf: this.#shelf, logger, onAlarm })
    const { storageRegion, onVoicemail, retryMs = RETRY_MS } = options
    this.#production = new Production({
      publisher: new Publisher({ ...shared, settled: this.#settled, storageRegion, onVoicemail, now }),
      pool: this.#pool,
      readBack: this.#readBack,
      logger,
      onAlarm,
      retryMs,
    })
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

  /** An address under which the audio can be fetched without a token for three hours, for one person. */
  audioLink(subject: Omit<LinkSubject, 'file' | 'expiresAt'>): AudioLink {
    const expiresAt = this.#now() + LINK_MS_MAX
    const query = this.links.sign({ ...subject, file: 'audio', expiresAt })
    const path = `/media/${encodeURIComponent(subject.recordingId)}/audio?${query}`
    return { url: `${this.#options.publicUrl ?? ''}${path}`, expiresAt }
  }

  /** One page of recordings, newest first. */
  list(query: RecordingQuery): Promise<RecordingPage> {
    return this.#catalogue.list(query)
  }

  /** One recording of an organisation, the id compared without hyphens and case; undefined when there is none. */
  get(orgId: string, recordingId: string): Promise<Recording | undefined> {
    return this.#catalogue.get(orgId, recordingId)
  }

  /** One recording whatever its organisation: only behind a signed link. */
  find(recordingId: string): Promise<Recording | undefined> {
    return this.#catalogue.find(recordingId)
  }

  /** The metadata document; undefined when there is no such recording. */
  async metadata(
    orgId: string,
    recordingId: string,
    options: { readonly showAllTypes: boolean },
  ): Promise<RecordingMetadata | undefined> {
    const found = await this.#catalogue.facts(orgId, recordingId)
    return found === undefined ? undefined : metadataOf(found.recording, found.facts, options)
  }

  /** The audio of a recording or a stretch of it; undefined when recording or file are gone. Ask for the right first. */
  async openAudio(recordingId: string, range?: ByteRange): Promise<OpenFile | undefined> {
    const recording = await this.#catalogue.find(recordingId)
    return recording === undefined ? undefined : this.#vault.open(recording.vaultKey, range)
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
    const recovery = await recoverJournal({
      catalogue: this.#catalogue,
      settled: this.#settled,
      vault: this.#vault,
      shelf: this.#shelf,
      production: this.#production,
      readBack: this.#readBack,
    })
    const { recovered, unfinished, quarantinedParts, quarantinedSegments } = recovery
    if (recovered + unfinished + quarantinedParts + quarantinedSegments > 0) {
      this.#options.logger.info('Recovered what the last run left', { ...recovery })
    }
    return recovery
  }

  /** Resolves when everything that ended is available, waits for its call to end, or waits for another try. */
  idle(): Promise<void> {
    return this.#production.idle()
  }

  /** Stops. What is not available yet is finished after the next start. */
  async close(): Promise<void> {
    this.#production.close()
    this.#readBack.end()
    await this.#pool.close()
    await this.#production.idle()
  }
}
