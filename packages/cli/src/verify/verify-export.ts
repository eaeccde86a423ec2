/**
 * Checks an export offline (promise P17): every hash and signature, the manifests' versions, the audit chain, and that an
 * archive has not a byte more or less than it must. It shares no code with what makes exports, needs nothing but Node,
 * and is short enough to be read before it is trusted. Without pinned keys those in the export are believed, which proves
 * that nothing was changed afterwards, but not who made it.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { closeSync, fstatSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  canonical,
  chunksOf,
  folderMembers,
  lines,
  type Member,
  parseJson,
  stretch,
  tarMembers,
} from './read-archive.ts'

/** What was found: whole when `faults` is empty. */
export interface Verdict {
  readonly faults: readonly string[]
  /** The keys that signed it. */
  readonly keyIds: readonly string[]
}

type Json = Readonly<Record<string, unknown>>

/** What a manifest names, and how the names of those files begin. */
const FILES = { media: 'recording', audio: 'audio', metadata: 'metadata', transcript: 'transcript' }
const HELD = /^(?:keys|metadata|manifest|export)\.json$/
const HELD_BYTES_MAX = 64 * 1024 * 1024 // A server makes a few kilobytes.
const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
const idKey = (id: unknown): string => String(id).replaceAll('-', '').toLowerCase()

/** Checks an archive, the folder it was unpacked to, or an audit log; `pinned` in PEM. Throws when there is none to read. */
export function verifyExport(path: string, pinned: readonly string[] = []): Verdict {
  const proof = new Proof()
  const folder = statSync(path).isDirectory()
  const file = openSync(folder ? join(path, 'export.json') : path, 'r')
  try {
    const first = stretch(file, 0, Math.min(512, fstatSync(file).size))
    if (folder) proof.archive(folderMembers(path))
    else if (first.toString('latin1', 257, 262) === 'ustar') proof.archive(tarMembers(file, proof))
    else proof.log(file)
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw error // Of the disk, and no proof of anything.
    return { faults: [...proof.faults, error instanceof Error ? error.message : String(error)], keyIds: [] }
  } finally {
    closeSync(file)
  }
  return proof.verdict(pinned)
}

class Proof {
  readonly faults: string[] = []
  readonly #checks: { what: string; keyId: string; text: string; signature: string }[] = []
  #keys: unknown
  #chain: { readonly seq: number; readonly hash: string; readonly signed: boolean } | undefined
  /** In the headers of a tar, seconds. */
  mtime: number | undefined

