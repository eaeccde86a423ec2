/**
 * The whole journal folder followed as it grows: all segments, those that come later too. Gives the items of all
 * recordings in the order in which each segment holds them; merging by time is the assembly's work.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { Instant } from '@tandem/base'
import { decodeSegmentHeader, type ReadItem, SEGMENT_HEADER_BYTES } from '@tandem/media'
import { type SegmentKeys, SegmentTail } from './segment-tail.ts'

/** How segment files end. */
export const SEGMENT_SUFFIX = '.seg'

/** Every segment file of a journal folder, by name. */
export function segmentNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(SEGMENT_SUFFIX))
    .sort()
}

/** Every segment whose header can be read, the oldest first. */
export function segmentsInOrder(folder: string): { readonly path: string; readonly instantAt: Instant }[] {
  const segments = segmentNames(folder).flatMap((name) => {
    const path = join(folder, name)
    const header = decodeSegmentHeader(firstBytes(path))
    return header === undefined ? [] : [{ path, instantAt: header.instantAt }]
  })
  return segments.sort((a, b) => a.instantAt - b.instantAt)
}

function firstBytes(path: string): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES)
  const fd = openSync(path, 'r')
  try {
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0))
  } finally {
    closeSync(fd)
  }
}

/** A reader over a journal folder. */
export class JournalTail {
  readonly #folder: string
  readonly #keys: SegmentKeys
  readonly #tails = new Map<string, SegmentTail>()

  constructor(folder: string, keys: SegmentKeys) {
    this.#folder = folder
    this.#keys = keys
  }

  /** Hands everything that is new to `take`. Segments that have gone since are forgotten. */
  read(take: (items: readonly ReadItem[]) => void): void {
    const names = new Set(segmentNames(this.#folder))
    for (const name of this.#tails.keys()) if (!names.has(name)) this.#tails.delete(name)
    for (const name of names) {
      const tail = this.#tails.get(name) ?? new SegmentTail(join(this.#folder, name), this.#keys)
      this.#tails.set(name, tail)
      try {
        tail.read(take)
      } catch (error) {
        // Published and removed between the listing and the reading.
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
        this.#tails.delete(name)
      }
    }
  }

  /** Whether a recording's key could not be opened in any segment. */
  isUnreadable(recordingId: string): boolean {
    for (const tail of this.#tails.values()) if (tail.unreadable.has(recordingId)) return true
    return false
  }
}
