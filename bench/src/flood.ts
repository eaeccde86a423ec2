/**
 * What does a flood by one token do to another one? Asks as one person at an even pace, first alone, then while somebody
 * else asks ten times as often as their limit allows; compares the 95th percentiles (promise P15: at most a tenth more). The
 * flood does not wait for its answers, and does not heed Retry-After.
 */
import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { Stage } from '../../tools/stage.ts'
import type { BenchResult } from './result.ts'

const GOAL = 1.1
const LIMIT_PER_SECOND = 50
const FLOOD_PER_SECOND = 10 * LIMIT_PER_SECOND
const CALM_PER_SECOND = 25
const PATH = '/v1/people/me'

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
    const ask = (token: string, agent: Agent) => timed(stage.httpPort, token, agent)
    const agents = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true, maxSockets: 32 })] as const
    await paced(CALM_PER_SECOND, 1, () => ask(calm, agents[0]))
    const alone: Answered[] = []
    const flooded: Answered[] = []
    let refused = 0
    let sent = 0
    // Alternately, so that a slow spell of the machine meets both.
    for (let round = 0; round < rounds; round++) {
      alone.push(...(await paced(CALM_PER_SECOND, seconds, () => ask(calm, agents[0]))))
      const flood = paced(FLOOD_PER_SECOND, seconds, () => ask(loud, agents[1]))
      flooded.push(...(await paced(CALM_PER_SECOND, seconds, () => ask(calm, agents[0]))))
      const answers = await flood
      sent += answers.length
      refused += answers.filter(({ status }) => status === 429).length
      await wait(tiny ? 0 : 1_500) // The bucket fills again.
    }
    for (const agent of agents) agent.destroy()
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

interface Answered {
  readonly status: number
  readonly ms: number
}

/** Begins so many a second, whether or not those before are done. */
async function paced(perSecond: number, seconds: number, once: () => Promise<Answered>): Promise<Answered[]> {
  const startedAt = performance.now()
  const all: Promise<Answered>[] = []
  for (let n = 0; n < perSecond * seconds; n++) {
    const ahead = startedAt + (n * 1_000) / perSecond - performance.now()
    if (ahead > 1) await wait(ahead)
    all.push(once())
  }
  return Promise.all(all)
}

function timed(port: number, token: string, agent: Agent): Promise<Answered> {
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    request({ host: '127.0.0.1', port, path: PATH, headers, agent }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, ms: performance.now() - startedAt }))
    })
      .on('error', reject)
      .end()
  })
}

function p95(answers: readonly Answered[]): number {
  const sorted = answers.map(({ ms }) => ms).toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN
}

function rounded(value: number): number {
  return Number(value.toFixed(3))
}
