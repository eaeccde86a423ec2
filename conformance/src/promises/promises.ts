/**
 * All proofs of the harness in one run, in the short form that belongs to `npm test` or in the long form that reaches the
 * figures of `promises.md`. What cannot be done on this machine is skipped with its reason.
 */
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Random } from '@tandem/testing'
import { liveThrough } from './clocks.ts'
import type { Finding } from './finding.ts'
import { forge } from './forgery.ts'
import { prepared } from './life.ts'
import { mutateLinks } from './links.ts'
import { searchForPaused } from './paused.ts'
import { cutPower, mountSkip, type PowerCuts } from './power-cut.ts'
import { flipBits } from './rot.ts'
import {
  countCalls,
  type DiskError,
  DURABLE_CALLS,
  failCalls,
  killAtCalls,
  killAtRandom,
  type Point,
  type Strikes,
  straceSkip,
} from './strike.ts'

/** How much of everything. */
export interface Scale {
  readonly randomKills: number
  readonly callKills: number
  readonly diskErrors: number
  readonly powerCuts: number
  readonly flips: number
  readonly links: number
  readonly forgeries: number
  readonly steps: number
  readonly pausedCalls: number
  /** Calls whose server is killed, by the suite `crash`; none in the short form, where that suite runs by itself. */
  readonly callCrashes: number
}

/** What fits into `npm test`. */
export const SHORT: Scale = {
  ...{ randomKills: 3, callKills: 4, diskErrors: 3, powerCuts: 2, flips: 60 },
  ...{ links: 1_000, forgeries: 300, steps: 600, pausedCalls: 1, callCrashes: 0 },
}

/** What `promises.md` asks for, and a little more where a strike may miss. */
export const LONG: Scale = {
  ...{ randomKills: 700, callKills: 450, diskErrors: 80, powerCuts: 200, flips: 1_000 },
  ...{ links: 10_000, forgeries: 10_000, steps: 100_000, pausedCalls: 10, callCrashes: 200 },
}

/** The least that the long form must have done. */
const KILL_POINTS_MIN = 1_000
const ACKED_MIN = 100_000
const POWER_CUTS_MIN = 200
const DISK_ERRORS_MIN = 40
const CALL_CRASHES_MIN = 200
/** A call, its crash and its recovery. */
const CALL_CRASH_MS = 11_000
/** Ready again after a crash (P1). */
const READY_MS_MAX = 5_000
/** Where strikes fall in a run of work when nobody counted its calls: after the start, well before the end. */
const SPREAD: Readonly<Record<Point['call'], readonly [number, number]>> = {
  fsync: [8, 90],
  fdatasync: [1, 1], // SQLite and the vault call fsync; what calls fdatasync is the journal of calls.
  rename: [1, 20],
  unlink: [1, 8],
  pwrite64: [60, 1_500],
  write: [185, 380],
}
/** How an error must be named: by the store, the vault, or the system. */
const NAMED = /^(?:StoreError \w+|StorageFault \w*|Error E[A-Z]+)$/

/** What it is made of; each part stands for itself, so that the long form may be run in pieces. */
export const PARTS = ['links', 'forgery', 'rot', 'paused', 'lives', 'disk', 'crashes', 'calls'] as const
/** One of them. */
export type Part = (typeof PARTS)[number]

/** How to run it. */
export interface PromiseOptions {
  /** All of them unless said. */
  readonly parts?: readonly Part[]
  readonly scale: Scale
  readonly seed: number
  /** Whether figures count as broken promises when they are too slow, and calls are counted first. */
  readonly long: boolean
  /** No new strike after so much time. */
  readonly minutes?: number
  /** Is told each line as soon as there is one. */
  readonly onFinding?: (finding: Finding) => void
}

/** Runs all of it. */
export async function provePromises(options: PromiseOptions): Promise<readonly Finding[]> {
  const { scale, seed, minutes = Number.POSITIVE_INFINITY, parts = PARTS, onFinding } = options
  const has = (part: Part): boolean => parts.includes(part)
  const begunAt = performance.now()
  /** Each proof may use up what it does not leave to those after it. */
  const until = (share: number): number => begunAt + share * minutes * 60_000
  const random = new Random(seed)
  const findings: Finding[] = []
  const add = (...found: readonly Finding[]): void => {
    findings.push(...found)
    for (const finding of found) onFinding?.(finding)
  }
  if (has('links')) add(await mutateLinks(scale.links, random, until(0.02)))
  if (has('forgery')) add(await forge(scale.forgeries, random, until(0.05)))
  if (has('rot')) add(await flipBits(scale.flips, random, until(0.08)))
  if (has('paused')) add(await searchForPaused(scale.pausedCalls, until(0.12)))
  if (has('lives')) add(await liveThrough(scale.steps, { seed, until: until(0.2) }))
  if (has('disk') || has('crashes')) add(...(await strikeAll(options, { random, until })))
  if (has('calls') && scale.callCrashes > 0) {
    const mayTake = (0.25 * minutes * 60_000) / CALL_CRASH_MS
    add(callCrashes(Math.max(1, Math.min(scale.callCrashes, Math.floor(mayTake)))), fullDisk())
  }
  return findings
}

