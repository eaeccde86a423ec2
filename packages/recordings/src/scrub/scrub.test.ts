import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import { type Database, openDatabase } from '@tandem/store'
import { Random } from '@tandem/testing'
import type { AuditEntry } from '../audit/audit-log.ts'
import { idKey, rowOf } from '../catalogue/recording.ts'
import { CATALOGUE_MIGRATIONS, type CatalogueTables } from '../catalogue/tables.ts'
import type { RecordingFacts } from '../facts.ts'
import { DataKeys } from '../keys/data-keys.ts'
import { keyIdOf } from '../keys/key-ring.ts'
import { OPENING, ORG } from '../test-node.ts'
import { openVault } from '../vault/open-vault.ts'
import { idOfKey, type VaultFile } from '../vault/part-name.ts'
import { StorageFault } from '../vault/storage-fault.ts'
import type { StoredFile } from '../vault/stored-reader.ts'
import type { Vault } from '../vault/vault.ts'
import { ORPHAN_MS } from './orphans.ts'
import { Scrub, type ScrubStep, UNREADABLE_TRIES_MAX } from './scrub.ts'
import { BURST_MS, PASS_MS, ScrubPace } from './scrub-pace.ts'
import { SCRUB_MIGRATIONS, type ScrubTables } from './tables.ts'

const HOUR_MS = 60 * 60 * 1_000
const RATES = { idleBytesPerSecond: 1e9, busyBytesPerSecond: 1e9 }
const kek = randomBytes(32)

let folder: string
let db: Database<CatalogueTables & ScrubTables>
let keys: DataKeys
let vault: Vault
let scrub: Scrub
/** The time that the test has reached. */
let now: number
const alarms: string[] = []
const audited: AuditEntry[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-scrub-'))
  now = Date.now() // Files have the times of the real clock.
  alarms.length = 0
  audited.length = 0
  await open('sealed')
})
afterEach(async () => {
  await db.close()
  rmSync(folder, { recursive: true })
})

/** Opens everything, or opens it again as after a restart. */
async function open(form: 'sealed' | 'hashed' | 'bare'): Promise<void> {
  await db?.close()
  db = await openDatabase<CatalogueTables & ScrubTables>({
    file: join(folder, 'tandem.db'),
    attach: { keys: join(folder, 'recordings.keys') },
    migrations: { ...CATALOGUE_MIGRATIONS, ...SCRUB_MIGRATIONS },
    logger: SILENT,
  })
  keys = await DataKeys.open({
    db,
    ring: { current: { id: keyIdOf(kek), key: kek }, others: [] },
    now: () => now,
  })
  vault = await openVault('file:vault', { dataFolder: folder, form, keys })
  scrub = scrubOf(vault)
}

function scrubOf(
  of: Vault,
  rates: typeof RATES = RATES,
  isMaking: (id: string) => boolean = () => false,
): Scrub {
  return new Scrub({
    db,
    vault: of,
    rates,
    audit: {
      statements: (entries) => {
        audited.push(...entries)
        return []
      },
    },
    logger: SILENT,
    onAlarm: (alarm) => alarms.push(`${alarm.what} ${alarm.recordingId}`),
    isBusy: () => false,
    isMaking,
  })
}

/** A recording with its row, in the form that the vault writes. */
async function recording(sizeBytes: number = 100_000): Promise<StoredFile> {
  const id = randomUUID()
  const content = randomBytes(sizeBytes)
  const written = await vault.write(id, 'media', once(content), { orgId: ORG, startedAt: OPENING.startedAt })
  const facts = { opening: OPENING, notes: [] } as unknown as RecordingFacts // As parsed.
  const row = rowOf({
    ...{ id, facts, createTime: now, durationMs: 1_000, storageRegion: 'DE', recovered: false, gaps: [] },
    ...{ sizeBytes, sha256: written.sha256, storage: written.storage, vaultKey: written.key },
  })
  await db.commit([db.kysely.insertInto('recording').values(row)])
  return storedFile(id, 'media', { ...written, sizeBytes })
}

