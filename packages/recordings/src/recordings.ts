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
import type { Logger } from '@tandem/base'
import type { RecordingMetadata } from '@tandem/contract'
import type { Database } from '@tandem/store'
import { Catalogue, type RecordingPage, type RecordingQuery } from './catalogue/catalogue.ts'
import { metadataOf } from './catalogue/metadata.ts'
import type { Recording } from './catalogue/recording.ts'
import type { RecordingsTables } from './catalogue/tables.ts'
import { EncoderPool, EncodingError } from './encode/encoder-pool.ts'
import { DownloadLinks, LINK_MS_MAX, type LinkSubject } from './link/download-links.ts'
import { inWords } from './publish/disk-fault.ts'
import { Publisher } from './publish/publisher.ts'
import { SegmentShelf } from './publish/segment-shelf.ts'
import { FolderVault, type VaultDisk } from './vault/folder-vault.ts'
import { hashFile } from './vault/hash-file.ts'
import { type ByteRange, isSafeName, type OpenFile, type Vault } from './vault/vault.ts'

/** How long after a failure a recording is tried again: long enough for somebody to free some space. */
export const RETRY_MS = 30_000
/** Most published files that wait to be read back while others are still being made. */
export const UNVERIFIED_MAX = 200
/** Newest files that are read back at every start (storage rule R5). */
export const VERIFIED_AT_START = 10
/** Stop reading back at start after so many bytes: a start shall take seconds. */
export const VERIFIED_BYTES_MAX: number = 64 << 20

/** Something that an operator must know of (promise P4). `what` is for programs, `message` says what to do. */
export interface RecordingAlarm {
  readonly what: 'encoding-failed' | 'unreadable' | 'recording-failed' | 'file-damaged'
  readonly recordingId: string
  readonly message: string
}

/** A signed address. */
export interface AudioLink {
  /** Absolute when `publicUrl` was given, else a path. */
  readonly url: string
  /** Unix milliseconds. */
  readonly expiresAt: number
}

/** What stands behind. */
export interface RecordingCounts {
  /** Being recorded now. */
  readonly open: number
  /** Ended and not yet available. */
  readonly backlog: number
  /** Of those, failed at least once and waiting for another try. */
  readonly waiting: number
  /** Published since the start. */
  readonly published: number
  /** Encoding threads that run. */
  readonly threads: number
}

/** What recovery found and did. */
export interface Recovery {
  /** Recordings that were finished from the journal. */
  readonly recovered: number
  /** Recordings that had their row already: the crash came after the commit. */
  readonly known: number
  /** Recordings that could not be finished; their journal stays, and they are tried again if that may help. */
  readonly unfinished: number
  readonly quarantinedParts: number
  readonly quarantinedSegments: number
  readonly removedSegments: number
  /** Newest files that were read back, and those of them that are not what was published. */
  readonly verified: number
  readonly damaged: number
}

/** How to open recordings. */
export interface RecordingsOptions<Tables extends RecordingsTables> {
  readonly db: Database<Tables>
  /** Holds `journal`, `vault` and `quarantine`. */
  readonly dataFolder: string
  /** The key-encryption key under which the journal's data keys are wrapped, 32 bytes. */
  readonly kek: Uint8Array
  /** Signs download links, 32 bytes. */
  readonly linkKey: Uint8Array
  readonly logger: Logger
  readonly onAlarm: (alarm: RecordingAlarm) => void
  /** Region code that every recording made here shows. */
  readonly storageRegion: string
  /** Where this server is reached; makes the links that `audioLink` gives absolute. */
  readonly publicUrl?: string
  /** Unix milliseconds; the system's clock unless a test says otherwise. */
  readonly now?: () => number
  readonly encoderThreads?: number
  readonly retryMs?: number
  /** The file system of the vault, for tests that make it fail. */
  readonly disk?: VaultDisk
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

type Job = { readonly cut: string; failures: number; timer: NodeJS.Timeout | undefined }

/** The recordings of this node. */
export class Recordings {
  /** Makes and checks signed links. */
  readonly links: DownloadLinks
  readonly #options: RecordingsOptions<RecordingsTables>
  readonly #now: () => number
  readonly #vault: Vault
  readonly #catalogue: Catalogue
  readonly #pool: EncoderPool
  readonly #publisher: Publisher
  readonly #shelf: SegmentShelf
  readonly #open = new Set<string>()
  readonly #jobs = new Map<string, Job>()
  /** Published and read back, while their journal is still there. */
  readonly #settled = new Set<string>()
  /** Not to be made from this journal: no readable opening, another key. */
  readonly #givenUp = new Set<string>()
  /** Published, not read back yet. */
  readonly #unverified = new Set<string>()
  readonly #working = new Set<Promise<unknown>>()
  #published = 0
  #closed = false
  #recovering = false

