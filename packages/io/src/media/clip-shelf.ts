/**
 * The clips of one media worker: uploaded announcements and voicemail from the clips folder, prompts from `media`.
 *
 * Files are read whole and asynchronously, bounded each and in sum; who asks gets `'loading'` until one is there. A clip
 * that was read a moment ago is looked at again before it is played anew, since a new one may lie under its name.
 */
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, type Instant } from '@tandem/base'
import { type ClipSource, isClipName, promptFile } from '@tandem/media'

/** The longest clip: over half an hour of audio. */
export const CLIP_BYTES_MAX: number = 16 << 20
/** What all clips in memory may take together; the one that was played longest ago makes room. */
export const SHELF_BYTES_MAX: number = 64 << 20
/** Files that are read at once; who asks for one more is asked to wait. */
export const LOADS_MAX = 16
/** How long an answer counts without looking at the file again. */
export const FRESH_MS = 1_000

const PROMPTS_FOLDER = fileURLToPath(new URL('../prompts/', import.meta.resolve('@tandem/media')))

interface Clip {
  /** Undefined when there is no such file, or it is too long. */
  readonly bytes: Uint8Array | undefined
  readonly changedAt: number
  freshUntil: Instant
}

/** What a shelf is made with. */
export interface ClipShelfOptions {
  /** Absent: there are prompts only. */
  readonly folder?: string
  readonly clock: () => Instant
}

/** Clips by name. */
export class ClipShelf implements ClipSource {
  readonly #options: ClipShelfOptions
  /** In the order of their last use. */
  readonly #clips = new Map<string, Clip>()
  readonly #loading = new Set<string>()
  #sizeBytes = 0

  constructor(options: ClipShelfOptions) {
    this.#options = options
  }

  /** Bytes in memory. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  find(name: string): Uint8Array | 'loading' | undefined {
    const clip = this.#clips.get(name)
    if (clip !== undefined && this.#options.clock() < clip.freshUntil) {
      this.#clips.delete(name)
      this.#clips.set(name, clip)
      return clip.bytes
    }
    const path = this.#pathOf(name)
    if (path === undefined) return undefined
    if (!this.#loading.has(name) && this.#loading.size < LOADS_MAX) void this.#load(name, path, clip)
    return 'loading'
  }

  #pathOf(name: string): string | undefined {
    const prompt = promptFile(name)
    if (prompt !== undefined) return join(PROMPTS_FOLDER, prompt)
    const { folder } = this.#options
    return folder === undefined || !isClipName(name) ? undefined : join(folder, `${name}.ulaw`)
  }

  async #load(name: string, path: string, known: Clip | undefined): Promise<void> {
    this.#loading.add(name)
    let clip: Clip = { bytes: undefined, changedAt: Number.NaN, freshUntil: 0 }
    try {
      const { mtimeMs } = await stat(path)
      clip =
        known?.changedAt === mtimeMs ? known : { ...clip, bytes: await readClip(path), changedAt: mtimeMs }
    } catch {
      // A file that cannot be read is a clip that there is not: the caller hears of it by `played`.
    }
    this.#loading.delete(name)
    this.#put(name, clip)
  }

  #put(name: string, clip: Clip): void {
    this.#sizeBytes -= this.#clips.get(name)?.bytes?.length ?? 0
    this.#clips.delete(name)
    clip.freshUntil = after(this.#options.clock(), FRESH_MS)
    this.#clips.set(name, clip)
    this.#sizeBytes += clip.bytes?.length ?? 0
    for (const [oldest, { bytes }] of this.#clips) {
      if ((this.#sizeBytes <= SHELF_BYTES_MAX && this.#clips.size <= CLIPS_MAX) || oldest === name) return
      this.#clips.delete(oldest)
      this.#sizeBytes -= bytes?.length ?? 0
    }
  }
}

/** Names that are remembered, also of clips that there are not. */
const CLIPS_MAX = 10_000

async function readClip(path: string): Promise<Uint8Array | undefined> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    if (size > CLIP_BYTES_MAX) return undefined
    const bytes = new Uint8Array(size)
    let filled = 0
    while (filled < size) {
      const { bytesRead } = await file.read(bytes, filled, size - filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return bytes.subarray(0, filled)
  } finally {
    await file.close()
  }
}
