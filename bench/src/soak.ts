/**
 * Does an hour of calls and random commands leave anything behind? Two hundred calls with audio, some of them recorded, on
 * which people hold, mute, park, retrieve, transfer, join, record and hang up without end (`--minutes M`, 60 by default).
 *
 * The heap of every lasting thread is read after a forced collection, again and again: the last quarter of the time may
 * not be above the second by more than 2 %. Then all hang up, and calls, dialogs, timers, sockets and files must be
 * where they were before the first call.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Random } from '@tandem/testing'
import { LiveLoad } from './live-load.ts'
import { Office } from './office.ts'
import { RandomCommands } from './random-commands.ts'
import type { BenchResult } from './result.ts'
import { compileGenerator, NO_GCC, rounded } from './rtp-load.ts'
import { INSPECTED, leftoverFiles, openDescriptors, ServerProbe, type ThreadState } from './server-probe.ts'

const GROWTH_GOAL = 1.02
const MINUTES = 60
const MINUTES_MAX = 24 * 60
/** Connections that HTTP keeps open, and a timer of theirs. */
const DESCRIPTORS_MORE_MAX = 8
const TIMERS_MORE_MAX = 4
const SET_UP_PER_SECOND = 20
/** Of the people beyond two for each call: they are transferred to and join. */
const SPARE_SHARE = 0.25

interface Scale {
  readonly calls: number
  readonly seconds: number
  readonly pressesPerSecond: number
  readonly samples: number
  /** How long everything may take to be gone: transactions rest for 32 s, ports are given back by halves each 30 s. */
  readonly clearMs: number
}

const TINY: Scale = { calls: 4, seconds: 4, pressesPerSecond: 10, samples: 8, clearMs: 8_000 }
const FULL: Scale = { calls: 200, seconds: 0, pressesPerSecond: 15, samples: 120, clearMs: 420_000 }

/** What can be left behind. */
interface State {
  readonly engine: Readonly<Record<string, number>>
  readonly descriptors: number
  readonly files: readonly string[]
  readonly timers: number
}

interface Sample {
  readonly atSeconds: number
  readonly heapBytes: number
  readonly threads: readonly ThreadState[]
}

/** The benchmark. */
export async function run(options: { tiny?: boolean; minutes?: number } = {}): Promise<BenchResult> {
  const { tiny = false, minutes = MINUTES } = options
  if (!(minutes > 0 && minutes <= MINUTES_MAX))
    throw new Error(`--minutes is above 0 and at most ${MINUTES_MAX}`)
  const scale = tiny ? TINY : { ...FULL, seconds: 60 * minutes }
  const people = Math.ceil(2 * scale.calls * (1 + SPARE_SHARE))
  const folder = mkdtempSync(join(tmpdir(), 'tandem-soak-'))
  let office: Office | undefined
  let load: LiveLoad | undefined
  let probe: ServerProbe | undefined
  try {
    const generator = compileGenerator(folder)
    if (generator === undefined) throw new Error(NO_GCC)
    office = await Office.open({
      people,
      recording: (person) => RECORDING[person % RECORDING.length] ?? 'Never',
      settings: INSPECTED,
      legsMore: people,
      rtpPorts: 4 * people,
    })
    probe = await ServerProbe.connect(office)
    const before = await stateOf(office, probe)
    const { farm, rtpBase: base, legs, serverPid: pid } = office
    load = await LiveLoad.start(generator, { base, legs, pid, blind: true, farm })
    await office.fill(scale.calls, SET_UP_PER_SECOND)
    const seed = Math.floor(performance.timeOrigin) % 1_000_000
    const commands = new RandomCommands(office, { random: new Random(seed), people, callsMax: scale.calls })
    load.measure()
    const samples = await soak({ office, probe, commands }, scale)
    load.measured()
    const heard = await load.finish()
    load = undefined
    const after = await cleared({ office, probe }, { people, before, waitMs: scale.clearMs })
    const alarms = await alarmsOf(office)
    return verdict({ scale, tiny, samples, before, after, commands, alarms, seed, packets: heard.received })
  } finally {
    probe?.close()
    await load?.finish()
    await office?.close()
    rmSync(folder, { recursive: true })
  }
}

/** By person, in turn. */
const RECORDING = ['Always', 'Never', 'On Demand with User Initiated Start', 'Always with Pause/Resume']

interface Place {
  readonly office: Office
  readonly probe: ServerProbe
}

/** Presses buttons for the whole time, and reads the heap at even intervals. */
async function soak(place: Place & { readonly commands: RandomCommands }, scale: Scale): Promise<Sample[]> {
  const startedAt = performance.now()
  const passed = (): number => (performance.now() - startedAt) / 1_000
  const samples: Sample[] = []
  const pressing = press(place.commands, scale, passed)
  for (let index = 1; index <= scale.samples; index++) {
    await wait(Math.max(0, 1_000 * ((index * scale.seconds) / scale.samples - passed())))
    const threads = await place.probe.threads()
    const heapBytes = threads.reduce((sum, thread) => sum + thread.heapBytes, 0)
    samples.push({ atSeconds: passed(), heapBytes, threads })
  }
  await pressing
  return samples
}

