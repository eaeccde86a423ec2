import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type LogFields, SILENT } from '@tandem/base'
import { Lame, MP3_RATE_HZ } from '@tandem/recordings'
import { applyDirectory } from '../directory/apply.ts'
import { Lines } from '../directory/lines.ts'
import { directoryRevision } from '../directory/revision.ts'
import { loadSnapshot } from '../directory/snapshot.ts'
import { Failure } from '../http/failure.ts'
import { openTestData, type TestData } from '../testing/open-test-data.ts'
import { ClipFolder, REAL_CLIP_DISK } from './clip-folder.ts'
import { soundConverter } from './convert-sound.ts'
import { SOUNDS_MAX, SOUNDS_MS_MAX, Sounds } from './sounds.ts'

let data: TestData
let sounds: Sounds
let org: string
let other: string
before(async () => {
  data = await openTestData()
  sounds = await open()
  const rows = await data.db.kysely.selectFrom('organizations').select('id').orderBy('name').execute()
  org = rows[0]?.id ?? ''
  other = rows[1]?.id ?? ''
})
after(() => data.remove())

async function open(more: { disk?: typeof REAL_CLIP_DISK; lines?: string[] } = {}): Promise<Sounds> {
  const note = (message: string, fields?: LogFields): void =>
    void more.lines?.push(`${message} ${JSON.stringify(fields)}`)
  return new Sounds({
    db: data.db,
    clips: await ClipFolder.open(data.folder, 'sounds', more.disk ?? REAL_CLIP_DISK),
    convert: soundConverter(),
    logger: { ...SILENT, warn: note, error: note },
    now: () => 5_000,
  })
}

const raw = (name: string, length = 16_000): Parameters<Sounds['add']>[1] => ({
  name,
  contentType: 'audio/basic',
  bytes: Uint8Array.from({ length }, (_, i) => i % 251),
})

async function refused(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'done'
  } catch (error) {
    assert.ok(error instanceof Failure, String(error))
    return error.error
  }
}

