/**
 * Promise P8 and the cases S30 to S36: passwords cannot be guessed or harvested. Other people's attack tools and a client
 * that keeps no rule knock at a server in a process of its own, on loopback, while two good phones go on telephoning.
 * `SCANNERS_WHOLE=1` scans every number from 100 to 9999.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { withoutSipvicious } from '../peers/sipvicious.ts'
import { Besieged } from './besieged.ts'
import { challenged } from './challenged.ts'
import { enumeration } from './enumeration.ts'
import { forgery } from './forgery.ts'
import { guessing } from './guessing.ts'
import { uninvited } from './uninvited.ts'

/** Fewer in the whole time would mean that the attackers had the machine to themselves. */
const CALLS_MIN = 10

const without = await withoutSipvicious()

describe('a server that scanners have found (promise P8)', () => {
  let house: Besieged
  before(async () => {
    house = await Besieged.open()
  })
  after(async () => {
    await house?.close()
  })
  const besieged = (): Besieged => house

  enumeration(besieged, without)
  guessing(besieged, without)
  forgery(besieged)
  challenged(besieged)
  uninvited(besieged)

  it('all the while good phones telephone, and the server ends as it should', async () => {
    const { good, findings } = house
    assert.equal(await house.close(), 0)
    findings.add('all', 'good phones', `${good.completed} calls completed, ${good.failures.length} failed`)
    console.log(`\n${findings}\n`)
    assert.deepEqual(good.failures, [])
    assert.ok(good.completed >= CALLS_MIN, `${good.completed} calls`)
  })
})
