/**
 * DTMF as tones in the audio: ITU-T Q.23 frequencies, for a peer that has not agreed to RFC 4733 events.
 *
 * One key press: a tone with soft edges. Each of the two frequencies has -12 dBFS, within what Q.24 has receivers take.
 */
import { G711_RATE_HZ } from '../g711/g711.ts'

const ROWS_HZ: readonly number[] = [697, 770, 852, 941]
const COLUMNS_HZ: readonly number[] = [1_209, 1_336, 1_477, 1_633]
const KEYS = '123A456B789C*0#D'
const AMPLITUDE = 8_000
const EDGE_SAMPLES = 24 // 3 ms: no click, and still 114 ms of full tone.

/** The two frequencies of a key, in hertz; undefined for what is no key. */
export function dualToneHz(key: string): readonly [row: number, column: number] | undefined {
  const index = key.length === 1 ? KEYS.indexOf(key) : -1
  const row = ROWS_HZ[index >> 2]
  const column = COLUMNS_HZ[index & 3]
  return index < 0 || row === undefined || column === undefined ? undefined : [row, column]
}

/** Fills `count` samples of a key's tone that lasts `total` samples, from sample `at` of it on; silence after its end. */
export function dualTone(key: string, at: number, total: number, into: Int16Array, count: number): void {
  const [row, column] = dualToneHz(key) ?? [0, 0]
  for (let index = 0; index < count; index++) {
    const sample = at + index
    const edge = Math.max(0, Math.min(1, sample / EDGE_SAMPLES, (total - 1 - sample) / EDGE_SAMPLES))
    const turn = (2 * Math.PI * sample) / G711_RATE_HZ
    into[index] = Math.round(AMPLITUDE * edge * (Math.sin(row * turn) + Math.sin(column * turn)))
  }
}