/** Kills, cuts and errors of the disk, all on copies of one prepared folder. */
async function strikeAll(
  { scale, long, parts = PARTS }: PromiseOptions,
  { random, until }: { readonly random: Random; readonly until: (share: number) => number },
): Promise<readonly Finding[]> {
  const template = await prepared()
  try {
    const shared = { random, template }
    const mayTrace = straceSkip()
    const findings: Finding[] = mayTrace === false ? [] : [...skipped(mayTrace)]
    if (parts.includes('disk') && mayTrace === false) {
      const errors = diskErrors(scale.diskErrors, random)
      findings.push(diskFinding(await failCalls(errors, { ...shared, until: until(0.25) })))
    }
    if (!parts.includes('crashes')) return findings
    const mayMount = mountSkip()
    const cuts =
      mayMount === false ? await cutPower(scale.powerCuts, { ...shared, until: until(0.4) }) : undefined
    const calls =
      mayTrace === false
        ? await callKills(scale.callKills, { ...shared, until: until(0.55), long })
        : undefined
    const kills = await killAtRandom(scale.randomKills, { ...shared, until: until(0.75) })
    return [...findings, ...crashFindings({ kills, calls, cuts, mayMount, long })]
  } finally {
    rmSync(dirname(template), { recursive: true, force: true })
  }
}

async function callKills(
  count: number,
  options: {
    readonly random: Random
    readonly template: string
    readonly until: number
    readonly long: boolean
  },
): Promise<Strikes> {
  const { random, template, long } = options
  const counted = long ? await countCalls(template) : undefined
  const points = Array.from({ length: count }, (_, n): Point => {
    const calls = DURABLE_CALLS.filter((call) => (counted?.[call].worked ?? SPREAD[call][1]) > 1)
    const call = calls[n % calls.length] as Point['call'] // Inside of the list.
    const [from, to] = counted === undefined ? SPREAD[call] : [1, counted[call].worked]
    return { call, n: from + random.below(to - from + 1) }
  })
  return await killAtCalls(points, options)
}

function diskErrors(count: number, random: Random): readonly DiskError[] {
  const kinds = [
    { call: 'fsync', error: 'EIO' },
    { call: 'pwrite64', error: 'ENOSPC' },
    { call: 'rename', error: 'EIO' },
    { call: 'fsync', error: 'EIO' },
    { call: 'pwrite64', error: 'EIO' },
    { call: 'unlink', error: 'EIO' },
  ] as const
  return Array.from({ length: count }, (_, at) => {
    const kind = kinds[at % kinds.length] as (typeof kinds)[number] // Inside of the list.
    const [from, to] = SPREAD[kind.call]
    return { ...kind, n: from + random.below(to - from + 1) }
  })
}

function diskFinding(strikes: Strikes): Finding {
  const unnamed = [...strikes.named].filter(([name]) => !NAMED.test(name))
  return {
    promise: 'P4',
    did: 'EIO and ENOSPC on sync, write, rename, unlink (calls: suite disk-full)',
    reached: `${strikes.failed} operations refused by name (${[...strikes.named.keys()].join(', ') || 'none'}), 0 of ${strikes.acked} acknowledged lost`,
    asked: '0 acks of what was not stored, the rest goes on',
    load: strikes.strikes,
    loadMin: DISK_ERRORS_MIN,
    faults: [
      ...strikes.faults,
      ...unnamed.map(([name, sentence]) => `an error without a name: ${name} ${sentence}`),
    ],
  }
}

