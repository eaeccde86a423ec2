/**
 * How many small recordings a second are imported from files of this machine, everything on (probed, hashed, sealed under
 * a key of its own, row, event and audit row committed), against a bare loop of write, sync, rename of the same files, one
 * after another as a shell script would, in the same run? Goal: 0.6 of it (limits). Every file is read back and compared.
 */
import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SILENT } from '@tandem/base'
import { type Database, openDatabase } from '@tandem/store'
import { Audit } from '../../packages/recordings/src/audit/audit.ts'
import { SigningKeys } from '../../packages/recordings/src/audit/signing-keys.ts'
import { AUDIT_MIGRATIONS, type AuditTables } from '../../packages/recordings/src/audit/tables.ts'
import { recordingOf } from '../../packages/recordings/src/catalogue/recording.ts'
import { CATALOGUE_MIGRATIONS } from '../../packages/recordings/src/catalogue/tables.ts'
import type { ImportRequest } from '../../packages/recordings/src/import/imports.ts'
import type { IntakeTables } from '../../packages/recordings/src/import/intake.ts'
import { LibraryImports } from '../../packages/recordings/src/import/library-imports.ts'
import { IMPORT_MIGRATIONS } from '../../packages/recordings/src/import/tables.ts'
import { DataKeys } from '../../packages/recordings/src/keys/data-keys.ts'
import type { Actor } from '../../packages/recordings/src/library.ts'
import { passwordSeal } from '../../packages/recordings/src/meeting/password-seal.ts'
import { MEETING_MIGRATIONS } from '../../packages/recordings/src/meeting/tables.ts'
import { Lame } from '../../packages/recordings/src/mp3/lame.ts'
import { openVault } from '../../packages/recordings/src/vault/open-vault.ts'
import { mediaOf } from '../../packages/recordings/src/vault/stored-reader.ts'
import type { Vault } from '../../packages/recordings/src/vault/vault.ts'
import type { BenchResult } from './result.ts'

const GOAL_RATIO = 0.6
const FILES = 10_000
const TINY_FILES = 40
/** A call of a quarter of a minute; `--files N` imports another number of them. */
const FILE_BYTES = 60_000
/** Files that somebody who imports a folder has under way; the imports themselves limit what they take on. */
const AT_ONCE = 64

const ADMIN: Actor = { orgId: 'org', personId: 'admin', as: 'admin' }
const REQUEST: ImportRequest = {
  owner: { id: 'owner', type: 'user', name: 'Ada', email: 'ada@radio.test', locationId: 'location' },
  topic: 'Call with Mira',
  serviceType: 'calling',
}

type Tables = IntakeTables & AuditTables

