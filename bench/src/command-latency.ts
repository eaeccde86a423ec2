/**
 * How long from a command of the API until its SIP message is on the wire, while calls with audio stand?
 *
 * The clock starts before the HTTP request is sent and stops when the message is read from the phone's socket: INVITE for
 * dial, NOTIFY for answer, hold and resume (the phones take talk and hold), BYE for hang-up. Mute has no message: of it the
 * whole HTTP exchange is told. Commands go out one after another, each for another person. The limit in the same run is a
 * question to the API that asks the engine nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../tools/child.ts'
import { LiveLoad } from './live-load.ts'
import { Office } from './office.ts'
import { clockMs, type FarmMessage } from './phone-farm.ts'
import type { BenchResult } from './result.ts'
import { compileGenerator, type Load, NO_GCC, rounded } from './rtp-load.ts'

const P99_MS_GOAL = 10
/** People who dial, ring and hang up, beside those whose calls stand. */
const SPARE_PAIRS = 4
const SET_UP_PER_SECOND = 50
const MESSAGE_MS_MAX = 5_000
/** Between two commands: they measure the server, not each other. */
const PAUSE_MS = 20

interface Scale {
  readonly calls: number
  readonly cycles: number
  readonly warmCycles: number
}

const FULL: Scale = { calls: 300, cycles: 200, warmCycles: 20 }
const TINY: Scale = { calls: 5, cycles: 3, warmCycles: 1 }

/** Milliseconds of each command, by its name. */
type Samples = Map<string, number[]>

/** The benchmark. */
export async function run({ tiny = false }: { tiny?: boolean } = {}): Promise<BenchResult> {
  const scale = tiny ? TINY : FULL
  const folder = mkdtempSync(join(tmpdir(), 'tandem-command-latency-'))
  let office: Office | undefined
  let load: LiveLoad | undefined
  try {
    const generator = compileGenerator(folder)
    if (generator === undefined) throw new Error(NO_GCC)
    office = await Office.open({
      people: 2 * (scale.calls + SPARE_PAIRS),
      recording: () => 'Never',
      remoteControl: true,
      rtpPorts: 600,
    })
    const { farm, rtpBase: base, legs, serverPid: pid } = office
    load = await LiveLoad.start(generator, { base, legs, pid, blind: true, farm })
    await office.fill(scale.calls, SET_UP_PER_SECOND)
    const wire: Samples = new Map()
    const http: Samples = new Map()
    for (let cycle = -scale.warmCycles; cycle < scale.cycles; cycle++) {
      if (cycle === 0) {
        wire.clear()
        http.clear()
        load.measure()
      }
      await oneCycle({ office, wire, http }, scale, cycle + scale.warmCycles)
    }
    load.measured()
    const heard = await load.finish()
    load = undefined
    return verdict(scale, { wire, http }, heard)
  } finally {
    await load?.finish()
    await office?.close()
    rmSync(folder, { recursive: true })
  }
}

interface Place {
  readonly office: Office
  readonly wire: Samples
  readonly http: Samples
}

/** Every command once: hold, resume and mute on a call that stands; dial, answer and hang-up on one that is made for it. */
async function oneCycle(place: Place, scale: Scale, cycle: number): Promise<void> {
  const { office } = place
  const { farm } = office
  const standing = 2 * (cycle % scale.calls)
  const held = await callOf(office, standing, 'connected')
  await command(place, { name: 'hold', person: standing, body: { callId: held } }, ['NOTIFY', [standing]])
  await command(place, { name: 'resume', person: standing, body: { callId: held } }, ['NOTIFY', [standing]])
  await command(place, { name: 'mute', person: standing, body: { callId: held } })
  await command(place, { name: 'unmute', person: standing, body: { callId: held } })

  const caller = 2 * (scale.calls + (cycle % SPARE_PAIRS))
  const callee = caller + 1
  farm.habit(callee, { ring: true })
  const destination = office.extension(callee)
  await command(place, { name: 'dial', person: caller, body: { destination } }, ['INVITE', [caller]])
  const ringing = await callOf(office, callee, 'alerting')
  await command(place, { name: 'answer', person: callee, body: { callId: ringing } }, ['NOTIFY', [callee]])
  const talking = await callOf(office, caller, 'connected')
  const parties = [caller, callee]
  await command(place, { name: 'hangup', person: caller, body: { callId: talking } }, ['BYE', parties])
  keep(place.http, 'a question that is no call’s', (await office.ask(caller, 'people/me')).tookMs)
}

