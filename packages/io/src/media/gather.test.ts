import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Gather } from './gather.ts'

/** How often the thread slept while packets came every `everyMs` of virtual time, one or more in each turn. */
async function sleeps(options: { turns: number; everyMs: number; aTurn: number }): Promise<number> {
  let slept = 0
  const gather = new Gather(() => slept++)
  for (let turn = 0; turn < options.turns; turn++) {
    for (let i = 0; i < options.aTurn; i++) gather.note(turn * options.everyMs)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return slept
}

describe('packets that gather', () => {
  it('are not waited for when there are few: 19 calls', async () => {
    assert.equal(await sleeps({ turns: 200, everyMs: 0.527, aTurn: 1 }), 0)
  })

  it('are waited for after each turn under load', async () => {
    const slept = await sleeps({ turns: 400, everyMs: 0.1, aTurn: 1 })
    assert.ok(slept > 150 && slept < 400, `${slept} sleeps in 400 turns`)
  })

  it('are not waited for when a turn was full, since more may be there already', async () => {
    assert.equal(await sleeps({ turns: 200, everyMs: 1, aTurn: 24 }), 0)
    assert.ok((await sleeps({ turns: 200, everyMs: 1, aTurn: 23 })) > 100)
  })
})
