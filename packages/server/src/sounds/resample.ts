/**
 * Brings sound to the telephone's 8,000 samples a second: band-limited by a windowed sinc, so that what lies above 4 kHz
 * is gone and not heard as something else (Smith, Digital Audio Resampling). For any ratio, in one pass over memory.
 */
import type { Pcm } from './pcm.ts'

/** Zero crossings of the sinc on each side: a transition band of some 400 Hz, 80 dB down beyond it. */
const CROSSINGS = 24
/** Kernel values between two zero crossings; what lies between them is drawn with a ruler. */
const STEPS = 512
/** Where the pass band ends, as a part of the lower Nyquist frequency. */
const PASS = 0.95

const KERNEL: Float64Array = makeKernel()

/** The same sound at another rate; at its own rate the same samples. */
export function resample(pcm: Pcm, rateHz: number): Int16Array {
  if (pcm.rateHz === rateHz) return pcm.samples
  const { samples } = pcm
  const step = pcm.rateHz / rateHz
  const cutoff = Math.min(1, 1 / step) * PASS // In units of the input's Nyquist frequency.
  const reach = CROSSINGS / cutoff // Input samples on each side that an output sample is made of.
  const out = new Int16Array(Math.round(samples.length / step))
  for (let i = 0; i < out.length; i++) {
    const at = i * step
    const first = Math.max(0, Math.ceil(at - reach))
    const last = Math.min(samples.length - 1, Math.floor(at + reach))
    let sum = 0
    for (let j = first; j <= last; j++) {
      const place = Math.abs(j - at) * cutoff * STEPS
      const index = place | 0
      const low = KERNEL[index] ?? 0
      sum += (samples[j] ?? 0) * (low + (place - index) * ((KERNEL[index + 1] ?? 0) - low))
    }
    out[i] = Math.max(-32_768, Math.min(32_767, Math.round(sum * cutoff)))
  }
  return out
}

/** One side of a sinc under a Blackman window, with one value more for the last ruler. */
function makeKernel(): Float64Array {
  const length = CROSSINGS * STEPS
  return Float64Array.from({ length: length + 2 }, (_, i) => {
    if (i >= length) return 0
    const x = i / STEPS
    const sinc = i === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
    const turn = (Math.PI * x) / CROSSINGS
    return sinc * (0.42 + 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn))
  })
}
