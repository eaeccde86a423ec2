import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, beforeEach, describe, it } from 'node:test'
import { FolderStore } from './folder-store.ts'
import { openVault } from './open-vault.ts'
import { rawStoreSuite } from './raw-store-suite.ts'
import { S3Fake } from './s3-fake.ts'
import { openS3Store, PIECE_BYTES, type S3Store } from './s3-store.ts'
import { parseS3Url } from './s3-url.ts'
import { StorageFault } from './storage-fault.ts'
import { REAL_DISK } from './vault-disk.ts'
import { VaultUnusable } from './vault-unusable.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-stores-'))
after(() => rmSync(folder, { recursive: true }))
const env = { AWS_ACCESS_KEY_ID: 'tester', AWS_SECRET_ACCESS_KEY: 'a secret of tests' }

rawStoreSuite('a folder', async () => {
  const root = mkdtempSync(join(folder, 'store-'))
  mkdirSync(join(root, 'tmp'))
  const store = new FolderStore(root, { quarantine: join(folder, 'quarantine'), disk: REAL_DISK })
  return { store, parts: join(root, 'tmp'), close: async () => {} }
})

rawStoreSuite('the fake of S3', async () => {
  const fake = await S3Fake.start()
  const store = await openS3Store(`s3://tape/some/prefix?endpoint=${fake.url}&pathStyle=true`, { env })
  const close = async (): Promise<void> => {
    await store.close()
    await fake.stop()
  }
  return { store, parts: folder, close }
})

const realUrl = process.env['TANDEM_TEST_S3_URL'] ?? ''
if (realUrl !== '') {
  rawStoreSuite('the S3 server that TANDEM_TEST_S3_URL names', async () => {
    const own = realUrl.replace(/(\?|$)/, `/suite-${Date.now()}$1`)
    const store = await openS3Store(own, { env: process.env })
    return { store, parts: folder, close: () => store.close() }
  })
}

describe('the S3 store', () => {
  let fake: S3Fake
  let store: S3Store
  beforeEach(async () => {
    fake = await S3Fake.start()
    store = await openS3Store(`s3://tape?endpoint=${fake.url}&pathStyle=true`, { env })
  })
  afterEach(async () => {
    await store.close()
    await fake.stop()
  })
  const part = (bytes: Uint8Array): string => {
    const path = join(folder, 'a.part')
    writeFileSync(path, bytes)
    return path
  }
  const isUnreachable = (error: unknown): boolean =>
    error instanceof StorageFault && error.kind === 'unreachable'

  it('keeps the part until the bucket has confirmed it, and says that it cannot be reached (P20)', async () => {
    const path = part(Buffer.from('audio'))
    fake.fault = ({ method }) => (method === 'PUT' ? { status: 500 } : undefined)
    await assert.rejects(store.put(path, 'k'), isUnreachable)
    assert.ok(existsSync(path))
    fake.fault = ({ method }) => (method === 'HEAD' ? { status: 404 } : undefined)
    await assert.rejects(store.put(path, 'k'), isUnreachable, 'acknowledged, and yet not there')
    assert.ok(existsSync(path))
    fake.fault = undefined
    await store.put(path, 'k')
    assert.ok(!existsSync(path))
    fake.fault = () => ({ status: 503 })
    const asks = [() => store.open('k'), () => store.stat('k'), () => store.remove('k')]
    for (const ask of [...asks, () => Array.fromAsync(store.list())]) await assert.rejects(ask, isUnreachable)
  })

  it('gives up the pieces of an upload that failed', async () => {
    let pieces = 0
    fake.fault = ({ url }) => (url?.includes('partNumber=2') && ++pieces > 0 ? { status: 403 } : undefined)
    await assert.rejects(store.put(part(new Uint8Array(PIECE_BYTES + 1)), 'k'), isUnreachable)
    assert.equal(fake.openUploads, 0)
    assert.equal(fake.objects.size, 0)
    assert.ok(pieces > 0)
  })

  it('does not mix two objects when one is replaced while it is read', async () => {
    await store.put(part(Buffer.alloc(1_000, 'a')), 'k')
    const file = await store.open('k')
    await store.put(part(Buffer.alloc(1_000, 'b')), 'k')
    await assert.rejects(async () => await file?.from(0, 1_000).next(1_000), isUnreachable)
  })

  it('says in one sentence at start what is wrong: no bucket, wrong credentials, nobody there', async () => {
    const open = (url: string): Promise<unknown> => openS3Store(url, { env })
    const at = `endpoint=${fake.url}&pathStyle=true`
    await assert.rejects(open(`s3://other?${at}`), /bucket other does not exist/)
    fake.fault = () => ({ status: 403 })
    await assert.rejects(open(`s3://tape?${at}`), /refuses the credentials/)
    fake.fault = ({ method }) => (method === 'PUT' ? { status: 403 } : undefined)
    await assert.rejects(open(`s3://tape?${at}`), /refuses the credentials/)
    await assert.rejects(open('s3://tape?endpoint=http://127.0.0.1:9&pathStyle=true'), VaultUnusable)
  })
})