/** Sends one command, and notes when its first message came to one of the phones named. */
async function command(
  { office, wire, http }: Place,
  what: { readonly name: string; readonly person: number; readonly body: object },
  awaited?: readonly [method: string, people: readonly number[]],
): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  const arrival =
    awaited === undefined
      ? undefined
      : office.farm.wait(`${awaited[0]} after ${what.name}`, MESSAGE_MS_MAX, (report) =>
          report.kind === 'message' && isThat(report, awaited) ? report.at : undefined,
        )
  arrival?.catch(() => {}) // It is awaited below, once the API has spoken.
  const startedAt = clockMs()
  const answer = await office.ask(what.person, `telephony/calls/${what.name}`, what.body)
  if (answer.status >= 300) throw new Error(`${what.name}: ${answer.status} ${JSON.stringify(answer.body)}`)
  keep(http, what.name, answer.tookMs)
  if (arrival !== undefined) keep(wire, what.name, (await arrival) - startedAt)
}

function isThat(message: FarmMessage, [method, people]: readonly [string, readonly number[]]): boolean {
  return message.method === method && people.includes(message.user)
}

/** The id of a person's only call, once it is in that state. */
function callOf(office: Office, person: number, state: string): Promise<string> {
  return until(`a call of person ${person} is ${state}`, async () => {
    const { body } = await office.ask(person, 'telephony/calls')
    const { items } = body as { items: { id: string; state: string }[] } // The contract's CallList.
    return items.find((call) => call.state === state)?.id
  })
}

function keep(samples: Samples, name: string, ms: number): void {
  const all = samples.get(name) ?? []
  samples.set(name, all)
  all.push(ms)
}

function verdict(scale: Scale, { wire, http }: { wire: Samples; http: Samples }, load: Load): BenchResult {
  const all = [...wire.values()].flat()
  const p99 = percentile(all, 0.99)
  const shown = (samples: Samples): Record<string, string> =>
    Object.fromEntries([...samples].map(([name, values]) => [name, shortly(values)]))
  return {
    bench: 'command-latency',
    value: rounded(p99),
    unit: `ms at the 99th percentile, ${scale.calls} calls with audio`,
    against: `goal of ${P99_MS_GOAL} ms`,
    ratio: rounded(p99 / P99_MS_GOAL),
    goal: 1,
    ok: p99 <= P99_MS_GOAL,
    checksum: all.length + [...http.values()].flat().length,
    details: {
      'to the message on the wire, ms': { all: shortly(all), ...shown(wire) },
      'the whole HTTP exchange, ms': shown(http),
      'audio meanwhile, packets sent': load.sent,
      'audio not come back, %': rounded(100 * (1 - load.received / load.sent)),
      'the server’s processor, share of one': rounded(load.cpuSeconds / load.wallSeconds),
      'the generator’s processor, share of one': rounded(load.ownCpuSeconds / load.wallSeconds),
      'load of the machine': loadavg().map(rounded).join(' '),
    },
  }
}

function shortly(values: readonly number[]): string {
  const [p50, p99] = [percentile(values, 0.5), percentile(values, 0.99)].map(rounded)
  return `p50 ${p50}, p99 ${p99}, worst ${rounded(Math.max(...values))}, of ${values.length}`
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
