/**
 * How many recorded calls are carried at once, with everything running? The whole server, bare phones, the load generator
 * and this program share the machine; every call is recorded in stereo MP3.
 *
 * A step passes when less than 0.1 % of the packets is lost, they come less than 5 ms late at the 99th percentile, the
 * encoders do not fall further behind while it lasts, and every recording is right afterwards: listed once, as long as its
 * call, 400 Hz in the left ear and 1,000 Hz in the right one all the time. Steps go on until one fails.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { MP3_BITS_PER_SECOND } from '@tandem/recordings'
import { WebexClient } from '@tandem/sdk'
import { hear } from '../../conformance/src/peers/recording.ts'
import { until } from '../../tools/child.ts'
import { amplitudeAt, type Heard } from '../../tools/mp3.ts'
import { LiveLoad } from './live-load.ts'
import { Office } from './office.ts'
import type { BenchResult } from './result.ts'
import { compileGenerator, type Load, NO_GCC, rounded } from './rtp-load.ts'

const GOAL_CALLS = 300
const STEPS = [100, 200, 300, 400, 500]
const LOSS_GOAL = 0.001
const P99_MS_GOAL = 5
/** What the encoders may be further behind at the end of the measured time than at its beginning. */
const LAG_GROWTH_SECONDS_MAX = 1.5
const SET_UP_PER_SECOND = 50
const HANG_UP_PER_SECOND = 100
/** The encoders work at low priority; how long they may take for what is left when all calls have ended. */
const PUBLISH_MS_MAX = 120_000
/** A recording may differ from its call, as its phone saw it, by this much. */
const LENGTH_SECONDS_OFF_MAX = 0.5
/** The ends of a recording that are not listened to. */
const EDGE_SECONDS = 0.5
/**
 * The rest is, in pieces of this length, each of which must have its tone: short ones, for a recording follows the clock of
 * its phone by a sample a packet, which moves a tone by some hertz for a while.
 */
const PIECE_SECONDS = 0.04
/**
 * A tone of a quarter of full scale must be there with half of its amplitude. Of the other ear's there is a little: the stamps
 * that the generator puts into every packet are heard too, as a buzz of 50 Hz and its multiples.
 */
const AMPLITUDE_MIN = 0.12
const AMPLITUDE_OTHER_MAX = 0.08
const [LEFT_HZ, RIGHT_HZ] = [400, 1_000]

interface Scale {
  readonly steps: readonly number[]
  readonly settleMs: number
  readonly seconds: number
}

const FULL: Scale = { steps: STEPS, settleMs: 6_000, seconds: 20 }
const TINY: Scale = { steps: [4], settleMs: 200, seconds: 3 }

/** What one step came to. */
interface Step {
  readonly calls: number
  readonly load: Load
  readonly lagSeconds: readonly [from: number, to: number]
  readonly publishMs: number
  readonly wrong: readonly string[]
  readonly residentMb: readonly [idle: number, busy: number]
}

