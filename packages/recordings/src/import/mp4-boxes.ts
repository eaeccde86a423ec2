/**
 * The boxes of an MP4 file (ISO 14496-12 §4.2), looked over before anything reads them in earnest: sizes and counts that
 * lie, a missing index, sound that is encrypted or lies past the end of the file. What a reader then allocates is
 * bounded by what was found here.
 *
 *     size u32 | type 4 | (size 1: the true size, u64) | content
 */
import { ImportFault } from './import-fault.ts'
import type { MediaSource } from './media-source.ts'

/** Largest index: ten hours of video and sound take some 30 MB. It is held in memory while it is read. */
export const MP4_INDEX_BYTES_MAX: number = 64 * 1_024 * 1_024
/** Boxes in one file, fragments included: ten hours in fragments of a second have 72,000. */
export const MP4_BOXES_MAX = 500_000
/** Samples of one track: ten hours at 120 a second, four times over. */
export const MP4_SAMPLES_MAX = 20_000_000

/** What looking over has told. */
export interface Mp4Outline {
  /** When it was made, by its own account; absent when it says nothing plausible. */
  readonly madeAt?: number
}

interface Box {
  readonly type: string
  readonly start: number
  /** Of its content. */
  readonly bodyAt: number
  readonly end: number
}

const CONTAINERS = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'mvex', 'edts', 'moof', 'traf']
const ENCRYPTED = ['encv', 'enca', 'enct', 'encs', 'drms', 'drmi']
/** Tables with a count of entries at place 4, each of so many bytes. */
const TABLES: Readonly<Record<string, number>> = {
  stts: 8,
  ctts: 8,
  stsc: 12,
  stco: 4,
  co64: 8,
  stss: 4,
  elst: 12,
}
/** 1904 to 1970 in seconds (ISO 14496-12 §8.2.2). */
const EPOCH_SECONDS = 2_082_844_800
const MADE_AT_MIN: number = Date.UTC(1995, 0)

/** Whether the first bytes say that it is an MP4 or one of its kin. */
export function isMp4(head: Uint8Array): boolean {
  const type = Buffer.from(head.subarray(4, 8)).toString('latin1')
  return head.length >= 8 && ['ftyp', 'moov', 'mdat', 'free', 'skip', 'wide'].includes(type)
}

/** Looks the file over. Throws an `ImportFault`. */
export async function outlineMp4(source: MediaSource, now: number): Promise<Mp4Outline> {
  const outline = new Outline(source, now)
  await outline.walk({ type: '', start: 0, bodyAt: 0, end: source.sizeBytes })
  return outline.finish()
}

class Outline {
  readonly #source: MediaSource
  readonly #now: number
  #boxes = 0
  #hasIndex = false
  #hasMedia = false
  #madeAt: number | undefined

  constructor(source: MediaSource, now: number) {
    this.#source = source
    this.#now = now
  }

