/** Backups proved by restoring them (promise P5), with what was erased gone from them (promise P16). */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import type { Recording } from '@tandem/recordings'
import { Random } from '@tandem/testing'
import { loadSnapshot } from '../directory/snapshot.ts'
import { masterKeyFile } from '../keys/master-key.ts'
import { rotateKey } from '../keys/rotate.ts'
import { startServer } from '../run/start-server.ts'
import { type BackupDone, backUp } from './back-up.ts'
import { backUpKeys } from './back-up-keys.ts'
import { readBackup } from './backup-format.ts'
import { checkBackup, type RestoreDone, type RestoreOptions, restore } from './restore.ts'
import { OFFICER, type OpenHouse, ORG, soundOf, TestHouse } from './test-house.ts'

const WORDS = ['zebra', 'walrus', 'badger'] as const
type Word = (typeof WORDS)[number]

let furnished: TestHouse
let house: TestHouse
const recordings = new Map<Word, { readonly recording: Recording; readonly sound: Buffer }>()
before(async () => {
  furnished = new TestHouse()
  await furnished.within((open) => fill(furnished, open))
})
after(() => furnished.remove())
beforeEach(() => {
  house = furnished.copy()
})
afterEach(() => house.remove())

async function fill(into: TestHouse, open: OpenHouse): Promise<void> {
  await into.furnish(open)
  for (const [at, word] of WORDS.entries()) {
    const recording = await into.add(open, word, 300 + 100 * at)
    recordings.set(word, { recording, sound: await soundOf(open, recording.id) })
  }
  const clips = join(into.folder, 'clips', 'sounds')
  mkdirSync(clips, { recursive: true })
  writeFileSync(join(clips, 'chime.ulaw'), 'a sound')
  const { kysely } = open.data.db
  const org = await kysely.selectFrom('organizations').select('id').executeTakeFirstOrThrow()
  await kysely
    .insertInto('sounds')
    .values({ id: 'chime', org_id: org.id, name: 'chime', duration_ms: 1, size_bytes: 7, created_at: 1 })
    .execute()
}

const idOf = (word: Word): string => recordings.get(word)?.recording.id ?? ''
const mediaOf = (word: Word): string => recordings.get(word)?.recording.vaultKey ?? ''
const folder = (): string => house.path('backup')
const keysFile = (): string => house.path('keys/recordings.keys')

const save = (options: Partial<Parameters<typeof backUp>[2]> = {}): Promise<BackupDone> =>
  backUp(house.config(), folder(), { release: 'test', ...options })
const saveKeys = (): Promise<void> => backUpKeys(house.config(), house.path('keys'))
const erase = async ({ recordings: library }: OpenHouse, word: Word): Promise<void> => {
  const outcome = await library.lifecycle.erase(OFFICER, idOf(word), { reason: 'test' })
  assert.equal(outcome.kind, 'done')
}
const options = (more: Partial<RestoreOptions> = {}): RestoreOptions => ({
  folder: folder(),
  keysFile: keysFile(),
  masterKeyFiles: [masterKeyFile(house.folder)],
  ...more,
})
const back = (more: Partial<RestoreOptions> = {}): Promise<RestoreDone> =>
  restore(house.config({ dataFolder: house.path('restored') }), options(more))
const check = (more: Partial<RestoreOptions> = {}): Promise<RestoreDone> =>
  checkBackup(house.config(), options(more))

/** What is restored: these recordings whole, of the others nothing. */
async function holds(words: readonly Word[]): Promise<void> {
  const config = house.config({ dataFolder: house.path('restored') })
  await house.within(async (open) => {
    for (const word of WORDS) {
      const before = recordings.get(word)
      const found = await open.recordings.get(ORG, idOf(word))
      const { items } = await open.recordings.search({
        orgId: ORG,
        text: word,
        statuses: ['available'],
        max: 10,
      })
      if (!words.includes(word)) {
        assert.deepEqual([found, items], [undefined, []], word)
        continue
      }
      assert.deepEqual(found, before?.recording)
      const sound = await soundOf(open, idOf(word))
      assert.deepEqual(sound, before?.sound)
      assert.equal(createHash('sha256').update(sound).digest('hex'), before?.recording.sha256)
      assert.equal(items.length, 1, word)
      const transcript = await open.recordings.transcripts.get(ORG, idOf(word))
      assert.match(transcript?.segments[0]?.text ?? '', new RegExp(word))
    }
    const devices = await open.data.db.kysely.selectFrom('devices').select('id').execute()
    assert.equal((await loadSnapshot(open.data, SILENT)).devices.length, devices.length)
  }, config)
}

