import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasProgram } from '../../tools/peers.ts'
import type { BenchResult } from './result.ts'

/** Each benchmark with the programs that it runs against. They run tiny here, so that they cannot rot; figures need a quiet machine. */
const BENCHES: readonly (readonly [
  name: string,
  load: () => Promise<{ run(options: { tiny?: boolean }): Promise<BenchResult> }>,
  programs: readonly string[],
])[] = [
  ['sip-parse', () => import('./sip-parse.ts'), []],
  ['call-setup', () => import('./call-setup.ts'), ['sipp']],
  ['relay', () => import('./relay.ts'), ['rtpengine', 'gcc']],
  ['mix', () => import('./mix.ts'), ['gcc']],
  ['encode', () => import('./encode.ts'), ['lame']],
  ['available', () => import('./available.ts'), []],
  ['recorded-calls', () => import('./recorded-calls.ts'), ['gcc']],
  ['command-latency', () => import('./command-latency.ts'), ['gcc']],
  ['soak', () => import('./soak.ts'), ['gcc']],
  ['list', () => import('./list.ts'), []],
  ['insert', () => import('./insert.ts'), []],
  ['import', () => import('./import.ts'), []],
  ['download', () => import('./download.ts'), []],
  ['webhooks', () => import('./webhooks.ts'), []],
  ['events', () => import('./events.ts'), []],
  ['flood', () => import('./flood.ts'), []],
  ['auth', () => import('./auth.ts'), []],
  ['footprint', () => import('./footprint.ts'), []],
]

describe('the benchmarks, tiny', () => {
  for (const [name, load, programs] of BENCHES) {
    const missing = programs.filter((program) => !hasProgram(program))
    it(`${name} measures something`, {
      skip: missing.length === 0 ? false : `${missing.join(', ')} not installed`,
    }, async () => {
      const { run } = await load()
      const result = await run({ tiny: true })
      assert.equal(result.bench, name)
      assert.ok(Number.isFinite(result.value) && result.value > 0, `value: ${result.value}`)
      assert.ok(Number.isFinite(result.ratio) && result.ratio > 0, `ratio: ${result.ratio}`)
      assert.notEqual(result.checksum, 0)
    })
  }
})
