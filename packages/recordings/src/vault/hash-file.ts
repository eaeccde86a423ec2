/** The hash of a file as it is on disk, read in the background of the calling thread. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** SHA-256 of a file, lower-case hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer) // Without an encoding, chunks are bytes.
  return hash.digest('hex')
}
