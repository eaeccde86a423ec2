import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { Random } from '@tandem/testing'
import { CHUNK_BYTES, ChunkPlan } from './chunk-plan.ts'
import { ChunkList } from './hashed-form.ts'
import type { PartForm } from './part-builder.ts'
import { listPath } from './part-name.ts'
import { writePart } from './part-stream.ts'
import { PartWriter } from './part-writer.ts'
import { SEALED_HEADER_BYTES, SealedForm, sealedSpan, TAG_BYTES } from './sealed-form.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-forms-'))
after(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'a.mp3.part')
const dataKey = randomBytes(32)
const sealed: PartForm = { kind: 'sealed', objectName: 'a/media', dataKey }
/** Sizes at the borders of chunks. */
const SIZES = [0, 1, 575, 576, 577, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 77]

/** Opens all chunks of a sealed file; undefined when one does not open. */
function openAll(stored: Buffer, key: Uint8Array = dataKey, name: string = 'a/media'): Buffer | undefined {
  const form = SealedForm.read(stored.subarray(0, SEALED_HEADER_BYTES), key, name)
  const plan = form?.planOf(stored.length)
  if (form === undefined || plan === undefined) return undefined
  const chunks: Buffer[] = []
  for (let index = 0; index < plan.count; index++) {
    const { start, bytes } = sealedSpan(plan, index)
    const plain = form.open(index, stored.subarray(start, start + bytes), plan.isLast(index))
    if (plain === undefined) return undefined
    chunks.push(plain)
  }
  return Buffer.concat(chunks)
}

/** Writes content in pieces of odd sizes, its first `headBytes` at the end. */
function write(content: Buffer, form: PartForm, headBytes: number): { sizeBytes: number; sha256: string } {
  const writer = new PartWriter(path, form, headBytes)
  for (let at = headBytes; at < content.length; at += 9_999) writer.append(content.subarray(at, at + 9_999))
  return writer.finish(content.subarray(0, headBytes))
}

describe('the plan of chunks', () => {
  it('covers the content without holes, with and without a head', () => {
    for (const headBytes of [0, 1, 576]) {
      for (const sizeBytes of SIZES.filter((size) => size >= headBytes)) {
        const plan = new ChunkPlan(sizeBytes, headBytes)
        let at = 0
        for (let index = 0; index < plan.count; index++) {
          assert.equal(plan.startOf(index), at)
          at = plan.endOf(index)
          assert.ok(at - plan.startOf(index) <= CHUNK_BYTES)
          if (at > plan.startOf(index)) assert.equal(plan.indexAt(at - 1), index)
          if (at > plan.startOf(index)) assert.equal(plan.indexAt(plan.startOf(index)), index)
        }
        assert.equal(at, sizeBytes, `${sizeBytes} with a head of ${headBytes}`)
      }
    }
  })
})

