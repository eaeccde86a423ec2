import assert from 'node:assert/strict'
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { describe, it } from 'node:test'
import { at, Random } from '@tandem/testing'
import fc from 'fast-check'
import { crc32 } from './crc32.ts'
import type { JournalEntry, ReadItem } from './entry.ts'
import {
  blockCrc,
  blockNonce,
  decodeSegmentHeader,
  encodeSegmentHeader,
  SEALED_BYTES_MAX,
  SEGMENT_HEADER_BYTES,
} from './format.ts'
import { BUFFER_BYTES_MAX, blockAad, ENTRY_BYTES_MAX, RecordingJournal } from './recording-journal.ts'
import { type Open, type Seal, unwrapDataKey, wrapDataKey } from './seal.ts'
import { SegmentReader } from './segment-reader.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

const random = new Random(3)
const kek = random.bytes(32)
const segmentId = random.bytes(16)
const nonces = new Set<string>()

const seal: Seal = (key, nonce, aad, plain) => {
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(aad)
  const nonceOfKey = `${Buffer.from(key).toString('hex')} ${Buffer.from(nonce).toString('hex')}`
  assert.ok(!nonces.has(nonceOfKey), 'a nonce is never used twice')
  nonces.add(nonceOfKey)
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

const open: Open = (key, nonce, aad, sealed) => {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce)
  decipher.setAAD(aad)
  decipher.setAuthTag(sealed.subarray(-16))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
  } catch {
    return undefined
  }
}

function journalOf(slot: number, id: string, segment = segmentId): RecordingJournal {
  const key = random.bytes(32)
  const wrappedKey = wrapDataKey(seal, kek, random.bytes(12), id, key)
  return new RecordingJournal({ slot, recordingId: id, segmentId: segment, key, wrappedKey, seal })
}

function reader(): SegmentReader {
  return new SegmentReader({ keyFor: (id, wrapped) => unwrapDataKey(open, kek, id, wrapped), open })
}

function header(segment = segmentId): Uint8Array {
  return encodeSegmentHeader({
    segmentId: segment,
    worker: 2,
    wallAt: 1_790_000_000_000,
    instantAt: at(12.5),
  })
}

/** A segment of two interleaved recordings, and where its blocks begin. */
function twoRecordings(): { bytes: Uint8Array; blocks: number[] } {
  const [a, b] = [journalOf(0, 'rec-a'), journalOf(1, 'rec-b')]
  a.open('{"name":"Zoë"}', 1_790_000_000_000, at(12.5), false)
  b.open('{}', 1_790_000_000_100, at(112.5), false)
  const parts: Uint8Array[] = [header()]
  for (let round = 0; round < 5; round++) {
    for (const journal of [a, b]) {
      for (let side = 0; side < 2; side++) {
        journal.packet(side === 0 ? 0 : 1, 7 + side, at(200 + round), Uint8Array.of(round, side, 7, 8, 9), 3)
      }
      journal.entry({ kind: 'note', json: `{"round":${round}}`, at: at(200 + round) })
      parts.push(journal.take() ?? assert.fail('there was something to take'))
    }
  }
  a.entry({ kind: 'closed', facts: '{}', at: at(300), wallAt: 1_790_000_001_000 })
  parts.push(a.take() ?? assert.fail('there was something to take'))
  const blocks: number[] = []
  let offset = 0
  for (const part of parts) {
    blocks.push(offset)
    offset += part.length
  }
  return { bytes: new Uint8Array(Buffer.concat(parts)), blocks: [...blocks.slice(1), offset] }
}

/** A segment of one recording as version 1 wrote it, byte by byte: records had no stream. */
function firstVersion(): Uint8Array {
  const head = header()
  const headView = new DataView(head.buffer, head.byteOffset)
  headView.setUint16(4, 1)
  headView.setUint32(44, crc32(head, 0, 44))
  const key = random.bytes(32)
  const records: Uint8Array[] = []
  const record = (kind: number, side: number, body: Uint8Array): void => {
    const bytes = new Uint8Array(6 + body.length)
    bytes.set([kind, side])
    new DataView(bytes.buffer).setUint32(2, body.length)
    bytes.set(body, 6)
    records.push(bytes)
  }
  const packet = new Uint8Array(8 + 3)
  new DataView(packet.buffer).setFloat64(0, 212.5)
  packet.set([9, 8, 7], 8)
  const opening = { facts: '{"old":1}', wallAt: 1_790_000_000_000, instantAt: 12.5, continues: false }
  const joined = {
    kind: 'joined',
    side: 1,
    leg: 'l',
    codec: 'PCMU',
    payloadType: 0,
    clockRateHz: 8000,
    at: 13,
  }
  record(1, 0, Buffer.from(JSON.stringify(opening)))
  record(2, 0, Buffer.from(JSON.stringify(joined)))
  record(3, 1, packet)
  const plain = Buffer.concat(records)
  const clear = Buffer.concat([wrapDataKey(seal, kek, random.bytes(12), 'rec-1', key), Buffer.from('rec-1')])
  const block = new Uint8Array(24 + clear.length + plain.length + 16)
  const view = new DataView(block.buffer)
  view.setUint32(0, 0x54444d42)
  block.set([1, 1], 4)
  view.setUint16(6, clear.length)
  view.setUint32(16, plain.length + 16)
  block.set(clear, 24)
  block.set(seal(key, blockNonce(segmentId, 0, 0), blockAad(block, clear.length), plain), 24 + clear.length)
  view.setUint32(20, blockCrc(block, 0, block.length))
  return new Uint8Array(Buffer.concat([head, block]))
}