async function press(commands: RandomCommands, scale: Scale, passed: () => number): Promise<void> {
  const under: Set<Promise<void>> = new Set()
  for (let count = 1; passed() < scale.seconds; count++) {
    const one = commands.press().catch((error: unknown) => {
      commands.faults.push(error instanceof Error ? error.message : String(error))
    })
    under.add(one)
    void one.finally(() => under.delete(one))
    await wait(Math.max(0, 1_000 * (count / scale.pressesPerSecond - passed())))
  }
  await Promise.all(under)
}

async function stateOf(office: Office, probe: ServerProbe): Promise<State> {
  const metrics = await office.metrics()
  const names = ['sessions', 'halves', 'legs', 'recordings', 'transactions']
  const engine = Object.fromEntries(names.map((name) => [name, metrics.get(`tandem_engine_${name}`) ?? -1]))
  const threads = await probe.threads()
  return {
    engine: {
      ...engine,
      open: metrics.get('tandem_recordings_open') ?? -1,
      backlog: metrics.get('tandem_recordings_backlog') ?? -1,
    },
    descriptors: openDescriptors(office),
    files: leftoverFiles(office),
    timers: threads.reduce((sum, thread) => sum + thread.timers, 0),
  }
}

/** Everybody hangs up; what is left when nothing is left any more, or when the time is over. */
async function cleared(
  { office, probe }: Place,
  options: { readonly people: number; readonly before: State; readonly waitMs: number },
): Promise<State> {
  const { people, before, waitMs } = options
  const giveUpAt = performance.now() + waitMs
  for (;;) {
    for (let person = 0; person < people; person++) office.farm.hangUp(person)
    await wait(1_000)
    const state = await stateOf(office, probe)
    if (leftIn(state, before).length === 0 || performance.now() > giveUpAt) return state
  }
}

/** What is there that was not there before. */
function leftIn(state: State, before: State): string[] {
  return [
    ...Object.entries(state.engine)
      .filter(([, count]) => count !== 0)
      .map(([name, count]) => `${count} ${name}`),
    ...(state.files.length > before.files.length
      ? [`${state.files.length} files, e.g. ${state.files[0]}`]
      : []),
    ...(state.descriptors > before.descriptors + DESCRIPTORS_MORE_MAX
      ? [`${state.descriptors - before.descriptors} descriptors more than before`]
      : []),
    ...(state.timers > before.timers + TIMERS_MORE_MAX
      ? [`${state.timers - before.timers} timers more than before`]
      : []),
  ]
}

/** Counters that must stay 0. */
async function alarmsOf(office: Office): Promise<string[]> {
  const metrics = await office.metrics()
  return ['recording_alarms', 'recording_failures', 'calls_unrecorded', 'storing_failures', 'log_alarms']
    .map((name) => [name, metrics.get(`tandem_${name}_total`) ?? 0] as const)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
}

interface Outcome {
  readonly scale: Scale
  readonly tiny: boolean
  readonly samples: readonly Sample[]
  readonly before: State
  readonly after: State
  readonly commands: RandomCommands
  readonly alarms: readonly string[]
  readonly seed: number
  readonly packets: number
}

function verdict(outcome: Outcome): BenchResult {
  const { scale, tiny, samples, before, after, commands, alarms, seed, packets } = outcome
  const [second, last] = [quarter(samples, 1), quarter(samples, 3)]
  const growth = mean(last) / mean(second)
  const left = leftIn(after, before)
  const presses = [...commands.tallies.values()].reduce((sum, each) => sum + each.done + each.refused, 0)
  const clean = left.length === 0 && alarms.length === 0 && commands.faults.length === 0
  return {
    bench: 'soak',
    value: rounded(mean(last) / 2 ** 20),
    unit: `MiB of heap and buffers in the last quarter of ${rounded(scale.seconds / 60)} min, ${scale.calls} calls`,
    against: 'the second quarter',
    ratio: rounded(growth),
    goal: GROWTH_GOAL,
    ok: !tiny && growth <= GROWTH_GOAL && clean,
    checksum: presses + packets,
    details: {
      seed,
      'commands, done and refused': Object.fromEntries(
        [...commands.tallies].map(([name, { done, refused }]) => [name, `${done} and ${refused}`]),
      ),
      faults:
        commands.faults.length === 0 ? 'none' : [commands.faults.length, ...commands.faults.slice(0, 5)],
      'left behind': left.length === 0 ? 'nothing' : left,
      alarms: alarms.length === 0 ? 'none' : alarms,
      'heap by quarter, MiB': [0, 1, 2, 3].map((index) => rounded(mean(quarter(samples, index)) / 2 ** 20)),
      'heap by thread at the end, MiB': Object.fromEntries(
        (samples.at(-1)?.threads ?? []).map(({ name, heapBytes }) => [name, rounded(heapBytes / 2 ** 20)]),
      ),
      'descriptors and timers, before and after': [
        [before.descriptors, after.descriptors],
        [before.timers, after.timers],
      ],
      'packets that came back': packets,
      'load of the machine': loadavg().map(rounded).join(' '),
    },
  }
}

function quarter(samples: readonly Sample[], index: number): number[] {
  const size = samples.length / 4
  return samples.slice(index * size, (index + 1) * size).map((sample) => sample.heapBytes)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