describe('the sealed form', () => {
  it('gives back what was written, whatever the length, the pieces and the head', () => {
    for (const headBytes of [0, 576]) {
      for (const size of SIZES.filter((each) => each >= headBytes)) {
        const content = randomBytes(size)
        const part = write(content, sealed, headBytes)
        const stored = readFileSync(path)
        assert.equal(part.sizeBytes, size)
        assert.deepEqual(openAll(stored), content, `${size} bytes, head of ${headBytes}`)
        const { count } = new ChunkPlan(size, headBytes)
        assert.equal(stored.length, SEALED_HEADER_BYTES + size + count * TAG_BYTES)
      }
    }
  })

  it('opens under no other key, for no other recording and no other file of it', () => {
    const content = randomBytes(100_000)
    write(content, sealed, 0)
    const stored = readFileSync(path)
    assert.deepEqual(openAll(stored), content)
    assert.ok(openAll(stored, randomBytes(32)) === undefined)
    assert.ok(openAll(stored, dataKey, 'b/media') === undefined)
    assert.ok(openAll(stored, dataKey, 'a/audio') === undefined)
  })

  it('does not open when chunks are exchanged, repeated, left out or cut off', () => {
    write(randomBytes(4 * CHUNK_BYTES), sealed, 0)
    const stored = readFileSync(path)
    const span = CHUNK_BYTES + TAG_BYTES
    const header = stored.subarray(0, SEALED_HEADER_BYTES)
    const chunks = [0, 1, 2, 3].map((index) =>
      stored.subarray(SEALED_HEADER_BYTES + index * span, SEALED_HEADER_BYTES + (index + 1) * span),
    )
    const [a, b, c, d] = chunks as [Buffer, Buffer, Buffer, Buffer]
    assert.ok(openAll(Buffer.concat([header, a, b, c, d])))
    for (const wrong of [[b, a, c, d], [a, a, c, d], [a, c, d], [a, b, c], [b, c, d], [d], []]) {
      assert.ok(openAll(Buffer.concat([header, ...wrong])) === undefined)
    }
    assert.ok(openAll(Buffer.concat([header, a, b, c, d, d])) === undefined)
  })

  it('does not open when a file of another attempt lends it a chunk: the salt makes another key', () => {
    const content = randomBytes(2 * CHUNK_BYTES)
    write(content, sealed, 0)
    const first = readFileSync(path)
    write(content, sealed, 0)
    const second = readFileSync(path)
    assert.notDeepEqual(first.subarray(SEALED_HEADER_BYTES), second.subarray(SEALED_HEADER_BYTES))
    const at = SEALED_HEADER_BYTES + CHUNK_BYTES + TAG_BYTES
    assert.ok(openAll(Buffer.concat([first.subarray(0, at), second.subarray(at)])) === undefined)
  })

  it('never opens to anything else than what was written, whichever bit flips and wherever it is cut', () => {
    const content = randomBytes(CHUNK_BYTES + 2_000)
    write(content, sealed, 576)
    const stored = readFileSync(path)
    const random = new Random(1)
    for (let round = 0; round < 300; round++) {
      const copy = Buffer.from(stored)
      const at = random.below(copy.length)
      copy[at] = (copy[at] as number) ^ (1 << random.below(8))
      assert.ok(openAll(copy) === undefined, `bit at ${at}`)
      assert.ok(openAll(stored.subarray(0, random.below(stored.length))) === undefined)
    }
    for (let at = 0; at < SEALED_HEADER_BYTES; at++) {
      const copy = Buffer.from(stored)
      copy[at] = (copy[at] as number) ^ 1
      assert.ok(openAll(copy) === undefined, `header at ${at}`)
    }
  })

  it('leaves no plain content on the disk while it is written', () => {
    const content = Buffer.alloc(5 * CHUNK_BYTES, 'a sentence that nobody else may read. ')
    const writer = new PartWriter(path, sealed, 576)
    for (let at = 576; at < content.length; at += 4_096) {
      writer.append(content.subarray(at, at + 4_096))
      assert.equal(readFileSync(path).indexOf('nobody else'), -1)
    }
    writer.finish(content.subarray(0, 576))
    assert.equal(readFileSync(path).indexOf('nobody else'), -1)
    assert.deepEqual(openAll(readFileSync(path)), content)
  })

  it('notices when the disk gives back something else than was written (rule R2)', () => {
    for (const form of [sealed, { kind: 'hashed', objectName: 'a/media' }, { kind: 'bare' }] as const) {
      const writer = new PartWriter(path, form)
      writer.append(randomBytes(3 * CHUNK_BYTES))
      const bytes = readFileSync(path)
      bytes[100_000] = (bytes[100_000] as number) ^ 1
      writeFileSync(path, bytes, { flag: 'r+' })
      assert.throws(() => writer.finish(), { code: 'EIO' }, form.kind)
      writer.close()
    }
  })
})

describe('the list of chunk hashes', () => {
  const hashed: PartForm = { kind: 'hashed', objectName: 'a/media' }

  it('knows every chunk of the plain file, and the hash of all of it', () => {
    for (const headBytes of [0, 576]) {
      for (const size of SIZES.filter((each) => each >= headBytes)) {
        const content = randomBytes(size)
        const { sha256 } = write(content, hashed, headBytes)
        assert.deepEqual(readFileSync(path), content)
        const list = ChunkList.read(readFileSync(listPath(path)), 'a/media')
        assert.equal(list?.sha256, sha256)
        assert.equal(list?.plan.sizeBytes, size)
        for (let index = 0; index < (list?.plan.count ?? 0); index++) {
          const chunk = content.subarray(list?.plan.startOf(index), list?.plan.endOf(index))
          assert.ok(list?.matches(index, chunk))
          if (chunk.length > 0) assert.ok(!list?.matches(index, chunk.subarray(1)))
        }
      }
    }
  })

  it('is read as none when a bit of it differs, it is cut, or it belongs to another file', () => {
    write(randomBytes(5 * CHUNK_BYTES), hashed, 576)
    const bytes = readFileSync(listPath(path))
    assert.ok(ChunkList.read(bytes, 'a/media'))
    assert.equal(ChunkList.read(bytes, 'a/audio'), undefined)
    for (let at = 0; at < bytes.length; at++) {
      const copy = Buffer.from(bytes)
      copy[at] = (copy[at] as number) ^ 0x10
      assert.equal(ChunkList.read(copy, 'a/media'), undefined, `at ${at}`)
      assert.equal(ChunkList.read(bytes.subarray(0, at), 'a/media'), undefined, `cut at ${at}`)
    }
  })
})

describe('a part from a stream', () => {
  it('is the same file as one that is written at once, and fails with its source', async () => {
    async function* pieces(content: Buffer): AsyncGenerator<Buffer> {
      for (let at = 0; at < content.length; at += 50_001) yield content.subarray(at, at + 50_001)
    }
    for (const size of SIZES) {
      const content = randomBytes(size)
      const part = await writePart(path, sealed, pieces(content))
      assert.deepEqual(openAll(readFileSync(path)), content)
      assert.deepEqual(part, write(content, { kind: 'bare' }, 0))
      const sha256 = hash('sha256', content, 'hex')
      assert.deepEqual(await writePart(path, sealed, { bytes: content, sha256 }), part, 'from memory')
      assert.deepEqual(openAll(readFileSync(path)), content)
    }
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(10)
      throw new Error('the connection broke')
    }
    await assert.rejects(writePart(path, sealed, broken()), /the connection broke/)
  })
})