/** Files below a folder whose bytes hold a text. */
function holding(text: string | Uint8Array, below: string): string[] {
  return readdirSync(below, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name)
    return entry.isFile() && readFileSync(path).includes(typeof text === 'string' ? text : Buffer.from(text))
      ? [path]
      : []
  })
}

describe('a backup', () => {
  it('beside a running server comes back hash by hash, and a server starts on it', async () => {
    await house.within(async () => {
      const done = await save()
      assert.deepEqual(done.problems, [])
      assert.ok(done.backup.files >= 2 * WORDS.length + 1)
      await saveKeys()
    })
    const done = await back()
    assert.deepEqual(done.differences, [])
    assert.equal(done.contents, 2 * WORDS.length, 'a file of sound and one of words each')
    assert.equal(readFileSync(join(house.path('restored'), 'clips/sounds/chime.ulaw'), 'utf8'), 'a sound')
    await holds(WORDS)
    const server = await startServer(
      house.config({
        dataFolder: house.path('restored'),
        httpPort: '0',
        managementPort: '0',
        sipListen: 'udp:127.0.0.1:0',
        mediaPortMin: '34000',
        mediaPortMax: '34099',
        mediaWorkers: '1',
        drainSeconds: '0',
        logLevel: 'silent',
      }),
    )
    assert.equal((await server.recordings.get(ORG, idOf('zebra')))?.id, idOf('zebra'))
    await server.stop()
  })

  it('of what was erased later brings nothing back: no row, no word, no file (promise P16)', async () => {
    await save()
    const word = new TextEncoder().encode('walrus')
    assert.notDeepEqual(holding(word, folder()), [], 'the backup is of before')
    await house.within((open) => erase(open, 'walrus'))
    await saveKeys()
    const { differences, erased } = await back()
    assert.deepEqual([differences, erased], [[], 1])
    await holds(['zebra', 'badger'])
    assert.deepEqual(holding(word, house.path('restored')), [])
    assert.deepEqual(holding(idOf('walrus'), join(house.path('restored'), 'vault')), [])
    const names = readdirSync(house.path('restored'), { recursive: true }).map(String)
    assert.ok(!names.some((name) => name.includes(idOf('walrus'))))
  })

  it('brings nothing erased back that was held or retained when it was made', async () => {
    await house.within(async (open) => {
      const { holds } = open.recordings
      const hold = await holds.place(OFFICER, { reason: 'case', recordingIds: [idOf('badger')] })
      assert.ok(!('kind' in hold))
      await save()
      assert.equal(await holds.release(OFFICER, hold.id, 'over'), 'done')
      await erase(open, 'badger')
    })
    await saveKeys()
    assert.equal((await back()).erased, 1)
    await holds(['zebra', 'walrus'])
  })

  it('holds no key: neither the master key nor that of any recording (storage rule R3)', async () => {
    await save()
    await saveKeys()
    const master = readFileSync(masterKeyFile(house.folder), 'utf8').trim()
    for (const place of [folder(), house.path('keys')]) {
      assert.deepEqual(holding(master, place), [])
      assert.deepEqual(holding(Buffer.from(master, 'base64'), place), [])
    }
    assert.deepEqual(holding('CREATE TABLE "data_key"', folder()), [])
    assert.notDeepEqual(holding('data_key', house.path('keys')), [])
  })

  it('copies the second time only what is new, and removes what was erased meanwhile', async () => {
    await save()
    assert.equal((await save()).copied, 0)
    await house.within(async (open) => {
      await erase(open, 'walrus')
      await house.add(open, 'otter', 700)
    })
    const { copied, removed } = await save()
    assert.deepEqual([copied, removed], [2, 2])
    assert.throws(() => statSync(join(folder(), 'vault', mediaOf('walrus'))))
    await saveKeys()
    const { contents, differences } = await check()
    assert.deepEqual([contents, differences], [2 * WORDS.length, []])
    assert.deepEqual(
      readdirSync(folder())
        .map((name) => name.replace(/-\d+T\d+Z-\d/, ''))
        .toSorted(),
      ['backup.json', 'backup.lock', 'clips', 'files.ndjson', 'tandem.db', 'vault'],
    )
  })

  it('made while a recording is erased is whole without it, whatever the copy of the keys knows', async () => {
    await house.within(async (open) => {
      await saveKeys()
      const { erased, problems } = await save({ onDatabaseCopied: () => erase(open, 'zebra') })
      assert.deepEqual([erased, problems], [1, []])
    })
    assert.deepEqual((await back()).differences, [])
    await holds(['walrus', 'badger'])
  })

  it('made while a transcript is written anew is of one moment', async () => {
    await house.within(async (open) => {
      const { recordings: library } = open
      let times = 0
      const onDatabaseCopied = async (): Promise<void> => {
        if (times++ > 0) return
        const segments = [{ startMs: 0, endMs: 1, text: 'zebra and more' }]
        await library.transcripts.put(OFFICER, idOf('zebra'), { engine: 'import', segments })
      }
      assert.deepEqual((await save({ onDatabaseCopied })).problems, [])
      assert.equal(times, 2)
    })
    await saveKeys()
    assert.deepEqual((await back()).differences, [])
    await holds(WORDS)
  })

  it('that was cut off is none, and leaves the one before as it was', async () => {
    const dies = { onDatabaseCopied: () => Promise.reject(new Error('killed')) }
    await assert.rejects(save(dies), /killed/)
    await saveKeys()
    await assert.rejects(check(), /holds no whole backup/)
    await save()
    await house.within((open) => house.add(open, 'otter', 700))
    await assert.rejects(save(dies), /killed/)
    const { contents, differences } = await check()
    assert.deepEqual([contents, differences], [2 * WORDS.length, []])
    await save()
    await saveKeys()
    assert.equal((await check()).contents, 2 * WORDS.length + 2)
  })

  it('says what the vault has lost, and keeps the rest', async () => {
    rmSync(join(house.folder, 'vault', mediaOf('badger')))
    const { problems } = await save()
    assert.match(problems.join(), new RegExp(`of recording ${idOf('badger')} is not in the vault`))
    await saveKeys()
    const { differences } = await back()
    assert.match(differences.join(), /was not there any more when the backup was made/)
    await house.within(
      async (open) => assert.deepEqual(await soundOf(open, idOf('zebra')), recordings.get('zebra')?.sound),
      house.config({ dataFolder: house.path('restored') }),
    )
  })

  it('of files that are not sealed says when one is not what its row says, and comes back', async () => {
    const plain = new TestHouse()
    try {
      const config = plain.config({ encryption: 'off' })
      const recording = await plain.within((open) => plain.add(open, 'otter', 500), config)
      assert.equal(recording.storage, 'hashed')
      const made = await backUp(config, plain.path('backup'), { release: 'test' })
      assert.deepEqual(made.problems, [])
      assert.ok(made.copied >= 3, 'the file and the list of its hashes')
      await backUpKeys(config, plain.path('keys'))
      const given = {
        folder: plain.path('backup'),
        keysFile: plain.path('keys/recordings.keys'),
        masterKeyFiles: [masterKeyFile(plain.folder)],
      }
      assert.deepEqual(
        (await restore(plain.config({ dataFolder: plain.path('new') }), given)).differences,
        [],
      )
      flip(join(plain.folder, 'vault', recording.vaultKey), 100)
      const again = await backUp(config, plain.path('other'), { release: 'test' })
      assert.match(again.problems.join(), /is damaged: it is not what its row says/)
    } finally {
      plain.remove()
    }
  })

  it('from before a rotation comes back with keys copied after it, when both master keys are given', async () => {
    const former = house.path('former.key')
    cpSync(masterKeyFile(house.folder), former)
    await save()
    await rotateKey(house.config())
    await saveKeys()
    await assert.rejects(back(), /made with another master key: give the one of that time/)
    await assert.rejects(back({ masterKeyFiles: [former] }), /which is not there/)
    const masterKeyFiles = [former, masterKeyFile(house.folder)]
    assert.deepEqual((await back({ masterKeyFiles })).differences, [])
    assert.deepEqual(
      readFileSync(masterKeyFile(house.path('restored'))),
      readFileSync(masterKeyFile(house.folder)),
    )
    await holds(WORDS)
  })
})

