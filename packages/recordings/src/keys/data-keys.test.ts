import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import { type Database, openDatabase, sql } from '@tandem/store'
import { StorageFault } from '../vault/storage-fault.ts'
import { DataKeys, ErasedRecording } from './data-keys.ts'
import { type KeyRing, keyIdOf, type NamedKey, unwrapKey, wrapKey } from './key-ring.ts'

const ORG = '1f7a4b9e-0d52-4b6b-9d35-5f2c8e17aa40'
const named = (key: Uint8Array = randomBytes(32)): NamedKey => ({ id: keyIdOf(key), key })
const ring = (current: NamedKey, ...others: NamedKey[]): KeyRing => ({ current, others })

let folder: string
let db: Database<object>
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-keys-'))
  await reopen()
})
afterEach(async () => {
  await db.close()
  rmSync(folder, { recursive: true })
})

async function reopen(): Promise<void> {
  await db?.close()
  db = await openDatabase<object>({
    file: join(folder, 'tandem.db'),
    attach: { keys: join(folder, 'recordings.keys') },
    migrations: {},
    logger: SILENT,
  })
}
const open = (keys: KeyRing): Promise<DataKeys> => DataKeys.open({ db, ring: keys, now: () => 7 })

describe('DataKeys', () => {
  it('gives each recording a key of its own that outlives the process, its id in any spelling', async () => {
    const kek = named()
    const keys = await open(ring(kek))
    const [a, b] = [randomUUID(), randomUUID()]
    const key = await keys.create(a)
    assert.equal(key.length, 32)
    assert.deepEqual(await keys.create(a.toUpperCase()), key)
    assert.notDeepEqual(await keys.create(b), key)
    assert.equal(await keys.get(randomUUID()), undefined)
    await reopen()
    assert.deepEqual(await (await open(ring(kek))).get(a.replaceAll('-', '')), key)
  })

  it('makes one key when several ask at once', async () => {
    const keys = await open(ring(named()))
    const id = randomUUID()
    const made = await Promise.all(Array.from({ length: 8 }, () => keys.create(id)))
    for (const key of made) assert.deepEqual(key, made[0])
  })

  it('keeps no key in the clear, and none of them in the main file', async () => {
    const keys = await open(ring(named()))
    const key = await keys.create(randomUUID())
    await db.close()
    for (const name of readdirSync(folder)) assert.equal(readFileSync(join(folder, name)).indexOf(key), -1)
    const main = readFileSync(join(folder, 'tandem.db'))
    assert.equal(main.indexOf('data_key'), -1)
  })

  it('gives a destroyed key to nobody, leaves no page of it, and makes no new one (promise P16)', async () => {
    const kek = named()
    const keys = await open(ring(kek))
    const [id, other] = [randomUUID(), randomUUID()]
    await keys.create(id)
    await keys.create(other)
    const wrapped = await wrappedOf(id)
    await keys.destroy(id, ORG, 99)
    assert.equal(await keys.get(id), undefined)
    assert.ok(await keys.isErased(id))
    await assert.rejects(keys.create(id), ErasedRecording)
    await keys.destroy(id, ORG, 100) // Again: nothing changes.
    assert.deepEqual(await Array.fromAsync(keys.listErased()), [
      { idKey: id.replaceAll('-', ''), orgId: ORG, at: 99 },
    ])
    for (const name of readdirSync(folder))
      assert.equal(readFileSync(join(folder, name)).indexOf(wrapped), -1, name)
    assert.ok(await keys.get(other))
  })

  it('notes as erased what has no key, so that nothing is made of it later', async () => {
    const keys = await open(ring(named()))
    const id = randomUUID()
    await keys.destroy(id, ORG, 5)
    await assert.rejects(keys.create(id), ErasedRecording)
  })

  it('discards the key of what never came to be, without calling it erased', async () => {
    const keys = await open(ring(named()))
    const id = randomUUID()
    const before = await keys.create(id)
    await keys.discard(id)
    assert.equal(await keys.get(id), undefined)
    assert.equal(await keys.isErased(id), false)
    assert.notDeepEqual(await keys.create(id), before)
  })

  it('re-wraps every key under a new one, and nothing else (rotation)', async () => {
    const [old, present] = [named(), named()]
    const before = await open(ring(old))
    const ids = Array.from({ length: 1_200 }, () => randomUUID())
    const made = new Map(await Promise.all(ids.map(async (id) => [id, await before.create(id)] as const)))
    const gone = ids[0] as string
    await before.destroy(gone, ORG, 1)
    const rotating = await open(ring(present, old))
    assert.equal(await rotating.rewrap(), ids.length - 1)
    assert.equal(await rotating.rewrap(), 0)
    const after = await open(ring(present)) // The old one may be thrown away now.
    for (const id of ids.slice(1)) assert.deepEqual(await after.get(id), made.get(id))
    assert.equal(await after.get(gone), undefined)
  })

  it('says at start which key is missing, or that it is a wrong one', async () => {
    const kek = named()
    await (await open(ring(kek))).create(randomUUID())
    const missing = (error: unknown): boolean =>
      error instanceof StorageFault && error.kind === 'locked' && error.message.includes(kek.id)
    await assert.rejects(open(ring(named())), missing)
    await assert.rejects(open(ring({ id: kek.id, key: randomBytes(32) })), missing)
    await open(ring(named(), kek))
  })
})

describe('a wrapped key', () => {
  it('opens for its recording and its KEK alone, with every bit in place', () => {
    const [kek, dataKey] = [randomBytes(32), randomBytes(32)]
    const wrapped = wrapKey(kek, 'a', dataKey)
    assert.deepEqual(unwrapKey(kek, 'a', wrapped), new Uint8Array(dataKey))
    assert.equal(unwrapKey(kek, 'b', wrapped), undefined)
    assert.equal(unwrapKey(randomBytes(32), 'a', wrapped), undefined)
    for (let at = 0; at < wrapped.length; at++) {
      const copy = Uint8Array.from(wrapped)
      copy[at] = (copy[at] as number) ^ 1
      assert.equal(unwrapKey(kek, 'a', copy), undefined)
    }
    assert.equal(unwrapKey(kek, 'a', wrapped.subarray(1)), undefined)
  })
})

async function wrappedOf(id: string): Promise<Uint8Array> {
  const key = id.replaceAll('-', '')
  const { rows } = await sql<{
    wrapped: Uint8Array
  }>`select wrapped from keys.data_key where id_key = ${key}`.execute(db.kysely)
  return rows[0]?.wrapped as Uint8Array // It was just made.
}
