import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { StartFailure } from '../start-failure.ts'
import { Chaos, readChaos, type Trouble } from './chaos.ts'

const wait = async (): Promise<void> => {}
const brief = (trouble: Trouble): string =>
  trouble.kind === 'failure' ? String(trouble.status) : trouble.kind
const drawn = (spec: string, times: number): string[] => {
  const plan = readChaos(spec)
  assert.ok(plan)
  const chaos = new Chaos(plan, wait)
  return Array.from({ length: times }, () => brief(chaos.draw()))
}

describe('the setting chaos', () => {
  it('gives each trouble its share', () => {
    const all = drawn('429=0.05,500=0.01,reset=0.02,latency=200ms,seed=7', 100_000)
    const share = (what: string): number => all.filter((one) => one === what).length / all.length
    for (const [what, expected] of [
      ['429', 0.05],
      ['500', 0.01],
      ['reset', 0.02],
      ['none', 0.92],
    ] as const)
      assert.ok(Math.abs(share(what) - expected) < 0.003, `${what}: ${share(what)}`)
  })

  it('repeats itself with the same seed, and not with another', () => {
    const spec = '429=0.5,seed='
    assert.deepEqual(drawn(`${spec}7`, 50), drawn(`${spec}7`, 50))
    assert.notDeepEqual(drawn(`${spec}7`, 50), drawn(`${spec}8`, 50))
  })

  it('is off when empty', () => assert.equal(readChaos(' '), undefined))

  for (const bad of [
    '429',
    '429=2',
    '429=-1',
    '418=0.1',
    'latency=1',
    'latency=61000ms',
    'seed=x',
    '429=0.6,500=0.6',
    'x',
  ])
    it(`is one sentence for ${JSON.stringify(bad)}`, () =>
      assert.throws(
        () => readChaos(bad),
        (error) => error instanceof StartFailure && /^The .*chaos.*\.$/.test(error.message),
      ))
})
