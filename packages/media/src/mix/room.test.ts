import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeG711 } from '../g711/g711.ts'
import { KNEE, limited } from './limiter.ts'
import { FRAME_SAMPLES, MEMBERS_MAX, type Member, type Part, Room } from './room.ts'

const PART: Part = { speaks: true, hears: true, group: undefined }

/** Members that say one level all the time. */
class Table {
  readonly room = new Room()
  #turn = 0
  readonly #levels = new Map<Member, number>()

  sit(level: number, part: Partial<Part> = {}): Member {
    const member = this.room.join({ ...PART, ...part })
    assert.ok(member !== undefined)
    this.#levels.set(member, level)
    return member
  }

  turn(count = 1): void {
    for (let index = 0; index < count; index++) {
      for (const [member, level] of this.#levels) {
        const payload = new Uint8Array(FRAME_SAMPLES)
        encodeG711('PCMA', new Int16Array(FRAME_SAMPLES).fill(level), FRAME_SAMPLES, payload, 0)
        member.voice.push(1, FRAME_SAMPLES * this.#turn, 'PCMA', payload, 0, FRAME_SAMPLES)
      }
      this.#turn += 1
      this.room.mix()
    }
  }

  /** The last sample that a member hears, to the nearest hundred. */
  level(member: Member): number {
    return Math.round((this.room.heardBy(member)[FRAME_SAMPLES - 1] as number) / 100) * 100
  }
}

describe('Room', () => {
  it('gives each the sum less its own voice and those of its group', () => {
    const table = new Table()
    const [a, b, c] = [table.sit(1_000), table.sit(2_000, { group: 'x' }), table.sit(4_000, { group: 'x' })]
    table.turn(5)
    assert.deepEqual(
      [a, b, c].map((member) => table.level(member)),
      [6_000, 1_000, 1_000],
    )
    b.part = { ...PART, hears: false }
    c.part = { ...PART, speaks: false }
    table.turn(2)
    assert.deepEqual(
      [a, b, c].map((member) => table.level(member)),
      [2_000, 0, 3_000],
    )
  })

  it('fades who leaves within one turn, and does not let its group hear even that', () => {
    const table = new Table()
    const [a, b, c] = [table.sit(0), table.sit(0, { group: 'x' }), table.sit(6_400, { group: 'x' })]
    table.turn(5)
    table.room.leave(c)
    table.room.leave(c)
    assert.equal(table.room.size, 2)
    table.turn()
    const heard = Array.from(table.room.heardBy(a))
    assert.ok((heard[0] as number) > 6_000 && (heard[63] as number) < 200)
    for (let at = 1; at < heard.length; at++) {
      assert.ok(Math.abs((heard[at] as number) - (heard[at - 1] as number)) <= 150)
    }
    assert.ok(Array.from(table.room.heardBy(b)).every((sample) => Math.abs(sample) < 50))
    table.turn()
    assert.ok(Array.from(table.room.heardBy(a)).every((sample) => Math.abs(sample) < 50))
    assert.equal([...table.room.members].length, 2)
  })

  it('takes in as many as it may and no more, and has room again when one has left', () => {
    const room = new Room()
    const members = Array.from({ length: MEMBERS_MAX }, () => room.join(PART))
    assert.equal(room.join(PART), undefined)
    room.leave(members[0] ?? assert.fail('there are members'))
    assert.ok(room.join(PART) !== undefined)
  })
})

describe('the limiter', () => {
  it('leaves alone what fits, bends the rest, keeps the order and never leaves 16 bits', () => {
    for (const sum of [0, 1, -1, KNEE, -KNEE]) assert.equal(limited(sum), sum)
    let before = -32_768
    for (let sum = -64 * 32_768; sum <= 64 * 32_768; sum += 97) {
      const value = limited(sum)
      assert.ok(value >= before && value >= -32_767 && value <= 32_767, `${sum} becomes ${value}`)
      before = value
    }
  })
})