function brief(item: ReadItem): string {
  if (item.kind === 'packet') return `${item.recordingId} ${item.side} ${[...item.packet].join(' ')}`
  return `${item.recordingId} ${item.kind === 'opening' ? item.opening.facts : item.entry.kind}`
}

describe('a journal segment', () => {
  it('gives back what two recordings wrote, in order', () => {
    const read = reader()
    const items = read.push(twoRecordings().bytes)
    assert.equal(read.finish(), undefined)
    assert.deepEqual(items.slice(0, 8).map(brief), [
      'rec-a {"name":"Zoë"}',
      'rec-a 0 0 0 7',
      'rec-a 1 0 1 7',
      'rec-a note',
      'rec-b {}',
      'rec-b 0 0 0 7',
      'rec-b 1 0 1 7',
      'rec-b note',
    ])
    assert.equal(brief(items.at(-1) ?? assert.fail('nothing read')), 'rec-a closed')
    assert.deepEqual([read.header?.worker, read.header?.instantAt], [2, 12.5])
  })

  it('says of which stream each packet is', () => {
    const items = reader().push(twoRecordings().bytes)
    const streams = items.flatMap((item) => (item.kind === 'packet' ? [`${item.side} ${item.stream}`] : []))
    assert.deepEqual([...new Set(streams)], ['0 7', '1 8'])
  })

  it('of version 1 is still read, all of a side as one stream', () => {
    const read = reader()
    const items = read.push(firstVersion())
    assert.equal(read.finish(), undefined)
    assert.deepEqual(items.map(brief), ['rec-1 {"old":1}', 'rec-1 joined', 'rec-1 1 9 8 7'])
    assert.ok(items[2]?.kind === 'packet' && items[2].stream === 0 && items[2].arrival === 212.5)
  })

  it('of a version to come is not guessed at', () => {
    const bytes = header()
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    view.setUint16(4, 3)
    view.setUint32(44, crc32(bytes, 0, 44))
    const read = reader()
    read.push(bytes)
    assert.equal(read.damaged?.why, 'header')
  })

  it('gives the same whatever the chunks are', () => {
    const { bytes } = twoRecordings()
    const whole = reader().push(bytes).map(brief)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 40 }), (sizes) => {
        const read = reader()
        const items: string[] = []
        let offset = 0
        for (const size of [...sizes, bytes.length]) {
          const chunk = Buffer.from(bytes.slice(offset, offset + size))
          items.push(...read.push(chunk).map(brief))
          chunk.fill(0) // The caller may use its buffer again.
          offset += size
        }
        assert.deepEqual(items, whole)
        assert.equal(read.offset, bytes.length)
      }),
      { numRuns: 60 },
    )
  })

  it('torn at every byte, gives all whole blocks before the tear and says where it is', () => {
    const { bytes, blocks } = twoRecordings()
    const whole = reader().push(bytes).map(brief)
    for (let length = 0; length <= bytes.length; length++) {
      const read = reader()
      const items = read.push(bytes.subarray(0, length)).map(brief)
      assert.deepEqual(items, whole.slice(0, items.length))
      assert.equal(read.damaged, undefined, 'a live file may still grow')
      const damage = read.finish()
      if (blocks.includes(length)) assert.equal(damage, undefined)
      else {
        const sound = Math.max(0, ...[SEGMENT_HEADER_BYTES, ...blocks].filter((start) => start <= length))
        assert.deepEqual(damage, { offset: sound, why: 'torn' })
      }
    }
  })

  it('finds every flipped bit, and gives nothing out from there on', () => {
    const { bytes, blocks } = twoRecordings()
    const whole = reader().push(bytes).map(brief)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice()
      const byte = bit >> 3
      flipped[byte] = (flipped[byte] as number) ^ (1 << (bit & 7))
      const read = reader()
      const items = read.push(flipped).map(brief)
      const damage = read.finish()
      assert.ok(damage !== undefined, `bit ${bit} went unseen`)
      assert.ok(damage.offset <= byte)
      assert.deepEqual(items, whole.slice(0, items.length))
      if (byte < (blocks[0] ?? 0)) assert.deepEqual(items, [])
    }
  })

  it('finds blocks that were dropped, repeated, swapped or moved to another segment', () => {
    const { bytes, blocks } = twoRecordings()
    const parts = [bytes.subarray(0, blocks[0])]
    for (let index = 1; index < blocks.length; index++)
      parts.push(bytes.subarray(blocks[index - 1], blocks[index]))
    const damage = (order: readonly number[], head = parts[0] as Uint8Array) => {
      const read = reader()
      read.push(Buffer.concat([head, ...order.map((index) => parts[index] as Uint8Array)]))
      return read.finish()?.why
    }
    assert.equal(damage([1, 2, 3, 4]), undefined)
    assert.equal(damage([1, 2, 5, 6]), 'order')
    assert.equal(damage([1, 2, 3, 3]), 'order')
    assert.equal(damage([1, 2, 5, 3]), 'order')
    assert.equal(damage([3, 1, 2]), 'order')
    assert.equal(damage([1, 2], header(random.bytes(16))), 'authentication')
  })

  it('passes over a recording whose key is gone, and over no other', () => {
    const { bytes } = twoRecordings()
    const keyFor = (id: string, wrapped: Uint8Array) =>
      id === 'rec-a' ? undefined : unwrapDataKey(open, kek, id, wrapped)
    const items = new SegmentReader({ keyFor, open }).push(bytes)
    assert.deepEqual([...new Set(items.map((item) => item.recordingId))], ['rec-b'])
    assert.equal(items.length, 16)
  })

  it('keeps nothing of a recording in the clear but its id (P12)', () => {
    const journal = journalOf(0, 'rec-a')
    journal.open('{"remoteName":"Marker Sentence"}', 0, at(0), false)
    journal.packet(0, 7, at(1), Buffer.from('voice voice voice'), 17)
    const text = Buffer.from(journal.take() ?? []).toString('latin1')
    assert.ok(text.includes('rec-a'))
    assert.ok(!text.includes('Marker') && !text.includes('voice'))
  })

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.boolean(), (bytes, withHeader) => {
        const read = reader()
        assert.deepEqual(read.push(withHeader ? Buffer.concat([header(), bytes]) : bytes), [])
        read.finish()
      }),
    )
  })

  it('refuses a block that says it is longer than any block may be, without waiting for it', () => {
    const { bytes, blocks } = twoRecordings()
    for (const [size, why] of [
      [SEALED_BYTES_MAX, undefined],
      [SEALED_BYTES_MAX + 1, 'length'],
    ] as const) {
      const longer = bytes.slice(0, (blocks[0] ?? 0) + 200)
      new DataView(longer.buffer).setUint32((blocks[0] ?? 0) + 16, size)
      const read = reader()
      read.push(longer)
      assert.equal(read.damaged?.why, why)
    }
  })
})

