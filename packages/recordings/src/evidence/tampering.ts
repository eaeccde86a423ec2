/**
 * What a forger does to a file (promise P17: mutate, drop, reorder, truncate), at random and by seed. Used by the test
 * beside it and, with ten thousand rounds, by the harness.
 */

/** A source of whole numbers from 0 up to, not including, `limit`. */
export interface Dice {
  below(limit: number): number
}

/** The ways. */
export const TAMPERINGS = [
  'flip',
  'overwrite',
  'drop',
  'repeat',
  'swap',
  'truncate',
  'append',
  'dropLine',
  'swapLines',
  'swapBlocks',
] as const

/** The bytes with one change; undefined when this draw changes nothing. */
export function tampered(
  dice: Dice,
  bytes: Buffer,
): { readonly how: string; readonly bytes: Buffer } | undefined {
  const way = TAMPERINGS[dice.below(TAMPERINGS.length)] as (typeof TAMPERINGS)[number] // Inside the list.
  const at = dice.below(bytes.length)
  const length = 1 + dice.below(Math.min(600, bytes.length - at))
  const changed = change(way, bytes, at, length, dice)
  return changed.equals(bytes) ? undefined : { how: `${way} at ${at}, ${length} bytes`, bytes: changed }
}

function change(
  way: (typeof TAMPERINGS)[number],
  bytes: Buffer,
  at: number,
  length: number,
  dice: Dice,
): Buffer {
  const copy = Buffer.from(bytes)
  switch (way) {
    case 'flip':
      copy[at] = (copy[at] as number) ^ (1 << dice.below(8)) // Inside the file.
      return copy
    case 'overwrite':
      return copy.fill(dice.below(256), at, at + 1 + dice.below(4))
    case 'drop':
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
    case 'repeat':
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)])
    case 'swap': {
      const other = dice.below(bytes.length)
      ;[copy[at], copy[other]] = [copy[other] as number, copy[at] as number] // Inside the file.
      return copy
    }
    case 'truncate':
      return bytes.subarray(0, at)
    case 'append':
      return Buffer.concat([bytes, bytes.subarray(at, at + length)])
    case 'dropLine':
    case 'swapLines':
      return changeLines(way, bytes, dice)
    case 'swapBlocks': {
      const count = Math.floor(bytes.length / 512)
      if (count < 2) return copy
      const [one, other] = [dice.below(count) * 512, dice.below(count) * 512]
      bytes.copy(copy, one, other, other + 512)
      bytes.copy(copy, other, one, one + 512)
      return copy
    }
  }
}

function changeLines(way: 'dropLine' | 'swapLines', bytes: Buffer, dice: Dice): Buffer {
  const lines = bytes.toString('latin1').split(/(?<=\n)/)
  const [one, other] = [dice.below(lines.length), dice.below(lines.length)]
  if (way === 'dropLine') lines.splice(one, 1)
  else [lines[one], lines[other]] = [lines[other] as string, lines[one] as string] // Inside the list.
  return Buffer.from(lines.join(''), 'latin1')
}
