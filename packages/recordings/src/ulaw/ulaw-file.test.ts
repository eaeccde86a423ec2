import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { CHUNK_BYTES } from '../vault/chunk-plan.ts'
import { UlawFile } from './ulaw-file.ts'

describe('UlawFile', () => {
  let folder = ''
  let path = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tandem-ulaw-'))
    path = join(folder, 'a.ulaw.part')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('holds the right channel alone, a byte a sample, in place of whatever was there', () => {
    writeFileSync(path, 'from an earlier attempt, and longer')
    const file = new UlawFile(path)
    file.append(Int16Array.of(9_000, 9_000), Int16Array.of(0, 32_635))
    file.append(Int16Array.of(9_000), Int16Array.of(-32_635))
    const part = file.finish()
    const bytes = readFileSync(path)
    assert.deepEqual([...bytes], [0xff, 0x80, 0x00]) // ITU-T G.711 table 2: zero, the loudest of each sign.
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    assert.deepEqual(part, { sizeBytes: 3, sha256, durationMs: 3 / 8 })
    file.close()
  })

  it('fails when the disk holds something else than was written (rule R2)', () => {
    const samples = 2 * CHUNK_BYTES // What is written is the first chunk; the second may still be the last.
    const short = new UlawFile(path)
    short.append(new Int16Array(samples), new Int16Array(samples))
    truncateSync(path, CHUNK_BYTES - 1)
    assert.throws(() => short.finish(), { code: 'EIO' })
    short.close()
    const wrong = new UlawFile(path)
    wrong.append(new Int16Array(samples), new Int16Array(samples))
    writeFileSync(path, 'oops', { flag: 'r+' })
    assert.throws(() => wrong.finish(), { code: 'EIO' })
    wrong.close()
  })
})
