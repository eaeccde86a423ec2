/** Decoded sound on its way to a clip: mono samples in the order of time, from a source of any length in pieces. */

/** Longest sound: hold music of ten minutes repeats seldom enough, and a clip stays below 5 MB. */
export const SOUND_SECONDS_MAX = 600

/** Lowest and highest sampling rate that is accepted; nothing in use lies outside. */
export const RATE_HZ_MIN = 4_000
/** See `RATE_HZ_MIN`. */
export const RATE_HZ_MAX = 192_000

/** Mono samples of 16 bit. */
export interface Pcm {
  readonly rateHz: number
  readonly samples: Int16Array
}
