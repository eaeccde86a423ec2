/** Kept time: nothing is due early, however the wall clock jumps (promise P16; decision 0016). */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { AGREE_MS_MAX, RESERVE_MS_MAX } from './proven-time.ts'
import { ADMIN, ORG, START, TestLife, uuid } from './test-life.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const YEAR_MS = 365 * DAY_MS

describe('ProvenTime', () => {
  let life: TestLife
  beforeEach(async () => {
    life = await new TestLife().open()
  })
  afterEach(() => life.close())

  /** How far kept time is from the truth, milliseconds. */
  const lag = () => life.time - life.keptTime.now()

  it('passes with the monotonic clock, and does not follow a wall that jumps', () => {
    life.time += HOUR_MS
    assert.equal(life.keptTime.now(), START + HOUR_MS)
    life.wallOffset = 10 * YEAR_MS
    assert.equal(lag(), 0)
    assert.deepEqual(life.keptTime.doubt, { wall: life.now(), kept: life.time })
    life.wallOffset = 0
    assert.equal(life.keptTime.doubt, undefined, 'the clock was put right')
    life.wallOffset = -10 * YEAR_MS
    life.time += HOUR_MS
    assert.equal(lag(), 0, 'it never goes back')
    assert.equal(life.keptTime.doubt, undefined, 'what is behind makes nothing due')
  })

  it('agrees with a wall that is a minute ahead, and not a millisecond more', () => {
    life.wallOffset = AGREE_MS_MAX
    assert.equal(life.keptTime.doubt, undefined)
    life.wallOffset += 1
    assert.notEqual(life.keptTime.doubt, undefined)
  })

  it('follows a wall that is a little ahead by a thousandth of the time that passes', () => {
    life.wallOffset = 10_000
    life.time += 1_000_000
    assert.equal(lag(), -1_000)
    life.time += 100_000_000
    assert.equal(lag(), -10_000)
  })

  it('believes a week without a server, and not a millisecond more', async () => {
    life.time += RESERVE_MS_MAX
    await life.open()
    assert.equal(lag(), 0)
    assert.equal(life.keptTime.doubt, undefined)
    life.time += 1
    await life.open()
    assert.equal(lag(), 1, 'the reserve is spent')
    life.time += 2 * HOUR_MS
    await life.keptTime.save()
    life.time += HOUR_MS
    await life.open()
    assert.equal(lag(), 0, 'what ran refilled it')
    life.time += RESERVE_MS_MAX
    await life.open()
    assert.notEqual(life.keptTime.doubt, undefined)
    assert.equal(lag(), RESERVE_MS_MAX, 'what cannot be believed is not believed in part')
  })

  it('spends what it believes at once, so that dying again and again brings nothing forward', async () => {
    life.wallOffset = RESERVE_MS_MAX
    for (let start = 0; start < 5; start++) await life.open()
    assert.equal(lag(), -RESERVE_MS_MAX)
  })

  it('keeps its doubt over a restart, and gives it up when the clock was put right meanwhile', async () => {
    life.wallOffset = 3 * DAY_MS
    await life.keptTime.save()
    await life.open()
    assert.notEqual(life.keptTime.doubt, undefined)
    assert.equal(lag(), 0)
    life.wallOffset = 0
    life.time += HOUR_MS
    await life.open()
    assert.equal(life.keptTime.doubt, undefined)
    assert.equal(lag(), 0)
  })

  it('counts no time twice when a clock that was behind is put right while nothing runs', async () => {
    life.wallOffset = -DAY_MS
    await life.keptTime.save()
    life.wallOffset = 0
    life.time += HOUR_MS
    await life.open()
    assert.equal(lag(), 0)
  })

  it('believes the clock when somebody accepts it, and says in the audit log who, and that it doubted', async () => {
    life.time += RESERVE_MS_MAX + HOUR_MS
    await life.open()
    await life.keptTime.save() // Said once.
    await life.keptTime.accept(ADMIN)
    assert.equal(life.keptTime.doubt, undefined)
    assert.equal(lag(), 0)
    assert.deepEqual(await life.audited(), ['system clock.doubted -', 'admin clock.accepted -'])
    await life.open()
    assert.equal(lag(), 0)
  })

  it('moves what was stamped while it lagged when it makes up for it (P16)', async () => {
    await life.retention.set(ADMIN, { scope: 'organization', scopeId: ORG, keepDays: 9, eraseAtEnd: true })
    await life.add(1)
    life.time += HOUR_MS
    await life.keptTime.save()
    const madeAt = life.time
    const downMs = RESERVE_MS_MAX + DAY_MS
    life.time += downMs
    await life.open()
    await life.add(2)
    const lifecycle = life.lifecycle()
    await lifecycle.move(ADMIN, 'softDelete', { ids: [uuid(2)] })
    const before = await lifecycle.keeping(ORG, uuid(2))
    assert.equal(before?.retainUntil, madeAt + 9 * DAY_MS)
    await life.keptTime.accept(ADMIN)
    const after = await life.lifecycle().keeping(ORG, uuid(2))
    assert.equal(after?.retainUntil, madeAt + downMs + 9 * DAY_MS)
    assert.equal(after?.binUntil, (before?.binUntil ?? 0) + downMs)
    assert.equal((await lifecycle.keeping(ORG, uuid(1)))?.retainUntil, START + 9 * DAY_MS)
  })

  it('moves what was stamped by a clock that had been wrong with the wall since a start (P16)', async () => {
    life.wallOffset = -5 * HOUR_MS
    await life.keptTime.save()
    life.time += DAY_MS
    await life.open() // From a wall that is behind: kept time is, too, and the two agree.
    assert.equal(lag(), 5 * HOUR_MS)
    await life.retention.set(ADMIN, { scope: 'organization', scopeId: ORG, keepDays: 9, eraseAtEnd: true })
    await life.add(1)
    const until = async () => (await life.lifecycle().keeping(ORG, uuid(1)))?.retainUntil
    const madeAt = life.time
    assert.equal(await until(), madeAt - 5 * HOUR_MS + 9 * DAY_MS)
    life.time += HOUR_MS
    life.wallOffset = 0
    await life.keptTime.accept(ADMIN)
    assert.equal(lag(), 0)
    assert.equal(await until(), madeAt + 9 * DAY_MS, 'it is kept no shorter than it was promised')
  })
})
