/**
 * What does relaying one call cost? One media worker of ours against rtpengine (userspace, one thread), under the same
 * load, in turn, in the same run: processor time per call, and the delay that is added.
 *
 * The load is made by a small C program, compiled here. Without gcc nothing can be measured; without rtpengine our own
 * figures are shown and the goal counts as not reached.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
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
/** Two legs of 20 ms. */
const PACKETS_PER_CALL_SECOND = 100
const GENERATOR_BASE = 17_000

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

/** How many calls, and how long: the cost where a relay is busy, the delay at the load that the goal names. */
interface Scale {
  readonly costCalls: number
  readonly delayCalls: number
  readonly warmSeconds: number
  readonly seconds: number
  readonly rounds: number
}

const FULL: Scale = { costCalls: 400, delayCalls: 200, warmSeconds: 2.5, seconds: 2.5, rounds: 2 }
const TINY: Scale = { costCalls: 10, delayCalls: 10, warmSeconds: 0.2, seconds: 0.4, rounds: 1 }

interface Loads {
  readonly ours: readonly Load[]
  readonly theirs: readonly Load[]
  readonly ourDelay: Load
  readonly theirDelay: Load | undefined
  readonly recorded: Load
}

/** Measures both relays in turn, and takes the cheapest round of each: noise of the machine only ever adds. */
export async function run(options: { tiny?: boolean }): Promise<BenchResult> {
  const scale = options.tiny === true ? TINY : FULL
  const folder = mkdtempSync(join(tmpdir(), 'tandem-relay-'))
  try {
    const generator = compile(folder)
    if (generator === undefined)
      return missing('gcc is not installed, and the load generator is written in C')
    const our = async (calls: number, extra: readonly string[] = []): Promise<Load> =>
      measure(await startOurs(calls, folder, extra), generator, scale)
    const their = async (calls: number): Promise<Load> =>
      measure(await startRtpengine(calls, GENERATOR_BASE), generator, scale)
    const peerIsThere = hasRtpengine()
    const ours: Load[] = []
    const theirs: Load[] = []
    for (let round = 0; round < scale.rounds; round++) {
      ours.push(await our(scale.costCalls))
      if (peerIsThere) theirs.push(await their(scale.costCalls))
    }
    return verdict({
      ours,
      theirs,
      ourDelay: await our(scale.delayCalls),
      theirDelay: peerIsThere ? await their(scale.delayCalls) : undefined,
      recorded: await our(scale.delayCalls, ['recorded']),
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function verdict(loads: Loads): BenchResult {
  const our = best(loads.ours)
  const their = loads.theirs.length === 0 ? undefined : best(loads.theirs)
  const value = costOf(our)
  const ratio = their === undefined ? Number.NaN : value / costOf(their)
  const { ourDelay, theirDelay, recorded } = loads
  const quick = ourDelay.p99Ms < P99_MS_GOAL && ourDelay.deaf === 0 && ourDelay.wrong === 0
  const whole = [our, their, ourDelay].every((load) => load === undefined || lossOf(load) < LOSS_GOAL)
  const absent = 'rtpengine is not installed (apt-get install rtpengine)'
  return {
    bench: 'relay',
    value: rounded(value),
    unit: 'ms of processor per second per call',
    against: their === undefined ? `nothing: ${absent}` : 'rtpengine',
    ratio: rounded(ratio),
    goal: RATIO_GOAL,
    ok: quick && whole && ratio <= RATIO_GOAL,
    checksum: our.received,
    details: {
      'cost, ours': summary(our),
      'cost, rtpengine': their === undefined ? absent : summary(their),
      'delay, ours': summary(ourDelay),
      'delay, rtpengine': theirDelay === undefined ? absent : summary(theirDelay),
      'delay, ours, every call recorded': summary(recorded),
      'delay goal': `p99 below ${P99_MS_GOAL} ms and loss below ${100 * LOSS_GOAL} %`,
      'to be trusted': whole ? 'yes' : 'no: packets were lost, the machine is too busy to compare on',
      'load of the machine': loadavg().map(rounded).join(' '),
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

async function measure(relay: Relay, generator: string, scale: Scale): Promise<Load> {
  try {
    const child = spawn(
      generator,
      [GENERATOR_BASE, scale.seconds, scale.warmSeconds, relay.pid].map(String),
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    )
    child.stdin.end(relay.ports.join('\n'))
    for await (const line of createInterface({ input: child.stdout })) {
      return JSON.parse(line) as Load // Printed by `relay-generator.c`.
    }
    throw new Error('the load generator failed')
  } finally {
    relay.stop()
  }
}

/**
 * Milliseconds of processor for each second of a call, which is 100 packets. Counted by what was relayed, so that a
 * relay that loses packets does not look cheap.
 */
function costOf(load: Load): number {
  return (1_000 * load.cpuSeconds * PACKETS_PER_CALL_SECOND) / load.received
}

function lossOf(load: Load): number {
  return 1 - load.received / load.sent
}

function best(loads: readonly Load[]): Load {
  return loads.reduce((a, b) => (costOf(b) < costOf(a) ? b : a))
}

function summary(load: Load): Readonly<Record<string, number>> {
  return {
    calls: load.legs / 2,
    cpuMsPerCallSecond: rounded(costOf(load)),
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    maxMs: load.maxMs,
    lossPercent: rounded(100 * lossOf(load)),
    deafLegs: load.deaf,
    generatorCpuSeconds: load.ownCpuSeconds,
  }
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
