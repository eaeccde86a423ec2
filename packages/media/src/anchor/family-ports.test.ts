import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { at } from '@tandem/testing'
import fc from 'fast-check'
import { FamilyPorts } from './family-ports.ts'
import { MediaLeg } from './media-leg.ts'
import { SharedPort } from './source-table.ts'

const LEGS_MAX = 3
const NOW = at(10_000)

/** Ports, and the same question answered by looking at all of them. */
class Rig {
  readonly family = new FamilyPorts<never>(LEGS_MAX)
  readonly ports: SharedPort[] = []
  #names = 0

  add(): void {
    const port = new SharedPort(20_000 + 2 * this.#names++, '192.0.2.1', (changed) =>
      this.family.changed(changed),
    )
    this.ports.push(port)
    this.family.add(port)
  }

  remove(index: number): void {
    const [port] = this.ports.splice(index, 1)
    if (port !== undefined) this.family.remove(port)
  }

  admit(port: SharedPort): MediaLeg {
    const leg = new MediaLeg(NOW, `${this.#names++}`, port, () => 0)
    port.admit(leg)
    return leg
  }

  /** The learner's SDP names an address, and it speaks from there. */
  learn(port: SharedPort): void {
    const leg = port.learner
    if (leg === undefined) return
    const remotePort = 1_000 + this.#names++
    leg.remote = { host: '198.51.100.1', port: remotePort, rtcpPort: remotePort + 1 }
    port.learn(NOW, '198.51.100.1', remotePort, remotePort, 1)
    assert.equal(leg.learning, false)
  }

  get open(): SharedPort[] {
    return this.ports.filter((port) => port.learner === undefined && port.legs.size < LEGS_MAX)
  }

  check(): void {
    const { open } = this
    assert.equal(this.family.openCount, open.length)
    assert.equal(this.family.portFor(NOW), open.find((port) => port.guessesFrom <= NOW) ?? open[0])
  }
}

describe('the ports of one family', () => {
  it('are found as if all were looked at, whatever happens to them', () => {
    const step = fc.tuple(
      fc.constantFrom('add', 'admit', 'learn', 'release', 'relearn', 'fix', 'remove'),
      fc.nat(20),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const rig = new Rig()
        for (const [what, choice] of steps) {
          const port = rig.ports[choice % Math.max(1, rig.ports.length)]
          const leg = port === undefined ? undefined : [...port.legs][choice % Math.max(1, port.legs.size)]
          if (what === 'add') rig.add()
          else if (what === 'admit') {
            const found = rig.family.portFor(NOW)
            if (found !== undefined) rig.admit(found)
          } else if (what === 'remove') {
            if (port?.legs.size === 0) rig.remove(rig.ports.indexOf(port))
          } else if (what === 'learn') {
            if (port !== undefined) rig.learn(port)
          } else if (port !== undefined && leg !== undefined) {
            if (what === 'release') port.release(NOW, leg)
            else if (what === 'relearn') port.relearn(leg)
            else port.fix(leg)
          }
          rig.check()
        }
      }),
      { numRuns: 500 },
    )
  })

  it('take legs up to the limit and not one more', () => {
    const rig = new Rig()
    rig.add()
    for (let leg = 0; leg < LEGS_MAX; leg++) {
      const port = rig.family.portFor(NOW)
      assert.ok(port !== undefined, `leg ${leg} finds a place`)
      rig.admit(port)
      rig.learn(port)
    }
    assert.equal(rig.family.portFor(NOW), undefined)
  })
})
