/** curl, as whoever downloads a recording without any software of ours: a status, headers and bytes. */
import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** What curl got. */
export interface Fetched {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly bytes: Buffer
}

/** Fetches an address. */
export async function curl(url: string, ...args: string[]): Promise<Fetched> {
  const file = join(tmpdir(), `tandem-curl-${randomUUID()}`)
  try {
    const { stdout } = await promisify(execFile)('curl', [
      '-sS',
      '-m',
      '20',
      '-D',
      '-',
      '-o',
      file,
      ...args,
      url,
    ])
    const [first = '', ...lines] = stdout.trim().split('\r\n')
    const headers = lines.map((line): [string, string] => {
      const at = line.indexOf(':')
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]
    })
    return { status: Number(first.split(' ')[1]), headers: new Map(headers), bytes: contentOf(file) }
  } finally {
    rmSync(file, { force: true })
  }
}

/** Lower-case hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** curl makes no file for an empty body. */
function contentOf(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}
