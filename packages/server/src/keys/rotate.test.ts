import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { Secret, SILENT } from '@tandem/base'
import { DataKeys, type Recording } from '@tandem/recordings'
import { type OpenHouse, ORG, soundOf, TestHouse } from '../backup/test-house.ts'
import type { Config } from '../config/settings.ts'
import { loadSnapshot } from '../directory/snapshot.ts'
import { rowOf, type Webhook, webhookOf } from '../webhooks/webhook.ts'
import { ringOf } from './key-ring.ts'
import { masterKeyFile } from './master-key.ts'
import { type RotationStep, rotateKey } from './rotate.ts'

/** More keys than one batch of a rotation wraps. */
const MANY_KEYS = 600

/** A webhook whose secret is sealed. */
const SIGNED: Omit<Webhook, 'orgId'> = {
  id: '4f7c1f0e-6f5f-4e6a-9c58-0c6a2f4d7b11',
  creatorId: 'somebody',
  creatorIsApp: false,
  clientId: '',
  name: 'signed',
  targetUrl: 'https://crm.example.com/',
  resource: 'all',
  event: 'all',
  filter: '',
  secret: new Secret('whsec_c2VjcmV0'),
  ownedBy: 'creator',
  sights: {},
  status: 'active',
  createdAt: 1,
  disabledAt: undefined,
  fragile: false,
}

let furnished: TestHouse
let house: TestHouse
let recording: Recording
let sound: Buffer
let first: { readonly recording: Recording; readonly sound: Buffer }
before(async () => {
  furnished = new TestHouse()
  house = furnished
  await furnish()
  first = { recording, sound }
})
after(() => furnished.remove())
beforeEach(() => {
  ;({ recording, sound } = first)
  house = furnished.copy()
})
afterEach(() => house.remove())

/** Fills a data folder: people with phones, a recording, the keys of many others. */
async function furnish(config: Config = house.config()): Promise<void> {
  await house.within(async (open) => {
    await house.furnish(open)
    recording = await house.add(open, 'zebra', 440)
    sound = await soundOf(open, recording.id)
    const { db, keys } = open.data
    const dataKeys = await DataKeys.open({ db, ring: ringOf(keys), now: Date.now })
    const { id: orgId } = await db.kysely.selectFrom('organizations').select('id').executeTakeFirstOrThrow()
    await db.commit([db.kysely.insertInto('webhooks').values(rowOf({ ...SIGNED, orgId }, keys.kek))])
    await Promise.all(Array.from({ length: MANY_KEYS }, (_, n) => dataKeys.create(`other-${n}`)))
  }, config)
}

/** Starts once more: everything plays, every phone can register. */
function works(config: Config = house.config()): Promise<void> {
  return house.within(async (open: OpenHouse) => {
    assert.deepEqual(await soundOf(open, recording.id), sound)
    const found = await open.recordings.get(ORG, recording.id)
    assert.equal(found?.sha256, recording.sha256)
    const devices = await open.data.db.kysely.selectFrom('devices').select('id').execute()
    const snapshot = await loadSnapshot(open.data, SILENT)
    assert.ok(devices.length > 0)
    assert.equal(snapshot.devices.length, devices.length)
    const row = await open.data.db.kysely.selectFrom('webhooks').selectAll().executeTakeFirstOrThrow()
    const webhook = webhookOf(row, open.data.keys.kek)
    assert.equal(webhook.secret?.reveal(), 'whsec_c2VjcmV0')
    assert.equal(webhook.status, 'active')
    const dataKeys = await DataKeys.open({ db: open.data.db, ring: ringOf(open.data.keys), now: Date.now })
    for (const n of [0, 1, MANY_KEYS - 1]) assert.equal((await dataKeys.get(`other-${n}`))?.length, 32)
  }, config)
}

const keyFile = (): string => readFileSync(masterKeyFile(house.folder), 'utf8')

