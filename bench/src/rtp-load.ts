/**
 * The RTP load of the benchmarks: a small C program compiled on the spot, the processors that it and a relay are held
 * on, one run of it round a relay, and what is made of its figures.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Clear of the ports that relays take (from 20000) and that tests look for (from 12000). */
export const GENERATOR_BASE = 10_000
/** Two legs of 20 ms. */
const PACKETS_PER_CALL_SECOND = 100
/** How far the load may be from what it should be. */
const UNSTEADY_SHARE_MAX = 0.05
/** Why nothing can be measured when `compileGenerator` returns nothing. */
export const NO_GCC = 'gcc is not installed, and the load generator is written in C'

/** What the generator prints. Times are those of the measured part. */
export interface Load {
  readonly legs: number
  readonly sent: number
  readonly received: number
  readonly refused: number
  readonly wrong: number
  readonly deaf: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Of the process that was named. */
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly ownCpuSeconds: number
}

/** Something that packets go through; legs 2i and 2i+1 are a call. */
export interface Relay {
  readonly pid: number
  readonly ports: readonly number[]
  stop(): void
}

/** Where the load is made, and how. */
export interface LoadPlan {
  readonly generator: string
  readonly base: number
  readonly scale: { readonly seconds: number; readonly warmSeconds: number }
  /** Packets that come back are counted and not looked into. */
  readonly blind?: boolean
}

/** Compiles the load generator into `folder`; undefined without gcc. */
export function compileGenerator(folder: string): string | undefined {
  if (spawnSync('gcc', ['--version']).status !== 0) return undefined
  const program = join(folder, 'generator')
  const source = fileURLToPath(new URL('./relay-generator.c', import.meta.url))
  execFileSync('gcc', ['-O2', '-o', program, source, '-lm'])
  return program
}

/** Starts one of our programs that print their ports: `FILE CALLS BASE ...`. */
export async function startRelay(
  file: string,
  calls: number,
  base: number,
  ...more: string[]
): Promise<Relay> {
  const program = fileURLToPath(new URL(`./${file}`, import.meta.url))
  const child = spawn(process.execPath, [program, String(calls), String(base), ...more], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const { ports } = JSON.parse(line) as { ports: number[] } // Printed by `relay-host.ts` or `relay-bare.ts`.
    return { pid: child.pid ?? 0, ports, stop: () => child.kill('SIGKILL') }
  }
  throw new Error(`${file} ended before it was ready`)
}

/** The processors of the relay and of the load, where there are two and they can be chosen. */
export const PINS: { readonly relay: string; readonly load: string } | undefined =
  availableParallelism() >= 2 && spawnSync('taskset', ['--version']).status === 0
    ? { relay: '0', load: String(availableParallelism() - 1) }
    : undefined

/** Holds a relay on its processor. */
export function pin(relay: Relay): void {
  if (PINS !== undefined) spawnSync('taskset', ['-acp', PINS.relay, String(relay.pid)])
}

/** Has the first `legs` legs of a relay talk. */
export async function loadOnce(plan: LoadPlan, relay: Relay, legs: number): Promise<Load> {
  const { generator, base, scale, blind = false } = plan
  const args = [base, scale.seconds, scale.warmSeconds, relay.pid].map(String)
  const held = PINS === undefined ? [] : ['taskset', '-c', PINS.load]
  const [program, ...rest] = [...held, generator, ...args, ...(blind ? ['blind'] : [])]
  const child = spawn(program ?? generator, rest, { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(relay.ports.slice(0, legs).join('\n'))
  let text = ''
  for await (const part of child.stdout) text += part
  if (text === '') throw new Error('the load generator failed')
  return JSON.parse(text) as Load // Printed by `relay-generator.c`.
}

/** Looks at the generator's own time only, so that no relay's loss is excused. */
export function isSteady(load: Load, seconds: number): boolean {
  const due = (load.legs * PACKETS_PER_CALL_SECOND * seconds) / 2
  const kept = Math.abs(load.sent / due - 1) < UNSTEADY_SHARE_MAX
  return kept && Math.abs(load.wallSeconds / seconds - 1) < UNSTEADY_SHARE_MAX
}

/**
 * Milliseconds of processor for each second of a call, which is 100 packets. Counted by what was relayed, so that a
 * relay that loses packets does not look cheap.
 */
export function costOf(load: Load): number {
  return (1_000 * load.cpuSeconds * PACKETS_PER_CALL_SECOND) / load.received
}

/** The median of the ratios within each round. */
export function ratioOf(ours: readonly Load[], theirs: readonly Load[]): number {
  return median(
    ours.flatMap((our, round) => {
      const their = theirs[round]
      return their === undefined ? [] : [costOf(our) / costOf(their)]
    }),
  )
}

/** Over all rounds together. */
export function lossOf(loads: readonly Load[]): number {
  const sum = (of: (load: Load) => number): number => loads.reduce((total, load) => total + of(load), 0)
  return 1 - sum((load) => load.received) / sum((load) => load.sent)
}

/** The middle one of the finite values; NaN when there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/** To a thousandth. */
export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