  /** Use `openRecordings`. */
  constructor(options: RecordingsOptions<RecordingsTables>, vault: Vault) {
    const { dataFolder, kek, logger, now = Date.now } = options
    this.#options = options
    this.#now = now
    this.#vault = vault
    this.links = new DownloadLinks(options.linkKey)
    this.#catalogue = new Catalogue(options.db)
    const journalFolder = join(dataFolder, 'journal')
    this.#pool = new EncoderPool({
      data: { journalFolder, partFolder: join(dataFolder, 'vault', 'tmp'), kek },
      done: () => [...this.#settled, ...this.#givenUp],
      logger,
      ...(options.encoderThreads === undefined ? {} : { threads: options.encoderThreads }),
    })
    const { storageRegion } = options
    this.#publisher = new Publisher({
      catalogue: this.#catalogue,
      vault,
      pool: this.#pool,
      storageRegion,
      now,
    })
    this.#shelf = new SegmentShelf({
      journalFolder,
      quarantineFolder: join(dataFolder, 'quarantine'),
      inspect: (path) => this.#pool.inspect(path),
      now,
    })
  }

  /** A recording has begun: its opening is on disk. */
  opened(recordingId: string): void {
    if (this.#closed || !isSafeName(recordingId)) return
    this.#open.add(recordingId)
    this.#pool.follow(recordingId)
  }

  /** A recording has ended: its closing is on disk. It becomes available soon. */
  closed(recordingId: string): void {
    this.#finish(recordingId, 'the end of the journal is lost')
  }

  /** A recording could not go on (disk full, sync error): what is on disk becomes a recording that shows the gap. */
  failed(recordingId: string, why: string): void {
    this.#options.onAlarm({
      what: 'recording-failed',
      recordingId,
      message: `Recording ${recordingId} stopped before its call ended: ${why}`,
    })
    this.#finish(recordingId, why)
  }

  /** The journal's writer will never write to this segment again, so that it may go with its last recording. */
  segmentRetired(name: string): void {
    this.#shelf.retired(name)
    if (!this.#isBusy) this.#work(this.#tidy())
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
    const waiting = [...this.#jobs.values()].filter((job) => job.failures > 0).length
    return {
      open: this.#open.size,
      backlog: this.#jobs.size,
      waiting,
      published: this.#published,
      threads: this.#pool.threadCount,
    }
  }

  /**
   * Finishes what an earlier process left: every recording of the journal without a row becomes one that is marked as
   * recovered, parts that belong to nothing go to quarantine, and the newest files are read back. Repeating it, or dying
   * in the middle of it, does no harm (promise P2).
   */
  async recover(): Promise<Recovery> {
    this.#shelf.retireAll()
    const parts = await this.#vault.parts()
    this.#recovering = true
    const finished = await this.#finishAll().finally(() => {
      this.#recovering = false
    })
    const quarantinedParts = await this.#quarantine(parts)
    for (const id of this.#unverified) await this.#verify(id)
    this.#unverified.clear()
    const { removed, quarantined } = await this.#sweep()
    const recovery: Recovery = {
      ...finished,
      quarantinedParts,
      quarantinedSegments: quarantined,
      removedSegments: removed,
      ...(await this.#verifyNewest()),
    }
    if (finished.recovered + finished.unfinished + quarantinedParts + quarantined > 0) {
      this.#options.logger.info('Recovered what the last run left', { ...recovery })
    }
    return recovery
  }

  async #finishAll(): Promise<Pick<Recovery, 'recovered' | 'known' | 'unfinished'>> {
    const ids = await this.#shelf.recordings()
    let recovered = 0
    let known = 0
    for (const id of ids) {
      if (await this.#catalogue.has(id)) {
        known += 1
        await this.#verify(id)
        continue
      }
      this.#finish(id, 'the server stopped before the call ended')
      await this.idle()
      if (await this.#catalogue.has(id)) recovered += 1
    }
    return { recovered, known, unfinished: ids.size - known - recovered }
  }

  /** Puts the parts away that were there before and that no recording of the journal has taken up. */
  async #quarantine(parts: readonly string[]): Promise<number> {
    const left = new Set(await this.#vault.parts())
    // A part whose recording is tried again is made anew then.
    const orphans = parts.filter((id) => left.has(id) && !this.#jobs.has(id))
    for (const id of orphans) await this.#vault.quarantinePart(id)
    return orphans.length
  }

  /** Resolves when everything that ended is available, or waits for another try. */
  async idle(): Promise<void> {
    while (this.#working.size > 0) await Promise.allSettled([...this.#working])
  }

  /** Stops. What is not available yet is finished after the next start. */
  async close(): Promise<void> {
    this.#closed = true
    for (const job of this.#jobs.values()) clearTimeout(job.timer)
    await this.#pool.close()
    await this.idle()
  }

  #finish(id: string, cut: string): void {
    this.#open.delete(id)
    if (this.#closed || !isSafeName(id) || this.#jobs.has(id)) return
    const job: Job = { cut, failures: 0, timer: undefined }
    this.#jobs.set(id, job)
    this.#run(id, job)
  }

  #run(id: string, job: Job): void {
    this.#work(this.#attempt(id, job))
  }

  async #attempt(id: string, job: Job): Promise<void> {
    try {
      const added = await this.#publisher.publish(id, job.cut)
      this.#jobs.delete(id)
      if (added) this.#published += 1
    } catch (error) {
      this.#failedAttempt(id, job, error)
      return
    }
    this.#unverified.add(id)
    if (!this.#isBusy || this.#unverified.size >= UNVERIFIED_MAX) await this.#tidy()
  }

  /** Whether somebody waits for a recording that has not failed yet; recovery tidies at its end. */
  get #isBusy(): boolean {
    return this.#recovering || [...this.#jobs.values()].some((job) => job.failures === 0)
  }

  /** Reads published files back and lets their journal go: when nobody waits for a recording. */
  async #tidy(): Promise<void> {
    const ids = [...this.#unverified]
    this.#unverified.clear()
    for (const id of ids) await this.#verify(id)
    await this.#sweep()
  }

  #failedAttempt(id: string, job: Job, error: unknown): void {
    if (this.#closed) return
    job.failures += 1
    const again = !(error instanceof EncodingError) || error.again
    const { logger, onAlarm, retryMs = RETRY_MS } = this.#options
    const message = `${inWords(error)}. The journal of recording ${id} is kept${again ? ' and tried again' : ''}.`
    logger.error('A recording could not be made available', {
      recordingId: id,
      failures: job.failures,
      message,
    })
    onAlarm({ what: again ? 'encoding-failed' : 'unreadable', recordingId: id, message })
    if (!again) {
      this.#jobs.delete(id)
      this.#givenUp.add(id)
      this.#pool.forget(id)
      return
    }
    job.timer = setTimeout(() => this.#run(id, job), retryMs)
    job.timer.unref() // A server that stops need not wait for it: the next start finishes the recording.
  }

  /** Reads a published file back. Only then does its journal count as no longer needed. */
  async #verify(id: string): Promise<void> {
    if (this.#closed) return
    const recording = await this.#catalogue.find(id)
    if (recording === undefined) return
    if (await this.#isWhole(recording, (path) => this.#pool.hash(path))) {
      this.#settled.add(id)
      this.#pool.forget(id)
    }
  }

  async #isWhole(recording: Recording, hash: (path: string) => Promise<string>): Promise<boolean> {
    try {
      const sha256 = await hash(this.#vault.path(recording.vaultKey))
      if (sha256 === recording.sha256) return true
      this.#alarmDamaged(recording, 'is not what was published')
    } catch (error) {
      if (this.#closed) return false
      this.#alarmDamaged(recording, `cannot be read (${inWords(error)})`)
    }
    return false
  }

  #alarmDamaged(recording: Recording, what: string): void {
    const message = `The file of recording ${recording.id} ${what}: restore ${recording.vaultKey} from a backup.`
    this.#options.logger.error('A recording is damaged', { recordingId: recording.id, message })
    this.#options.onAlarm({ what: 'file-damaged', recordingId: recording.id, message })
  }

  async #verifyNewest(): Promise<{ readonly verified: number; readonly damaged: number }> {
    let verified = 0
    let damaged = 0
    let bytes = 0
    for (const recording of await this.#catalogue.newest(VERIFIED_AT_START)) {
      bytes += recording.sizeBytes
      if (bytes > VERIFIED_BYTES_MAX) break
      verified += 1
      // Read here and not in an encoding thread: an idle server starts none.
      if (!(await this.#isWhole(recording, (path) => hashFile(path)))) damaged += 1
    }
    return { verified, damaged }
  }

  async #sweep(): Promise<{ readonly removed: number; readonly quarantined: number }> {
    const sweep = await this.#shelf.sweep((id) => this.#settled.has(id))
    // Ids whose journal is gone need not be remembered; those of segments that stay are few.
    if (sweep.removed + sweep.quarantined > 0) await this.#forgetSwept()
    return sweep
  }

  async #forgetSwept(): Promise<void> {
    const left = await this.#shelf.recordings()
    for (const id of this.#settled) if (!left.has(id) && !this.#open.has(id)) this.#settled.delete(id)
  }

  #work(promise: Promise<unknown>): void {
    const tracked = promise.catch((error: unknown) => {
      if (this.#closed) return
      this.#options.logger.error('Work on recordings failed; it is done again later', {
        error: inWords(error),
      })
    })
    this.#working.add(tracked)
    void tracked.finally(() => this.#working.delete(tracked))
  }
}
