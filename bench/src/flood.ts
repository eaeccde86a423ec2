/**
 * What does a flood by one token do to another one? Asks as one person at an even pace, first alone, then while somebody
 * else asks ten times as often as their limit allows; compares the 95th percentiles (promise P15: at most a tenth more). The
 * flood does not wait for its answers, does not heed Retry-After, and comes from a process of its own.
 */
import { Agent } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Child } from '../../tools/child.ts'
import { Stage } from '../../tools/stage.ts'
import { type Answered, paced, timed } from './paced-requests.ts'
import type { BenchResult } from './result.ts'

const GOAL = 1.1
const LIMIT_PER_SECOND = 50
const FLOOD_PER_SECOND = 10 * LIMIT_PER_SECOND
const CALM_PER_SECOND = 25
const FLOOD = fileURLToPath(new URL('./flood-process.ts', import.meta.url))

/** The benchmark. `ratio` is the 95th percentile in the flood divided by the one without. */
export async function run({ tiny = false }: { tiny?: boolean } = {}): Promise<BenchResult> {
  const rounds = tiny ? 1 : 5
  const seconds = tiny ? 1 : 4
  const stage = await Stage.open({
    settings: { TANDEM_LOG_LEVEL: 'error', TANDEM_LIMITS: `own=${LIMIT_PER_SECOND}/${LIMIT_PER_SECOND}` },
  })
  try {
    const calm = await stage.token('ben@radio.test')
    const loud = await stage.token('ada@radio.test')
    const agent = new Agent({ keepAlive: true })
    const ask = () => timed(stage.httpPort, calm, agent)
    await paced(CALM_PER_SECOND, 1, ask)
    const alone: Answered[] = []
    const flooded: Answered[] = []
    let refused = 0
    let sent = 0
    // Alternately, so that a slow spell of the machine meets both.
    for (let round = 0; round < rounds; round++) {
      alone.push(...(await paced(CALM_PER_SECOND, seconds, ask)))
      const args = [FLOOD, stage.httpPort, FLOOD_PER_SECOND, seconds].map(String)
      const flood = new Child('flood', process.execPath, args, { env: { ...process.env, TOKEN: loud } })
      await flood.waitFor(/begins/, 10_000)
      flooded.push(...(await paced(CALM_PER_SECOND, seconds, ask)))
      const [, all, no] = await flood.waitFor(/sent (\d+), refused (\d+)/, 60_000)
      await flood.stop()
      sent += Number(all)
      refused += Number(no)
      await wait(tiny ? 0 : 1_500) // The bucket fills again.
    }
    agent.destroy()
    const failed = [...alone, ...flooded].filter(({ status }) => status !== 200).length
    const [p95Alone, p95Flooded] = [p95(alone), p95(flooded)]
    const ratio = p95Flooded / p95Alone
    return {
      bench: 'flood',
      value: rounded(p95Flooded),
      unit: 'ms, p95 of one token while another floods',
      against: `the same without the flood, ${rounded(p95Alone)} ms`,
      ratio: rounded(ratio),
      goal: GOAL,
      ok: tiny || (ratio <= GOAL && failed === 0 && refused > sent / 2),
      checksum: sent + refused,
      details: { 'requests of the flood': sent, 'of those refused': refused, 'failed for the other': failed },
    }
  } finally {
    await stage.close()
  }
}

function p95(answers: readonly Answered[]): number {
  const sorted = answers.map(({ ms }) => ms).toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN
}

function rounded(value: number): number {
  return Number(value.toFixed(3))
}
