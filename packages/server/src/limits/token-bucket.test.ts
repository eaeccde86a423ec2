import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Random } from '@tandem/testing'
import { type BucketVerdict, TokenBucket, WAIT_SECONDS_MAX } from './token-bucket.ts'

const GET = 'GET /v1/people/me'
const asker = (what = GET) => ({ connection: {}, what })
const brief = (verdict: BucketVerdict): string =>
  verdict.kind === 'admitted' ? 'in' : `${verdict.waitSeconds}s${verdict.early ? ' early' : ''}`

describe('TokenBucket (contract README §7)', () => {
  it('lets a burst in, then as many as the rate says, and a full burst again after a pause', () => {
    const bucket = new TokenBucket({ perSecond: 2, burst: 3 })
    const at = (ms: number): string => brief(bucket.take(ms, asker()))
    assert.deepEqual([at(0), at(0), at(0), at(0)], ['in', 'in', 'in', '1s'])
    assert.deepEqual([at(10_000), at(10_000), at(10_000), at(10_000)], ['in', 'in', 'in', '1s'])
  })

  it('gives several waiters slots one after the other, and none of them is refused when it comes back', () => {
    const bucket = new TokenBucket({ perSecond: 2, burst: 1 })
    assert.equal(brief(bucket.take(0, asker())), 'in')
    const waiters = Array.from({ length: 6 }, () => asker())
    const told = waiters.map((waiter) => brief(bucket.take(0, waiter)))
    assert.deepEqual(told, ['1s', '1s', '2s', '2s', '3s', '3s'])
    const back = waiters.map((waiter, n) => brief(bucket.take(Math.ceil((n + 1) / 2) * 1_000, waiter)))
    assert.deepEqual(
      back,
      Array.from({ length: 6 }, () => 'in'),
    )
  })

  it('keeps the place of a waiter from others who ask meanwhile', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 })
    const waiter = asker()
    bucket.take(0, asker())
    assert.equal(brief(bucket.take(0, waiter)), '1s')
    assert.equal(brief(bucket.take(999, asker('GET /v1/other'))), '2s')
    assert.equal(brief(bucket.take(1_000, asker('GET /v1/third'))), '2s')
    assert.equal(brief(bucket.take(1_000, waiter)), 'in')
  })

  it('tells whoever comes back too early the rest of the same time, and gives no second place', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 })
    const loop = asker()
    bucket.take(0, loop)
    assert.equal(brief(bucket.take(0, loop)), '1s')
    for (let ms = 1; ms < 1_000; ms += 9) assert.equal(brief(bucket.take(ms, loop)), '1s early')
    assert.equal(brief(bucket.take(1_000, loop)), 'in')
    assert.equal(brief(bucket.take(1_000, asker())), '1s', 'the loop has not used up the time of others')
  })

  it('knows a retry on another connection by what it asks for', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 })
    bucket.take(0, asker())
    bucket.take(0, asker('GET /a'))
    assert.equal(brief(bucket.take(1_000, asker('GET /a'))), 'in')
    assert.equal(brief(bucket.take(1_000, asker('GET /a'))), '1s', 'a promise is used once')
  })

  it('lets the owner of a used promise in on debt, which later askers pay', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 })
    const owner = asker()
    bucket.take(0, asker())
    bucket.take(0, owner)
    assert.equal(brief(bucket.take(1_000, asker())), 'in', 'taken for the retry')
    assert.equal(brief(bucket.take(1_000, owner)), 'in')
    assert.equal(brief(bucket.take(1_000, asker('GET /b'))), '2s')
  })

  it('forgets promises that nobody comes for, and tells no longer wait than a client keeps', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 })
    bucket.take(0, asker())
    const told = Array.from({ length: 400 }, () => bucket.take(0, asker()))
    for (const verdict of told)
      assert.ok(
        verdict.kind === 'refused' && verdict.waitSeconds >= 1 && verdict.waitSeconds <= WAIT_SECONDS_MAX,
      )
    assert.equal(bucket.isFull(500_000), false)
    assert.equal(brief(bucket.take(500_000, asker('GET /new'))), 'in')
    assert.equal(bucket.isFull(501_000), true)
  })

  it('gives back what was not to count', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 })
    for (let turn = 0; turn < 5; turn++) {
      assert.equal(brief(bucket.take(0, asker())), 'in')
      bucket.giveBack()
    }
  })

  for (const [pool, what] of [
    ['own connections', 'different things'],
    ['own connections', 'the same thing'],
    ['a shared pool of connections', 'different things'],
  ] as const)
    it(`holds the rate, and honours the retries of many who ask for ${what} on ${pool} (P15, A11)`, () => {
      const rate = 20
      const burst = 40
      const random = new Random(pool.length)
      const bucket = new TokenBucket({ perSecond: rate, burst })
      const pools = Array.from({ length: 4 }, () => ({}))
      const clients = Array.from({ length: 60 }, (_, n) => ({
        connection: {},
        what: what === 'the same thing' ? GET : `GET /v1/convergedRecordings/${n}`,
        dueAt: random.below(500),
        retries: false,
      }))
      let admitted = 0
      let retries = 0
      let broken = 0
      const seconds = 120
      for (let now = 0; now < seconds * 1_000; now++)
        for (const client of clients) {
          if (client.dueAt > now) continue
          const connection = pool === 'own connections' ? client.connection : (pools[random.below(4)] ?? {})
          const verdict = bucket.take(now, { connection, what: client.what })
          if (client.retries) {
            retries += 1
            if (verdict.kind === 'refused') broken += 1
          }
          client.retries = verdict.kind === 'refused'
          if (verdict.kind === 'admitted') admitted += 1
          // Answers take a moment; clients come back a little late, as timers do.
          const wait = verdict.kind === 'admitted' ? 2 : verdict.waitSeconds * 1_000
          client.dueAt = now + wait + 1 + random.below(5)
        }
      assert.ok(retries > 1_000, `${retries} retries`)
      assert.ok(broken <= retries / 100, `${broken} of ${retries} retries were refused`)
      assert.ok(admitted <= rate * seconds + burst * 1.5, `${admitted} admitted`)
      assert.ok(admitted >= rate * seconds * 0.9, `${admitted} admitted`)
    })
})
