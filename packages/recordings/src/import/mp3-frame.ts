/**
 * The header of one Layer III frame (ISO 11172-3 §2.4.1.3), and the `Xing` or `Info` frame that writers put first.
 *
 *     sync 11 | version 2 | layer 2 | no CRC 1 | bit rate 4 | rate 2 | padding 1 | private 1 | mode 2 | ... 6
 */

/** What a header says. */
export interface Mp3Frame {
  /** Header included. */
  readonly bytes: number
  /** For each channel. */
  readonly samples: number
  readonly rateHz: number
  readonly channels: 1 | 2
  readonly bitsPerSecond: number
  /** Bytes of header and side information, after which a `Xing` frame has its name. */
  readonly sideEnd: number
}

/** What a `Xing` or `Info` frame says of the file. */
export interface Xing {
  /** Frames with sound; absent when it does not say. */
  readonly frames?: number
  /** Samples at both ends that are no sound, from LAME's extension. */
  readonly delaySamples: number
  readonly paddingSamples: number
}

const HEADER_BYTES = 4
const VERSION_1 = 3
const VERSION_2 = 2
const LAYER_III = 1
const MONO = 3
const KBIT_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
const KBIT_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
/** Flag and size of what may follow: frames, bytes, table of contents, quality. */
const XING_PARTS = [
  [1, 4],
  [2, 4],
  [4, 100],
  [8, 4],
] as const
const RATES_HZ = [44_100, 48_000, 32_000]

/** Reads the header at a place; undefined when there is none, or one of free format, whose length nobody knows. */
export function parseMp3Frame(bytes: Uint8Array, at: number): Mp3Frame | undefined {
  const [first, second, third, fourth] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]
  if (first !== 0xff || second === undefined || third === undefined || fourth === undefined) return undefined
  if ((second & 0xe0) !== 0xe0) return undefined
  const version = (second >> 3) & 3
  if (((second >> 1) & 3) !== LAYER_III || version === 1) return undefined
  const kbit = (version === VERSION_1 ? KBIT_1 : KBIT_2)[third >> 4] ?? 0
  const fullRateHz = RATES_HZ[(third >> 2) & 3]
  if (kbit === 0 || fullRateHz === undefined) return undefined
  const rateHz = version === VERSION_1 ? fullRateHz : fullRateHz / (version === VERSION_2 ? 2 : 4)
  const samples = version === VERSION_1 ? 1_152 : 576
  const channels = fourth >> 6 === MONO ? 1 : 2
  const sideBytes = version === VERSION_1 ? (channels === 1 ? 17 : 32) : channels === 1 ? 9 : 17
  return {
    bytes: Math.floor((samples * kbit * 125) / rateHz) + ((third >> 1) & 1),
    samples,
    rateHz,
    channels,
    bitsPerSecond: kbit * 1_000,
    sideEnd: HEADER_BYTES + sideBytes, // Writers of `Xing` frames leave no room for a CRC.
  }
}

/** Reads the frame that describes the file; undefined when this one has sound. */
export function readXing(frame: Mp3Frame, bytes: Uint8Array): Xing | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.toString('latin1', 36, 40) === 'VBRI' && view.length >= 54)
    return { frames: view.readUInt32BE(36 + 14), delaySamples: 0, paddingSamples: 0 }
  const at = frame.sideEnd
  const name = view.toString('latin1', at, at + 4)
  if ((name !== 'Xing' && name !== 'Info') || view.length < at + 8) return undefined
  const flags = view.readUInt32BE(at + 4)
  let next = at + 8
  const hasFrames = (flags & 1) !== 0 && view.length >= next + 4
  const frames = hasFrames ? view.readUInt32BE(next) : undefined
  for (const [bit, size] of XING_PARTS) if ((flags & bit) !== 0) next += size
  const trims = trimOf(view, next)
  return { ...(frames === undefined ? {} : { frames }), ...trims }
}

/** LAME's extension: nine bytes of name, twelve of settings, then delay and padding of twelve bits each. */
function trimOf(view: Buffer, at: number): { delaySamples: number; paddingSamples: number } {
  const isThere = view.length >= at + 24 && /^(?:LAME|Lavf|Lavc)/.test(view.toString('latin1', at, at + 4))
  if (!isThere) return { delaySamples: 0, paddingSamples: 0 }
  return {
    delaySamples: (view.readUInt8(at + 21) << 4) | (view.readUInt8(at + 22) >> 4),
    paddingSamples: view.readUInt16BE(at + 22) & 0xfff,
  }
}
