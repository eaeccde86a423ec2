/**
 * One segment file and what is known of it: what was queued, what the kernel has, what the disk has.
 *
 * Writes follow each other, and so do syncs, but the two do not wait for each other: a slow sync must not keep
 * audio from the kernel (a killed process then loses 200 ms at most, promise P3). The first error ends the segment;
 * nothing is tried twice (R4).
 */
import type { SegmentFile } from './journal-folder.ts'

/** What may wait for the disk in memory, of one segment: several seconds of a thousand calls. */
export const QUEUED_BYTES_MAX: number = 32 << 20

type Waiter = { readonly offset: number; readonly done: () => void }

/** A segment from its creation to its end. */
export class Segment {
  readonly name: string
  readonly id: Uint8Array
  readonly openedAt: number
  readonly #onFailed: (why: string) => void
  #file: SegmentFile | undefined
  #queue: Uint8Array[] = []
  #queuedBytes = 0
  #takenBytes = 0
  #writtenBytes = 0
  #syncedBytes = 0
  #waiters: Waiter[] = []
  #writing = false
  #syncing = false
  #syncWanted = false
  #state: 'open' | 'ending' | 'ended' | 'failed' = 'open'
  #ended: (() => void)[] = []

  /** `file` may still be in the making; blocks wait for it in memory. */
  constructor(options: {
    name: string
    id: Uint8Array
    openedAt: number
    file: Promise<SegmentFile>
    onFailed: (why: string) => void
  }) {
    this.name = options.name
    this.id = options.id
    this.openedAt = options.openedAt
    this.#onFailed = options.onFailed
    this.#writing = true
    options.file.then(
      (file) => {
        this.#file = file
        this.#writing = false
        this.#write()
        this.#settle()
      },
      (error: unknown) => {
        this.#writing = false
        this.#fail(error)
      },
    )
  }

  /** Bytes handed over so far, without the header. */
  get sizeBytes(): number {
    return this.#takenBytes
  }

  /** Whether everything handed over is on disk. */
  get clean(): boolean {
    return this.#syncedBytes === this.#takenBytes
  }

  /** Hands over a block; it goes to the kernel as soon as the write before it is through. */
  append(block: Uint8Array): void {
    if (this.#state === 'failed' || this.#state === 'ended') return
    this.#queue.push(block)
    this.#queuedBytes += block.length
    this.#takenBytes += block.length
    if (this.#queuedBytes > QUEUED_BYTES_MAX) {
      this.#fail(Object.assign(new Error('the disk is too slow'), { code: 'TOO_SLOW' }))
    }
  }

  /** Starts writing what was appended. */
  flush(): void {
    this.#write()
  }

  /** Calls `done` when everything appended so far is on disk; never, if the segment fails. */
  whenSynced(done: () => void): void {
    if (this.#state === 'failed') return
    this.#waiters.push({ offset: this.#takenBytes, done })
    this.sync()
  }

  /** Asks for a sync of everything appended so far; several wishes become one sync. */
  sync(): void {
    if (this.clean) {
      this.#wake()
      return
    }
    this.#syncWanted = true
    this.#write()
    this.#sync()
  }

  /** Syncs, closes the file, and resolves; the segment takes nothing more. Resolves also when it failed. */
  end(): Promise<void> {
    if (this.#state === 'failed' || this.#state === 'ended') return Promise.resolve()
    this.#state = 'ending'
    const ended = new Promise<void>((resolve) => this.#ended.push(resolve))
    this.whenSynced(() => {})
    this.#settle()
    return ended
  }

  #write(): void {
    if (this.#writing || this.#queue.length === 0 || this.#file === undefined) return
    if (this.#state === 'failed' || this.#state === 'ended') return
    const bytes = this.#queue.length === 1 ? (this.#queue[0] as Uint8Array) : Buffer.concat(this.#queue)
    this.#queue = []
    this.#writing = true
    this.#file.write(bytes).then(
      () => {
        this.#writing = false
        this.#queuedBytes -= bytes.length
        this.#writtenBytes += bytes.length
        this.#write()
        if (this.#syncWanted || this.#waiters.length > 0) this.#sync()
        this.#settle()
      },
      (error: unknown) => {
        this.#writing = false
        this.#fail(error)
      },
    )
  }

  #sync(): void {
    if (this.#syncing || this.#file === undefined || this.#state === 'failed') return
    if (this.#writtenBytes === this.#syncedBytes) return // The write under way comes back here.
    const upTo = this.#writtenBytes
    this.#syncing = true
    this.#syncWanted = upTo < this.#takenBytes && this.#syncWanted
    this.#file.sync().then(
      () => {
        this.#syncing = false
        this.#syncedBytes = upTo
        this.#wake()
        if (this.#waiters.length > 0 || this.#syncWanted) this.#sync()
        this.#settle()
      },
      (error: unknown) => {
        this.#syncing = false
        this.#fail(error)
      },
    )
  }

  #wake(): void {
    if (this.#state === 'failed') return
    const ready = this.#waiters.filter((waiter) => waiter.offset <= this.#syncedBytes)
    if (ready.length === 0) return
    this.#waiters = this.#waiters.filter((waiter) => waiter.offset > this.#syncedBytes)
    for (const waiter of ready) waiter.done()
  }

  /** Closes the file once nothing is under way in it: at the end, and after a failure. */
  #settle(): void {
    if (this.#writing || this.#syncing) return
    if (this.#state === 'ending' && this.clean) this.#state = 'ended'
    if (this.#state === 'ended' || this.#state === 'failed') void this.#close()
  }

  #fail(error: unknown): void {
    if (this.#state === 'failed' || this.#state === 'ended') return
    this.#state = 'failed'
    this.#queue = []
    this.#waiters = []
    this.#onFailed(reasonOf(error))
    this.#settle()
  }

  async #close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    try {
      await file?.close()
    } catch {
      // Whatever counted was synced, or has been reported as failed; the descriptor is gone either way.
    }
    for (const done of this.#ended) done()
    this.#ended = []
  }
}

/** What the disk said, in words for an operator. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN'
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk of the journal is full; free some space'
  if (code === 'EIO') return 'the disk of the journal reports an error; replace it'
  if (code === 'EROFS' || code === 'EACCES')
    return 'the journal folder cannot be written; check its mount and its rights'
  if (code === 'TOO_SLOW') return 'the disk of the journal is too slow; move the journal to a faster one'
  return `the journal cannot be written: the system says ${code}`
}
