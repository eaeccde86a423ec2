/**
 * What does relaying one call cost? One media worker of ours, rtpengine (userspace, one thread), and the barest relay
 * that Node can be: processor time per call, and the delay that is added.
 *
 * All three stand ready at once and the same load goes round them, a second or so at a time, on one processor, with
 * the load generator on another where there is one: a noisy machine is then equally noisy for each. Of the rounds the
 * median counts; a ratio is taken within its round. The load is made by a small C program, compiled here. Without gcc
 * nothing can be measured; without rtpengine the goal counts as not reached.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchResult } from './result.ts'
import {
  compileGenerator,
  costOf,
  GENERATOR_BASE,
  isSteady,
  type Load,
  loadOnce,
  lossOf,
  median,
  NO_GCC,
  PINS,
  pin,
  type Relay,
  ratioOf,
  rounded,
  startRelay,
} from './rtp-load.ts'
import { hasRtpengine, startRtpengine } from './rtpengine.ts'

/** Ours may cost this many times what rtpengine costs. */
const RATIO_GOAL = 1.25
/** And may add this much at the 99th percentile. */
const P99_MS_GOAL = 5
const LOSS_GOAL = 0.001
/** How many rounds in which the load was not what it should be are taken again. */
const SPOILT_ROUNDS_MAX = 5
const UNIT = 'ms of processor per second per call'

/** How many calls, and how long: the cost where a relay is busy, the delay at the load that the goal names. */
interface Scale {
  readonly costCalls: number
  readonly delayCalls: number
  readonly warmSeconds: number
  readonly seconds: number
  readonly costRounds: number
  readonly delayRounds: number
}

// Rounds that count; one before them warms the relays up.
const FULL: Scale = {
  costCalls: 400,
  delayCalls: 200,
  warmSeconds: 0.4,
  seconds: 0.8,
  costRounds: 7,
  delayRounds: 4,
}
const TINY: Scale = {
  costCalls: 10,
  delayCalls: 5,
  warmSeconds: 0.1,
  seconds: 0.3,
  costRounds: 1,
  delayRounds: 1,
}

/** Where the load is made, and how. */
interface Bench {
  readonly generator: string
  readonly base: number
  readonly scale: Scale
}

type Rounds = ReadonlyMap<string, readonly Load[]>

const OURS = 'ours'
const PEER = 'rtpengine'
const BARE = 'bare Node'
const RECORDED = 'ours, every call recorded'

/** Starts the relays, takes the load round them, and compares. */
export async function run(options: { tiny?: boolean }): Promise<BenchResult> {
  const scale = options.tiny === true ? TINY : FULL
  const folder = mkdtempSync(join(tmpdir(), 'tandem-relay-'))
  const relays = new Map<string, Relay>()
  try {
    const generator = compileGenerator(folder)
    if (generator === undefined) return missing(NO_GCC)
    const base = GENERATOR_BASE
    const bench = { generator, base, scale }
    relays.set(OURS, await startRelay('relay-host.ts', scale.costCalls, base, folder))
    if (hasRtpengine()) relays.set(PEER, await startRtpengine(scale.costCalls, base))
    relays.set(BARE, await startRelay('relay-bare.ts', scale.costCalls, base))
    for (const relay of relays.values()) pin(relay)
    const cost = await loadInTurn(bench, relays, scale.costCalls, scale.costRounds)
    const recorded = await startRelay('relay-host.ts', scale.delayCalls, base, folder, 'recorded')
    pin(recorded)
    relays.set(RECORDED, recorded)
    const delay = await loadInTurn(bench, relays, scale.delayCalls, scale.delayRounds)
    return verdict(cost, delay)
  } finally {
    for (const relay of relays.values()) relay.stop()
    rmSync(folder, { recursive: true })
  }
}

