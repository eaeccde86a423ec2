/**
 * The tar of an export, made while it is read: every member is hashed on its way, and the last one, `export.json`, is a
 * signed list of them. A file whose content is not what its row says ends the stream with a fault, never with an archive
 * that looks whole. Headers are alike but for name and size, so that a verifier can hold every byte to what it must be.
 */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { type Pack, pack } from 'tar-stream'
import { StorageFault } from '../vault/storage-fault.ts'

/** A member of the archive. */
export interface ArchiveMember {
  readonly name: string
  readonly sizeBytes: number
  /** Of the content when it is known before; otherwise it is what was read. */
  readonly sha256?: string
  readonly content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

/** What `export.json` lists. */
export interface ListedMember {
  readonly name: string
  readonly sizeBytes: number
  readonly sha256: string
}

/**
 * The archive as a stream. `members` are taken one after the other; `list` gives the content of the last member when all
 * are written. `at` is the time in the headers, Unix milliseconds.
 */
export function archiveStream(
  at: number,
  members: AsyncIterable<ArchiveMember>,
  list: (members: readonly ListedMember[]) => Uint8Array,
): Readable {
  const tar = pack()
  tar.on('error', () => undefined) // Whoever reads is told by the iteration; nobody else listens.
  // Its own promise: a reader that goes away destroys the pack, and that ends the writing.
  write(tar, at, members, list).catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : new Error(String(error)))
  })
  return Readable.from(tar, { objectMode: false })
}

async function write(
  tar: Pack,
  at: number,
  members: AsyncIterable<ArchiveMember>,
  list: (members: readonly ListedMember[]) => Uint8Array,
): Promise<void> {
  const listed: ListedMember[] = []
  for await (const member of members) listed.push(await writeMember(tar, at, member))
  const bytes = list(listed)
  await writeMember(tar, at, { name: 'export.json', sizeBytes: bytes.length, content: [bytes] })
  tar.finalize()
}

async function writeMember(tar: Pack, at: number, member: ArchiveMember): Promise<ListedMember> {
  const { name, sizeBytes } = member
  const mtime = new Date(Math.floor(at / 1_000) * 1_000)
  const hash = createHash('sha256')
  let written = 0
  const ended = Promise.withResolvers<void>()
  const entry = tar.entry({ name, size: sizeBytes, mtime, mode: 0o644 }, (error) =>
    error == null ? ended.resolve() : ended.reject(error),
  )
  ended.promise.catch(() => undefined) // Whoever waits below is told.
  entry.on('error', () => undefined) // As above.
  for await (const chunk of member.content) {
    written += chunk.length
    if (written > sizeBytes) throw damaged(member, 'is longer than it should be')
    hash.update(chunk)
    if (entry.write(chunk)) continue
    const drained = new Promise<void>((resolve) => entry.once('drain', () => resolve()))
    await Promise.race([drained, ended.promise])
  }
  if (written < sizeBytes) throw damaged(member, 'is shorter than it should be')
  const sha256 = hash.digest('hex')
  if (member.sha256 !== undefined && member.sha256 !== sha256)
    throw damaged(member, 'is not what was recorded')
  entry.end(null)
  await ended.promise
  return { name, sizeBytes, sha256 }
}

function damaged(member: ArchiveMember, how: string): StorageFault {
  return new StorageFault('damaged', `The file ${member.name} ${how}; the export has ended without it`)
}
