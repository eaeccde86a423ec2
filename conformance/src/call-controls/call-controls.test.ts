import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Theatre } from '../theatre/theatre.ts'

let theatre: Theatre
before(async () => {
  theatre = await Theatre.open()
})
after(async () => {
  console.log(theatre.programme.print())
  assert.equal(await theatre.close(), 0)
})

describe('call controls', { concurrency: 4 }, () => {
  it('dial', () =>
    theatre.play(async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open({ autoAnswer: 'header' })
      await ben.open()
      await scene.act(
        { operation: 'dial' },
        async () => {
          const { status, body } = await ada.post('dial', { destination: ben.number })
          assert.equal(status, 201)
          assert.deepEqual(Object.keys(body).toSorted(), ['callId', 'callSessionId'])
          await (await ben.rings()).answer()
        },
        {
          states: { ada: 'originator connected ben', ben: 'terminator connected ada' },
          events: { ada: '?', ben: '?' },
          hears: { ada: 'ben', ben: 'ada' },
        },
      )
    }))
})
