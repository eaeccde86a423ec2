/**
 * Which links were written down as used a moment ago (promise P13: an audit row for each use). A player fetches a file in
 * hundreds of stretches; those of one link within a minute count as one use. Whole downloads are always written down.
 */

/** How long stretches count as one use, in milliseconds. */
export const NOTED_MS = 60_000
/** Most links remembered; one more forgets the oldest, which then is merely written down once more. */
export const NOTED_MAX = 10_000

/** The links of the last minute. */
export class DownloadNotes {
  /** In the order of their writing down. */
  readonly #noted = new Map<string, number>()

  /** Whether the link was written down within the last minute. */
  isNoted(link: string, now: number): boolean {
    const at = this.#noted.get(link)
    return at !== undefined && now >= at && now - at < NOTED_MS
  }

  /** The link is written down. */
  note(link: string, now: number): void {
    this.#noted.delete(link)
    this.#noted.set(link, now)
    for (const [oldest, at] of this.#noted) {
      if (this.#noted.size <= NOTED_MAX && now - at < NOTED_MS) return
      this.#noted.delete(oldest)
    }
  }
}
