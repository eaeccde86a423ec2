import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Failure } from '../http/failure.ts'
import { Counters } from '../observe/counters.ts'
import { Buckets } from './buckets.ts'
import { Crowd } from './crowd.ts'
import { EARLY_REFUSAL_MS, Gate, type Visit, type Visitor } from './gate.ts'
import { readLimits } from './read-limits.ts'
import { sourceOf } from './source.ts'

function open(options: { limits?: string; max?: number; ownerMax?: number } = {}) {
  const clock = { now: 0 }
  const waited: number[] = []
  const counters = new Counters()
  const crowd = new Crowd({ max: options.max ?? 100, ownerMax: options.ownerMax ?? 100 })
  const gate = new Gate({
    buckets: new Buckets(readLimits(options.limits ?? 'callReads=1/2,strangers=1/3')),
    crowd,
    counters,
    now: () => clock.now,
    wait: async (ms) => void waited.push(ms),
  })
  return { gate, clock, waited, counters, crowd }
}

const visitor = (change: Partial<Visitor> = {}): Visitor => ({
  source: '10.0.0.1',
  token: 'good',
  connection: {},
  what: 'GET /v1/telephony/calls',
  family: 'callReads',
  isStream: false,
  ...change,
})

/** Goes through as somebody whose token works, and leaves again. */
async function pass(gate: Gate, change: Partial<Visitor> = {}): Promise<string> {
  return outcome(async () => {
    const visit = await gate.enter(visitor(change))
    await visit.authenticated(true)
    visit.leave()
  })
}

async function outcome(run: () => Promise<unknown>): Promise<string> {
  try {
    await run()
    return 'in'
  } catch (error) {
    assert.ok(error instanceof Failure)
    return `${error.status} ${error.headers['retry-after']}`
  }
}

describe('the gate (P15)', () => {
  it('counts each token by itself, and each family', async () => {
    const { gate } = open()
    assert.deepEqual([await pass(gate), await pass(gate), await pass(gate)], ['in', 'in', '429 1'])
    assert.equal(await pass(gate, { token: 'other' }), 'in')
    assert.equal(await pass(gate, { family: 'own' }), 'in')
  })

  it('lets a retry in after the seconds that it was told', async () => {
    const { gate, clock } = open()
    const connection = {}
    for (let n = 0; n < 2; n++) await pass(gate, { connection })
    assert.equal(await pass(gate, { connection }), '429 1')
    clock.now = 1_000
    assert.equal(await pass(gate, { connection }), 'in')
  })

  it('holds the refusal of whoever did not wait back', async () => {
    const { gate, waited } = open()
    const connection = {}
    for (let n = 0; n < 4; n++) await pass(gate, { connection })
    assert.deepEqual(waited, [EARLY_REFUSAL_MS])
  })

  it('stops guesses of one source before the database, but not tokens that work there', async () => {
    const { gate } = open({ limits: 'strangers=1/3' })
    await pass(gate)
    let asked = 0
    const guess = (source: string, n: number): Promise<string> =>
      outcome(async () => {
        const visit = await gate.enter(visitor({ token: `guess ${n}`, source }))
        asked += 1
        await visit.authenticated(false)
        visit.leave()
      })
    const guesses: string[] = []
    for (let n = 0; n < 6; n++) guesses.push(await guess('10.0.0.1', n))
    assert.deepEqual(guesses.slice(0, 3), ['in', 'in', 'in'])
    assert.ok(
      guesses.slice(3).every((one) => one.startsWith('429')),
      guesses.join(),
    )
    assert.equal(asked, 3)
    assert.equal(await pass(gate), 'in', 'a token that has worked is not among the strangers')
    assert.equal(await guess('10.0.0.2', 9), 'in')
  })

  it('does not count the first use of a good token as a guess', async () => {
    const { gate } = open({ limits: 'strangers=1/1' })
    for (let n = 0; n < 20; n++) assert.equal(await pass(gate, { token: `person ${n}` }), 'in')
  })

  it('counts a token that works no more among the strangers', async () => {
    const { gate } = open({ limits: 'strangers=1/1' })
    await pass(gate)
    await (await gate.enter(visitor())).authenticated(false)
    await gate.enter(visitor())
    assert.equal(await outcome(() => gate.enter(visitor())), '429 1')
  })

  it('holds requests in progress to their number, in all and for each', async () => {
    const { gate, crowd, counters } = open({ limits: 'off', max: 3, ownerMax: 2 })
    await pass(gate)
    await pass(gate, { token: 'other' })
    const enter = (token: string): Promise<Visit> => gate.enter(visitor({ token }))
    const visits = [await enter('good'), await enter('good')]
    assert.equal(await outcome(() => enter('good')), '429 1')
    visits.push(await enter('other'))
    assert.equal(await outcome(() => enter('other')), '503 5')
    assert.equal(crowd.all, 3)
    for (const visit of visits) {
      visit.leave()
      visit.leave()
    }
    assert.equal(crowd.all, 0)
    assert.equal(await outcome(() => enter('good')), 'in')
    assert.deepEqual(
      counters.read('tandem_http_refused_total').map(({ labels }) => labels['why']),
      ['ownerFull', 'full'],
    )
  })

  it('takes no place for a refusal, and none for a stream', async () => {
    const { gate, crowd } = open()
    for (let n = 0; n < 9; n++) await pass(gate)
    assert.equal(crowd.all, 0)
    await gate.enter(visitor({ isStream: true, family: 'own' }))
    assert.equal(crowd.all, 0)
  })
})

describe('buckets', () => {
  it('stay few, whoever comes, and forget those that are full first', () => {
    const buckets = new Buckets(readLimits('own=1/2'), 100)
    const asker = { connection: {}, what: '' }
    for (let n = 0; n < 2; n++) buckets.take('busy', 'own', 0, asker)
    assert.equal(buckets.take('busy', 'own', 0, { ...asker, what: 'x' }).kind, 'refused')
    buckets.take('idle', 'own', -60_000, asker)
    for (let n = 0; n < 97; n++) buckets.take(`${n}`, 'own', 0, asker)
    buckets.take('one more', 'own', 0, asker)
    buckets.take('another', 'own', 0, asker)
    assert.equal(buckets.size, 100)
    assert.equal(
      buckets.take('busy', 'own', 0, { ...asker, what: 'y' }).kind,
      'refused',
      'it was not forgotten',
    )
    for (let n = 0; n < 1_000; n++) buckets.take(`more ${n}`, 'own', 0, asker)
    assert.equal(buckets.size, 100)
  })
})

describe('the source of a request', () => {
  for (const [address, source] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:0:5::1', '2001:db8:0:5'],
    ['2001:0db8:0000:0005:ffff:1:2:3', '2001:db8:0:5'],
    ['2001:db8::5:0:0:1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['nonsense', 'nonsense'],
  ] as const)
    it(`${address} counts as ${source}`, () => assert.equal(sourceOf(address), source))
})
