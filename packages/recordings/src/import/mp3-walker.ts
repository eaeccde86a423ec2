/**
 * Walks the frames of an MP3 file as its bytes come by: MPEG-1, 2 and 2.5 Layer III (ISO 11172-3 §2.4, ISO 13818-3).
 * ID3 tags are passed over, the `Xing`/`Info` frame is read and not counted as sound. What is no frame is counted:
 * files whose end was lost still play, and their import says so. Memory is one frame, whatever a header claims.
 */
import { ImportFault } from './import-fault.ts'
import { type Mp3Frame, parseMp3Frame, readXing, type Xing } from './mp3-frame.ts'

/** What no frame is may make up this part of a file; beyond it the file is something else. */
export const STRAY_PART_MAX = 0.1
/** Bytes before the first frame, tags apart, in which one must be found: some writers leave padding there. */
export const LEAD_BYTES_MAX: number = 64 * 1_024
/** Header of an ID3v2 tag, which has its size. */
const ID3_BYTES = 10
/** Header and footer of an APEv2 tag, each. */
const APE_BYTES = 32
/** An ID3v1 tag, at the very end. */
const ID3V1_BYTES = 128

/** What the frames of a file add up to. */
export interface Mp3Facts {
  readonly durationMs: number
  readonly rateHz: number
  readonly channels: 1 | 2
  /** Whether all frames have one bit rate. */
  readonly isConstantRate: boolean
  readonly frames: number
  /** Bytes that are neither frame nor tag; more than 0 means damage. */
  readonly strayBytes: number
  /** Whether the end is missing: a frame is cut, or fewer came than the file says of itself. */
  readonly isCutOff: boolean
}

/** Takes the bytes of one file in order; `finish` says what they were. */
export class Mp3Walker {
  /** Bytes that are not yet decided on: less than one frame and a header. */
  #rest: Uint8Array = new Uint8Array(0)
  #restAt = 0
  /** Inside of a tag: its bytes up to this place are passed over. */
  #skipTo = 0
  /** The form that frames have, once one was found. */
  #form: Mp3Frame | undefined
  #isLocked = false
  #xing: Xing | undefined
  #samples = 0
  #frames = 0
  #strayBytes = 0
  #bitRate = 0
  #isConstantRate = true
  #isLastCut = false
  #tail: Uint8Array = new Uint8Array(0)

