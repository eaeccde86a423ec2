/**
 * Short linear fades, so that nothing begins, ends or changes with a click.
 *
 * Eight milliseconds: too short to be heard as a fade, and long enough that no step is left.
 */

/** How long a fade lasts: 8 ms, less than the shortest packet. */
export const FADE_SAMPLES = 64

/** Lets the first samples begin at `last`, the one sent before them, and come to their own within the fade. */
export function fadeFrom(last: number, samples: Int16Array, count: number): void {
  const length = Math.min(FADE_SAMPLES, count)
  for (let index = 0; index < length; index++) {
    const own = (index + 1) / (length + 1)
    samples[index] = Math.round(last * (1 - own) + (samples[index] as number) * own) // Below its count.
  }
}

/** Lets samples die away at once: within the fade, then silence. */
export function fadeOut(samples: Int16Array, count: number): void {
  for (let index = 0; index < count; index++) {
    const gain = Math.max(0, 1 - (index + 1) / FADE_SAMPLES)
    samples[index] = Math.round((samples[index] as number) * gain) // Below its count.
  }
}

/** Lets samples begin from silence. */
export function fadeIn(samples: Int16Array, count: number): void {
  fadeFrom(0, samples, count)
}