  finish(): Mp4Outline {
    if (!this.#hasIndex)
      throw new ImportFault('cut-off', 'The MP4 file has no index: it is cut off, or was never finished.')
    if (!this.#hasMedia) throw new ImportFault('cut-off', 'The MP4 file has an index and nothing else.')
    return this.#madeAt === undefined ? {} : { madeAt: this.#madeAt }
  }

  async walk(parent: Box): Promise<void> {
    for (let at = parent.bodyAt; at < parent.end; ) {
      const box = await this.#boxAt(at, parent)
      if (box === undefined) return
      await this.#visit(box)
      at = box.end
    }
  }

  async #visit(box: Box): Promise<void> {
    const isIndex = box.type === 'moov' || box.type === 'moof'
    if (isIndex && box.end - box.start > MP4_INDEX_BYTES_MAX)
      throw new ImportFault(
        'too-large',
        `The index of the MP4 file is larger than ${MP4_INDEX_BYTES_MAX} bytes.`,
      )
    if (box.type === 'moov') this.#hasIndex = true
    if (box.type === 'mdat') this.#hasMedia = true
    if (CONTAINERS.includes(box.type)) await this.walk(box)
    else if (box.type === 'mvhd') await this.#header(box)
    else if (box.type === 'stsd') await this.#descriptions(box)
    else if (box.type === 'stsz') await this.#sizes(box)
    else if (box.type in TABLES) await this.#table(box)
  }

  async #boxAt(at: number, parent: Box): Promise<Box | undefined> {
    if (++this.#boxes > MP4_BOXES_MAX)
      throw new ImportFault('damaged', `The MP4 file has more than ${MP4_BOXES_MAX} boxes.`)
    const head = Buffer.from(await this.#source.read(at, 16))
    const isOutermost = parent.type === ''
    if (head.length < 8) {
      if (isOutermost) throw cutOff()
      return undefined // Some writers leave a few bytes at the end of a box.
    }
    const type = head.toString('latin1', 4, 8)
    const short = head.readUInt32BE(0)
    if (short === 1 && head.length < 16) throw cutOff()
    const size = short === 1 ? Number(head.readBigUInt64BE(8)) : short === 0 ? parent.end - at : short
    const bodyAt = at + (short === 1 ? 16 : 8)
    if (at + size < bodyAt)
      throw new ImportFault('damaged', `The MP4 file has a box ${printable(type)} of no size.`)
    if (at + size > parent.end) {
      if (isOutermost) throw cutOff()
      throw new ImportFault(
        'damaged',
        `The MP4 file has a box ${printable(type)} larger than the one around it.`,
      )
    }
    return { type, start: at, bodyAt, end: at + size }
  }

  async #header(box: Box): Promise<void> {
    const body = Buffer.from(await this.#source.read(box.bodyAt, 12))
    if (body.length < 12) return
    const seconds = body[0] === 1 ? Number(body.readBigUInt64BE(4)) : body.readUInt32BE(4)
    const at = (seconds - EPOCH_SECONDS) * 1_000
    if (at >= MADE_AT_MIN && at <= this.#now) this.#madeAt = at
  }

  /** The first description of each track tells what it is; eight bytes of count lie before it. */
  async #descriptions(box: Box): Promise<void> {
    const entry = Buffer.from(await this.#source.read(box.bodyAt + 8, 8))
    if (ENCRYPTED.includes(entry.toString('latin1', 4, 8)))
      throw new ImportFault('encrypted', 'The MP4 file is encrypted; send it without copy protection.')
  }

  /** Sizes: one for all, or a table of them. One for all needs no table, so its count must fit the file. */
  async #sizes(box: Box): Promise<void> {
    const body = Buffer.from(await this.#source.read(box.bodyAt, 12))
    if (body.length < 12) throw tableLies('stsz')
    const [size, count] = [body.readUInt32BE(4), body.readUInt32BE(8)]
    const fits = size === 0 ? 12 + 4 * count <= box.end - box.bodyAt : size * count <= this.#source.sizeBytes
    if (!fits || count > MP4_SAMPLES_MAX) throw tableLies('stsz')
  }

  async #table(box: Box): Promise<void> {
    const body = Buffer.from(await this.#source.read(box.bodyAt, 8))
    if (body.length < 8) throw tableLies(box.type)
    const count = body.readUInt32BE(4)
    const entryBytes = TABLES[box.type] ?? 0
    if (8 + count * entryBytes > box.end - box.bodyAt) throw tableLies(box.type)
    if (box.type === 'stts') await this.#times(box, count)
    if (count > 0 && (box.type === 'stco' || box.type === 'co64')) await this.#offsets(box, count, entryBytes)
  }

  /** Runs of samples of one length: their sum is what a reader may unroll. */
  async #times(box: Box, count: number): Promise<void> {
    let samples = 0
    for (let entry = 0; entry < count; ) {
      const body = Buffer.from(
        await this.#source.read(box.bodyAt + 8 + 8 * entry, 8 * Math.min(8_192, count - entry)),
      )
      for (let at = 0; at + 8 <= body.length; at += 8) samples += body.readUInt32BE(at)
      entry += Math.max(1, Math.floor(body.length / 8))
    }
    if (samples > MP4_SAMPLES_MAX) throw tableLies('stts')
  }

  /** Chunks lie inside of the file: the last of the table is the furthest in any file that was cut. */
  async #offsets(box: Box, count: number, entryBytes: number): Promise<void> {
    const last = Buffer.from(await this.#source.read(box.bodyAt + 8 + (count - 1) * entryBytes, entryBytes))
    const offset = entryBytes === 8 ? Number(last.readBigUInt64BE(0)) : last.readUInt32BE(0)
    if (offset >= this.#source.sizeBytes) throw cutOff()
  }
}

function cutOff(): ImportFault {
  return new ImportFault('cut-off', 'The MP4 file is cut off: its end is missing.')
}

function tableLies(type: string): ImportFault {
  return new ImportFault('damaged', `The index of the MP4 file is damaged: its table ${type} cannot be true.`)
}

/** A type for people: what is not a letter or digit becomes a question mark. */
function printable(type: string): string {
  return type.replaceAll(/[^A-Za-z0-9]/g, '?')
}