describe('tandem key rotate', () => {
  it('leaves nothing under the former key, and media as it is', async () => {
    const before = keyFile()
    const linkKey = await house.within(async ({ data }) => data.keys.linkKey)
    const media = join(house.folder, 'vault', recording.vaultKey)
    const stored = readFileSync(media)
    const { dataKeys, devices, webhooks, source } = await rotateKey(house.config())
    assert.equal(webhooks, 1)
    assert.equal(source, 'file')
    assert.ok(dataKeys > MANY_KEYS)
    assert.ok(devices > 0)
    assert.notEqual(keyFile(), before)
    assert.deepEqual(readFileSync(media), stored)
    assert.deepEqual(
      readdirSync(join(house.folder, 'keys')).filter((name) => /key/.test(name) && /next|part/.test(name)),
      [],
    )
    await works()
    assert.notDeepEqual(
      await house.within(async ({ data }) => data.keys.linkKey),
      linkKey,
      'old links are dead',
    )
    writeFileSync(masterKeyFile(house.folder), before)
    await assert.rejects(works(), /made with another master key/)
  })

  const steps: readonly RotationStep[] = [
    'next-written',
    'batch-rewrapped',
    'rewrapped',
    'committed',
    'replaced',
    'done',
  ]
  for (const dies of steps) {
    it(`plays and registers everything when it is killed at ${dies}, then and after it was finished`, async () => {
      const onStep = (step: RotationStep): void => {
        if (step === dies) throw new Error('killed')
      }
      await assert.rejects(rotateKey(house.config(), { onStep }), /killed/)
      await works()
      await works()
      await rotateKey(house.config())
      await works()
      const { data } = await house.open()
      assert.deepEqual(data.keys.others, [])
      await data.close()
    })
  }

  it('takes a key that lives elsewhere, and goes on with either until the operator has put the new one there', async () => {
    const [former, next] = [house.path('former.key'), house.path('next.key')]
    for (const file of [former, next]) writeFileSync(file, randomBytes(32).toString('base64'))
    const old = house.config({ keyCommand: `cat ${former}` })
    rmSync(house.folder, { recursive: true })
    await furnish(old)
    await assert.rejects(
      rotateKey(old),
      /comes from the setting keyCommand: give the new one with --new-key-file/,
    )
    for (const dies of ['batch-rewrapped', 'committed', undefined]) {
      const onStep = (step: RotationStep): void => {
        if (step === dies) throw new Error('killed')
      }
      const rotated = rotateKey(old, { newKeyFile: next, onStep })
      if (dies === 'batch-rewrapped') await assert.rejects(rotated, /killed/)
      else if (dies === 'committed') await assert.rejects(rotated, /killed/)
      else await assert.rejects(rotated, /the one that the data are under already/)
      await works(old)
    }
    await assert.rejects(rotateKey(old, { newKeyFile: former }), /waits for its new key/)
    const fresh = house.config({ keyCommand: `cat ${next}` })
    await works(fresh)
    assert.ok(!readdirSync(join(house.folder, 'keys')).includes('master.key.next'))
    await assert.rejects(works(old), /made with another master key/)
    assert.ok(!readdirSync(join(house.folder, 'keys')).includes('master.key'))
  })

  it('refuses another new key before the one that was begun is in force', async () => {
    const onStep = (): void => {
      throw new Error('killed')
    }
    await assert.rejects(rotateKey(house.config(), { onStep }), /killed/)
    const other = house.path('other.key')
    writeFileSync(other, randomBytes(32).toString('base64'))
    await assert.rejects(rotateKey(house.config(), { newKeyFile: other }), /begun and cut off: finish it/)
    await rotateKey(house.config())
    await rotateKey(house.config(), { newKeyFile: other })
    assert.equal(keyFile().trim(), readFileSync(other, 'utf8'))
    await works()
  })

  it('refuses while a server runs, and while a crash left a journal', async () => {
    const before = keyFile()
    await house.within(() => assert.rejects(rotateKey(house.config()), /in use by another process/))
    mkdirSync(join(house.folder, 'journal'), { recursive: true })
    writeFileSync(join(house.folder, 'journal', 'left.segment'), '')
    await assert.rejects(rotateKey(house.config()), /not finished: start the server once/)
    assert.equal(keyFile(), before)
  })

  it('refuses a folder without a key, in one sentence, and makes none', async () => {
    rmSync(house.folder, { recursive: true })
    await assert.rejects(rotateKey(house.config()), /has no key to rotate/)
    assert.throws(() => readdirSync(house.folder))
  })
})
