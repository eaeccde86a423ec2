/**
 * The segments of the journal as the publisher sees them: which recordings each holds, and which segments may go. A
 * segment goes when nobody writes to it any more and all its recordings are published and verified; one that is damaged
 * before its end is put into quarantine instead, since what lies behind the damage is not known.
 */
import { constants } from 'node:fs'
import { mkdir, open, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { SegmentContents } from '../encode/protocol.ts'
import { segmentNames } from '../journal/journal-tail.ts'

/** A writer ends its segment after ten minutes at most; a file that was not written for longer is nobody's. */
export const SEGMENT_IDLE_MS: number = 11 * 60 * 1_000

/** How a shelf is made. */
export interface SegmentShelfOptions {
  readonly journalFolder: string
  readonly quarantineFolder: string
  readonly inspect: (path: string) => Promise<SegmentContents>
  readonly now: () => number
}

/** What one sweep did. */
export interface Sweep {
  readonly removed: number
  readonly quarantined: number
}

/** The journal folder, for those who tidy it. */
export class SegmentShelf {
  readonly #options: SegmentShelfOptions
  readonly #retired = new Set<string>()
  /** Contents of retired segments: they do not change. */
  readonly #contents = new Map<string, SegmentContents>()
  #sweeping: Promise<Sweep> = Promise.resolve({ removed: 0, quarantined: 0 })

  constructor(options: SegmentShelfOptions) {
    this.#options = options
  }

  /** A segment will never be written again. */
  retired(name: string): void {
    this.#retired.add(name)
  }

  /** All that are there now will never be written again: true before any writer has started. */
  retireAll(): void {
    for (const name of segmentNames(this.#options.journalFolder)) this.#retired.add(name)
  }

  /** Every recording that a retired segment holds. */
  async recordings(): Promise<Set<string>> {
    const ids = new Set<string>()
    for (const name of segmentNames(this.#options.journalFolder)) {
      const contents = await this.#contentsOf(name)
      for (const id of contents?.ids ?? []) ids.add(id)
    }
    return ids
  }

  /** Removes the retired segments of which every recording is `settled`. One sweep runs at a time. */
  sweep(settled: (id: string) => boolean): Promise<Sweep> {
    const next = this.#sweeping.catch(() => undefined).then(() => this.#sweep(settled))
    this.#sweeping = next
    return next
  }

  async #sweep(settled: (id: string) => boolean): Promise<Sweep> {
    let removed = 0
    let quarantined = 0
    for (const name of segmentNames(this.#options.journalFolder)) {
      const contents = await this.#contentsOf(name)
      if (contents === undefined || !contents.ids.every(settled)) continue
      if (contents.hasHeader && !contents.damaged) {
        await unlink(join(this.#options.journalFolder, name))
        removed += 1
      } else {
        await mkdir(this.#options.quarantineFolder, { recursive: true, mode: 0o700 })
        await rename(join(this.#options.journalFolder, name), join(this.#options.quarantineFolder, name))
        await syncFolder(this.#options.quarantineFolder)
        quarantined += 1
      }
      this.#contents.delete(name)
      this.#retired.delete(name)
    }
    if (removed + quarantined > 0) await syncFolder(this.#options.journalFolder)
    return { removed, quarantined }
  }

  async #contentsOf(name: string): Promise<SegmentContents | undefined> {
    const known = this.#contents.get(name)
    if (known !== undefined) return known
    const path = join(this.#options.journalFolder, name)
    if (!this.#retired.has(name)) {
      const { mtimeMs } = await stat(path)
      if (this.#options.now() - mtimeMs < SEGMENT_IDLE_MS) return undefined
    }
    const contents = await this.#options.inspect(path)
    this.#contents.set(name, contents)
    return contents
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  await folder.sync().finally(() => folder.close())
}
