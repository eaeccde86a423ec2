/**
 * A part being written from a stream, for the thread that must not stand still: imports and transcripts. Memory is that of
 * a few chunks whatever the length. The hash is that of what came in, taken once; the scrub compares it with what the disk
 * gives back.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { PartBuilder, type PartForm, type Placed } from './part-builder.ts'
import { listPath } from './part-name.ts'
import type { WrittenPart } from './part-writer.ts'

/** Content that is in memory, with its SHA-256 as whoever read it has found it, in lower-case hex. */
export interface WholeContent {
  readonly bytes: Uint8Array
  readonly sha256: string
}

/** Writes all that `source` gives as a part; when it fails the part is left for whoever cleans up. */
export async function writePart(
  path: string,
  form: PartForm,
  source: AsyncIterable<Uint8Array> | WholeContent,
): Promise<WrittenPart> {
  const known = 'sha256' in source ? source.sha256 : undefined
  const builder = new PartBuilder(form, 0, { hashed: known === undefined })
  const file = await open(path, 'w', 0o600)
  try {
    if ('sha256' in source) await writePlaced(file, builder.add(source.bytes))
    else for await (const bytes of source) await writePlaced(file, builder.add(bytes))
    await writePlaced(file, builder.end(new Uint8Array(0)))
    const { size } = await file.stat()
    if (size !== builder.storedBytes) {
      const message = `${path} has ${size} bytes where ${builder.storedBytes} were written`
      throw Object.assign(new Error(message), { code: 'EIO' })
    }
  } finally {
    await file.close()
  }
  const sha256 = known ?? builder.bodyDigest().toString('hex')
  const list = builder.list(sha256)
  if (list !== undefined) await writeList(listPath(path), list)
  return { sizeBytes: builder.sizeBytes, sha256 }
}

async function writePlaced(file: FileHandle, placed: readonly Placed[]): Promise<void> {
  for (const { position, bytes } of placed) {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
      if (bytesWritten === 0) throw Object.assign(new Error('short write'), { code: 'EIO' })
      done += bytesWritten
    }
  }
}

async function writeList(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w', 0o600)
  await writePlaced(file, [{ position: 0, bytes }]).finally(() => file.close())
}
