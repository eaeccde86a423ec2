/**
 * Brings the sum of several voices back into 16 bits: untouched up to three quarters of full scale, bent softly above,
 * so that two people who shout at once are loud and not torn.
 */

/** Where bending begins: 2.5 dB below full scale. */
export const KNEE = 24_576
const ROOM = 32_767 - KNEE

/** One sample of a sum, within -32767 and 32767. */
export function limited(sum: number): number {
  if (sum >= -KNEE && sum <= KNEE) return sum
  const over = (sum < 0 ? -sum : sum) - KNEE
  const magnitude = (KNEE + (ROOM * over) / (over + ROOM)) | 0
  return sum < 0 ? -magnitude : magnitude
}