function storedFile(
  recordingId: string,
  file: VaultFile,
  written: { key: string; storage: StoredFile['storage']; sha256: string; sizeBytes: number },
): StoredFile {
  const { key: vaultKey, storage, sha256, sizeBytes } = written
  return { recordingId, file, vaultKey, storage, sha256, sizeBytes }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

const pathOf = (key: string): string => join(folder, 'vault', key)

function flip(path: string, bit: number): void {
  const bytes = readFileSync(path)
  bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
  writeFileSync(path, bytes)
}

/** One whole pass, in hours; what all its steps did together. */
async function pass(): Promise<ScrubStep> {
  const sum = { checkedFiles: 0, damaged: 0, takenIn: 0, quarantined: 0, unreachable: false }
  const end = now + PASS_MS + 2 * HOUR_MS
  for (; now < end; now += HOUR_MS) {
    const step = await scrub.step(now)
    for (const name of ['checkedFiles', 'damaged', 'takenIn', 'quarantined'] as const) sum[name] += step[name]
    sum.unreachable ||= step.unreachable
    if ((await scrub.state()).since === undefined) break
  }
  now = Math.max(now, end - HOUR_MS)
  return sum
}

describe('Scrub', () => {
  it('reads everything within seven days, evenly, and says when it was done', async () => {
    for (let count = 0; count < 12; count++) await recording(10_000)
    const began = now
    const read: number[] = []
    for (; now - began < PASS_MS; now += PASS_MS / 6) read.push((await scrub.step(now)).checkedFiles)
    assert.deepEqual(read, [1, 2, 2, 2, 2, 2])
    assert.equal((await scrub.state()).since, began)
    for (let step = 1; step <= 2; step++) await scrub.step(now + step * 1_000)
    const state = await scrub.state()
    assert.equal(state.checkedFiles, 12)
    assert.equal(state.checkedBytes, 120_000)
    assert.equal(state.since, undefined)
    assert.ok((state.lastCompleted ?? 0) - began < PASS_MS + 10_000)
    assert.deepEqual(state.damaged, [])
  })

  it('goes on after a restart where it stood', async () => {
    for (let count = 0; count < 6; count++) await recording(10_000)
    await scrub.step(now)
    now += PASS_MS / 2
    const before = (await scrub.step(now)).checkedFiles
    assert.equal(before, 3)
    await open('sealed')
    now += PASS_MS
    assert.equal((await scrub.step(now)).checkedFiles, 2)
    assert.equal((await scrub.state()).checkedFiles, 6)
  })

  it('tells of damage once, in alarm, audit and state, and forgets it when the file was restored', async () => {
    await recording()
    const file = await recording()
    const good = readFileSync(pathOf(file.vaultKey))
    flip(pathOf(file.vaultKey), 8 * 70_000)
    assert.equal((await pass()).damaged, 1)
    assert.equal((await pass()).damaged, 0)
    assert.deepEqual(alarms, [`file-damaged ${file.recordingId}`])
    assert.deepEqual(audited, [
      {
        actor: { orgId: ORG, personId: '', as: 'system' },
        action: 'recording.damaged',
        recordingId: file.recordingId,
        detail: { file: 'media' },
      },
    ])
    assert.deepEqual(
      (await scrub.state()).damaged.map((damage) => [damage.recordingId, damage.file]),
      [[file.recordingId, 'media']],
    )
    writeFileSync(pathOf(file.vaultKey), good)
    await pass()
    assert.deepEqual((await scrub.state()).damaged, [])
    flip(pathOf(file.vaultKey), 1)
    assert.equal((await pass()).damaged, 1, 'told of again')
  })

  it('finds a file that is gone, one without a key, and damage in the other files of a recording', async () => {
    const gone = await recording()
    rmSync(pathOf(gone.vaultKey))
    const keyless = await recording()
    await keys.discard(keyless.recordingId)
    const { recordingId } = await recording()
    const place = { orgId: ORG, startedAt: OPENING.startedAt }
    const written = await vault.write(recordingId, 'transcript', once(Buffer.from('{}')), place)
    const row = { file: 'transcript', content_type: 'application/json', size_bytes: 2 }
    const { key: vault_key, storage, sha256 } = written
    await db.commit([
      db.kysely
        .insertInto('recording_file')
        .values({ id_key: recordingId.replaceAll('-', ''), vault_key, storage, sha256, ...row }),
    ])
    flip(pathOf(vault_key), 400)
    const { checkedFiles, damaged } = await pass()
    assert.deepEqual([checkedFiles, damaged], [4, 3])
  })

  it('takes the time it needs when the store does not answer, and accuses no file', async () => {
    await recording()
    let answers = false
    const shy = new Proxy(vault, {
      get: (target, name) => {
        if (name === 'verify' && !answers)
          return () => Promise.reject(new StorageFault('unreachable', 'The bucket does not answer.'))
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    scrub = scrubOf(shy)
    assert.deepEqual(await scrub.step(now), {
      ...{ checkedFiles: 0, damaged: 0, takenIn: 0, quarantined: 0 },
      unreachable: true,
    })
    answers = true
    assert.equal((await scrub.step(now + 1_000)).checkedFiles, 1)
    assert.deepEqual(alarms, [])
  })

  it('waits for ever for a store that is away, and no longer than some tries for a file that is', async () => {
    const [first, second] = [await recording(), await recording()]
    const [broken, whole] =
      idKey(first.recordingId) < idKey(second.recordingId) ? [first, second] : [second, first]
    let isAway = true
    const worn = new Proxy(vault, {
      get: (target, name) => {
        if (name === 'verify')
          return (file: StoredFile) =>
            file.vaultKey === broken.vaultKey
              ? Promise.reject(new StorageFault('unreachable', 'The folder does not give it (EIO).'))
              : target.verify(file)
        if (name === 'list' && isAway)
          return () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('away')) }) })
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    scrub = scrubOf(worn)
    const tries = async (count: number): Promise<ScrubStep[]> => {
      const steps: ScrubStep[] = []
      for (now += 1_000; steps.length < count; now += 1_000) steps.push(await scrub.step(now))
      return steps
    }
    await scrub.step(now)
    now += PASS_MS - HOUR_MS // Everything is due.
    const away = await tries(2 * UNREADABLE_TRIES_MAX)
    assert.ok(away.every(({ unreachable, damaged }) => unreachable && damaged === 0))
    assert.deepEqual(alarms, [])
    isAway = false
    const [step] = await tries(1)
    assert.deepEqual([step?.damaged, step?.checkedFiles], [1, 2])
    assert.deepEqual(alarms, [`file-damaged ${broken.recordingId}`])
    assert.deepEqual(
      (await scrub.state()).damaged.map(({ recordingId }) => recordingId),
      [broken.recordingId],
    )
    assert.notEqual(whole.vaultKey, broken.vaultKey)
    now += PASS_MS
    await tries(UNREADABLE_TRIES_MAX + 4)
    assert.equal(alarms.length, 1, 'reported once')
    assert.ok(audited.length === 1)
  })

  it('takes in plain files of earlier releases, sealed or with a list', async () => {
    for (const form of ['sealed', 'hashed'] as const) {
      await open('bare')
      const file = await recording(200_000)
      const content = readFileSync(pathOf(file.vaultKey))
      await open(form)
      assert.equal((await pass()).takenIn, 1)
      const row = await db.kysely
        .selectFrom('recording')
        .selectAll()
        .where('id', '=', file.recordingId)
        .executeTakeFirstOrThrow()
      assert.equal(row.storage, form)
      assert.equal(row.sha256, file.sha256)
      const taken = { ...file, vaultKey: row.vault_key, storage: form }
      assert.deepEqual(Buffer.concat(await Array.fromAsync(vault.read(taken))), content)
      if (form === 'sealed') assert.ok(!existsSync(pathOf(file.vaultKey)), 'no plain copy stays')
    }
  })

  it('does not take in what is damaged: there is nothing whole to seal', async () => {
    await open('bare')
    const file = await recording()
    flip(pathOf(file.vaultKey), 99)
    await open('sealed')
    const { damaged, takenIn } = await pass()
    assert.deepEqual([damaged, takenIn], [1, 0])
    assert.ok(existsSync(pathOf(file.vaultKey)))
  })

  it('puts orphans older than two days into quarantine, and nothing else (rule R5)', async () => {
    await recording()
    const old = (key: string, ageMs: number): void => {
      mkdirSync(dirname(pathOf(key)), { recursive: true })
      writeFileSync(pathOf(key), 'whose?')
      utimesSync(pathOf(key), (now - ageMs) / 1_000, (now - ageMs) / 1_000)
    }
    const [orphan, fresh, making] = [randomUUID(), randomUUID(), randomUUID()]
    old(`${ORG}/2026/02/${orphan}.mp3.sealed`, ORPHAN_MS)
    old(`${ORG}/2026/02/${fresh}.mp3.sealed`, ORPHAN_MS - 60_000)
    old(`${ORG}/2026/02/${making}.mp3.sealed`, 3 * ORPHAN_MS)
    scrub = scrubOf(vault, RATES, (id) => id === making)
    for (let step = 0; step < 4; step++) await scrub.step(now)
    now += PASS_MS // The pass reaches its end; fresh is old by now, so its time is set anew.
    old(`${ORG}/2026/02/${fresh}.mp3.sealed`, ORPHAN_MS - 60_000)
    let quarantined = 0
    for (let step = 0; step < 4; step++) quarantined += (await scrub.step(now)).quarantined
    assert.equal(quarantined, 1)
    assert.deepEqual(readdirSync(join(folder, 'quarantine')), [`${orphan}.mp3.sealed`])
  })

  it('removes what is left of an erased recording, and the plain copy of one that is sealed (P16)', async () => {
    const erased = randomUUID()
    await keys.destroy(erased, ORG, now)
    await open('bare')
    const file = await recording()
    const plain = readFileSync(pathOf(file.vaultKey))
    await open('sealed')
    await pass()
    const left = [file.vaultKey, `${ORG}/2026/02/${erased}.mp3`]
    for (const key of left) {
      writeFileSync(pathOf(key), plain)
      utimesSync(pathOf(key), 1, 1)
    }
    await pass()
    for (const key of left) assert.ok(!existsSync(pathOf(key)), idOfKey(key))
    assert.equal(existsSync(join(folder, 'quarantine')), false)
    plain[0] = (plain[0] as number) ^ 1
    writeFileSync(pathOf(file.vaultKey), plain) // No copy of it: nobody knows what it is.
    utimesSync(pathOf(file.vaultKey), 1, 1)
    await pass()
    assert.deepEqual(readdirSync(join(folder, 'quarantine')), [`${file.recordingId}.media`])
  })

  it('puts a plain copy away that a bad sector keeps from being compared, and comes to an end', async () => {
    await open('bare')
    const file = await recording()
    await open('sealed')
    await pass()
    writeFileSync(pathOf(file.vaultKey), 'on a bad sector')
    utimesSync(pathOf(file.vaultKey), 1, 1)
    const worn = new Proxy(vault, {
      get: (target, name) => {
        if (name === 'verify')
          return (stored: StoredFile) => {
            if (stored.vaultKey !== file.vaultKey) return target.verify(stored)
            const cause = Object.assign(new Error('i/o error'), { code: 'EIO' })
            return Promise.reject(new StorageFault('unreachable', 'It is not given.', { cause }))
          }
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    scrub = scrubOf(worn)
    await pass()
    assert.deepEqual(readdirSync(join(folder, 'quarantine')), [`${file.recordingId}.media`])
    assert.equal((await scrub.state()).since, undefined, 'the pass is over')
  })
})

describe('the pace', () => {
  it('never gives more than its bandwidth, whatever the clock does, and less while calls run', () => {
    const pace = new ScrubPace({ idleBytesPerSecond: 1_000, busyBytesPerSecond: 100 })
    const spendAll = (): number => {
      let bytes = 0
      for (; pace.mayRead; bytes += 10) pace.spend(10)
      return bytes
    }
    pace.advance(0, false)
    assert.equal(spendAll(), BURST_MS)
    pace.advance(1_000, false)
    assert.equal(spendAll(), 1_000)
    pace.advance(2_000, true)
    assert.equal(spendAll(), 100)
    pace.advance(1_000_000_000, true)
    assert.equal(spendAll(), (BURST_MS / 1_000) * 100)
    pace.advance(0, true)
    assert.equal(spendAll(), 0)
  })

  it('makes up for a large file by waiting', () => {
    const pace = new ScrubPace({ idleBytesPerSecond: 1_000, busyBytesPerSecond: 1_000 })
    pace.advance(0, false)
    pace.spend(BURST_MS + 5_000)
    pace.advance(5_000, false)
    assert.equal(pace.mayRead, false)
    pace.advance(5_001, false)
    assert.equal(pace.mayRead, true)
  })
})

describe('one flipped bit (promise P5)', () => {
  for (const form of ['sealed', 'hashed'] as const) {
    it(`is found by reading and by the scrub in each of 300 places of ${form} files, and never served`, async () => {
      await open(form)
      const file = await recording(150_000)
      const plain = Buffer.concat(await Array.fromAsync(vault.read(file)))
      const names = readdirSync(dirname(pathOf(file.vaultKey)))
      const random = new Random(5)
      let found = 0
      let bad = 0
      for (let round = 0; round < 300; round++) {
        const path = join(dirname(pathOf(file.vaultKey)), random.pick(names))
        const good = readFileSync(path)
        flip(path, random.below(8 * good.length))
        const served = await serve(file)
        bad += served.bytes.equals(plain.subarray(0, served.bytes.length)) ? 0 : 1
        const seen = await vault.verify(file).then(
          () => false,
          (error: unknown) => error instanceof StorageFault && error.kind === 'damaged',
        )
        found += served.failed && seen ? 1 : 0
        writeFileSync(path, good)
      }
      assert.deepEqual({ found, bad }, { found: 300, bad: 0 })
      assert.equal((await pass()).damaged, 0)
    })
  }
})

/** What a client gets of a whole file before the fault, if there is one. */
async function serve(file: StoredFile): Promise<{ readonly bytes: Buffer; readonly failed: boolean }> {
  const got: Buffer[] = []
  try {
    const opened = await vault.open(file)
    if (opened === undefined) return { bytes: Buffer.alloc(0), failed: true }
    for await (const bytes of opened.stream) got.push(bytes as Buffer) // Without an encoding, chunks are bytes.
    return { bytes: Buffer.concat(got), failed: false }
  } catch {
    return { bytes: Buffer.concat(got), failed: true }
  }
}
