import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { at } from './at.ts'
import { Random } from './random.ts'
import { CALM, STORM, VirtualNetwork, type Weather } from './virtual-network.ts'

/** Sends `count` numbers at 0 ms and lists what arrives, with its time. */
function arrivals(seed: number, weather: Weather, count: number): string[] {
  const network = new VirtualNetwork<number>(new Random(seed), weather)
  for (let message = 0; message < count; message++) network.send(at(0), message)
  const seen: string[] = []
  for (;;) {
    const delivery = network.take(at(1_000))
    if (delivery === undefined) return seen
    seen.push(`${delivery.at}:${delivery.message}`)
  }
}

describe('VirtualNetwork', () => {
  it('delivers everything in calm weather, nothing before its time', () => {
    const network = new VirtualNetwork<string>(new Random(1), { ...CALM, delayMsMin: 7, delayMsMax: 7 })
    network.send(at(100), 'hello')
    assert.equal(network.deadline, 107)
    assert.equal(network.take(at(106)), undefined)
    assert.deepEqual(network.take(at(107)), { at: 107, message: 'hello' })
    assert.equal(arrivals(3, CALM, 200).length, 200)
  })

  it('loses, copies and reorders in a storm, the same way for the same seed', () => {
    const seen = arrivals(42, STORM, 1_000)
    assert.deepEqual(seen, arrivals(42, STORM, 1_000))
    assert.notDeepEqual(seen, arrivals(43, STORM, 1_000))
    const messages = seen.map((line) => Number(line.split(':')[1]))
    const distinct = new Set(messages)
    assert.ok(distinct.size < 950 && distinct.size > 850, `about a tenth is lost: ${distinct.size}`)
    assert.ok(messages.length > distinct.size, 'some arrive twice')
    assert.ok(
      messages.some((message, index) => index > 0 && message < (messages[index - 1] ?? 0)),
      'some overtake others',
    )
  })
})
