/**
 * A file of this machine as media to be taken in. A small one is read whole, once; a large one is read in places, and
 * whether somebody writes to it meanwhile is noticed. What the system refuses becomes a sentence about this file.
 */
import { stat } from 'node:fs/promises'
import { ImportFault } from './import-fault.ts'
import type { IncomingMedia } from './intake.ts'
import { BytesMedia, FileMedia, READ_BYTES_MAX } from './media-source.ts'

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file.',
  EACCES: 'The file may not be read by this user.',
  EPERM: 'The file may not be read by this user.',
  EISDIR: 'This is a folder, no file.',
  EINVAL: 'This is no plain file.',
  ELOOP: 'The file is a link to itself.',
  EIO: 'The disk of the file reports an error.',
}

/** Opens it; throws an `ImportFault`. Close it when done. */
export async function localMedia(path: string): Promise<IncomingMedia & { close(): Promise<void> }> {
  try {
    const file = await FileMedia.open(path)
    if (file.sizeBytes > READ_BYTES_MAX)
      return { source: file, file: { path }, hasChanged: () => file.hasChanged(), close: () => file.close() }
    const bytes = await file.read(0, READ_BYTES_MAX).finally(() => file.close())
    const hasChanged = async (): Promise<boolean> => {
      const { size, mtimeMs } = await stat(path)
      return size !== file.sizeBytes || mtimeMs !== file.changedMs
    }
    return { source: new BytesMedia(bytes), file: { path }, hasChanged, close: async () => {} }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const words = WORDS[code]
    if (words === undefined) throw error
    throw new ImportFault('unknown', words, { cause: error })
  }
}
