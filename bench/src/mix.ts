/**
 * What does mixing three parties cost, against relaying as many streams? Processor time of a real media worker, sockets
 * and all: rooms of three in one process, the same number of legs relayed in pairs in another.
 *
 * Both stand ready at once on one processor, and the same generator takes the same load round them in turn: as many
 * packets come in and go out at each. Who is not asked is stopped, since a room goes on sending when nobody speaks. Of the rounds the median counts; a ratio is taken within its round. What the mix
 * costs beside the kernel's share is measured too, as a detail (`mix-arithmetic.ts`).
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareArithmetic } from './mix-arithmetic.ts'
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

/** Mixing may cost this many times what relaying costs. */
const RATIO_GOAL = 3
/** More lost than this, and the two are not compared on the same work. */
const LOSS_MAX = 0.02
const PARTIES = 3
const SPOILT_ROUNDS_MAX = 5

interface Scale {
  readonly rooms: number
  readonly warmSeconds: number
  readonly seconds: number
  readonly rounds: number
}

const FULL: Scale = { rooms: 160, warmSeconds: 0.4, seconds: 1, rounds: 9 }
const TINY: Scale = { rooms: 4, warmSeconds: 0.1, seconds: 0.3, rounds: 1 }

interface Pair {
  readonly mixed: Load
  readonly relayed: Load
}

/** Takes the load round both, and compares. */
export async function run({ tiny = false }: { tiny?: boolean } = {}): Promise<BenchResult> {
  const scale = tiny ? TINY : FULL
  const folder = mkdtempSync(join(tmpdir(), 'tandem-mix-'))
  const relays: Relay[] = []
  try {
    const generator = compileGenerator(folder)
    if (generator === undefined) throw new Error(NO_GCC)
    const calls = (scale.rooms * PARTIES) / 2
    for (const kind of ['mixed', 'relayed']) {
      const journal = join(folder, kind)
      mkdirSync(journal)
      relays.push(await startRelay('relay-host.ts', calls, GENERATOR_BASE, journal, kind))
    }
    for (const relay of relays) {
      pin(relay)
      process.kill(relay.pid, 'SIGSTOP')
    }
    const plan = { generator, base: GENERATOR_BASE, scale, blind: true }
    const take = async (relay: Relay | undefined): Promise<Load> => {
      if (relay === undefined) throw new Error('a media worker has not been started')
      process.kill(relay.pid, 'SIGCONT')
      const load = await loadOnce(plan, relay, 2 * calls)
      process.kill(relay.pid, 'SIGSTOP')
      return load
    }
    const pairs: Pair[] = []
    for (let round = 0; pairs.length < scale.rounds && round <= scale.rounds + SPOILT_ROUNDS_MAX; round++) {
      const pair = { mixed: await take(relays[0]), relayed: await take(relays[1]) }
      const steady = isSteady(pair.mixed, scale.seconds) && isSteady(pair.relayed, scale.seconds)
      if (round > 0 && (steady || tiny)) pairs.push(pair) // The first one warms both up.
    }
    if (pairs.length === 0) throw new Error('the machine is too busy to make an even load on')
    return verdict(scale, pairs, tiny)
  } finally {
    for (const relay of relays) relay.stop()
    rmSync(folder, { recursive: true })
  }
}

function verdict(scale: Scale, pairs: readonly Pair[], tiny: boolean): BenchResult {
  const [mixed, relayed] = [pairs.map((pair) => pair.mixed), pairs.map((pair) => pair.relayed)]
  const ratio = rounded(ratioOf(mixed, relayed))
  const ratios = pairs.map((pair) => costOf(pair.mixed) / costOf(pair.relayed))
  const deaf = [...mixed, ...relayed].reduce((sum, load) => sum + load.deaf, 0)
  const losses = [lossOf(mixed), lossOf(relayed)]
  const arithmetic = compareArithmetic(tiny)
  return {
    bench: 'mix',
    value: rounded(perLeg(mixed)),
    unit: 'ms of processor per second for each party of a room of three',
    against: 'relaying as many streams, through the same sockets',
    ratio,
    goal: RATIO_GOAL,
    ok: ratio <= RATIO_GOAL && deaf === 0 && losses.every((loss) => Math.abs(loss) < LOSS_MAX),
    checksum: mixed.reduce((sum, load) => sum + load.received, arithmetic.checksum),
    details: {
      rooms: scale.rooms,
      rounds: pairs.length,
      'relayed, ms of processor per second and leg': rounded(perLeg(relayed)),
      'least and greatest ratio of a round': [Math.min(...ratios), Math.max(...ratios)].map(rounded),
      'not come back in the measured time, mixed and relayed, %': losses.map((loss) => rounded(100 * loss)),
      'legs that heard nothing': deaf,
      'arithmetic alone, mixed and relayed, ns a packet': [arithmetic.mixedNs, arithmetic.relayedNs],
      'arithmetic alone, ratio': arithmetic.ratio,
      'generator, seconds of processor a round': median(mixed.map((load) => load.ownCpuSeconds)),
      processors: PINS === undefined ? 'shared by workers and load' : 'one for the workers, one for the load',
      'load of the machine': loadavg().map(rounded).join(' '),
    },
  }
}

function perLeg(loads: readonly Load[]): number {
  return median(loads.map(costOf)) / 2
}
