/**
 * Cuts long audio into pieces at quiet places, so that no word falls on a cut: the end of a piece is looked for in its
 * last third, where 300 ms are quietest. Pure: samples in, a place out.
 */

/** Loudness is measured in stretches of this length. */
const FRAME_MS = 20
/** How long a pause is wanted around a cut. */
const PAUSE_FRAMES = 15
/** A cut is looked for in at most this much of a piece's end. */
const SEARCH_MS_MAX = 60_000
/** Root mean square below which nobody speaks: -55 dB of full scale, above the noise of G.711 and MP3. */
const SPEECH_RMS_MIN = 58

/** How many samples the next piece has: all when they fit, else up to the quietest place before `max`. */
export function cutAt(pcm: Int16Array, max: number, rateHz: number): number {
  if (pcm.length <= max) return pcm.length
  const frame = Math.max(1, Math.round((rateHz * FRAME_MS) / 1_000))
  const search = Math.min(Math.floor(max / 3), Math.round((rateHz * SEARCH_MS_MAX) / 1_000))
  const count = Math.floor(search / frame)
  const pause = Math.min(PAUSE_FRAMES, count)
  if (pause < 1) return max
  const start = max - count * frame
  const powers = Float64Array.from({ length: count }, (_, at) => powerOf(pcm, start + at * frame, frame))
  let best = 0
  let quietest = Number.POSITIVE_INFINITY
  let sum = 0
  for (let at = 0; at < count; at++) {
    sum += (powers[at] ?? 0) - (at >= pause ? (powers[at - pause] ?? 0) : 0)
    // The last of equals: a piece as long as it may be.
    if (at < pause - 1 || Math.max(0, sum) > quietest) continue
    quietest = Math.max(0, sum)
    best = at - pause + 1
  }
  return start + Math.round((best + pause / 2) * frame)
}

/** Whether anything in it is loud enough to be speech. Silence is not sent: it costs, and engines hear words in it. */
export function hasSpeech(pcm: Int16Array, rateHz: number): boolean {
  const frame = Math.max(1, Math.round((rateHz * FRAME_MS) / 1_000))
  for (let at = 0; at < pcm.length; at += frame) {
    const length = Math.min(frame, pcm.length - at)
    if (powerOf(pcm, at, length) >= SPEECH_RMS_MIN ** 2 * length) return true
  }
  return false
}

/** The sum of squares of a stretch. */
function powerOf(pcm: Int16Array, start: number, length: number): number {
  let power = 0
  for (let at = start; at < start + length; at++) power += (pcm[at] ?? 0) ** 2
  return power
}