/** Runs the benchmark. */
export async function run(options: { readonly tiny?: boolean } = {}): Promise<BenchResult> {
  const asked = process.argv.indexOf('--files')
  const files = asked > 0 ? Number(process.argv[asked + 1]) : options.tiny === true ? TINY_FILES : FILES
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-import-'))
  try {
    const paths = await generate(folder, files)
    // Both before and after ours, and the better one counts: whatever else the machine does, the peer has its best.
    const before = bareLoop(join(folder, 'bare-1'), paths)
    const ours = await ourRate(folder, paths)
    const after = bareLoop(join(folder, 'bare-2'), paths)
    const bare = Math.max(before, after)
    const ratio = Number((ours.filesPerSecond / bare).toFixed(3))
    return {
      bench: 'import',
      value: Math.round(ours.filesPerSecond),
      unit: `files of ${FILE_BYTES / 1_000} kB a second`,
      against: `a loop of write, sync, rename, one file at a time (${Math.round(bare)} a second)`,
      ratio,
      goal: GOAL_RATIO,
      // A tiny run judges nothing but that every file is there.
      ok: ours.equal === files && (options.tiny === true || ratio >= GOAL_RATIO),
      checksum: ours.equal,
      details: {
        files,
        bareBefore: Math.round(before),
        bareAfter: Math.round(after),
        readBackEqual: ours.equal,
        residentMb: Math.round(ours.residentBytes / 1e6),
      },
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Files that differ in their tag alone: their sound is encoded once. */
async function generate(folder: string, files: number): Promise<readonly string[]> {
  const source = join(folder, 'source')
  mkdirSync(source)
  const encoder = (await Lame.load()).encoder({ channels: 1, rateHz: 8_000, bitsPerSecond: 32_000 })
  const noise = Int16Array.from({ length: 15 * 8_000 }, (_, at) => ((at * 7_919) % 20_011) - 10_005)
  const frames = Buffer.concat([encoder.encode(noise, noise).slice(), encoder.finish().slice()])
  encoder.close()
  const sound = frames.subarray(0, FILE_BYTES - 64)
  return Array.from({ length: files }, (_, n) => {
    const path = join(source, `${n}.mp3`)
    const tag = Buffer.alloc(64)
    tag.write('ID3\x04\0\0\0\0\0\x36', 'latin1') // A tag of 54 bytes, in which each file has its number.
    tag.writeUInt32BE(n, 32)
    writeFileSync(path, Buffer.concat([tag, sound]))
    return path
  })
}

function bareLoop(target: string, paths: readonly string[]): number {
  mkdirSync(target)
  const begun = performance.now()
  paths.forEach((path, n) => {
    const bytes = readFileSync(path)
    const part = join(target, `${n}.part`)
    const fd = openSync(part, 'w')
    writeSync(fd, bytes)
    fsyncSync(fd)
    closeSync(fd)
    renameSync(part, join(target, `${n}.mp3`))
  })
  return (paths.length * 1_000) / (performance.now() - begun)
}

async function ourRate(folder: string, paths: readonly string[]) {
  const data = join(folder, 'data')
  mkdirSync(join(data, 'keys'), { recursive: true })
  const db = await openDatabase<Tables>({
    file: join(data, 'tandem.db'),
    attach: { keys: join(data, 'keys', 'recordings.keys') },
    migrations: {
      ...CATALOGUE_MIGRATIONS,
      ...AUDIT_MIGRATIONS,
      ...IMPORT_MIGRATIONS,
      ...MEETING_MIGRATIONS,
    },
    logger: SILENT,
  })
  const now = Date.now
  const ring = { current: { id: 'bench', key: randomBytes(32) }, others: [] }
  const keys = await DataKeys.open({ db, ring, now })
  const vault = await openVault('file:vault', { dataFolder: data, form: 'sealed', keys })
  const plain = {
    seal: (_context: string, text: string): Uint8Array => Buffer.from(text),
    open: (_context: string, sealed: Uint8Array): string => Buffer.from(sealed).toString('utf8'),
  }
  const signer = await SigningKeys.open({ db: db as unknown as Database<AuditTables>, now, ...plain }) // It has these tables.
  const audit = Audit.over({ db: db as unknown as Database<AuditTables>, now, signer, logger: SILENT }) // As above.
  const imports = await LibraryImports.open({
    db: db as unknown as Database<IntakeTables>, // As above.
    vault,
    audit,
    passwords: passwordSeal(randomBytes(32)),
    storageRegion: 'DE',
    now,
    logger: SILENT,
    folder: join(data, 'imports'),
    quarantine: join(data, 'quarantine'),
    partSecret: randomBytes(32),
  })
  await imports.importFile(ADMIN, { ...REQUEST, topic: 'Warm' }, await warmUp(folder))
  const begun = performance.now()
  let next = 0
  const worker = async (): Promise<void> => {
    for (let path = paths[next++]; path !== undefined; path = paths[next++]) {
      const { state, error } = await imports.importFile(ADMIN, REQUEST, path)
      if (state !== 'done') throw new Error(`${path} is ${state}: ${error}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  const filesPerSecond = (paths.length * 1_000) / (performance.now() - begun)
  const residentBytes = process.memoryUsage.rss()
  const equal = await readBack(db, vault, paths)
  await imports.close()
  await audit.close()
  await vault.close()
  await db.close()
  return { filesPerSecond, equal, residentBytes }
}

/** One file that is none of those measured. */
async function warmUp(folder: string): Promise<string> {
  const path = join(folder, 'warm.mp3')
  const encoder = (await Lame.load()).encoder()
  const silence = new Int16Array(8_000)
  writeFileSync(path, Buffer.concat([encoder.encode(silence, silence).slice(), encoder.finish().slice()]))
  encoder.close()
  return path
}

/** How many of the files come back from the vault as they are on the disk. */
async function readBack(db: Database<Tables>, vault: Vault, paths: readonly string[]): Promise<number> {
  const wanted = new Set(paths.map((path) => createHash('sha256').update(readFileSync(path)).digest('hex')))
  const rows = await db.kysely
    .selectFrom('recording')
    .selectAll()
    .where('topic', '=', REQUEST.topic)
    .execute()
  let equal = 0
  for (const row of rows) {
    const hash = createHash('sha256')
    for await (const piece of vault.read(mediaOf(recordingOf(row)))) hash.update(piece)
    if (wanted.delete(hash.digest('hex'))) equal += 1
  }
  return equal
}
