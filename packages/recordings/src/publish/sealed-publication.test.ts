import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import { type Database, openDatabase } from '@tandem/store'
import { Catalogue } from '../catalogue/catalogue.ts'
import { SettledRecordings } from '../catalogue/settled-recordings.ts'
import { CATALOGUE_MIGRATIONS, type CatalogueTables } from '../catalogue/tables.ts'
import { EncoderPool } from '../encode/encoder-pool.ts'
import { DataKeys } from '../keys/data-keys.ts'
import { keyIdOf } from '../keys/key-ring.ts'
import { readInfoFrame } from '../mp3/info-frame.ts'
import type { RecordingAlarm } from '../options.ts'
import { NOW, ORG, TestNode } from '../test-node.ts'
import { openVault } from '../vault/open-vault.ts'
import { S3Fake } from '../vault/s3-fake.ts'
import { mediaOf } from '../vault/stored-reader.ts'
import type { Vault } from '../vault/vault.ts'
import { REAL_DISK, type VaultDisk } from '../vault/vault-disk.ts'
import { Production } from './production.ts'
import { Publisher } from './publisher.ts'
import { ReadBack } from './read-back.ts'
import { type Recovery, recoverJournal } from './recovery.ts'
import { SegmentShelf } from './segment-shelf.ts'

/** What a test may choose. */
type LineOptions = {
  readonly form?: 'sealed' | 'hashed'
  readonly url?: string
  readonly disk?: VaultDisk
  readonly onVoicemail?: () => Promise<void>
}

/** A production line with a vault over the folder of a test node. */
class Line {
  readonly alarms: RecordingAlarm[] = []
  readonly db: Database<CatalogueTables>
  readonly keys: DataKeys
  readonly vault: Vault
  readonly catalogue: Catalogue
  readonly production: Production
  readonly #pool: EncoderPool
  readonly #parts: Omit<Parameters<typeof recoverJournal>[0], 'vault' | 'catalogue' | 'production'>

  private constructor(
    given: { readonly db: Database<CatalogueTables>; readonly keys: DataKeys; readonly vault: Vault },
    options: LineOptions,
  ) {
    this.db = given.db
    this.keys = given.keys
    this.vault = given.vault
    this.catalogue = new Catalogue(given.db)
    const shared = { logger: SILENT, onAlarm: (alarm: RecordingAlarm) => void this.alarms.push(alarm) }
    const { vault, catalogue } = this
    const data = { journalFolder: node.journal, partFolder: vault.partFolder, kek: node.kek }
    const pool = new EncoderPool({ data, vault, done: () => [], logger: SILENT, threads: 1 })
    const settled = new SettledRecordings(given.db)
    const shelf = new SegmentShelf({
      journalFolder: node.journal,
      quarantineFolder: join(node.folder, 'quarantine'),
      inspect: (path) => pool.inspect(path),
      now: () => NOW,
    })
    const readBack = new ReadBack({ ...shared, catalogue, vault, pool, shelf })
    const onVoicemail = options.onVoicemail
    const publisher = new Publisher({
      ...{ catalogue, settled, vault, pool, storageRegion: 'DE', onVoicemail, now: () => NOW },
    })
    this.production = new Production({ ...shared, publisher, pool, readBack, retryMs: 10 })
    this.#pool = pool
    this.#parts = { settled, shelf, readBack }
  }

  static async open(options: LineOptions = {}): Promise<Line> {
    const db = await openDatabase<CatalogueTables>({
      file: join(node.folder, 'tandem.db'),
      attach: { keys: join(node.folder, 'recordings.keys') },
      migrations: CATALOGUE_MIGRATIONS,
      logger: SILENT,
    })
    const ring = { current: { id: keyIdOf(node.kek), key: node.kek }, others: [] }
    const keys = await DataKeys.open({ db, ring, now: () => NOW })
    const vault = await openVault(options.url ?? 'file:vault', {
      dataFolder: node.folder,
      form: options.form ?? 'sealed',
      keys,
      env: { AWS_ACCESS_KEY_ID: 'tester', AWS_SECRET_ACCESS_KEY: 'a secret of tests' },
      ...(options.disk === undefined ? {} : { disk: options.disk }),
    })
    return new Line({ db, keys, vault }, options)
  }

