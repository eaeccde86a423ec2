import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Random } from '@tandem/testing'
import { JitterBuffer } from './jitter-buffer.ts'

function fill(buffer: JitterBuffer, sequences: readonly number[]): boolean[] {
  return sequences.map((sequence) => buffer.push(sequence, 160 * sequence, 0, Uint8Array.of(sequence & 255)))
}

function drain(buffer: JitterBuffer, count: number): string {
  return Array.from({ length: count }, () => buffer.pull()?.sequence ?? '-').join(' ')
}

describe('JitterBuffer', () => {
  it('waits for three packets, then plays in order over the wrap, with a hole for what was lost', () => {
    const buffer = new JitterBuffer()
    fill(buffer, [65_534, 0])
    assert.equal(drain(buffer, 1), '-')
    fill(buffer, [65_535, 2])
    assert.equal(drain(buffer, 6), '65534 65535 0 - 2 -')
  })

  it('refuses copies and what comes after its turn', () => {
    const buffer = new JitterBuffer()
    assert.deepEqual(fill(buffer, [1, 2, 2, 3]), [true, true, false, true])
    assert.equal(drain(buffer, 2), '1 2')
    assert.deepEqual(fill(buffer, [1, 4]), [false, true])
  })

  it('takes an earlier packet as long as it has not begun to play', () => {
    const buffer = new JitterBuffer()
    fill(buffer, [5, 4, 3])
    assert.equal(drain(buffer, 3), '3 4 5')
  })

  it('holds 50 packets and not one more', () => {
    const buffer = new JitterBuffer()
    assert.ok(
      fill(
        buffer,
        Array.from({ length: 50 }, (_, index) => index),
      ).every(Boolean),
    )
    assert.deepEqual(fill(buffer, [50]), [false])
    assert.equal(buffer.size, 50)
  })

  it('starts anew with a stream that jumps', () => {
    const buffer = new JitterBuffer()
    fill(buffer, [1, 2, 3, 30_000, 30_001, 30_002])
    assert.equal(drain(buffer, 3), '30000 30001 30002')
  })

  it('stays bounded and in order whatever comes', () => {
    const random = new Random(1)
    const buffer = new JitterBuffer({ delayPackets: 2, capacityPackets: 10 })
    for (let step = 0; step < 20_000; step++) {
      buffer.push((step + random.below(30)) & 0xffff, 0, 0, new Uint8Array(1))
      if (random.chance(0.5)) buffer.pull()
      assert.ok(buffer.size <= 10)
    }
  })
})
