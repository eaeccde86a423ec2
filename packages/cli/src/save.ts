/**
 * Saves what is downloaded as a file: beside its place first, then moved there once all of it has come and is on disk, so
 * that a file that is there is whole. Nothing that exists is overwritten unless that was asked for.
 */
import { access, open, rename, rm } from 'node:fs/promises'
import type { Download } from '@tandem/sdk'
import { CommandFailure } from './failure.ts'
import { pour } from './pour.ts'

/** Means stdout as a file name, as everywhere. */
const STDOUT = '-'

const EXTENSIONS: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'video/mp4': 'mp4',
  'text/vtt': 'vtt',
  'text/plain': 'txt',
  'application/json': 'json',
  'application/x-tar': 'tar',
}

/** What a file of this type is called after the dot. */
export function extensionOf({ headers }: Pick<Download, 'headers'>): string {
  const type = (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return Object.hasOwn(EXTENSIONS, type) ? (EXTENSIONS[type] ?? 'bin') : 'bin'
}

/** An id as a part of a file's name: it may be any text, and what goes into a name is plain. */
export function fileNameOf(id: string): string {
  return id.replace(/[^\w-]/g, '_')
}

/** Throws when the file is there already and `force` does not say that it may go. */
export async function checkFree(path: string, force: boolean): Promise<void> {
  if (force || path === STDOUT) return
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  if (isThere) throw new CommandFailure(`${path} is there already: give another --output, or --force.`)
}

/** Saves it, to stdout for `-`. A body that is shorter than announced is an error of the stream itself. */
export async function saveDownload(
  { stream }: Pick<Download, 'stream'>,
  path: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  const broken = `The download of ${path} broke off: what came of it is no whole file. Fetch it again.`
  if (path === STDOUT) return pour(stream, broken)
  await checkFree(path, force)
  const part = `${path}.part`
  try {
    await writePart(stream, part, broken)
    await rename(part, path)
  } catch (cause) {
    await rm(part, { force: true })
    if (cause instanceof CommandFailure) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CommandFailure(`${path} cannot be written: ${why}.`, { cause })
  }
}

async function writePart(stream: AsyncIterable<Uint8Array>, part: string, broken: string): Promise<void> {
  const file = await open(part, 'w')
  try {
    const pieces = stream[Symbol.asyncIterator]()
    for (;;) {
      const piece = await pieces.next().catch((cause: unknown) => {
        throw new CommandFailure(broken, { cause })
      })
      if (piece.done === true) break
      await file.writeFile(piece.value) // Appends: a handle goes on where it stands.
    }
    await file.sync()
  } finally {
    await file.close()
  }
}
