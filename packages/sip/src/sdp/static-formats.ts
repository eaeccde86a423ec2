/** The payload types that RFC 3551 §6 fixes, so that `a=rtpmap` may be left out for them. */
import type { RtpFormat } from './description.ts'

const TABLE: readonly (readonly [
  payloadType: number,
  encoding: string,
  clockRateHz: number,
  channels?: number,
])[] = [
  [0, 'PCMU', 8_000],
  [3, 'GSM', 8_000],
  [4, 'G723', 8_000],
  [5, 'DVI4', 8_000],
  [6, 'DVI4', 16_000],
  [7, 'LPC', 8_000],
  [8, 'PCMA', 8_000],
  [9, 'G722', 8_000],
  [10, 'L16', 44_100, 2],
  [11, 'L16', 44_100],
  [12, 'QCELP', 8_000],
  [13, 'CN', 8_000],
  [14, 'MPA', 90_000],
  [15, 'G728', 8_000],
  [16, 'DVI4', 11_025],
  [17, 'DVI4', 22_050],
  [18, 'G729', 8_000],
  [25, 'CELB', 90_000],
  [26, 'JPEG', 90_000],
  [28, 'NV', 90_000],
  [31, 'H261', 90_000],
  [32, 'MPV', 90_000],
  [33, 'MP2T', 90_000],
  [34, 'H263', 90_000],
]

const FORMATS: ReadonlyMap<number, RtpFormat> = new Map(
  TABLE.map(([payloadType, encoding, clockRateHz, channels = 1]) => [
    payloadType,
    { payloadType, encoding, clockRateHz, channels },
  ]),
)

/** The format of a static payload type; undefined when the type is dynamic or not assigned. */
export function staticFormat(payloadType: number): RtpFormat | undefined {
  return FORMATS.get(payloadType)
}
