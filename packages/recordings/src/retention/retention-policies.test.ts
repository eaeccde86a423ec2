/** Retention: it may grow and never shrinks (promise P16; decision 0016). */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { OFFICER, ORG, START, TestLife, uuid } from '../lifecycle/test-life.ts'
import type { RetentionPolicy, RetentionScope } from './retention.ts'
import { DAY_MS, retentionOf } from './retention-of.ts'
import { KEEP_DAYS_MAX } from './retention-policies.ts'

describe('retentionOf', () => {
  const policy = (scope: RetentionScope, keepDays: number, eraseAtEnd: boolean): RetentionPolicy => ({
    scope,
    scopeId: scope,
    keepDays,
    eraseAtEnd,
    setBy: 'officer',
    setAt: START,
  })
  const subject = { locationId: 'location', ownerId: 'owner', keptFrom: 0 }

  it('takes the longest policy that applies, and erases only if each of that length says so', () => {
    const long = policy('owner', 9, true)
    const policies = [
      policy('organization', 5, false),
      long,
      { ...policy('location', 99, true), scopeId: 'x' },
    ]
    assert.deepEqual(retentionOf(policies, subject), { retain_until: 9 * DAY_MS, erase_at_end: 1 })
    assert.deepEqual(retentionOf([policy('organization', 9, false), long], subject), {
      retain_until: 9 * DAY_MS,
      erase_at_end: 0,
    })
    assert.deepEqual(retentionOf([], subject), { retain_until: null, erase_at_end: 0 })
  })
})

describe('RetentionPolicies', () => {
  let life: TestLife
  beforeEach(async () => {
    life = await new TestLife().open()
  })
  afterEach(() => life.close())

  const set = (scope: RetentionScope, scopeId: string, keepDays: number, eraseAtEnd = true) =>
    life.retention.set(OFFICER, { scope, scopeId, keepDays, eraseAtEnd })

  /** Days and `erase` of each recording. */
  async function kept(): Promise<string[]> {
    const rows = await life.db.kysely.selectFrom('recording').selectAll().orderBy('seq').execute()
    return rows.map(({ retain_until, kept_from, erase_at_end }) => {
      const days = retain_until === null ? '-' : (Number(retain_until) - Number(kept_from)) / DAY_MS
      return `${days}${Number(erase_at_end) === 1 ? ' erase' : ''}`
    })
  }

  it('extends what exists within its scope, and never shortens it', async () => {
    await life.add(1)
    await life.add(2, { location_id: 'paris' })
    await life.add(3, { owner_id: 'mira' })
    await life.add(4, { org_id: 'other' })
    assert.equal((await set('location', 'berlin', 10)).extended, 2)
    assert.deepEqual(await kept(), ['10 erase', '-', '10 erase', '-'])
    assert.equal((await set('owner', 'mira', 20, false)).extended, 1)
    assert.equal((await set('organization', ORG, 15)).extended, 2)
    assert.deepEqual(await kept(), ['15 erase', '15 erase', '20', '-'])
    assert.equal((await set('organization', ORG, 3)).extended, 0)
    assert.equal(await life.retention.remove(OFFICER, 'owner', 'mira'), true)
    assert.equal(await life.retention.remove(OFFICER, 'owner', 'mira'), false)
    assert.deepEqual(await kept(), ['15 erase', '15 erase', '20', '-'])
    assert.deepEqual(
      (await life.retention.list(ORG)).map(({ scope, scopeId, keepDays }) => [scope, scopeId, keepDays]),
      [
        ['location', 'berlin', 10],
        ['organization', ORG, 3],
      ],
    )
    assert.deepEqual(await life.retention.list('other'), [])
    assert.equal((await life.audited()).length, 5)
  })

  it('takes back at the same length that something is erased, and never adds it quietly', async () => {
    await life.add(1)
    await set('organization', ORG, 10, true)
    await set('organization', ORG, 10, false)
    assert.deepEqual(await kept(), ['10'])
    await set('organization', ORG, 10, true)
    assert.deepEqual(await kept(), ['10'])
  })

  it('writes its promise down for a recording made in the moment of its setting, before it goes', async () => {
    await set('organization', ORG, 10)
    await life.add(1, { retain_until: null })
    await set('organization', ORG, 5)
    assert.deepEqual(await kept(), ['10 erase'])
    await life.add(2, { retain_until: null })
    await life.retention.remove(OFFICER, 'organization', ORG)
    assert.deepEqual(await kept(), ['10 erase', '5 erase'])
  })

  it('stamps what is made now from kept time, and what is imported from when it was made', async () => {
    await set('organization', ORG, 10)
    life.wallOffset = 400 * DAY_MS
    const subject = { locationId: 'berlin', ownerId: 'tomas' }
    const stamp = (madeAt?: number) =>
      life.retention.stamp(ORG, { ...subject, ...(madeAt === undefined ? {} : { madeAt }) })
    const now = { kept_from: START, retain_until: START + 10 * DAY_MS, erase_at_end: 1 }
    assert.deepEqual(await stamp(), now)
    assert.deepEqual(await stamp(START + 400 * DAY_MS), now, 'the future has not come')
    assert.equal((await stamp(START - 3 * DAY_MS)).retain_until, START + 7 * DAY_MS)
  })

  it('keeps for one day to a hundred years, in whole days', async () => {
    for (const keepDays of [0, -1, 1.5, Number.NaN, KEEP_DAYS_MAX + 1])
      await assert.rejects(set('organization', ORG, keepDays), RangeError)
    for (const keepDays of [1, KEEP_DAYS_MAX]) await set('organization', ORG, keepDays)
    await life.add(1)
    assert.deepEqual(await kept(), [`${KEEP_DAYS_MAX} erase`])
    assert.equal((await life.lifecycle().keeping(ORG, uuid(1)))?.retainUntil, START + KEEP_DAYS_MAX * DAY_MS)
  })
})