describe('the address of an S3 vault', () => {
  it('has bucket, prefix and where the server is', () => {
    assert.deepEqual(
      parseS3Url('s3://tape/a/b/?endpoint=https://s3.example.com&region=eu-west-1&pathStyle=true', env),
      {
        bucket: 'tape',
        prefix: 'a/b/',
        endpoint: 'https://s3.example.com',
        region: 'eu-west-1',
        pathStyle: true,
        credentials: { accessKeyId: 'tester', secretAccessKey: 'a secret of tests' },
      },
    )
    const { region, prefix, pathStyle } = parseS3Url('s3://tape', { ...env, AWS_REGION: 'ap-south-1' })
    assert.deepEqual({ region, prefix, pathStyle }, { region: 'ap-south-1', prefix: '', pathStyle: false })
  })

  it('is refused in a sentence that shows no secret', () => {
    for (const [url, says] of [
      ['s3://', /needs a bucket/],
      ['s3://user:hunter2@tape', /holds credentials/],
      ['s3://tape?colour=red', /has colour/],
      ['s3://tape?endpoint=ftp://x', /must begin with/],
    ] as const) {
      assert.throws(() => parseS3Url(url, env), says)
      assert.throws(
        () => parseS3Url(url, env),
        (error: Error) => !error.message.includes('hunter2'),
      )
    }
    assert.throws(() => parseS3Url('s3://tape', {}), /AWS_ACCESS_KEY_ID/)
  })
})

describe('openVault', () => {
  const open = (url: string): Promise<unknown> => openVault(url, { dataFolder: folder, form: 'hashed' })

  it('opens a folder below the data folder or anywhere', async () => {
    await open('file:one')
    assert.ok(existsSync(join(folder, 'one', 'tmp')))
    await open(`file://${join(folder, 'two')}`)
    assert.ok(existsSync(join(folder, 'two', 'tmp')))
  })

  it('says in one sentence what is wrong with it', async () => {
    writeFileSync(join(folder, 'no-folder'), '')
    await assert.rejects(open('file:no-folder'), /cannot be written \(ENOTDIR\)/)
    await assert.rejects(open('file://elsewhere/vault'), /no folder of this machine/)
    await assert.rejects(open('ftp://user:hunter2@x'), (error: Error) => {
      return error instanceof VaultUnusable && !error.message.includes('hunter2')
    })
  })

  it('refuses a folder that it may not write', {
    skip: process.getuid?.() === 0 && 'root may write anywhere',
  }, async () => {
    mkdirSync(join(folder, 'closed'))
    chmodSync(join(folder, 'closed'), 0o500)
    await assert.rejects(open('file:closed'), /cannot be written \(EACCES\)/)
  })
})
