/**
 * The built-in hold music: a slow melody of our own in C major, made from soft tones over a bass, 19 seconds that
 * loop without a seam.
 *
 * It is computed once for all who listen, twenty milliseconds at a time as the first of them gets that far, so that
 * nobody waits for it and a hundred held calls cost what copying costs.
 */
import { G711_RATE_HZ } from '../g711/g711.ts'
import type { SoundSource } from './sound-source.ts'

const BEAT_SAMPLES = 4_800 // 600 ms: 100 beats a minute.
const MELODY_AMPLITUDE = 3_400 // Together with the bass about -20 dBFS: below speech.
const BASS_AMPLITUDE = 1_500
const ATTACK_SAMPLES = 240 // 30 ms: soft, and far from a click.
const DECAY_PER_SAMPLE = 1 / 9_000 // A struck string that fades within a second or so.
const RELEASE_SAMPLES = 400
/** The second partial gives the tone some body; a telephone hears nothing above the fourth. */
const PARTIALS: readonly number[] = [1, 0.35, 0.12]

/** Semitones above middle C, one for each beat; undefined holds the note before. Eight bars of four beats. */
const MELODY: readonly (number | undefined)[] = [
  ...[7, undefined, 12, 11],
  ...[9, undefined, 7, undefined],
  ...[5, undefined, 9, 7],
  ...[4, undefined, 2, undefined],
  ...[4, undefined, 7, 9],
  ...[12, undefined, 14, 12],
  ...[11, undefined, 7, 9],
  ...[7, undefined, undefined, undefined],
]
/** One for each half bar, an octave and more below. */
const BASS: readonly number[] = [-12, -5, -7, -12, -7, -3, -12, -5, -3, -8, -7, -3, -5, -10, -12, -5]

const MIDDLE_C_HZ = 261.63
const LOOP_SAMPLES = MELODY.length * BEAT_SAMPLES

type Note = { readonly from: number; readonly to: number; readonly hertz: number; readonly amplitude: number }

/** Samples computed so far, shared by every listener of this thread. */
const loop = new Int16Array(LOOP_SAMPLES)
let computed = 0
const notes: readonly Note[] = [...melodyNotes(), ...bassNotes()]

/** The music from its beginning. It never ends. */
export class HoldMusic implements SoundSource {
  #at = 0

  read(into: Int16Array, count: number): number {
    const wanted = Math.min(count, into.length)
    let made = 0
    while (made < wanted) {
      const part = Math.min(wanted - made, LOOP_SAMPLES - this.#at)
      computeUpTo(this.#at + part)
      for (let index = 0; index < part; index++) into[made + index] = loop[this.#at + index] as number // Below its end.
      made += part
      this.#at = (this.#at + part) % LOOP_SAMPLES
    }
    return wanted
  }
}

function computeUpTo(end: number): void {
  if (end <= computed) return
  const sounding = notes.filter((note) => note.from < end && note.to > computed)
  for (let at = computed; at < end; at++) {
    let sample = 0
    for (const note of sounding) if (at >= note.from && at < note.to) sample += noteSample(note, at)
    loop[at] = Math.round(sample)
  }
  computed = end
}

function noteSample(note: Note, at: number): number {
  const since = at - note.from
  const edge = Math.min(1, since / ATTACK_SAMPLES, (note.to - 1 - at) / RELEASE_SAMPLES)
  const radians = (2 * Math.PI * note.hertz * since) / G711_RATE_HZ
  let wave = 0
  for (const [index, gain] of PARTIALS.entries()) wave += gain * Math.sin((index + 1) * radians)
  return note.amplitude * edge * Math.exp(-since * DECAY_PER_SAMPLE) * wave
}

function melodyNotes(): Note[] {
  const found: Note[] = []
  for (const [beat, semitones] of MELODY.entries()) {
    if (semitones === undefined) continue
    let end = beat + 1
    while (end < MELODY.length && MELODY[end] === undefined) end += 1
    found.push({
      from: beat * BEAT_SAMPLES,
      to: end * BEAT_SAMPLES,
      hertz: pitch(semitones),
      amplitude: MELODY_AMPLITUDE,
    })
  }
  return found
}

function bassNotes(): Note[] {
  return BASS.map((semitones, half) => ({
    from: 2 * half * BEAT_SAMPLES,
    to: 2 * (half + 1) * BEAT_SAMPLES,
    hertz: pitch(semitones),
    amplitude: BASS_AMPLITUDE,
  }))
}

function pitch(semitones: number): number {
  return MIDDLE_C_HZ * 2 ** (semitones / 12)
}