  archive(members: Iterable<Member>): void {
    const [found, texts, rows] = [[] as Json[], new Map<string, string>(), [] as Json[]]
    for (const { name, size, chunks } of members) {
      const [hash, kept] = [createHash('sha256'), [] as Buffer[]]
      const passing = function* (): Generator<Buffer> {
        for (const chunk of chunks) {
          hash.update(chunk)
          if (HELD.test(name) && size <= HELD_BYTES_MAX) kept.push(Buffer.from(chunk))
          yield chunk
        }
      }
      if (/^audit(?:\.\d+)?\.ndjson$/.test(name))
        for (const line of lines(passing())) rows.push(this.#line(line))
      else for (const _ of passing());
      texts.set(name, Buffer.concat(kept).toString())
      found.push({ name, sizeBytes: size, sha256: hash.digest('hex') })
    }
    const list = this.#read('export.json', texts.get('export.json')) as Json
    const [last, files] = [found.pop(), list['files'] as readonly Json[]]
    this.#sign('export.json', 'tandem recording export 1', list)
    for (const file of files)
      if (!found.some((member) => canonical(member) === canonical(file)))
        this.faults.push(`${file['name']} is missing, or not what was exported`)
    if (last?.['name'] !== 'export.json' || canonical(found) !== canonical(files))
      this.faults.push('The files are not exactly those of the list, each once and in its order')
    if (this.mtime !== undefined && this.mtime !== Math.floor(Number(list['at']) / 1000))
      this.faults.push('The archive was not made at the time that it says')
    this.#keys = this.#read('keys.json', texts.get('keys.json'))
    this.#manifests(this.#read('manifest.json', texts.get('manifest.json')) as Json[], list, files)
    const audited = rows.filter((row) => 'action' in row)
    if (this.#chain?.signed !== true) this.faults.push('The audit rows end without a signed head')
    if (audited.some((row) => idKey(row['recordingId']) !== idKey(list['recordingId'])))
      this.faults.push('An audit row is about another recording')
    if (!audited.some((row) => row['id'] === list['auditId'] && row['action'] === 'recording.exported'))
      this.faults.push('The export itself is not among the audit rows')
  }

  log(file: number): void {
    const hash = createHash('sha256')
    let [before, rows, closes] = ['', 0, undefined as Json | undefined]
    for (const line of lines(chunksOf(file, 0, fstatSync(file).size))) {
      if (closes !== undefined) throw new Error('Something stands after the head that closes the log')
      hash.update(before)
      before = `${line}\n`
      const item = this.#line(line)
      if ('action' in item) rows++
      closes = item['closes'] as Json | undefined
    }
    if (closes === undefined) throw new Error('The log is cut off: no signed head closes it')
    if (closes['rows'] !== rows || closes['sha256'] !== hash.digest('hex'))
      this.faults.push('Lines of the log were changed, added, moved or left out')
    this.#keys = closes['keys']
  }

  verdict(pinned: readonly string[]): Verdict {
    const own = Array.isArray(this.#keys) ? this.#keys.map((key: Json) => String(key['publicKey'])) : []
    const keys = new Map((pinned.length > 0 ? pinned : own).map((pem) => [keyIdOf(pem), pem]))
    for (const { what, keyId, text, signature } of this.#checks) {
      const key = keys.get(keyId)
      if (key === undefined) this.faults.push(`${what}: signed with a key that is not trusted here, ${keyId}`)
      else if (!verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64')))
        this.faults.push(`${what}: the signature does not fit`)
    }
    return { faults: this.faults, keyIds: [...new Set(this.#checks.map((check) => check.keyId))] }
  }

  #manifests(versions: readonly Json[], list: Json, files: readonly Json[]): void {
    let [previous, manifest] = ['', {} as Json]
    for (const [at, version] of versions.entries()) {
      const [what, text] = [`Version ${at + 1} of the manifest`, String(version['body'])]
      manifest = this.#read(what, text) as Json
      if (manifest['version'] !== at + 1 || manifest['previousHash'] !== previous)
        this.faults.push(`${what} does not follow from the one before`)
      if (manifest['keyId'] !== version['keyId']) this.faults.push(`${what} names another key`)
      if (manifest['recordingId'] !== list['recordingId']) this.faults.push(`${what} is of another recording`)
      this.#checks.push({
        what,
        text,
        keyId: String(version['keyId']),
        signature: String(version['signature']),
      })
      previous = digest(text)
    }
    for (const [what, stem] of Object.entries(FILES)) {
      const there = files.filter((file) => String(file['name']).startsWith(`${stem}.`))
      const named = manifest[what] as Json | undefined
      const same = there.some((file) => file['sha256'] === named?.['sha256'])
      if (named === undefined ? there.length > 0 : !same)
        this.faults.push(`The ${what} is not what the manifest names`)
    }
  }

  /** A row of the audit log, one of somebody else by its hash, or a signed head. */
  #line(line: string): Json {
    const item = parseJson('A line of the audit log', line) as Json
    if (JSON.stringify(item) !== line) throw new Error('A line of the audit log is not written as it was')
    const [chain, seq] = [this.#chain, Number(item['seq'])]
    const { previousHash, hash: told, content: shadow, ...members } = item
    if ('signature' in item) {
      this.#sign(`The head at ${seq}`, 'tandem audit head 1', item)
      const follows =
        chain === undefined || (seq === chain.seq ? told === chain.hash : chain.signed && seq > chain.seq)
      if (!follows) this.faults.push(`The head at ${seq} is not that of the rows before it`)
      this.#chain = { seq, hash: String(told), signed: true }
      return item
    }
    const content = 'action' in item ? digest(`tandem audit row 1\n${canonical(members)}`) : String(shadow)
    const before = chain?.hash ?? (seq === 1 ? '' : String(previousHash))
    const hash = digest(`tandem audit link 1\n${before}\n${content}`)
    if (chain !== undefined && seq !== chain.seq + 1) this.faults.push(`Audit rows are missing before ${seq}`)
    if ('action' in item && (told !== hash || previousHash !== before))
      this.faults.push(`Audit row ${seq} was changed`)
    this.#chain = { seq, hash, signed: false }
    return item
  }

  #read(what: string, text: string | undefined): unknown {
    const value = parseJson(what, text)
    if (canonical(value) !== text) this.faults.push(`${what} is not written as it was`)
    return value
  }

  #sign(what: string, purpose: string, { signature, ...signed }: Json): void {
    const text = `${purpose}\n${canonical(signed)}`
    this.#checks.push({ what, text, keyId: String(signed['keyId']), signature: String(signature) })
  }
}

function keyIdOf(pem: string): string | undefined {
  try {
    const der = createPublicKey(pem).export({ type: 'spki', format: 'der' })
    return createHash('sha256').update(der).digest('hex').slice(0, 16)
  } catch {
    return undefined // Not a key: nothing can be signed with it.
  }
}
