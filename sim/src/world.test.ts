import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Tally } from './tally.ts'
import { World } from './world.ts'

/** As many as take some forty seconds on two cores. */
const SEEDS = 60

/** What must have come to be in all worlds together, at least so often for every seed: less would prove nothing. */
const ENOUGH: Readonly<Record<string, number>> = {
  messages: 500,
  'ends established': 20,
  sessions: 20,
  recordings: 5,
}

describe('random people press random buttons on a bad network', () => {
  it(`breaks no rule in ${SEEDS} worlds, in which enough happens`, () => {
    const total = new Tally()
    for (let seed = 1; seed <= SEEDS; seed++)
      for (const [name, count] of Object.entries(new World(seed).run().counts)) total.add(name, count)
    for (const [name, count] of Object.entries(ENOUGH))
      assert.ok(total.of(name) >= count * SEEDS, `${name} happens: ${total.of(name)}`)
  })

  it('lives the same life twice from the same seed', () => {
    assert.deepEqual(new World(7).run(), new World(7).run())
  })
})
