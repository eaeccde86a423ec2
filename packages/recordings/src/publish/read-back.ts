/**
 * The journal's last guard (rules R2, R5): a published file is read back and compared with what was published, and only
 * then does its journal count as no longer needed. Reading back waits until nobody waits for a recording.
 */
import type { Logger } from '@tandem/base'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { Recording } from '../catalogue/recording.ts'
import type { EncoderPool } from '../encode/encoder-pool.ts'
import type { RecordingAlarm } from '../options.ts'
import { StorageFault } from '../vault/storage-fault.ts'
import { mediaOf } from '../vault/stored-reader.ts'
import type { Vault } from '../vault/vault.ts'
import { inWords } from './disk-fault.ts'
import type { SegmentShelf, Sweep } from './segment-shelf.ts'

/** Newest files that are read back at every start (storage rule R5). */
export const VERIFIED_AT_START = 10
/** Stop reading back at start after so many bytes: a start shall take seconds. */
export const VERIFIED_BYTES_MAX: number = 64 << 20

/** What it works with. */
export interface ReadBackOptions {
  readonly catalogue: Catalogue
  readonly vault: Vault
  readonly pool: Pick<EncoderPool, 'forget'>
  readonly shelf: SegmentShelf
  readonly logger: Logger
  readonly onAlarm: (alarm: RecordingAlarm) => void
}

/** Reads published files back, and lets journals go. */
export class ReadBack {
  readonly #options: ReadBackOptions
  /** Done with, while their journal is still there. */
  readonly #settled = new Set<string>()
  /** Published, not read back yet. */
  readonly #unverified = new Set<string>()
  /** Being read back now. */
  readonly #reading = new Set<string>()
  #ended = false

  constructor(options: ReadBackOptions) {
    this.#options = options
  }

  /** Everything that has been made, whether read back or not. */
  get made(): readonly string[] {
    return [...this.#settled, ...this.#unverified, ...this.#reading]
  }

  /** How many files wait to be read back. */
  get waiting(): number {
    return this.#unverified.size
  }

  /** Files that cannot be read from now on are no news: everything is being torn down. */
  end(): void {
    this.#ended = true
  }

  /** A recording has its row; its file is to be read back. */
  published(id: string): void {
    this.#unverified.add(id)
  }

  /** A recording is done with and has no file of ours. */
  settled(id: string): void {
    this.#settled.add(id)
    this.#options.pool.forget(id)
  }

  /** Reads back what waits, then lets go of the segments that nobody needs, unless they hold one of `open`. */
  async tidy(open: ReadonlySet<string>): Promise<Sweep> {
    const ids = [...this.#unverified]
    this.#unverified.clear()
    for (const id of ids) this.#reading.add(id)
    for (const id of ids) {
      await this.verify(id)
      this.#reading.delete(id)
    }
    const sweep = await this.#options.shelf.sweep((id) => this.#settled.has(id))
    // Ids whose journal is gone need not be remembered; those of segments that stay are few.
    if (sweep.removed + sweep.quarantined > 0) await this.#forgetSwept(open)
    return sweep
  }

  /** Reads one published file back. */
  async verify(id: string): Promise<void> {
    if (this.#ended) return
    const recording = await this.#options.catalogue.find(id)
    if (recording === undefined) return
    if (await this.#isWhole(recording)) this.settled(id)
  }

  /** Reads the newest files back. */
  async verifyNewest(): Promise<{ readonly verified: number; readonly damaged: number }> {
    let verified = 0
    let damaged = 0
    let bytes = 0
    for (const recording of await this.#options.catalogue.newest(VERIFIED_AT_START)) {
      bytes += recording.sizeBytes
      if (bytes > VERIFIED_BYTES_MAX) break
      verified += 1
      if (!(await this.#isWhole(recording))) damaged += 1
    }
    return { verified, damaged }
  }

  async #forgetSwept(open: ReadonlySet<string>): Promise<void> {
    const left = await this.#options.shelf.recordings()
    for (const id of this.#settled) if (!left.has(id) && !open.has(id)) this.#settled.delete(id)
  }

  async #isWhole(recording: Recording): Promise<boolean> {
    try {
      await this.#options.vault.verify(mediaOf(recording))
      return true
    } catch (error) {
      if (this.#ended) return false
      if (error instanceof StorageFault && error.kind === 'damaged') {
        this.#alarm(recording, 'is not what was published')
        return false
      }
      this.#alarm(recording, `cannot be read (${inWords(error)})`)
    }
    return false
  }

  #alarm(recording: Recording, what: string): void {
    const message = `The file of recording ${recording.id} ${what}: restore ${recording.vaultKey} from a backup.`
    this.#options.logger.error('A recording is damaged', { recordingId: recording.id, message })
    this.#options.onAlarm({ what: 'file-damaged', recordingId: recording.id, message })
  }
}