describe('Sounds', () => {
  it('keeps a sound as the clip that the engine plays, its row after its file, and tells the directory', async () => {
    const revision = await directoryRevision(data.db)
    const sound = await sounds.add(org, raw('Welcome'))
    assert.deepEqual(sound, {
      id: sound.id,
      name: 'Welcome',
      sizeBytes: 16_000,
      durationMs: 2_000,
      createdAt: 5_000,
    })
    const file = join(data.folder, 'clips', 'sounds', `${sound.id}.ulaw`)
    assert.deepEqual([...(await readFile(file))], [...raw('').bytes])
    assert.deepEqual(await sounds.list(org), [sound])
    assert.deepEqual(await sounds.list(other), [], 'another organisation has its own')
    assert.equal(await directoryRevision(data.db), revision + 1)
    assert.equal(await refused(sounds.add(org, raw('Welcome'))), 'invalid_request')
    assert.equal(await refused(sounds.add(other, raw('Welcome'))), 'done')
  })

  it('converts MP3 in a thread of its own', async () => {
    const lame = (await Lame.load()).encoder()
    const samples = Int16Array.from({ length: MP3_RATE_HZ }, (_, i) => 9_000 * Math.sin(i / 6))
    const parts = [lame.encode(samples, samples).slice(), lame.finish().slice()]
    const bytes = Buffer.concat(parts)
    const sound = await sounds.add(org, { name: 'Tune', contentType: 'audio/mpeg', bytes })
    assert.ok(Math.abs(sound.durationMs - 1_000) < 200, String(sound.durationMs))
    const bad = { name: 'Bad', contentType: 'audio/mpeg', bytes: Buffer.from('no sound at all') }
    assert.equal(await refused(sounds.add(org, bad)), 'sound_unreadable')
    await sounds.remove(org, sound.id)
  })

  it('is found by name from a directory file, and by id from the API; neither lets it be removed', async () => {
    const [sound] = await sounds.list(org)
    assert.ok(sound !== undefined)
    const text = (await readFile(new URL('../../demo/directory.yaml', import.meta.url), 'utf8')).replace(
      '- name: Berlin',
      '- { name: Berlin, holdMusic: Welcome }',
    )
    await applyDirectory(data, text, { fileName: 'demo' })
    const music = async (): Promise<(string | undefined)[]> =>
      (await loadSnapshot(data, SILENT)).locations.map((location) => location.holdMusic)
    assert.deepEqual((await music()).toSorted(), [`sounds/${sound.id}`, undefined])
    assert.equal(await refused(sounds.remove(org, sound.id)), 'sound_in_use')

    const location = (await loadSnapshot(data, SILENT)).locations.find((one) => one.orgId === org)
    const lines = new Lines(data.db)
    const set = (id: string | null): Promise<boolean> => lines.setHoldMusic(org, location?.id ?? '', id)
    assert.equal(await refused(set(null)), 'managed_by_file')
    await applyDirectory(data, text.replace(', holdMusic: Welcome', ''), { fileName: 'demo' })
    assert.deepEqual(await music(), [undefined, undefined])
    assert.equal(await refused(set('0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210')), 'sound_not_found')
    assert.equal(await set(sound.id), true)
    assert.equal(await lines.setHoldMusic(other, location?.id ?? '', null), false, 'not theirs')
    assert.equal(await refused(sounds.remove(org, sound.id)), 'sound_in_use')
    await set(null)
    assert.equal(await sounds.remove(other, sound.id), false)
    assert.equal(await sounds.remove(org, sound.id), true)
    assert.equal(await sounds.remove(org, sound.id), false)
    assert.deepEqual(await readdir(join(data.folder, 'clips', 'sounds')), [
      `${(await sounds.list(other))[0]?.id}.ulaw`,
    ])
  })

  it('stops at the number of sounds and at the time in all', async () => {
    const row = (i: number, duration_ms: number): object => ({
      id: `quota-${i}`,
      org_id: org,
      name: `quota ${i}`,
      duration_ms,
      size_bytes: 1,
      created_at: 1,
    })
    const fill = async (count: number, duration: number): Promise<void> => {
      await data.db.kysely.deleteFrom('sounds').where('name', 'like', 'quota%').execute()
      await data.db.commit(
        Array.from({ length: count }, (_, i) =>
          data.db.kysely.insertInto('sounds').values(row(i, duration) as never),
        ),
      )
    }
    await fill(SOUNDS_MAX - 1, 1)
    const last = await sounds.add(org, raw('last'))
    assert.equal(await refused(sounds.add(org, raw('one more'))), 'sound_quota_reached')
    await sounds.remove(org, last.id)
    await fill(1, SOUNDS_MS_MAX - 2_000)
    const exact = await sounds.add(org, raw('exact'))
    await sounds.remove(org, exact.id)
    assert.equal(await refused(sounds.add(org, raw('too long', 16_008))), 'sound_quota_reached')
    await data.db.kysely.deleteFrom('sounds').where('name', 'like', 'quota%').execute()
  })

  it('acknowledges nothing when a sync fails, and leaves no row (storage rules R2, R4)', async () => {
    for (const step of ['write', 'syncFile', 'rename', 'syncFolder'] as const) {
      let opened = false
      const disk = {
        ...REAL_CLIP_DISK,
        [step]: async (...given: never[]) => {
          if (opened) throw new Error('EIO')
          return (REAL_CLIP_DISK[step] as (...all: never[]) => Promise<void>)(...given)
        },
      }
      const failing = await open({ disk })
      opened = true
      await assert.rejects(failing.add(org, raw(`fails at ${step}`)), /EIO/)
      assert.deepEqual(await sounds.list(org), [])
    }
  })

  it('quarantines files without a row at start, and tells of rows without a file (R5)', async () => {
    const folder = join(data.folder, 'clips', 'sounds')
    const [kept] = await sounds.list(other)
    await writeFile(join(folder, 'stray.ulaw'), 'x')
    await writeFile(join(folder, 'half.ulaw.part'), 'x')
    const lines: string[] = []
    await (await open({ lines })).recover()
    assert.deepEqual(await readdir(folder), [`${kept?.id}.ulaw`])
    const away = await readdir(join(data.folder, 'quarantine'))
    assert.ok(away.includes('stray.ulaw') && away.includes('half.ulaw.part'))
    assert.match(lines[0] ?? '', /quarantine \{"files":/)
    await writeFile(join(folder, 'stray.ulaw'), 'y')
    await (await open()).recover()
    assert.ok(
      (await readdir(join(data.folder, 'quarantine'))).includes('2.stray.ulaw'),
      'quarantine only grows',
    )
    await data.db.kysely
      .insertInto('sounds')
      .values({
        id: 'lost',
        org_id: org,
        name: 'lost',
        duration_ms: 1,
        size_bytes: 1,
        created_at: 1,
      })
      .execute()
    const told: string[] = []
    await (await open({ lines: told })).recover()
    assert.match(told[0] ?? '', /lost their files.*\{"sounds":1\}/)
  })
})