describe('RecordingJournal', () => {
  it('keeps no packet between pause and resume (P18)', () => {
    const journal = journalOf(0, 'rec')
    journal.open('{}', 0, at(0), false)
    assert.ok(journal.packet(0, 7, at(1), Uint8Array.of(1), 1))
    journal.entry({ kind: 'pause', at: at(2) })
    assert.ok(!journal.packet(0, 7, at(3), Uint8Array.of(2), 1))
    journal.entry({ kind: 'resume', at: at(4) })
    assert.ok(journal.packet(0, 7, at(5), Uint8Array.of(3), 1))
    const items = reader().push(Buffer.concat([header(), journal.take() ?? assert.fail('nothing taken')]))
    assert.deepEqual(items.map(brief), ['rec {}', 'rec 0 1', 'rec pause', 'rec resume', 'rec 0 3'])
  })

  it('takes nothing when nothing came', () => {
    const journal = journalOf(0, 'rec')
    journal.open('{}', 0, at(0), false)
    assert.ok(journal.take())
    assert.equal(journal.take(), undefined)
  })

  it('says what it lost when nobody took its blocks: at the bound nothing, one packet past it a gap', () => {
    const journal = journalOf(0, 'rec')
    journal.open('{}', 0, at(0), false)
    const packet = new Uint8Array(172)
    let fitting = 0
    while (journal.packet(0, 7, at(20 * fitting), packet, 172)) fitting += 1
    assert.ok(journal.pendingBytes <= BUFFER_BYTES_MAX && journal.pendingBytes > BUFFER_BYTES_MAX - 200)
    const items = reader().push(Buffer.concat([header(), journal.take() ?? assert.fail('nothing taken')]))
    assert.equal(items.filter((item) => item.kind === 'packet').length, fitting)
    const last = items.at(-1)
    assert.deepEqual(last?.kind === 'entry' && last.entry, { kind: 'gap', at: 20 * fitting, ms: 20 })
    assert.ok(journal.packet(0, 7, at(0), packet, 172), 'there is room again')
  })

  it('takes an entry of 64 KiB and refuses one byte more', () => {
    const journal = journalOf(0, 'rec')
    journal.open('{}', 0, at(0), false)
    const note = (length: number): JournalEntry => ({ kind: 'note', json: 'x'.repeat(length), at: at(0) })
    const frame = JSON.stringify(note(0)).length
    assert.ok(journal.entry(note(ENTRY_BYTES_MAX - frame)))
    assert.ok(!journal.entry(note(ENTRY_BYTES_MAX - frame + 1)))
  })

  it('goes on in the next segment with its joined streams and its pause', () => {
    const journal = journalOf(0, 'rec')
    const joined = (side: 0 | 1, leg: string): JournalEntry => ({
      kind: 'joined',
      side,
      leg,
      codec: 'PCMU',
      payloadType: 0,
      clockRateHz: 8000,
      at: at(1),
    })
    journal.open('{"x":1}', 0, at(0), false)
    for (const entry of [joined(0, 'a'), joined(1, 'b')]) journal.entry(entry)
    journal.entry({ kind: 'left', side: 1, leg: 'b', at: at(2) })
    journal.entry({ kind: 'pause', at: at(3) })
    journal.take()
    const nextId = random.bytes(16)
    const next = journal.continueIn({ slot: 0, segmentId: nextId, wallAt: 9, instantAt: at(9) })
    assert.ok(next.paused)
    const items = reader().push(Buffer.concat([header(nextId), next.take() ?? assert.fail('nothing taken')]))
    assert.deepEqual(items.map(brief), ['rec {"x":1}', 'rec joined', 'rec pause'])
    assert.ok(items[0]?.kind === 'opening' && items[0].opening.continues)
  })
})

