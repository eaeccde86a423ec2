/**
 * What every store of bytes must do, as one suite of tests: a folder, the fake of S3, and any S3 server that the
 * environment names run through it.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { RawStore } from './raw-store.ts'

/** A store to be tested; it holds nothing. */
export interface StoreUnderTest {
  readonly store: RawStore
  /** A folder for parts, on the volume of the store if that is a folder. */
  readonly parts: string
  close(): Promise<void>
}

/** One byte more than goes up in one piece. */
const LARGE_BYTES = (16 << 20) + 1

/** Describes the suite under a name. */
export function rawStoreSuite(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`a raw store: ${name}`, () => {
    let under: StoreUnderTest
    before(async () => {
      under = await open()
    })
    after(async () => {
      await under?.close()
    })

    const put = async (key: string, bytes: Uint8Array): Promise<string> => {
      const path = join(under.parts, `${randomBytes(8).toString('hex')}.part`)
      writeFileSync(path, bytes)
      await under.store.put(path, key)
      return path
    }
    const read = async (key: string, from = 0, to = Number.POSITIVE_INFINITY, piece = 1 << 16) => {
      const file = await under.store.open(key)
      if (file === undefined) return undefined
      const reader = file.from(from, Math.min(to, file.sizeBytes))
      const pieces: Uint8Array[] = []
      for (;;) {
        const bytes = await reader.next(piece)
        pieces.push(bytes)
        if (bytes.length < piece) break
      }
      await reader.close()
      await file.close()
      return Buffer.concat(pieces)
    }
    const list = async (after?: string): Promise<string[]> =>
      (await Array.fromAsync(under.store.list(after))).map(({ key }) => key)

    it('keeps what it was given, whatever its size, and takes the part away', async () => {
      for (const size of [0, 1, 65_536, 1_000_001, LARGE_BYTES]) {
        const bytes = randomBytes(size)
        const path = await put(`org/2026/02/size-${size}.mp3`, bytes)
        assert.ok(!existsSync(path))
        assert.equal((await under.store.stat(`org/2026/02/size-${size}.mp3`))?.sizeBytes, size)
        const found = await read(`org/2026/02/size-${size}.mp3`)
        assert.ok(found?.equals(bytes), `${size} bytes`)
      }
    })

    it('gives any stretch, in pieces of any size', async () => {
      const bytes = randomBytes(300_000)
      await put('org/2026/02/range.mp3', bytes)
      for (const [from, to, piece] of [
        [0, 1, 10],
        [99, 100_099, 7_777],
        [65_536, 131_072, 65_552],
        [299_999, 300_000, 65_536],
        [5, 5, 10],
        [0, 300_000, 300_000],
      ] as const) {
        const found = await read('org/2026/02/range.mp3', from, to, piece)
        assert.ok(found?.equals(bytes.subarray(from, to)), `${from} to ${to} by ${piece}`)
      }
    })

    it('lets go of a stretch that nobody reads to its end', async () => {
      await put('org/2026/02/left.mp3', randomBytes(1_000_000))
      const file = await under.store.open('org/2026/02/left.mp3')
      const reader = file?.from(0, 1_000_000)
      assert.equal((await reader?.next(10))?.length, 10)
      await reader?.close()
      await reader?.close()
      await file?.close()
    })

    it('replaces what has the same key', async () => {
      await put('org/2026/02/again.mp3', Buffer.from('first'))
      await put('org/2026/02/again.mp3', Buffer.from('the second'))
      assert.equal((await read('org/2026/02/again.mp3'))?.toString(), 'the second')
    })

    it('says that there is nothing, and removes nothing without complaint', async () => {
      const key = 'org/1999/01/never.mp3'
      assert.equal(await under.store.open(key), undefined)
      assert.equal(await under.store.stat(key), undefined)
      await under.store.remove(key)
      assert.equal(await under.store.quarantine(key), undefined)
      await put('org/2026/02/gone.mp3', Buffer.from('x'))
      await under.store.remove('org/2026/02/gone.mp3')
      await under.store.remove('org/2026/02/gone.mp3')
      assert.equal(await under.store.stat('org/2026/02/gone.mp3'), undefined)
    })

    it('lists everything once, in an order that does not change, from any place', async () => {
      const made = ['a/2026/01/x.mp3', 'a/2026/01/x.mp3.chunks', 'a/2026/10/y.mp3', 'b/2025/12/z.mp3']
      for (const key of made) await put(key, Buffer.from(key))
      const keys = await list()
      assert.equal(new Set(keys).size, keys.length)
      for (const key of made) assert.ok(keys.includes(key), key)
      for (const [at, key] of keys.entries()) assert.deepEqual(await list(key), keys.slice(at + 1), key)
      await under.store.remove('a/2026/10/y.mp3')
      const after = keys.slice(keys.indexOf('a/2026/10/y.mp3') + 1)
      assert.deepEqual(await list('a/2026/10/y.mp3'), after, 'the place may be gone')
      const entries = await Array.fromAsync(under.store.list())
      const entry = entries.find(({ key }) => key === 'b/2025/12/z.mp3')
      assert.equal(entry?.sizeBytes, 'b/2025/12/z.mp3'.length)
      assert.ok(Math.abs((entry?.modifiedAt ?? 0) - Date.now()) < 60 * 60 * 1_000)
    })

    it('puts a file out of the way, so that it is neither found nor listed nor lost', async () => {
      await put('org/2026/02/odd.mp3', Buffer.from('odd'))
      assert.ok(await under.store.quarantine('org/2026/02/odd.mp3'))
      assert.equal(await under.store.stat('org/2026/02/odd.mp3'), undefined)
      assert.ok((await list()).every((key) => !key.includes('odd')))
      await put('org/2026/02/odd.mp3', Buffer.from('odd again'))
      assert.ok(await under.store.quarantine('org/2026/02/odd.mp3'))
    })
  })
}
