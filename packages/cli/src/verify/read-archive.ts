/**
 * How the verifier reads: a tar header by header, each held to what it must be byte for byte, a folder in the order of its
 * list, a file in stretches, text in lines. Nothing but Node; media is never held in memory.
 */
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** A file of an export, read once and in order. */
export interface Member {
  readonly name: string
  readonly size: number
  readonly chunks: Iterable<Buffer>
}

const BLOCK = 512 // Of a tar.
const CHUNK = 65_536
const LINE_CHARACTERS_MAX = 1_048_576 // A row of the log has ten thousand at most, a head with all its keys a hundred.

/** Bytes of an open file. */
export function stretch(file: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let read = 0; read < length; ) {
    const count = readSync(file, bytes, read, length - read, at + read)
    if (count === 0) throw new Error('The file is cut off')
    read += count
  }
  return bytes
}

/** The same in stretches. */
export function* chunksOf(file: number, at: number, length: number): Generator<Buffer> {
  for (let done = 0; done < length; done += CHUNK)
    yield stretch(file, at + done, Math.min(CHUNK, length - done))
}

/** Lines of an audit log, each of which must end with a newline. */
export function* lines(chunks: Iterable<Buffer>): Generator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let rest = ''
  for (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    if (rest.length > LINE_CHARACTERS_MAX)
      throw new Error('A line of the audit log is longer than any that a server writes')
    yield* parts
  }
  if (rest + decoder.decode() !== '') throw new Error('The last line of the audit log is cut off')
}

/** The value of a JSON text that should be there. */
export function parseJson(what: string, text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    throw new Error(`${what} is missing or cannot be read`)
  }
}

/** Members sorted, no blanks: the text that was hashed or signed. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const names = Object.keys(value).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical((value as Record<string, unknown>)[name])}`).join(',')}}`
}

/** The members of a tar; `told` is given the time in the headers, in seconds. */
export function* tarMembers(file: number, told: { mtime: number | undefined }): Generator<Member> {
  const { size: end } = fstatSync(file)
  for (let at = 0; ; ) {
    if (at + 2 * BLOCK > end) throw new Error('The archive is cut off')
    const header = stretch(file, at, BLOCK)
    if (header.equals(Buffer.alloc(BLOCK))) {
      if (end === at + 2 * BLOCK && stretch(file, at, 2 * BLOCK).equals(Buffer.alloc(2 * BLOCK))) return
      throw new Error('The archive does not end where it should')
    }
    const name = header.toString('latin1', 0, 100).replace(/\0.*$/s, '')
    const octal = header.toString('latin1', 124, 135)
    const size = header[124] === 128 ? Number(header.readBigUInt64BE(128)) : Number.parseInt(octal, 8)
    const mtime = Number.parseInt(header.toString('latin1', 136, 147), 8)
    told.mtime ??= mtime
    if (!(size >= 0 && mtime === told.mtime) || !header.equals(tarHeader(name, size, mtime)))
      throw new Error(`The archive is damaged at byte ${at}`)
    at += BLOCK
    const next = at + Math.ceil(size / BLOCK) * BLOCK
    if (next > end) throw new Error('The archive is cut off')
    yield { name, size, chunks: chunksOf(file, at, size) }
    if (stretch(file, at + size, next - at - size).some((byte) => byte !== 0))
      throw new Error(`The archive is damaged after ${name}`)
    at = next
  }
}

/** The one header that a member can have: POSIX ustar, a size over 8 GiB in base 256. */
function tarHeader(name: string, size: number, mtime: number): Buffer {
  const header = Buffer.alloc(BLOCK)
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')} `
  header.write(name, 0, 'latin1')
  for (const [value, at] of [[0o644, 100] as const, [0, 108], [0, 116], [0, 329], [0, 337]])
    header.write(octal(value, 6), at)
  if (size < 8 ** 11) header.write(octal(size, 11), 124)
  else header.writeBigUInt64BE(BigInt(size), header.writeUInt8(128, 124) + 3)
  header.write(octal(mtime, 11), 136)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte, 8 * 32),
      6,
    ),
    148,
  )
  return header
}

/** The files of an unpacked archive, in the order of its list; what the list does not name comes before `export.json`. */
export function* folderMembers(path: string): Generator<Member> {
  const list = JSON.parse(readFileSync(join(path, 'export.json'), 'utf8')) as { files: { name: string }[] }
  const there = readdirSync(path)
  const named = list.files.map((file) => file.name).filter((name) => there.includes(name))
  const others = there.filter((name) => !named.includes(name) && name !== 'export.json')
  for (const name of [...named, ...others, 'export.json']) {
    const file = openSync(join(path, name), 'r')
    try {
      const { size } = fstatSync(file)
      yield { name, size, chunks: chunksOf(file, 0, size) }
    } finally {
      closeSync(file)
    }
  }
}
