/**
 * The encoder of recordings behind one interface: two channels of 8 kHz PCM in, frames of MPEG-2.5 Layer III at a
 * constant 64 kbit/s out. At that rate every frame has 576 samples in 576 bytes: a byte is a sample, a frame 72 ms.
 */

/** Samples per second and channel, in and out. */
export const MP3_RATE_HZ = 8_000
/** Constant bit rate of both channels together, the highest that MPEG-2.5 has at 8 kHz. */
export const MP3_BITS_PER_SECOND = 64_000
/** Samples of one frame and channel. */
export const MP3_FRAME_SAMPLES = 576
/** Bytes of one frame, header included. */
export const MP3_FRAME_BYTES = 576
/** Samples that LAME puts before the first one it was given. */
export const LAME_DELAY_SAMPLES = 576

/** One file being encoded. Everything returned is to be appended in order; it is only valid until the next call. */
export interface Mp3Encoder {
  /** Takes as many samples of each channel as `left` has; `right` has the same number. */
  encode(left: Int16Array, right: Int16Array): Uint8Array
  /** Gives the last frames. Nothing can be encoded afterwards. */
  finish(): Uint8Array
  /** Frees the encoder. Safe to call twice. */
  close(): void
}
