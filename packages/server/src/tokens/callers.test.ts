/** How long a caller is remembered (promises P11, P12: a lost right is dead within a second). */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { openTestData, type TestData } from '../testing/open-test-data.ts'
import { Callers } from './callers.ts'
import { createToken, revokeToken } from './tokens.ts'

let data: TestData
before(async () => {
  data = await openTestData()
})
after(() => data.remove())

const newToken = () =>
  createToken(data.db, { email: 'ben@radio.test', scopes: ['spark:calls_read'], lifetimeMs: 1_000, now: 0 })
/** A change that another process makes. */
const revokeElsewhere = (id: string): Promise<unknown> =>
  data.db.kysely.updateTable('tokens').set({ revoked_at: 1 }).where('id', '=', id).execute()

it('sees after half a second what another process has changed', async () => {
  const clock = { now: 0 }
  const callers = new Callers(data.db, () => clock.now)
  const { token, id } = await newToken()
  assert.ok(await callers.authenticate(token, 0))
  await revokeElsewhere(id)
  clock.now = 499
  assert.ok(await callers.authenticate(token, 0), 'the database is not asked')
  clock.now = 500
  assert.equal(await callers.authenticate(token, 0), undefined)
})

it('sees at once what this process has revoked, also while it is being looked up', async () => {
  const callers = new Callers(data.db, () => 0)
  const { token, id } = await newToken()
  assert.ok(await callers.authenticate(token, 0))
  await revokeToken(data.db, id)
  assert.equal(await callers.authenticate(token, 0), undefined)

  const other = await newToken()
  const early = callers.authenticate(other.token, 0)
  callers.forget() // As a revocation does that commits while the answer is on its way.
  assert.ok(await early)
  await revokeElsewhere(other.id)
  assert.equal(
    await callers.authenticate(other.token, 0),
    undefined,
    'what was read before is not remembered',
  )
})

it('lets an expired token die to the millisecond, remembered or not', async () => {
  const callers = new Callers(data.db, () => 0)
  const { token } = await newToken()
  assert.ok(await callers.authenticate(token, 999))
  assert.equal(await callers.authenticate(token, 1_000), undefined)
})