  recover(): Promise<Recovery> {
    const { vault, catalogue, production } = this
    return recoverJournal({ ...this.#parts, vault, catalogue, production })
  }

  /** Makes one recording and gives it with its content. */
  async make(id: string): Promise<void> {
    this.production.begin(id)
    this.production.finish(id, '')
    await this.production.idle()
  }

  async content(id: string): Promise<Buffer> {
    const recording = await this.catalogue.find(id)
    assert.ok(recording)
    return Buffer.concat(await Array.fromAsync(this.vault.read(mediaOf(recording))))
  }

  async close(): Promise<void> {
    this.production.close()
    await this.#pool.close()
    await this.production.idle()
    await this.vault.close()
    await this.db.close()
  }
}

let node: TestNode
let line: Line | undefined
beforeEach(() => {
  node = new TestNode()
})
afterEach(async () => {
  await line?.close()
  line = undefined
  await node.remove()
})

describe('a recording of a call in the vault', () => {
  it('is sealed on the disk from its first byte on, and comes out as it was encoded', async () => {
    line = await Line.open()
    const id = randomUUID()
    node.call(id, { seconds: 20 })
    await line.make(id)
    const found = await line.catalogue.get(ORG, id)
    assert.equal(found?.storage, 'sealed')
    assert.equal(found.vaultKey, `${ORG}/2026/02/${id}.mp3.sealed`)
    const content = await line.content(id)
    assert.equal(content.length, found.sizeBytes)
    assert.ok(Math.abs((readInfoFrame(content)?.durationMs ?? 0) - 20_000) <= 20)
    const stored = readFileSync(join(node.folder, 'vault', found.vaultKey))
    for (let at = 0; at + 64 < content.length; at += 10_007)
      assert.equal(stored.indexOf(content.subarray(at, at + 64)), -1, `plain audio at ${at}`)
    const opened = await line.vault.open(mediaOf(found), { start: 70_000, end: 140_000 })
    assert.deepEqual(Buffer.concat((await opened?.stream.toArray()) ?? []), content.subarray(70_000, 140_001))
    assert.deepEqual(node.files('vault'), [found.vaultKey])
  })

  it('is plain beside its list of chunks with encryption off', async () => {
    line = await Line.open({ form: 'hashed' })
    const id = randomUUID()
    node.call(id, { seconds: 12 })
    await line.make(id)
    const found = await line.catalogue.get(ORG, id)
    assert.equal(found?.storage, 'hashed')
    assert.deepEqual(node.files('vault').sort(), [found.vaultKey, `${found.vaultKey}.chunks`])
    assert.deepEqual(await line.content(id), readFileSync(join(node.folder, 'vault', found.vaultKey)))
  })

  it('is encoded and sealed while the call goes on, under a key that is on disk before', async () => {
    line = await Line.open()
    const id = randomUUID()
    node.call(id, { seconds: 30, closing: null })
    line.production.begin(id)
    const part = line.vault.partPath(id, 'mp3')
    while (!existsSync(part) || readFileSync(part).length < 65_536)
      await new Promise((resolve) => setTimeout(resolve, 20))
    assert.ok(await line.keys.get(id))
    assert.equal(await line.catalogue.get(ORG, id), undefined)
  })

  it('leaves one whole recording, one row and one key wherever publishing dies (promise P2, rule R2)', async () => {
    const steps = {
      sealed: ['mkdir 3', 'rename 1', 'syncFolder 6'],
      hashed: ['rename 1', 'rename 2', 'syncFolder 7'],
    }
    for (const form of ['sealed', 'hashed'] as const) {
      for (const step of steps[form]) {
        await line?.close()
        await node.remove()
        node = new TestNode()
        const id = randomUUID()
        node.call(id, { seconds: 1 })
        line = await Line.open({ form, disk: diesAt(step) })
        line.production.finish(id, '')
        await line.production.idle()
        await line.close()
        line = await Line.open({ form })
        const { recovered, known, damaged } = await line.recover()
        assert.deepEqual({ all: recovered + known, damaged }, { all: 1, damaged: 0 }, `${form} ${step}`)
        const key = (await line.catalogue.get(ORG, id))?.vaultKey ?? ''
        const files = form === 'sealed' ? [key] : [key, `${key}.chunks`]
        assert.deepEqual(node.files('vault').sort(), files, `${form} ${step}`)
        await line.content(id)
        assert.deepEqual(readdirSync(node.journal), [], `${form} ${step}`)
      }
    }
  })

  it('is not made again from its journal when it was erased meanwhile (promise P16)', async () => {
    line = await Line.open()
    const id = randomUUID()
    node.call(id, { seconds: 1 })
    await line.keys.destroy(id, ORG, NOW)
    const { recovered, known } = await line.recover()
    assert.deepEqual({ recovered, known }, { recovered: 0, known: 1 })
    assert.equal(await line.catalogue.get(ORG, id), undefined)
    assert.deepEqual(node.files('vault'), [])
    assert.deepEqual(readdirSync(node.journal), [], 'and its journal goes')
  })

  it('keeps no key of a message that went to its mailbox', async () => {
    line = await Line.open({ onVoicemail: async () => {} })
    const id = randomUUID()
    node.call(id, { opening: { purpose: 'voicemail' } })
    await line.make(id)
    assert.equal(await line.keys.get(id), undefined)
  })

  it('waits in the spool while the bucket is away, and is there when it is back (promise P20)', async () => {
    const fake = await S3Fake.start()
    try {
      line = await Line.open({ url: `s3://tape?endpoint=${fake.url}&pathStyle=true` })
      fake.fault = () => ({ status: 403 })
      const id = randomUUID()
      node.call(id, { seconds: 2 })
      line.production.finish(id, '')
      while (line.alarms.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      assert.match(line.alarms[0]?.message ?? '', /bucket of the vault/)
      assert.equal(await line.catalogue.get(ORG, id), undefined, 'no row without a file')
      fake.fault = undefined
      while (line.production.counts.backlog > 0) await new Promise((resolve) => setTimeout(resolve, 5))
      await line.production.idle()
      assert.ok((await line.content(id)).length > 10_000)
      assert.deepEqual(node.files('vault'), [], 'the spool is empty')
    } finally {
      await line?.close()
      line = undefined
      await fake.stop()
    }
  })

  it('is found damaged when it is read back, and its journal stays', async () => {
    line = await Line.open()
    const id = randomUUID()
    node.call(id, { seconds: 10 })
    await line.make(id)
    const key = (await line.catalogue.get(ORG, id))?.vaultKey ?? ''
    const path = join(node.folder, 'vault', key)
    const bytes = readFileSync(path)
    bytes[70_000] = (bytes[70_000] as number) ^ 1
    writeFileSync(path, bytes)
    await line.close()
    line = await Line.open()
    const { damaged } = await line.recover()
    assert.equal(damaged, 1)
    assert.equal(line.alarms.at(-1)?.what, 'file-damaged')
    assert.equal(readdirSync(node.journal).length, 1)
  })
})

/** A disk on which the n-th call of one kind, and every call after it, fails: the process is as good as dead. */
function diesAt(step: string): VaultDisk {
  const [name, nth] = step.split(' ')
  let calls = 0
  let dead = false
  const wrap =
    <Arguments extends string[]>(kind: string, real: (...args: Arguments) => Promise<void>) =>
    async (...args: Arguments): Promise<void> => {
      if (kind === name && ++calls === Number(nth)) dead = true
      if (dead) throw Object.assign(new Error(`EIO: ${kind}`), { code: 'EIO' })
      await real(...args)
    }
  return {
    mkdir: wrap('mkdir', REAL_DISK.mkdir),
    rename: wrap('rename', REAL_DISK.rename),
    unlink: wrap('unlink', REAL_DISK.unlink),
    syncFile: wrap('syncFile', REAL_DISK.syncFile),
    syncFolder: wrap('syncFolder', REAL_DISK.syncFolder),
  }
}
