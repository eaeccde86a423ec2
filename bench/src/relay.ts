/**
 * What does relaying one call cost? One media worker of ours against rtpengine (userspace, one thread), under the same
 * load, in turn, in the same run: processor time per call, and the delay that is added.
 *
 * The load is made by a small C program, compiled here. Without gcc nothing can be measured; without rtpengine our own
 * figures are shown and the goal counts as not reached.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { BenchResult } from './result.ts'
import { hasRtpengine, startRtpengine } from './rtpengine.ts'

/** Ours may cost this many times what rtpengine costs. */
const RATIO_GOAL = 1.25
/** And may add this much at the 99th percentile. */
const P99_MS_GOAL = 5
const LOSS_GOAL = 0.001
const GENERATOR_BASE = 30_000

/** What the generator prints. */
interface Load {
  readonly legs: number
  readonly sent: number
  readonly received: number
  readonly refused: number
  readonly wrong: number
  readonly deaf: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly ownCpuSeconds: number
}

type Relay = { readonly pid: number; readonly ports: readonly number[]; stop(): void }

/** Measures both relays in turn, and gives the cheapest round of each: noise of the machine only ever adds. */
export async function run(options: { tiny?: boolean }): Promise<BenchResult> {
  const calls = options.tiny === true ? 10 : 200
  const seconds = options.tiny === true ? 0.4 : 3
  const rounds = options.tiny === true ? 1 : 2
  const folder = mkdtempSync(join(tmpdir(), 'tandem-relay-'))
  try {
    const generator = compile(folder)
    if (generator === undefined)
      return missing('gcc is not installed, and the load generator is written in C')
    const peerIsThere = hasRtpengine()
    const ours: Load[] = []
    const recorded: Load[] = []
    const theirs: Load[] = []
    for (let round = 0; round < rounds; round++) {
      ours.push(await measure(await startOurs(calls, folder, []), generator, seconds))
      if (peerIsThere)
        theirs.push(await measure(await startRtpengine(calls, GENERATOR_BASE), generator, seconds))
    }
    recorded.push(await measure(await startOurs(calls, folder, ['recorded']), generator, seconds))
    return verdict(calls, { ours, theirs, recorded })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function verdict(
  calls: number,
  loads: {
    readonly ours: readonly Load[]
    readonly theirs: readonly Load[]
    readonly recorded: readonly Load[]
  },
): BenchResult {
  const our = best(loads.ours)
  const their = loads.theirs.length === 0 ? undefined : best(loads.theirs)
  const value = costOf(our, calls)
  const ratio = their === undefined ? Number.NaN : value / costOf(their, calls)
  const sound = our.p99Ms < P99_MS_GOAL && lossOf(our) < LOSS_GOAL && our.deaf === 0 && our.wrong === 0
  return {
    bench: 'relay',
    value: rounded(value),
    unit: 'ms of processor per second per call',
    against:
      their === undefined ? 'nothing: rtpengine is not installed (apt-get install rtpengine)' : 'rtpengine',
    ratio: rounded(ratio),
    goal: RATIO_GOAL,
    ok: sound && ratio <= RATIO_GOAL,
    checksum: our.received,
    details: {
      calls,
      ours: summary(our, calls),
      rtpengine: their === undefined ? 'not installed' : summary(their, calls),
      'ours, recording every call': summary(best(loads.recorded), calls),
      rounds: loads.ours.length,
    },
  }
}

function missing(why: string): BenchResult {
  const details = { missing: why }
  const unit = 'ms of processor per second per call'
  return {
    bench: 'relay',
    value: 0,
    unit,
    against: 'nothing',
    ratio: 0,
    goal: RATIO_GOAL,
    ok: false,
    checksum: 0,
    details,
  }
}

function compile(folder: string): string | undefined {
  if (spawnSync('gcc', ['--version']).status !== 0) return undefined
  const program = join(folder, 'generator')
  execFileSync('gcc', ['-O2', '-o', program, fileURLToPath(new URL('./relay-generator.c', import.meta.url))])
  return program
}

async function startOurs(calls: number, folder: string, extra: readonly string[]): Promise<Relay> {
  const host = fileURLToPath(new URL('./relay-host.ts', import.meta.url))
  const child = spawn(process.execPath, [host, String(calls), String(GENERATOR_BASE), folder, ...extra], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const { ports } = JSON.parse(line) as { ports: number[] } // Printed by `relay-host.ts`, the line above.
    return { pid: child.pid ?? 0, ports, stop: () => child.kill('SIGKILL') }
  }
  throw new Error('our relay ended before it was ready')
}

async function measure(relay: Relay, generator: string, seconds: number): Promise<Load> {
  try {
    const child = spawn(generator, [String(GENERATOR_BASE), String(seconds), '1', String(relay.pid)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    child.stdin.end(relay.ports.join('\n'))
    for await (const line of createInterface({ input: child.stdout })) {
      return JSON.parse(line) as Load // Printed by `relay-generator.c`.
    }
    throw new Error('the load generator failed')
  } finally {
    relay.stop()
  }
}

/** Milliseconds of processor for each second of each call. */
function costOf(load: Load, calls: number): number {
  return (1_000 * load.cpuSeconds) / load.wallSeconds / calls
}

function lossOf(load: Load): number {
  return 1 - load.received / load.sent
}

function best(loads: readonly Load[]): Load {
  return loads.reduce((a, b) => (b.cpuSeconds / b.wallSeconds < a.cpuSeconds / a.wallSeconds ? b : a))
}

function summary(load: Load, calls: number): Readonly<Record<string, number>> {
  return {
    cpuMsPerCallSecond: rounded(costOf(load, calls)),
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    maxMs: load.maxMs,
    lossPercent: rounded(100 * lossOf(load)),
    deafLegs: load.deaf,
    generatorCores: rounded(load.ownCpuSeconds / (load.wallSeconds + 1)),
  }
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
