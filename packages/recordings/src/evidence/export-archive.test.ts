import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ArchiveMember, archiveStream } from './export-archive.ts'

const CHUNK = 65_536
const CHUNKS = 1_600 // 100 MB: more than may ever be in memory.

/** A large member, and how much of it was asked for. */
function large(): {
  readonly member: ArchiveMember
  readonly read: () => number
  readonly ended: () => boolean
} {
  let [read, ended] = [0, false]
  async function* content(): AsyncGenerator<Uint8Array> {
    try {
      for (; read < CHUNKS; read++) yield Buffer.alloc(CHUNK, read)
    } finally {
      ended = true
    }
  }
  return {
    member: { name: 'recording.mp4', sizeBytes: CHUNK * CHUNKS, content: content() },
    read: () => read,
    ended: () => ended,
  }
}

async function* only(...members: ArchiveMember[]): AsyncGenerator<ArchiveMember> {
  yield* members
}

describe('archiveStream', () => {
  it('reads no further ahead than its reader, and not at all when that goes away', async () => {
    const { member, read, ended } = large()
    const stream = archiveStream(0, only(member), () => Buffer.from('{}'))
    let [taken, most] = [0, 0]
    for await (const chunk of stream) {
      taken += (chunk as Buffer).length
      most = Math.max(most, read() * CHUNK - taken)
      if (taken > 100 * CHUNK) break
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.ok(most < 16 * CHUNK, `${most} bytes ahead`)
    for (let turn = 0; turn < 100 && !ended(); turn++) await new Promise((resolve) => setImmediate(resolve))
    assert.ok(ended(), 'the file is closed')
    assert.ok(read() < 120, `${read()} chunks`)
  })

  it('is destroyed with the fault of a member, whatever was read', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(10)
      throw new Error('the disk is gone')
    }
    const stream = archiveStream(0, only({ name: 'a', sizeBytes: 20, content: broken() }), () =>
      Buffer.from('{}'),
    )
    await assert.rejects(stream.toArray(), /the disk is gone/)
    assert.equal(stream.destroyed, true)
  })

  it('is whole when every member is, also an empty one', async () => {
    const listed: unknown[] = []
    const empty = { name: 'audit.ndjson', sizeBytes: 0, content: [] }
    const stream = archiveStream(0, only(empty), (members) => {
      listed.push(...members)
      return Buffer.from('{}')
    })
    const bytes = Buffer.concat(await stream.toArray())
    assert.equal(bytes.length, 2 * 512 + 512 + 1_024)
    const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    assert.deepEqual(listed, [{ name: 'audit.ndjson', sizeBytes: 0, sha256 }])
  })
})
