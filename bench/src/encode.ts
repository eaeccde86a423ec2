/**
 * How much CPU does a recorded call cost to encode, against the `lame` program on the same audio in the same run? Two
 * channels of 8 kHz at a constant 64 kbit/s, as recordings are (limits, MP3). Goal: 0.75 of its speed at least.
 */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Lame, MP3_RATE_HZ } from '@tandem/recordings'
import type { BenchResult } from './result.ts'

const GOAL_RATIO = 0.75
const SECONDS = 600
const TINY_SECONDS = 5
/** Each encoder goes this often and its best run counts: other work on the machine only ever adds. */
const ROUNDS = 3
/** Audio is handed over as it comes during a call: what a quarter of a second brought. */
const PIECE_SAMPLES = 2_000

/** Runs the benchmark; says in `details` when `lame` is not installed. */
export async function run(options: { readonly tiny?: boolean } = {}): Promise<BenchResult> {
  const seconds = options.tiny === true ? TINY_SECONDS : SECONDS
  const rounds = options.tiny === true ? 1 : ROUNDS
  const { left, right } = conversation(seconds)
  const lame = await Lame.load()
  encode(lame, left.subarray(0, MP3_RATE_HZ), right.subarray(0, MP3_RATE_HZ)) // Compiles what will be hot.
  let ourMs = Number.POSITIVE_INFINITY
  let peerMs = Number.POSITIVE_INFINITY
  let checksum = 0
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-encode-'))
  try {
    const pcm = join(folder, 'in.raw')
    writeFileSync(pcm, interleaved(left, right))
    for (let round = 0; round < rounds; round++) {
      const ours = encode(lame, left, right)
      ourMs = Math.min(ourMs, ours.cpuMs)
      checksum = ours.checksum
      peerMs = Math.min(peerMs, lameProgram(pcm, join(folder, 'out.mp3')) ?? Number.POSITIVE_INFINITY)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  const value = Math.round((seconds * 1_000) / ourMs)
  const hasPeer = Number.isFinite(peerMs)
  const ratio = hasPeer ? Number((peerMs / ourMs).toFixed(3)) : 0
  return {
    bench: 'encode',
    value,
    unit: 'times real time',
    against: hasPeer ? 'lame' : 'nothing: the lame program is not installed',
    ratio,
    goal: GOAL_RATIO,
    // Ten milliseconds of the shell's clock say nothing about five seconds of audio.
    ok: hasPeer && (options.tiny === true || ratio >= GOAL_RATIO),
    checksum,
    details: {
      seconds,
      ourCpuMs: Math.round(ourMs),
      ...(hasPeer
        ? { lameCpuMs: Math.round(peerMs), lameTimesRealTime: Math.round((seconds * 1_000) / peerMs) }
        : {}),
    },
  }
}

function encode(lame: Lame, left: Int16Array, right: Int16Array): { cpuMs: number; checksum: number } {
  const hash = createHash('sha256')
  const before = process.cpuUsage()
  const encoder = lame.encoder()
  for (let at = 0; at < left.length; at += PIECE_SAMPLES) {
    hash.update(encoder.encode(left.subarray(at, at + PIECE_SAMPLES), right.subarray(at, at + PIECE_SAMPLES)))
  }
  hash.update(encoder.finish())
  encoder.close()
  const { user, system } = process.cpuUsage(before)
  return { cpuMs: (user + system) / 1_000, checksum: hash.digest().readUInt32BE() }
}

/** CPU time of the program in milliseconds, as its shell counts it; undefined when it is not installed. */
function lameProgram(pcm: string, out: string): number | undefined {
  const options = `-r -s 8 --bitwidth 16 --little-endian -m j --cbr -b 64 --resample 8 --quiet`
  const ran = spawnSync('sh', ['-c', `lame ${options} '${pcm}' '${out}' && times`], { encoding: 'utf8' })
  if (ran.status !== 0 || readFileSync(out).length === 0) return undefined
  const children = ran.stdout.trim().split('\n').at(-1) ?? '' // `times`: the shell first, its children second.
  let ms = 0
  for (const [, minutes, secondsText] of children.matchAll(/(\d+)m([\d.,]+)s/g)) {
    ms += Number(minutes) * 60_000 + Number(secondsText?.replace(',', '.')) * 1_000
  }
  return ms
}

/** Two people taking turns: harmonics that glide, syllables, breath. Made by rule, so that every run has the same. */
function conversation(seconds: number): { left: Int16Array; right: Int16Array } {
  const count = seconds * MP3_RATE_HZ
  const left = new Int16Array(count)
  const right = new Int16Array(count)
  let noise = 1
  for (let at = 0; at < count; at++) {
    const t = at / MP3_RATE_HZ
    noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0
    const breath = (noise / 2 ** 32 - 0.5) * 200
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 3.3 * t)) * 6_000
    const pitch = 2 * Math.PI * (130 * t + 12 * Math.sin(1.7 * t))
    const voice = syllable * (Math.sin(pitch) + 0.6 * Math.sin(3 * pitch) + 0.3 * Math.sin(7 * pitch)) * 0.5
    const turn = Math.floor(t / 4) % 2 === 0
    left[at] = (turn ? voice : 0) + breath
    right[at] = (turn ? 0 : voice) + breath
  }
  return { left, right }
}

function interleaved(left: Int16Array, right: Int16Array): Uint8Array {
  const both = new Int16Array(2 * left.length)
  for (let at = 0; at < left.length; at++) {
    both[2 * at] = left[at] as number
    both[2 * at + 1] = right[at] as number
  }
  return new Uint8Array(both.buffer)
}