describe('damage to a backup', () => {
  it('is found whichever bit it hits: database, list, backup.json, files, keys (promise P5)', async () => {
    await save()
    await saveKeys()
    assert.deepEqual((await check()).differences, [])
    const backup = await readBackup(folder())
    const random = new Random(4)
    const files = readdirSync(folder(), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'backup.lock')
      .map((entry) => join(entry.parentPath, entry.name))
    assert.ok(backup !== undefined && files.length === backup.files + 3)
    for (const file of [...files, keysFile()])
      for (let turn = 0; turn < 4; turn++) {
        const bit = random.below(statSync(file).size * 8)
        flip(file, Math.floor(bit / 8), bit % 8)
        const found = await check().then(
          ({ differences }) => differences.length,
          (error: Error) => (error.name === 'StartFailure' ? 1 : Promise.reject(error)),
        )
        assert.ok(found > 0, `${file}, bit ${bit}`)
        flip(file, Math.floor(bit / 8), bit % 8)
      }
    assert.deepEqual((await check()).differences, [])
  })

  it('leaves what is whole restored, and names the rest', async () => {
    await save()
    await saveKeys()
    const path = join(folder(), 'vault', mediaOf('walrus'))
    flip(path, 1_000)
    const { differences } = await back()
    assert.equal(differences.length, 1)
    assert.match(
      differences.join(),
      new RegExp(`${idOf('walrus')}.*is damaged in the backup: remove it there`),
    )
    await house.within(
      async (open) => assert.deepEqual(await soundOf(open, idOf('zebra')), recordings.get('zebra')?.sound),
      house.config({ dataFolder: house.path('restored') }),
    )
    rmSync(path)
    assert.equal((await save()).copied, 1, 'what is not there is copied again')
    assert.deepEqual((await check()).differences, [])
  })

  it('that came from a vault which had rotted already shows when files are opened', async () => {
    flip(join(house.folder, 'vault', mediaOf('walrus')), 1_000)
    assert.deepEqual((await save()).problems, [], 'what is sealed only its key can tell')
    await saveKeys()
    const { contents, differences } = await check()
    assert.equal(contents, 2 * WORDS.length - 1)
    assert.match(differences.join(), new RegExp(`Recording ${idOf('walrus')}: .*damaged`))
  })

  it('shows without keys as far as bytes go', async () => {
    await save()
    const { keysFile: _, ...without } = options()
    assert.deepEqual((await checkBackup(house.config(), without)).differences, [])
    flip(join(folder(), 'vault', mediaOf('walrus')), 1_000)
    assert.equal((await checkBackup(house.config(), without)).differences.length, 1)
  })
})

