/**
 * Makes parts from a journal folder: one assembly for each recording whose opening it meets, fed by following all
 * segments. Whatever breaks an assembly (a full disk, a part that cannot be opened) costs no audio: the recording is
 * made again from the beginning of its journal when it is finished.
 */
import { NEVER } from '@tandem/base'
import type { Open, ReadItem } from '@tandem/media'
import { JournalTail, segmentsInOrder } from '../journal/journal-tail.ts'
import { SegmentTail } from '../journal/segment-tail.ts'
import type { Mp3Encoder } from '../mp3/mp3-encoder.ts'
import type { PartForm } from '../vault/part-builder.ts'
import { objectName, type PartFormat } from '../vault/part-name.ts'
import { type Assembled, Assembly } from './assembly.ts'

/** What it is made with. */
export interface JournalEncoderOptions {
  readonly journalFolder: string
  readonly partPath: (id: string, format: PartFormat) => string
  /** The form of the files that are made here. */
  readonly form: PartForm['kind']
  readonly kek: Uint8Array
  readonly open: Open
  readonly encoder: () => Mp3Encoder
  /** Recordings to pass over. */
  readonly done?: readonly string[]
}

/** The encoder of one thread. */
export class JournalEncoder {
  readonly #options: JournalEncoderOptions
  readonly #tail: JournalTail
  readonly #assemblies = new Map<string, Assembly>()
  /** Finished or given up: later items of theirs are passed over. */
  readonly #done: Set<string>
  /** Met, but to be made from the journal's beginning when finished; each with its call half. */
  readonly #broken = new Map<string, string | undefined>()
  /** Keys of recordings that are being made. */
  readonly #keys = new Map<string, Uint8Array>()

  constructor(options: JournalEncoderOptions) {
    this.#options = options
    this.#done = new Set(options.done)
    this.#tail = new JournalTail(options.journalFolder, {
      kek: options.kek,
      open: options.open,
      wants: (id) => !this.#done.has(id),
    })
  }

  /** How many recordings are being made. */
  get openCount(): number {
    return this.#assemblies.size + this.#broken.size
  }

  /** Seals a recording under this key, whose wrapped form is on disk. Until it is known nothing of it is encoded. */
  useKey(id: string, dataKey: Uint8Array): void {
    if (!this.#done.has(id)) this.#keys.set(id, dataKey)
  }

  /** Reads what is new and encodes what is settled. */
  poll(): void {
    this.#read()
    for (const assembly of this.#assemblies.values()) {
      this.#guard(assembly, () => assembly.advance(NEVER))
    }
  }

  /**
   * Makes the part of a recording whole. `cut` is the reason to show when the journal has no end for it; `dataKey` as for `useKey`. Throws when the
   * journal holds nothing readable of it, or when the disk refuses; it can then be asked again.
   */
  finish(id: string, cut: string, dataKey?: Uint8Array): Assembled {
    // Also for one that was made before: its file could not be published, and it is made anew.
    if (dataKey !== undefined) this.#keys.set(id, dataKey)
    this.#read()
    const live = this.#assemblies.get(id)
    const assembly = live === undefined || live.missedItems ? this.#assembleAnew(id) : live
    if (assembly !== live) live?.close()
    this.#assemblies.delete(id)
    this.#broken.delete(id)
    try {
      const assembled = assembly.finish(cut)
      if (assembled === undefined) throw new Error(this.#whyUnreadable(id))
      this.#done.add(id)
      this.#keys.delete(id)
      return assembled
    } finally {
      assembly.close()
    }
  }

  /** Which recordings of one call half are in the making, as far as the journal is on disk. */
  ofCall(callId: string): string[] {
    this.#read()
    const making = [...this.#assemblies].map(([id, assembly]) => [id, assembly.callId] as const)
    return [...making, ...this.#broken].flatMap(([id, call]) => (call === callId ? [id] : []))
  }

  /** Passes over everything of this recording from now on. */
  forget(id: string): void {
    this.#assemblies.get(id)?.close()
    this.#assemblies.delete(id)
    this.#broken.delete(id)
    this.#keys.delete(id)
    this.#done.add(id)
  }

  #read(): void {
    this.#tail.read((items) => {
      for (const item of items) this.#route(item)
    })
  }

  #route(item: ReadItem): void {
    const id = item.recordingId
    if (this.#done.has(id) || this.#broken.has(id)) return
    let assembly = this.#assemblies.get(id)
    if (assembly === undefined) {
      if (item.kind !== 'opening') return
      assembly = this.#newAssembly(id)
      this.#assemblies.set(id, assembly)
    }
    const known = assembly
    this.#guard(known, () => known.take(item))
  }

  /** Whatever an assembly throws is its own affair; the others go on. */
  #guard(assembly: Assembly, work: () => void): void {
    try {
      work()
    } catch {
      // Nobody is misled: `finish` makes it anew from the journal, and reports what fails then.
      assembly.close()
      this.#assemblies.delete(assembly.id)
      this.#broken.set(assembly.id, assembly.callId)
    }
  }

  /**
   * Reads the whole journal again for one recording, segment after segment in the order of their beginnings. What is
   * encoded on the way ends where the next segment begins, since that one may hold earlier moments of another worker.
   */
  #assembleAnew(id: string): Assembly {
    const assembly = this.#newAssembly(id)
    const { kek, open, journalFolder } = this.#options
    const segments = segmentsInOrder(journalFolder)
    try {
      for (const [index, segment] of segments.entries()) {
        const settled = segments[index + 1]?.instantAt ?? NEVER
        new SegmentTail(segment.path, { kek, open, wants: (each) => each === id }).read((items) => {
          for (const item of items) assembly.take(item)
          assembly.advance(settled)
        })
      }
    } catch (error) {
      assembly.close()
      throw error
    }
    return assembly
  }

  #newAssembly(id: string): Assembly {
    const { partPath, encoder } = this.#options
    return new Assembly({
      id,
      partPath: (format) => partPath(id, format),
      form: () => this.#formOf(id),
      encoder,
    })
  }

  #formOf(id: string): PartForm | undefined {
    const { form } = this.#options
    if (form === 'bare') return { kind: form }
    const name = objectName(id, 'media')
    if (form === 'hashed') return { kind: form, objectName: name }
    const dataKey = this.#keys.get(id)
    return dataKey === undefined ? undefined : { kind: form, objectName: name, dataKey }
  }

  #whyUnreadable(id: string): string {
    return this.#tail.isUnreadable(id)
      ? `The journal of recording ${id} is sealed under another key: start with the key file that it was made with.`
      : `The journal holds no readable beginning of recording ${id}.`
  }
}