  /** Takes the next bytes. Throws an `ImportFault` as soon as they can be no MP3. */
  push(bytes: Uint8Array): void {
    this.#remember(bytes)
    if (this.#rest.length === 0) this.#rest = bytes
    else this.#rest = Buffer.concat([this.#rest, bytes])
    this.#walk(false)
  }

  /** Says what it was. Throws an `ImportFault` when it was no MP3, or has no sound. */
  finish(): Mp3Facts {
    this.#walk(true)
    const form = this.#form
    if (form === undefined && this.#skipTo > this.#restAt)
      throw new ImportFault('cut-off', 'The MP3 file ends within the tag at its beginning.')
    if (form === undefined) throw new ImportFault('unknown', 'The file holds no MP3 frame.')
    const isTagged = Buffer.from(this.#tail.subarray(-ID3V1_BYTES, -ID3V1_BYTES + 3)).toString() === 'TAG'
    const strayBytes = Math.max(0, this.#strayBytes - (isTagged ? ID3V1_BYTES : 0))
    if (strayBytes > STRAY_PART_MAX * (this.#restAt + this.#rest.length))
      throw new ImportFault('damaged', 'The MP3 file is damaged: much of it is no sound.')
    const trim = (this.#xing?.delaySamples ?? 0) + (this.#xing?.paddingSamples ?? 0)
    const durationMs = Math.round((Math.max(0, this.#samples - trim) * 1_000) / form.rateHz)
    if (durationMs === 0) throw new ImportFault('silent', 'The MP3 file lasts for no time.')
    const promised = this.#xing?.frames ?? 0
    return {
      durationMs,
      rateHz: form.rateHz,
      channels: form.channels,
      isConstantRate: this.#isConstantRate,
      frames: this.#frames,
      strayBytes,
      isCutOff: this.#isLastCut || promised > this.#frames + 1, // Some writers count their own frame.
    }
  }

  #walk(isEnd: boolean): void {
    let at = 0
    const rest = this.#rest
    while (at < rest.length) {
      const place = this.#restAt + at
      if (place < this.#skipTo) {
        at += Math.min(this.#skipTo - place, rest.length - at)
        continue
      }
      const step = this.#step(rest, at, isEnd)
      if (step === 0) break
      at += step
    }
    this.#rest = rest.slice(at)
    this.#restAt += at
  }

  /** How many bytes are decided on at this place; 0: more must come first. */
  #step(bytes: Uint8Array, at: number, isEnd: boolean): number {
    const left = bytes.length - at
    if (!isEnd && left < APE_BYTES) return 0
    const tagBytes = tagBytesAt(bytes, at)
    if (tagBytes > 0 && !this.#isLocked) return this.#skip(tagBytes, at)
    const frame = parseMp3Frame(bytes, at)
    if (frame === undefined || (this.#form !== undefined && !isSameForm(frame, this.#form))) {
      if (tagBytes > 0) return this.#skip(tagBytes, at)
      return this.#stray()
    }
    if (left < frame.bytes) {
      if (!isEnd) return 0
      if (!this.#isLocked) return this.#stray()
      this.#isLastCut = true
      this.#strayBytes += left
      return left
    }
    if (!this.#isLocked) {
      // A stray sync word is no frame: another of the same form must follow, unless the file ends with it.
      const needs = frame.bytes + 4
      if (!isEnd && left < needs) return 0
      const next = parseMp3Frame(bytes, at + frame.bytes)
      const isLast = isEnd && left === frame.bytes
      if (!isLast && (next === undefined || !isSameForm(next, frame))) return this.#stray()
    }
    this.#take(frame, bytes.subarray(at, at + frame.bytes))
    return frame.bytes
  }

  #take(frame: Mp3Frame, bytes: Uint8Array): void {
    this.#isLocked = true
    if (this.#form === undefined) {
      this.#form = frame
      this.#xing = readXing(frame, bytes)
      this.#bitRate = this.#xing === undefined ? frame.bitsPerSecond : 0
      if (this.#xing !== undefined) return
    }
    if (this.#bitRate === 0) this.#bitRate = frame.bitsPerSecond
    if (this.#bitRate !== frame.bitsPerSecond) this.#isConstantRate = false
    this.#samples += frame.samples
    this.#frames += 1
  }

  #skip(tagBytes: number, at: number): number {
    this.#skipTo = this.#restAt + at + tagBytes
    return 1
  }

  #stray(): number {
    this.#isLocked = false
    this.#strayBytes += 1
    if (this.#form === undefined && this.#strayBytes > LEAD_BYTES_MAX)
      throw new ImportFault('unknown', 'The file holds no MP3 frame where one should be.')
    return 1
  }

  #remember(bytes: Uint8Array): void {
    this.#tail =
      bytes.length >= ID3V1_BYTES
        ? bytes.slice(-ID3V1_BYTES)
        : Buffer.concat([this.#tail, bytes]).subarray(-ID3V1_BYTES)
  }
}

/** Whole length of an ID3v2 or APEv2 tag that begins here (ID3v2.4 §3.1); 0 when none does. */
function tagBytesAt(bytes: Uint8Array, at: number): number {
  if (bytes[at] === 0x41)
    return apeBytesAt(
      Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(APE_BYTES, bytes.length - at)),
    )
  if (bytes[at] !== 0x49 || bytes[at + 1] !== 0x44 || bytes[at + 2] !== 0x33) return 0
  let size = 0
  for (let byte = at + 6; byte < at + ID3_BYTES; byte++) {
    const value = bytes[byte] ?? 0xff
    if (value > 0x7f) return 0 // Sizes have seven bits a byte.
    size = size * 128 + value
  }
  const hasFooter = ((bytes[at + 5] ?? 0) & 0x10) !== 0
  return ID3_BYTES + size + (hasFooter ? ID3_BYTES : 0)
}

/** A footer without a header is passed over by itself; the items before it count as stray bytes. */
function apeBytesAt(header: Buffer): number {
  if (header.length < APE_BYTES || header.toString('latin1', 0, 8) !== 'APETAGEX') return 0
  const isHeader = (header.readUInt32LE(20) & 0x2000_0000) !== 0
  return APE_BYTES + (isHeader ? header.readUInt32LE(12) : 0)
}

function isSameForm(one: Mp3Frame, other: Mp3Frame): boolean {
  return one.rateHz === other.rateHz && one.samples === other.samples
}