describe('keys and checks', () => {
  it('unwraps a data key for its own recording and key-encryption key only', () => {
    const key = random.bytes(32)
    const wrapped = wrapDataKey(seal, kek, random.bytes(12), 'rec', key)
    assert.equal(wrapped.length, 60)
    assert.deepEqual(Buffer.from(unwrapDataKey(open, kek, 'rec', wrapped) ?? []), Buffer.from(key))
    assert.equal(unwrapDataKey(open, kek, 'other', wrapped), undefined)
    assert.equal(unwrapDataKey(open, random.bytes(32), 'rec', wrapped), undefined)
    assert.equal(unwrapDataKey(open, kek, 'rec', wrapped.subarray(1)), undefined)
  })

  it('computes the CRC-32 of IEEE 802.3', () => {
    assert.equal(crc32(Buffer.from('123456789')), 0xcbf43926)
    assert.equal(crc32(Buffer.from('456789'), 0, 6, crc32(Buffer.from('123'))), 0xcbf43926)
  })

  it('writes and reads UTF-8 as everybody does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        assert.deepEqual(Buffer.from(encodeUtf8(text)), Buffer.from(text))
        assert.equal(decodeUtf8(encodeUtf8(text)), text)
      }),
    )
    fc.assert(fc.property(fc.uint8Array(), (bytes) => typeof decodeUtf8(bytes) === 'string'))
  })

  it('never makes one nonce of two blocks, also for a key that comes back in the same segment', () => {
    const made = new Set<string>()
    for (const segment of [segmentId, random.bytes(16)]) {
      for (let slot = 0; slot < 50; slot++) {
        for (let sequence = 0; sequence < 50; sequence++) {
          made.add(Buffer.from(blockNonce(segment, slot, sequence)).toString('hex'))
        }
      }
    }
    assert.equal(made.size, 2 * 50 * 50)
  })

  it('reads a segment header back, and no damaged one', () => {
    const bytes = header()
    assert.deepEqual(decodeSegmentHeader(bytes)?.segmentId, segmentId)
    for (let byte = 0; byte < bytes.length; byte++) {
      const damaged = bytes.slice()
      damaged[byte] = (damaged[byte] as number) ^ 0x10
      assert.equal(decodeSegmentHeader(damaged), undefined)
    }
  })
})
