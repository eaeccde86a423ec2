import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { World } from './world.ts'

const SEEDS = 20

describe('the engine on a bad network', () => {
  it(`keeps its rules for ${SEEDS} seeds`, () => {
    let established = 0
    let recordings = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const report = new World(seed).run()
      established += report.established
      recordings += report.recordings
    }
    assert.ok(established > 20 * SEEDS, `calls were really made: ${established}`)
    assert.ok(recordings > 5 * SEEDS, `calls were really recorded: ${recordings}`)
  })

  it('lives the same life twice from the same seed', () => {
    assert.deepEqual(new World(7).run(), new World(7).run())
  })
})
