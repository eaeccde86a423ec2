/**
 * One channel on its way from decoded samples to pieces for a transcriber: brought down to 16 kHz where it has more,
 * which is all that speech recognition uses, and cut at quiet places. Pure: samples in, pieces out.
 */
import { cutAt, hasSpeech } from './speech-cut.ts'

/** Highest rate that is sent. */
export const SPEECH_RATE_HZ_MAX = 16_000
/** Samples gathered before the buffer grows: half a second at most. */
const GROW_SAMPLES = 8_192

/** A stretch of one channel. */
export interface SpeechPiece {
  /** 0 is left, or everything mixed. */
  readonly channel: number
  /** From the beginning of the audio. */
  readonly startMs: number
  readonly durationMs: number
  readonly rateHz: number
  readonly pcm: Int16Array
  /** False when it is silent and need not be sent. */
  readonly speech: boolean
}

/** Gathers one channel. */
export class SpeechChannel {
  readonly #channel: number
  readonly #sourceHz: number
  readonly #rateHz: number
  readonly #pieceSamplesMax: number
  #pcm = new Int16Array(GROW_SAMPLES)
  #length = 0
  #cut = 0
  /** What is known of the output sample being made: how much of it, and the sum. */
  #filled = 0
  #sum = 0

  constructor(options: { readonly channel: number; readonly sourceHz: number; readonly pieceMs: number }) {
    this.#channel = options.channel
    this.#sourceHz = options.sourceHz
    this.#rateHz = Math.min(options.sourceHz, SPEECH_RATE_HZ_MAX)
    this.#pieceSamplesMax = Math.max(1, Math.floor((options.pieceMs * this.#rateHz) / 1_000))
  }

  /** Appends samples of -1 to 1. */
  append(samples: Float32Array): void {
    const step = this.#sourceHz / this.#rateHz
    for (const sample of samples) {
      // Each output sample is the mean of the stretch of input that it covers, parts of samples included.
      let left = 1
      while (left > 0) {
        const part = Math.min(left, step - this.#filled)
        this.#sum += part * sample
        this.#filled += part
        left -= part
        if (this.#filled < step - 1e-9) break
        this.#push(this.#sum / step)
        this.#sum = 0
        this.#filled = 0
        if (left < 1e-9) break
      }
    }
  }

  /** The pieces that are full; with `rest` what is left over too. */
  pieces(rest: boolean): SpeechPiece[] {
    const pieces: SpeechPiece[] = []
    while (this.#length > this.#pieceSamplesMax) pieces.push(this.#take(this.#pieceSamplesMax))
    if (rest && this.#length > 0) pieces.push(this.#take(this.#length))
    return pieces
  }

  #take(max: number): SpeechPiece {
    const held = this.#pcm.subarray(0, this.#length)
    const count = cutAt(held, max, this.#rateHz)
    const pcm = held.slice(0, count)
    const piece = {
      channel: this.#channel,
      startMs: Math.round((this.#cut * 1_000) / this.#rateHz),
      durationMs: Math.round((count * 1_000) / this.#rateHz),
      rateHz: this.#rateHz,
      pcm,
      speech: hasSpeech(pcm, this.#rateHz),
    }
    this.#pcm.copyWithin(0, count, this.#length)
    this.#length -= count
    this.#cut += count
    return piece
  }

  #push(sample: number): void {
    if (this.#length === this.#pcm.length) {
      const grown = new Int16Array(2 * this.#pcm.length)
      grown.set(this.#pcm)
      this.#pcm = grown
    }
    this.#pcm[this.#length] = Math.round(Math.max(-1, Math.min(1, sample)) * 32_767)
    this.#length += 1
  }
}
