/**
 * How many calls a second are set up and torn down through Tandem, with media ports, none failed?
 *
 * SIPp calls SIPp through a server that is held on one core; both SIPps share the other. Each call is challenged, answered at once and hung up at
 * once: 14 messages on our side. Many lines take turns, since a line that talks is held when it takes up another call. The peer in the same run is SIPp calling SIPp directly, which is the limit of the load generator.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startSipp } from '../../conformance/src/peers/sipp.ts'
import { Child } from '../../tools/child.ts'
import { freePorts } from '../../tools/free-ports.ts'
import { hasProgram } from '../../tools/peers.ts'
import { Stage } from '../../tools/stage.ts'
import type { BenchResult } from './result.ts'

const GOAL_PER_SECOND = 300
const RATES = [100, 200, 250, 300, 400, 500, 650, 800, 1_000, 1_250]
const SECONDS = 10
const WARM_UP_PER_SECOND = 100
/** None of these calls sends audio, so that each leg holds a port pair of its own until it ends. */
const RTP_PORTS = 2_000
const DOMAIN = 'setup.test'
/** Pairs of a calling and a called line. */
const PAIRS = 200
const PASSWORD = 'setup-password'
const REGISTERS_PER_SECOND = 50

/** Runs SIPp against SIPp through the server at one rate; true when no call failed. */
async function attempt(
  stage: Stage,
  ratePerSecond: number,
  seconds: number,
): Promise<{ ok: boolean; tookSeconds: number }> {
  const calls = ratePerSecond * seconds
  const port = await freePorts(4)
  const media = await freePorts(8)
  const folder = join(stage.folder, `rate-${ratePerSecond}`)
  mkdirSync(folder, { recursive: true })
  const wrapper = hasProgram('taskset') ? ['taskset', '-c', '1'] : []
  const common = { folder, domain: DOMAIN, server: stage.sipPort, seconds: 3 * seconds + 20, wrapper }
  const register = startSipp({
    ...common,
    scenario: 'register',
    port: port + 2,
    users: pairs((pair) => [`callee${pair}`, PASSWORD]),
    calls: PAIRS,
    ratePerSecond: REGISTERS_PER_SECOND,
    keys: { contact_port: String(port) },
  })
  if ((await register.exited) !== 0) throw new Error(`the callees could not register:\n${register.output}`)
  const callee = startSipp({ ...common, scenario: 'callee-silent', port, mediaPort: media, calls })
  const startedAt = performance.now()
  const caller = startSipp({
    ...common,
    scenario: 'caller-silent',
    port: port + 1,
    mediaPort: media + 4,
    users: pairs((pair) => [`caller${pair}`, PASSWORD, extensionOf('callee', pair)]),
    calls,
    ratePerSecond,
  })
  const code = await caller.exited
  const tookSeconds = (performance.now() - startedAt) / 1000
  await callee.stop(2_000)
  // The last calls need a moment beyond the offered time; a run that drags on has not kept the rate.
  return { ok: code === 0 && tookSeconds < seconds + 2, tookSeconds }
}

function pairs<T>(make: (pair: number) => T): T[] {
  return Array.from({ length: PAIRS }, (_, pair) => make(pair))
}

function extensionOf(side: 'caller' | 'callee', pair: number): string {
  return String((side === 'caller' ? 1_000 : 2_000) + pair)
}

function directory(): string {
  const person = (side: 'caller' | 'callee', pair: number): string =>
    `      - { email: ${side}${pair}@${DOMAIN}, name: ${side} ${pair}, extension: "${extensionOf(side, pair)}", devices: [{ name: phone, sipUser: ${side}${pair}, sipPassword: ${PASSWORD} }] }`
  const people = pairs((pair) => `${person('caller', pair)}\n${person('callee', pair)}`)
  return `organizations:\n  - name: Setup\n    domains: [${DOMAIN}]\n    people:\n${people.join('\n')}\n`
}

/** The rates at which SIPp calls SIPp without anything between. */
const DIRECT_RATES = [500, 1_000, 2_000, 4_000]
const DIRECT_SECONDS = 3

/** What the load generator itself can do on this machine, just now: its built-in caller against its built-in callee. */
async function directLimit(): Promise<number> {
  const port = await freePorts(4)
  const start = (core: string, args: readonly string[]): Child => {
    const [command, ...first] = hasProgram('taskset') ? ['taskset', '-c', core, 'sipp'] : ['sipp']
    return new Child('sipp', command ?? 'sipp', [
      ...first,
      ...args,
      '-i',
      '127.0.0.1',
      '-mi',
      '127.0.0.1',
      '-nostdin',
      '-l',
      '20000',
    ])
  }
  let best = 0
  for (const rate of DIRECT_RATES) {
    const calls = rate * DIRECT_SECONDS
    const callee = start('0', ['-sn', 'uas', '-p', String(port), '-timeout', '30'])
    const caller = start('1', [
      '-sn',
      'uac',
      '-p',
      String(port + 2),
      '-d',
      '0',
      '-r',
      String(rate),
      '-m',
      String(calls),
      '-timeout',
      '15',
      `127.0.0.1:${port}`,
    ])
    const startedAt = performance.now()
    const ok = (await caller.exited) === 0 && performance.now() - startedAt < 1000 * (DIRECT_SECONDS + 1)
    await callee.stop(1_000)
    if (!ok) break
    best = rate
  }
  return best
}

/** The benchmark. */
export async function run({ tiny = false }: { tiny?: boolean } = {}): Promise<BenchResult> {
  if (!hasProgram('sipp')) throw new Error('sipp is not installed (Debian: sip-tester)')
  const wrapper = hasProgram('taskset') ? ['taskset', '-c', '0'] : []
  const settings = {
    TANDEM_CALLS_PER_PERSON_MAX: '1000',
    TANDEM_CALLS_MAX: '5000',
    TANDEM_LOG_LEVEL: 'error',
  }
  const stage = await Stage.open({ settings, wrapper, directory: directory(), rtpPorts: RTP_PORTS })
  const reached: Record<string, string> = {}
  let best = 0
  try {
    // A server that has just started compiles its hot paths; the question is about one that is at work.
    if (!tiny) await attempt(stage, WARM_UP_PER_SECOND, SECONDS)
    for (const rate of tiny ? [20] : RATES) {
      const { ok, tookSeconds } = await attempt(stage, rate, tiny ? 2 : SECONDS)
      reached[`${rate} calls/s`] = `${ok ? 'none failed' : 'failed'}, ${tookSeconds.toFixed(1)} s`
      if (!ok) break
      best = rate
    }
  } finally {
    await stage.close()
  }
  const goal = tiny ? 20 : GOAL_PER_SECOND
  const direct = tiny ? 0 : await directLimit()
  return {
    bench: 'call-setup',
    value: best,
    unit: 'calls/s on one core, none failed',
    against: tiny ? `goal of ${goal}` : `goal of ${goal}; SIPp to SIPp directly reaches ${direct}`,
    ratio: best / goal,
    goal: 1,
    ok: best >= goal,
    checksum: best,
    details: reached,
  }
}