describe('backup and restore refuse, in one sentence and with nothing changed,', () => {
  it('to put keys and backup into one folder', async () => {
    await save()
    await assert.rejects(
      backUpKeys(house.config(), folder()),
      /is that of a backup: keep the keys in another/,
    )
    await assert.rejects(backUpKeys(house.config(), join(folder(), 'keys')), /is that of a backup/)
    await saveKeys()
    await assert.rejects(
      backUp(house.config(), house.path('keys'), { release: 'test' }),
      /holds the keys of recordings/,
    )
    for (const place of [house.folder, join(house.folder, 'backup'), house.root])
      await assert.rejects(backUp(house.config(), place, { release: 'test' }), /name a folder elsewhere/)
  })

  it('a data folder that is not there, and two backups at once', async () => {
    const nowhere = house.config({ dataFolder: house.path('nowhere') })
    await assert.rejects(backUp(nowhere, folder(), { release: 'test' }), /There is no data folder/)
    assert.throws(() => statSync(house.path('nowhere')))
    const onDatabaseCopied = (): Promise<void> => assert.rejects(save(), /Another backup to .* is being made/)
    await save({ onDatabaseCopied })
  })

  it('a folder that is not empty, but for the key file', async () => {
    await save()
    await saveKeys()
    const restored = house.path('restored')
    mkdirSync(join(restored, 'keys'), { recursive: true })
    writeFileSync(join(restored, 'other'), '')
    await assert.rejects(back(), /is not empty: restore to a new one/)
    rmSync(join(restored, 'other'))
    cpSync(masterKeyFile(house.folder), masterKeyFile(restored))
    assert.deepEqual((await back({ masterKeyFiles: [] })).differences, [])
    await holds(WORDS)
    await assert.rejects(back(), /is not empty/)
  })

  it('keys that are missing, of another data folder, or a wrong master key', async () => {
    await save()
    await saveKeys()
    await assert.rejects(back({ keysFile: house.path('none') }), /There is no copy of the keys at/)
    await assert.rejects(back({ masterKeyFiles: [] }), /Give the master key of the backup/)
    const wrong = house.path('wrong.key')
    writeFileSync(wrong, randomBytes(32).toString('base64'))
    await assert.rejects(back({ masterKeyFiles: [wrong] }), /made with another master key/)
    const other = new TestHouse()
    try {
      await other.within(async () => undefined)
      await backUpKeys(other.config(), other.path('keys'))
      await assert.rejects(
        back({ keysFile: other.path('keys/recordings.keys') }),
        /belongs to another database/,
      )
    } finally {
      other.remove()
    }
    assert.deepEqual(readdirSync(house.path('restored'), { recursive: true }), ['keys'])
    assert.deepEqual((await back()).differences, [])
  })

  it('to start without the file of the wrapped keys, or without the key file', async () => {
    rmSync(join(house.folder, 'keys', 'recordings.keys'))
    await assert.rejects(
      house.open(),
      /recordings\.keys, which belongs to the database .* is gone: restore it/,
    )
    assert.throws(() => statSync(join(house.folder, 'keys', 'recordings.keys')))
  })
})

function flip(file: string, at: number, bit = 3): void {
  const bytes = readFileSync(file)
  bytes[at] = (bytes[at] as number) ^ (1 << bit)
  writeFileSync(file, bytes)
}