function verdict(cost: Rounds, delay: Rounds): BenchResult {
  const ours = cost.get(OURS) ?? []
  const theirs = cost.get(PEER)
  const ourDelay = delay.get(OURS) ?? []
  const ratio = theirs === undefined ? Number.NaN : ratioOf(ours, theirs)
  const quick = median(ourDelay.map((load) => load.p99Ms)) < P99_MS_GOAL
  const right = [...ours, ...ourDelay].every((load) => load.deaf === 0 && load.wrong === 0)
  const whole = lossOf(ours) < LOSS_GOAL && lossOf(ourDelay) < LOSS_GOAL
  const absent = 'rtpengine is not installed (apt-get install rtpengine)'
  const details: Record<string, unknown> = {}
  for (const [name, loads] of cost) details[`cost, ${name}`] = summary(loads)
  for (const [name, loads] of delay) details[`delay, ${name}`] = summary(loads)
  const calm = [...cost.values(), ...delay.values()].every(
    (loads) => loads === delay.get(RECORDED) || lossOf(loads) < LOSS_GOAL,
  )
  return {
    bench: 'relay',
    value: rounded(median(ours.map(costOf))),
    unit: UNIT,
    against: theirs === undefined ? `nothing: ${absent}` : PEER,
    ratio: rounded(ratio),
    goal: RATIO_GOAL,
    ok: quick && right && whole && ratio <= RATIO_GOAL,
    checksum: ours.reduce((sum, load) => sum + load.received, 0),
    details: {
      ...details,
      'ours to bare Node': rounded(ratioOf(ours, cost.get(BARE) ?? [])),
      'bare Node to rtpengine':
        theirs === undefined ? absent : rounded(ratioOf(cost.get(BARE) ?? [], theirs)),
      'delay goal': `p99 below ${P99_MS_GOAL} ms and loss below ${100 * LOSS_GOAL} %`,
      'to be trusted': calm ? 'yes' : 'no: packets were lost, the machine is too busy to compare on',
      processors: PINS === undefined ? 'shared by relay and load' : 'one for the relay, one for the load',
      'load of the machine': loadavg().map(rounded).join(' '),
    },
  }
}

function missing(why: string): BenchResult {
  const details = { missing: why }
  return {
    bench: 'relay',
    value: 0,
    unit: UNIT,
    against: 'nothing',
    ratio: 0,
    goal: RATIO_GOAL,
    ok: false,
    checksum: 0,
    details,
  }
}

/** Counts only rounds in which the load was made as it should be: what a stalled machine measures is no relay's doing. */
async function loadInTurn(
  bench: Bench,
  relays: ReadonlyMap<string, Relay>,
  calls: number,
  rounds: number,
): Promise<Rounds> {
  const kept = new Map([...relays.keys()].map((name): [string, Load[]] => [name, []]))
  for (let round = 0, counted = 0; counted < rounds && round < rounds + SPOILT_ROUNDS_MAX; round++) {
    const loads = new Map<string, Load>()
    for (const [name, relay] of relays) loads.set(name, await loadOnce(bench, relay, 2 * calls))
    const steady = [...loads.values()].every((load) => isSteady(load, bench.scale.seconds))
    if (round === 0 || !steady) continue
    for (const [name, load] of loads) kept.get(name)?.push(load)
    counted += 1
  }
  if (kept.get(OURS)?.length === 0) throw new Error('the machine is too busy to make an even load on')
  return kept
}

function summary(loads: readonly Load[]): Readonly<Record<string, number>> {
  const middle = (of: (load: Load) => number): number => rounded(median(loads.map(of)))
  return {
    calls: (loads[0]?.legs ?? 0) / 2,
    rounds: loads.length,
    cpuMsPerCallSecond: middle(costOf),
    cheapest: rounded(Math.min(...loads.map(costOf))),
    dearest: rounded(Math.max(...loads.map(costOf))),
    p50Ms: middle((load) => load.p50Ms),
    p99Ms: middle((load) => load.p99Ms),
    p99MsBest: Math.min(...loads.map((load) => load.p99Ms)),
    lossPercent: rounded(100 * lossOf(loads)),
    deafLegs: loads.reduce((sum, load) => sum + load.deaf, 0),
    generatorCpuSeconds: middle((load) => load.ownCpuSeconds),
  }
}
