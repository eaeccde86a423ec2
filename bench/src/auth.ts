/**
 * What do authentication, rights and limits add to a list request? Two applications over the same catalogue are asked in
 * turns: the real one, and one whose token check answers at once and that has no limits (limit: a twentieth more). Requests
 * go over one kept connection of loopback, one after the other.
 */
import { Agent, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Buckets } from '../../packages/server/src/limits/buckets.ts'
import { Crowd } from '../../packages/server/src/limits/crowd.ts'
import { Gate } from '../../packages/server/src/limits/gate.ts'
import { readLimits } from '../../packages/server/src/limits/read-limits.ts'
import { Counters } from '../../packages/server/src/observe/counters.ts'
import { openTestApi, type TestApi } from '../../packages/server/src/testing/api.ts'
import type { BenchResult } from './result.ts'

const GOAL = 1.05
const RECORDINGS = 100
const PATH = '/v1/convergedRecordings?max=100'
const BLOCK = 50

/** The benchmark. `ratio` is the median of paired blocks. */
export async function run({ tiny = false }: { tiny?: boolean } = {}): Promise<BenchResult> {
  const blocks = tiny ? 2 : 40
  const recordings = tiny ? 3 : RECORDINGS
  const gate = new Gate({
    buckets: new Buckets(readLimits('recordingReads=1000000/1000000')),
    crowd: new Crowd({ max: 1_000, ownerMax: 100 }),
    counters: new Counters(),
    now: () => performance.now(),
    wait: async () => {},
  })
  const checked = await openTestApi({ limits: { gate }, remembers: true })
  const bare = await openTestApi({ unchecked: true })
  const agent = new Agent({ keepAlive: true })
  try {
    const ports: number[] = []
    for (const api of [checked, bare]) {
      for (let n = 0; n < recordings; n++) await api.addRecording({ id: idOf(n) })
      await api.app.listen({ host: '127.0.0.1', port: 0 })
      ports.push((api.app.server.address() as AddressInfo).port) // It listens.
    }
    const block = (api: TestApi, port = 0) => asked(port, api.tokens.owner ?? '', agent)
    for (let n = 0; n < 3; n++) {
      await block(checked, ports[0])
      await block(bare, ports[1])
    }
    const ratios: number[] = []
    let bytes = 0
    let took = 0
    for (let n = 0; n < blocks; n++) {
      const [first, second] = n % 2 === 0 ? ([checked, bare] as const) : ([bare, checked] as const)
      const times = new Map<TestApi, number>()
      for (const api of [first, second]) {
        const startedAt = performance.now()
        bytes += await block(api, ports[api === checked ? 0 : 1])
        times.set(api, performance.now() - startedAt)
      }
      ratios.push((times.get(checked) ?? Number.NaN) / (times.get(bare) ?? Number.NaN))
      took += times.get(checked) ?? 0
    }
    const ratio = ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? Number.NaN
    return {
      bench: 'auth',
      value: Number((took / (blocks * BLOCK)).toFixed(3)),
      unit: `ms for a list of ${recordings}, checked`,
      against: 'the same list without checks',
      ratio: Number(ratio.toFixed(3)),
      goal: GOAL,
      ok: tiny || ratio <= GOAL,
      checksum: bytes,
    }
  } finally {
    agent.destroy()
    await checked.close()
    await bare.close()
  }
}

function idOf(n: number): string {
  return `5b0c7f2e-6c1d-4e0f-9a53-${String(n).padStart(12, '0')}`
}

/** Asks a block of requests; gives the bytes that came. */
async function asked(port: number, token: string, agent: Agent): Promise<number> {
  let bytes = 0
  for (let n = 0; n < BLOCK; n++) bytes += await once(port, token, agent)
  return bytes
}

function once(port: number, token: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    request({ host: '127.0.0.1', port, path: PATH, headers, agent }, (answer) => {
      let bytes = 0
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve(bytes) : reject(new Error(`${PATH}: ${answer.statusCode}`)),
      )
    })
      .on('error', reject)
      .end()
  })
}