function crashFindings(of: {
  readonly kills: Strikes
  readonly calls: Strikes | undefined
  readonly cuts: PowerCuts | undefined
  readonly mayMount: string | false
  readonly long: boolean
}): readonly Finding[] {
  const { kills, calls, cuts, mayMount, long } = of
  const all = [kills, ...(calls === undefined ? [] : [calls])]
  const sum = (what: (strikes: Strikes) => number): number =>
    all.reduce((total, each) => total + what(each), 0)
  const acked = sum((each) => each.acked) + (cuts?.acked ?? 0)
  const faults = all.flatMap((each) => each.faults)
  const readyMs = Math.max(...all.map((each) => each.readyMsMax), cuts?.readyMsMax ?? 0)
  const missed = calls?.strikes === 0 ? ['no durable call was struck: strace injects nothing'] : []
  const slow = long && readyMs > READY_MS_MAX ? [`ready only after ${readyMs} ms`] : []
  const isTorn = (fault: string): boolean => /^(?:torn|phantom|orphan)/.test(fault)
  const strikes = sum((each) => each.strikes)
  const cutFaults = cuts?.faults ?? []
  return [
    {
      promise: 'P1',
      did: `killed at random (${kills.strikes}) and on durable calls (${calls?.strikes ?? 0})`,
      reached: `ready again after ${readyMs} ms at most`,
      asked: '>= 1,000 kill points; ready <= 5 s',
      ...{ load: strikes, loadMin: KILL_POINTS_MIN, faults: [...slow, ...missed] },
    },
    {
      promise: 'P1',
      did: 'acknowledged operations looked for after each',
      reached: `${faults.filter((fault) => fault.startsWith('lost')).length} lost of ${acked}`,
      asked: '0 lost of >= 100,000',
      ...{ load: acked, loadMin: ACKED_MIN, faults: faults.filter((fault) => !isTorn(fault)) },
    },
    {
      promise: 'P1',
      did: 'power cut, from the image that it leaves',
      reached: `${cutFaults.filter((fault) => fault.startsWith('lost')).length} lost of ${cuts?.acked ?? 0}`,
      asked: '0 lost after 200 power cuts',
      ...{
        load: cuts?.cuts ?? 0,
        loadMin: POWER_CUTS_MIN,
        faults: cutFaults.filter((fault) => !isTorn(fault)),
      },
      ...(mayMount === false ? {} : { skipped: mayMount }),
    },
    {
      promise: 'P2',
      did: 'rows, files, keys, hashes, manifests, events reconciled',
      reached: `${[...faults, ...cutFaults].filter(isTorn).length} phantom or torn; ${sum((each) => each.quarantined)} orphans put away`,
      asked: '0 phantom, 0 torn, orphans all quarantined',
      load: sum((each) => each.reconciles) + (cuts?.cuts ?? 0),
      loadMin: KILL_POINTS_MIN,
      faults: [...faults, ...cutFaults].filter(isTorn),
    },
  ]
}

function skipped(why: string): readonly Finding[] {
  const nothing = { reached: '', asked: '', load: 0, loadMin: 0, faults: [], skipped: why }
  return [
    { promise: 'P4', did: 'errors of the disk', ...nothing },
    { promise: 'P1', did: 'killed on durable calls', ...nothing },
  ]
}

function callCrashes(kills: number): Finding {
  const { isPassed, output } = suite('crash', { CRASH_KILLS: String(kills) })
  const lost = [...output.matchAll(/\((-?\d+) ms off\)/g)].map((match) => Number(match[1]))
  return {
    promise: 'P3',
    did: 'server killed in the middle of calls (suite crash)',
    reached: `at most ${Math.max(0, ...lost)} ms off, ${lost.length} recovered`,
    asked: 'process kill <= 200 ms of audio lost',
    ...{ load: lost.length, loadMin: CALL_CRASHES_MIN },
    faults: isPassed ? [] : [output.slice(-1_500)],
  }
}

function fullDisk(): Finding {
  const { isPassed, output } = suite('disk-full', {})
  return {
    promise: 'P4',
    did: 'the disk of the journal fills up in a call (suite disk-full)',
    reached: isPassed ? 'the call goes on, the recording says that it failed' : 'not as the policy says',
    asked: '100 % of calls end as the policy says',
    ...{ load: 1, loadMin: 1, faults: isPassed ? [] : [output.slice(-1_500)] },
  }
}

/** Runs another suite of this folder. What is skipped, or does not run at all, has not passed. */
function suite(
  name: string,
  settings: Readonly<Record<string, string>>,
): { readonly isPassed: boolean; readonly output: string } {
  const file = fileURLToPath(new URL(`../${name}/${name}.test.ts`, import.meta.url))
  const env: Record<string, string | undefined> = { ...process.env, ...settings }
  delete env['NODE_TEST_CONTEXT'] // With it the runner thinks that it is inside of a test, and runs nothing.
  const args = ['--test', '--test-reporter=spec', file]
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', env })
  return { isPassed: status === 0 && /^\S* pass [1-9]/m.test(stdout), output: stdout }
}