/** The benchmark. */
export async function run({ tiny = false }: { tiny?: boolean } = {}): Promise<BenchResult> {
  const scale = tiny ? TINY : FULL
  const folder = mkdtempSync(join(tmpdir(), 'tandem-recorded-calls-'))
  const steps: Step[] = []
  try {
    const generator = compileGenerator(folder)
    if (generator === undefined) throw new Error(NO_GCC)
    for (const calls of scale.steps) {
      const step = await attempt(generator, calls, scale)
      steps.push(step)
      if (whyNot(step).length > 0) break
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  return verdict(steps, tiny)
}

/** One step from an empty server to the last recording. */
async function attempt(generator: string, calls: number, scale: Scale): Promise<Step> {
  const office = await Office.open({
    people: 2 * calls,
    recording: (person) => (person % 2 === 0 ? 'Always' : 'Never'),
    rtpPorts: 1_000,
  })
  let load: LiveLoad | undefined
  try {
    const { farm, rtpBase: base, legs, serverPid: pid } = office
    const idleMb = await residentMb(office)
    const times = timesOf(office)
    load = await LiveLoad.start(generator, { base, legs, pid, blind: false, farm })
    await office.fill(calls, SET_UP_PER_SECOND)
    await wait(scale.settleMs)
    load.measure()
    const lagFrom = lagSeconds(office, times)
    await wait(1_000 * scale.seconds)
    const lagTo = lagSeconds(office, times)
    load.measured()
    const busyMb = await residentMb(office)
    await hangUpAll(office, calls)
    const heard = await load.finish()
    load = undefined
    const publishMs = await published(office)
    return {
      calls,
      load: heard,
      lagSeconds: [lagFrom, lagTo],
      publishMs,
      wrong: await wrongRecordings(office, times),
      residentMb: [idleMb, busyMb],
    }
  } finally {
    await load?.finish()
    await office.close()
  }
}

/** When the call of each recorded person began and ended, as the phone saw it; filled as the calls go on. */
type Times = Map<number, { readonly from: number; to?: number }>

function timesOf(office: Office): Times {
  const times: Times = new Map()
  office.farm.listen((report) => {
    if (report.kind === 'talking' && report.first && report.user % 2 === 0)
      times.set(report.user, { from: report.at })
    if (report.kind !== 'over') return
    const time = times.get(report.user)
    if (time !== undefined) time.to = report.at
  })
  return times
}

/** How far the encoders are behind the calls, on average, by the size of what they have written so far. */
function lagSeconds(office: Office, times: Times): number {
  const at = Number(process.hrtime.bigint()) / 1_000_000
  let talked = 0
  for (const { from } of times.values()) talked += (at - from) / 1_000
  const parts = join(office.stage.dataFolder, 'vault', 'tmp')
  let encoded = 0
  for (const name of readdirSync(parts)) {
    const size = statSync(join(parts, name), { throwIfNoEntry: false })?.size ?? 0
    if (name.endsWith('.mp3.part')) encoded += (8 * size) / MP3_BITS_PER_SECOND
  }
  return (talked - encoded) / Math.max(1, times.size)
}

async function residentMb(office: Office): Promise<number> {
  return rounded(((await office.metrics()).get('tandem_resident_memory_bytes') ?? 0) / 2 ** 20)
}

async function hangUpAll(office: Office, calls: number): Promise<void> {
  for (let call = 0; call < calls; call++) {
    office.farm.hangUp(2 * call)
    await wait(1_000 / HANG_UP_PER_SECOND)
  }
  await until('all calls have ended', () => (office.farm.legs.size === 0 ? true : undefined))
}

/** Milliseconds until no recording is on its way any more; the time that was given when some still are. */
async function published(office: Office): Promise<number> {
  const startedAt = performance.now()
  while (performance.now() - startedAt < PUBLISH_MS_MAX) {
    const metrics = await office.metrics()
    const [open, backlog] = [metrics.get('tandem_recordings_open'), metrics.get('tandem_recordings_backlog')]
    if (open === 0 && backlog === 0) break
    await wait(100)
  }
  return Math.round(performance.now() - startedAt)
}

/** Listens to the recording of each person; says of each that is not right what is wrong. */
async function wrongRecordings(office: Office, times: Times): Promise<string[]> {
  const wrong: string[] = []
  for (const [person, { from, to = from }] of times) {
    const client = new WebexClient({ token: office.token(person), baseUrl: `${office.stage.url}/v1` })
    const items = await client.convergedRecordings.list({ max: 10 }).toArray()
    const [only] = items
    if (only === undefined || items.length !== 1) {
      wrong.push(`person ${person} has ${items.length} recordings`)
      continue
    }
    const fault = faultIn(await hear(client, only.id), (to - from) / 1_000)
    if (fault !== undefined) wrong.push(`the recording of person ${person}: ${fault}`)
  }
  return wrong
}

/** What is wrong with a recording of a call that took `seconds`; undefined when nothing is. */
export function faultIn(heard: Heard, seconds: number): string | undefined {
  const { channels, sampleRateHz } = heard
  const off = heard.seconds - seconds
  if (Math.abs(off) > LENGTH_SECONDS_OFF_MAX)
    return `${rounded(heard.seconds)} s for a call of ${rounded(seconds)} s`
  const edge = Math.round(EDGE_SECONDS * sampleRateHz)
  const piece = Math.round(PIECE_SECONDS * sampleRateHz)
  for (const [side, hz, otherHz] of [
    [0, LEFT_HZ, RIGHT_HZ],
    [1, RIGHT_HZ, LEFT_HZ],
  ] as const) {
    const channel = channels[side]
    if (channel === undefined) return `channel ${side} is missing`
    for (let at = edge; at + piece <= channel.length - edge; at += piece) {
      const part = channel.subarray(at, at + piece)
      const [own, other] = [hz, otherHz].map((each) => amplitudeAt(part, sampleRateHz, each))
      if ((own ?? 0) >= AMPLITUDE_MIN && (other ?? 1) <= AMPLITUDE_OTHER_MAX) continue
      const levels = `${hz} Hz at ${rounded(own ?? 0)}, ${otherHz} Hz at ${rounded(other ?? 0)}`
      return `channel ${side} at ${rounded(at / sampleRateHz)} s: ${levels}`
    }
  }
  return undefined
}

/** Why a step has not passed; empty when it has. */
function whyNot(step: Step): string[] {
  const { load, lagSeconds: lag, wrong } = step
  const loss = 1 - load.received / load.sent
  return [
    ...(loss < LOSS_GOAL ? [] : [`lost ${rounded(100 * loss)} %`]),
    ...(load.p99Ms < P99_MS_GOAL ? [] : [`p99 of ${load.p99Ms} ms`]),
    ...(load.deaf === 0 && load.wrong === 0 ? [] : [`${load.deaf} legs deaf, ${load.wrong} packets astray`]),
    ...(lag[1] - lag[0] <= LAG_GROWTH_SECONDS_MAX
      ? []
      : [`encoders fell ${rounded(lag[1] - lag[0])} s back`]),
    ...(wrong.length === 0 ? [] : [`${wrong.length} recordings wrong, e.g. ${wrong[0]}`]),
  ]
}

function verdict(steps: readonly Step[], tiny: boolean): BenchResult {
  // A tiny run asks on a busy machine whether the recordings are right, and nothing of the clock.
  const passed = steps.filter((step) => (tiny ? step.wrong.length === 0 : whyNot(step).length === 0))
  const best = passed.at(-1)?.calls ?? 0
  const goal = tiny ? (steps[0]?.calls ?? 1) : GOAL_CALLS
  return {
    bench: 'recorded-calls',
    value: best,
    unit: `recorded calls on ${availableParallelism()} cores, everything running`,
    against: `goal of ${goal}`,
    ratio: rounded(best / goal),
    goal: 1,
    ok: best >= goal,
    checksum: steps.reduce((sum, { load }) => sum + load.received, 0),
    details: {
      ...Object.fromEntries(steps.map((step) => [`${step.calls} calls`, shown(step)])),
      'load of the machine': loadavg().map(rounded).join(' '),
    },
  }
}

function shown(step: Step): Readonly<Record<string, unknown>> {
  const { load, residentMb: resident } = step
  const share = (seconds: number): number => rounded(seconds / load.wallSeconds)
  const why = whyNot(step)
  return {
    passed: why.length === 0 ? 'yes' : why.join('; '),
    lossPercent: rounded(100 * (1 - load.received / load.sent)),
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    maxMs: load.maxMs,
    serverCores: share(load.cpuSeconds),
    generatorCores: share(load.ownCpuSeconds),
    encodersBehindSeconds: step.lagSeconds.map(rounded),
    allAvailableAfterMs: step.publishMs,
    rightRecordings: step.calls - step.wrong.length,
    residentMb: resident,
    kilobytesPerCall: rounded((1_024 * (resident[1] - resident[0])) / step.calls),
  }
}
