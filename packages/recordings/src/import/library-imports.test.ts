import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { readOutbox } from '@tandem/store'
import { StorageFault } from '../vault/storage-fault.ts'
import { ImportFault } from './import-fault.ts'
import type { Import } from './imports.ts'
import { IMPORT_KEPT_MS } from './library-imports.ts'
import { MEDIA_BYTES_MAX } from './media-facts.ts'
import { ADMIN, CALL, MEETING, pieces, START, TestImports } from './test-imports.ts'
import { makeMp3, makeMp4, makeWav } from './test-media.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

let test: TestImports
beforeEach(async () => {
  test = await new TestImports().open()
})
afterEach(() => test.close())

async function upload(id: string, bytes: Uint8Array, offset = 0, last = true): Promise<Import> {
  const result = await test.imports.receive(ADMIN, id, {
    offset,
    bytes: pieces(bytes.subarray(offset)),
    last,
  })
  assert.ok(typeof result === 'object', String(result))
  return result
}

async function rows() {
  return await test.db.kysely.selectFrom('recording').selectAll().orderBy('seq').execute()
}

describe('an upload', () => {
  it('becomes a recording: file, row, facts, event and audit row', async () => {
    const bytes = await makeMp3(3)
    const serviceData = { callingParty: { name: 'Mira Okafor', number: 'sip:+4930123456@example.com' } }
    const request = { ...CALL, fileName: 'a.mp3', serviceData, createTime: START - 5_000 }
    const { id } = await test.imports.create(ADMIN, {
      ...request,
      sizeBytes: bytes.length,
      sha256: sha256(bytes),
    })
    const done = await upload(id, bytes)
    const [row] = await rows()
    assert.ok(row !== undefined)
    assert.deepEqual(done, {
      id,
      orgId: 'org',
      state: 'done',
      fileName: 'a.mp3',
      sizeBytes: bytes.length,
      receivedBytes: bytes.length,
      recordingId: row.id,
      createdBy: 'admin',
      createdAt: START,
    })
    assert.match(row.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4/)
    const { seq: _seq, id: _id, id_key: _key, call_session_id, vault_key, ...rest } = row
    assert.match(call_session_id, /^[0-9a-f-]{36}$/)
    assert.deepEqual(test.vault.read(vault_key), Buffer.from(bytes))
    assert.deepEqual(rest, {
      org_id: 'org',
      owner_id: 'owner',
      owner_type: 'user',
      owner_name: 'Tomas Lind',
      owner_email: 'Tomas@example.com',
      owner_email_key: 'tomas@example.com',
      location_id: 'location',
      call_id: '',
      topic: 'Call with Mira',
      topic_key: 'call with mira',
      create_time: START - 5_000,
      time_recorded: START - 5_000 - 44 * 72,
      duration_ms: 44 * 72,
      size_bytes: bytes.length,
      format: 'MP3',
      service_type: 'calling',
      storage_region: 'DE',
      status: 'available',
      sha256: sha256(bytes),
      recovered: 0,
      gaps: '[]',
      storage: 'bare',
      origin: 'import',
      parties: 'mira okafor\n+4930123456',
      status_at: START,
      kept_from: START - 5_000,
      retain_until: null,
      erase_at_end: 0,
      bin_until: null,
      held: 0,
      download_prevented: 0,
    })
    const facts = await test.db.kysely.selectFrom('recording_facts').selectAll().execute()
    assert.deepEqual(facts, [{ id_key: row.id_key, facts: JSON.stringify({ imported: serviceData }) }])
    const [event] = await readOutbox(test.db, { after: 0, limit: 10 })
    assert.deepEqual(
      [event?.resource, event?.event, event?.personId, event?.key],
      ['convergedRecordings', 'created', 'owner', row.id],
    )
    assert.deepEqual(
      test.audited.map((entry) => [entry.action, entry.recordingId]),
      [
        ['import.created', undefined],
        ['recording.imported', row.id],
      ],
    )
    assert.deepEqual(readdirSync(join(test.folder, 'imports')), [])
  })

  it('comes in pieces, and goes on where a connection broke', async () => {
    const bytes = await makeMp3(3)
    const { id } = await test.imports.create(ADMIN, CALL)
    assert.equal((await upload(id, bytes.subarray(0, 5_000), 0, false)).receivedBytes, 5_000)
    const broken = await test.imports.receive(ADMIN, id, {
      offset: 5_000,
      bytes: pieces(bytes.subarray(5_000), { breakAfter: 2_000 }),
      last: true,
    })
    assert.ok(typeof broken === 'object')
    assert.deepEqual([broken.state, broken.receivedBytes], ['receiving', 7_000])
    for (const offset of [0, 6_999, 7_001, bytes.length])
      assert.equal(
        await test.imports.receive(ADMIN, id, { offset, bytes: pieces(bytes), last: true }),
        'conflict',
      )
    assert.equal((await upload(id, bytes, 7_000)).state, 'done')
    assert.equal((await rows())[0]?.sha256, sha256(bytes))
    const again = { offset: bytes.length, bytes: pieces(bytes), last: true }
    assert.equal(await test.imports.receive(ADMIN, id, again), 'conflict')
  })

  it('that says it is over too early goes on too, when its size was announced', async () => {
    const bytes = await makeMp3(3)
    const { id } = await test.imports.create(ADMIN, { ...CALL, sizeBytes: bytes.length })
    assert.equal((await upload(id, bytes.subarray(0, 4_000))).state, 'receiving')
    assert.equal((await upload(id, bytes, 4_000)).state, 'done')
  })

  it('has one sender at a time, of its own organisation', async () => {
    const bytes = await makeMp3(1)
    const { id } = await test.imports.create(ADMIN, CALL)
    const release = Promise.withResolvers<void>()
    const slow = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 100)
      await release.promise
    }
    const first = test.imports.receive(ADMIN, id, { offset: 0, bytes: slow(), last: false })
    const other = { offset: 0, bytes: pieces(bytes), last: true }
    assert.equal(await test.imports.receive(ADMIN, id, other), 'conflict')
    assert.equal(await test.imports.cancel(ADMIN, id), 'conflict')
    assert.equal(await test.imports.receive({ ...ADMIN, orgId: 'other' }, id, other), 'missing')
    release.resolve()
    assert.equal(typeof (await first), 'object')
    assert.equal(await test.imports.cancel({ ...ADMIN, orgId: 'other' }, id), 'missing')
    assert.equal(await test.imports.get('other', id), undefined)
    assert.equal(await test.imports.receive(ADMIN, randomUUID(), other), 'missing')
  })

  it('lies hidden while it waits, and so does what was said of it (promise P12)', async () => {
    const bytes = await makeMp3(3)
    const { id } = await test.imports.create(ADMIN, { ...MEETING, topic: 'Secret topic' })
    await upload(id, bytes.subarray(0, 10_000), 0, false)
    const [name] = readdirSync(join(test.folder, 'imports'))
    const part = readFileSync(join(test.folder, 'imports', name ?? ''))
    assert.equal(part.length, 10_000)
    assert.equal(part.indexOf(bytes.subarray(2_000, 2_016)), -1)
    const row = await test.db.kysely.selectFrom('import_job').selectAll().executeTakeFirstOrThrow()
    assert.doesNotMatch(JSON.stringify(row), /q7Rk|Secret/)
    assert.equal((await upload(id, bytes, 10_000)).state, 'done')
    assert.equal((await test.db.kysely.selectFrom('import_job').select('request').execute())[0]?.request, '')
  })

  it('can be given up while it is not whole, and leaves nothing', async () => {
    const { id } = await test.imports.create(ADMIN, CALL)
    await upload(id, new Uint8Array(10), 0, false)
    assert.equal(await test.imports.cancel(ADMIN, id), 'done')
    assert.equal(await test.imports.cancel(ADMIN, id), 'conflict')
    assert.equal(await test.imports.cancel(ADMIN, randomUUID()), 'missing')
    assert.equal((await test.imports.get('org', id))?.state, 'cancelled')
    assert.deepEqual(readdirSync(join(test.folder, 'imports')), [])
    assert.equal(test.audited.at(-1)?.action, 'import.cancelled')
  })
})

describe('media at fault', () => {
  it('is named and quarantined, and the next one goes on (issue, "Bad input")', async () => {
    const bad = Buffer.from('OggS'.padEnd(5_000, '.'))
    const { id } = await test.imports.create(ADMIN, { ...CALL, fileName: 'bad.mp3' })
    const failed = await upload(id, bad)
    assert.deepEqual(
      [failed.state, failed.error],
      ['failed', 'The file is an Ogg file; send MP3, WAV or MP4.'],
    )
    const quarantined = readdirSync(join(test.folder, 'quarantine')).toSorted()
    assert.equal(quarantined.length, 2)
    const note = JSON.parse(readFileSync(join(test.folder, 'quarantine', `${id}.json`), 'utf8'))
    assert.deepEqual([note.fileName, note.kind, note.why], ['bad.mp3', 'unknown', failed.error])
    assert.ok(existsSync(join(test.folder, 'quarantine', note.file)))
    assert.equal(test.audited.at(-1)?.action, 'import.failed')
    assert.deepEqual(await rows(), [])
    const next = await test.imports.create(ADMIN, CALL)
    assert.equal((await upload(next.id, await makeMp3(1))).state, 'done')
  })

  it('fails in words: empty, another than announced, more than announced', async () => {
    const bytes = await makeMp3(1)
    const cases = [
      [{}, new Uint8Array(0), /empty/],
      [{ sha256: sha256(bytes) }, bytes.subarray(0, 4_000), /another SHA-256/],
      [{ sizeBytes: 100 }, bytes, /More bytes came than the 100/],
    ] as const
    for (const [announced, sent, words] of cases) {
      const { id } = await test.imports.create(ADMIN, { ...CALL, ...announced })
      const failed = await upload(id, sent)
      assert.equal(failed.state, 'failed')
      assert.match(failed.error ?? '', words)
    }
  })

  it('is refused before its first byte when its size says enough', async () => {
    const kindOf = (sizeBytes: number): Promise<string> =>
      test.imports.create(ADMIN, { ...CALL, sizeBytes }).then(
        () => 'taken',
        (error: unknown) => (error instanceof ImportFault ? error.kind : String(error)),
      )
    assert.equal(await kindOf(MEDIA_BYTES_MAX), 'taken')
    assert.equal(await kindOf(MEDIA_BYTES_MAX + 1), 'too-large')
    assert.equal(await kindOf(0), 'empty')
  })

  it('keeps what came when the store fails, and takes it in later (R4)', async () => {
    const bytes = await makeMp3(1)
    const { id } = await test.imports.create(ADMIN, CALL)
    test.vault.fault = new StorageFault('unreachable', 'The disk is full')
    await assert.rejects(upload(id, bytes), StorageFault)
    assert.equal((await test.imports.get('org', id))?.state, 'receiving')
    test.vault.fault = undefined
    assert.equal((await upload(id, bytes, bytes.length)).state, 'done')
  })
})

describe('the same content', () => {
  it('becomes one recording, whether its hash was announced or found', async () => {
    const bytes = await makeMp3(1)
    const first = await test.imports.importFile(ADMIN, CALL, test.file('a.mp3', bytes))
    const announced = await test.imports.create(ADMIN, { ...CALL, sha256: sha256(bytes).toUpperCase() })
    assert.deepEqual([announced.state, announced.recordingId], ['duplicate', first.recordingId])
    const { id } = await test.imports.create(ADMIN, CALL)
    const found = await upload(id, bytes)
    assert.deepEqual([found.state, found.recordingId], ['duplicate', first.recordingId])
    assert.equal((await rows()).length, 1)
    const elsewhere = await test.imports.importFile(
      { ...ADMIN, orgId: 'other' },
      CALL,
      join(test.folder, 'a.mp3'),
    )
    assert.equal(elsewhere.state, 'done', 'organisations are separate worlds')
  })

  it('becomes one recording when it comes twenty times at once', async () => {
    const path = test.file('a.wav', makeWav({ seconds: 2 }))
    const all = await Promise.all(
      Array.from({ length: 20 }, () => test.imports.importFile(ADMIN, CALL, path)),
    )
    const [row, ...others] = await rows()
    assert.deepEqual(others, [])
    assert.deepEqual(new Set(all.map((each) => each.recordingId)), new Set([row?.id]))
    assert.equal(all.filter((each) => each.state === 'done').length, 1)
    assert.deepEqual(
      readdirSync(join(test.folder, 'vault/org/2026')).map((name) => name.split('.')[0]),
      [row?.id],
      'files of the others are gone',
    )
    assert.equal((await readOutbox(test.db, { after: 0, limit: 10 })).length, 1)
  })

  it('may come again when its recording was erased', async () => {
    const bytes = await makeMp3(1)
    const path = test.file('a.mp3', bytes)
    await test.imports.importFile(ADMIN, CALL, path)
    await test.db.commit([test.db.kysely.deleteFrom('recording')])
    assert.equal((await test.imports.importFile(ADMIN, CALL, path)).state, 'done')
    assert.equal((await rows()).length, 1)
  })
})

describe('each kind of media', () => {
  it('WAV becomes MP3, stereo stays stereo', async () => {
    const done = await test.imports.importFile(
      ADMIN,
      CALL,
      test.file('a', makeWav({ seconds: 3, channels: 2 })),
    )
    const [row] = await rows()
    assert.deepEqual([done.state, row?.format, row?.duration_ms], ['done', 'MP3', 3_000])
    const bytes = test.vault.read(row?.vault_key ?? '')
    assert.equal(bytes?.length, row?.size_bytes)
    assert.deepEqual(bytes?.subarray(0, 2), Buffer.of(0xff, 0xe3))
  })

  it('MP4 is a meeting recording with its sound beside it, ids made where none came (README §2)', async () => {
    const bytes = await makeMp4(5)
    await test.imports.importFile(ADMIN, MEETING, test.file('m.mp4', bytes))
    const [row] = await rows()
    assert.match(row?.id ?? '', /^[0-9a-f]{32}$/)
    assert.deepEqual([row?.format, row?.service_type, row?.call_session_id], ['MP4', 'meeting', ''])
    assert.deepEqual(test.vault.read(row?.vault_key ?? ''), Buffer.from(bytes))
    const [file] = await test.db.kysely.selectFrom('recording_file').selectAll().execute()
    assert.deepEqual([file?.file, file?.content_type], ['audio', 'audio/mp4'])
    assert.equal(test.vault.read(file?.vault_key ?? '')?.length, file?.size_bytes)
    const meeting = await test.db.kysely.selectFrom('meeting_recording').selectAll().executeTakeFirst()
    assert.match(meeting?.meeting_id ?? '', /^[0-9a-f]{32}_I_\d{18}$/)
    const [event] = await readOutbox(test.db, { after: 0, limit: 10 })
    assert.deepEqual([event?.resource, event?.event], ['recordings', 'created'])
    assert.match(JSON.stringify(event?.payload), new RegExp(meeting?.meeting_id ?? 'nothing'))
  })

  it('MP4 without sound has no such file', async () => {
    const path = test.file('m.mp4', await makeMp4(5, { sound: false }))
    assert.equal((await test.imports.importFile(ADMIN, MEETING, path)).state, 'done')
    assert.deepEqual(await test.db.kysely.selectFrom('recording_file').selectAll().execute(), [])
  })

  it('MP4 of a call is refused, as the contract has calls in MP3 alone (Ruling 4)', async () => {
    const failed = await test.imports.importFile(ADMIN, CALL, test.file('c.mp4', await makeMp4(2)))
    assert.match(failed.error ?? '', /MP4 can only be the recording of a meeting/)
  })

  it('a damaged end of MP3 is told as a gap', async () => {
    const bytes = await makeMp3(3)
    await test.imports.importFile(
      ADMIN,
      { ...CALL, timeRecorded: START },
      test.file('a', bytes.subarray(0, -100)),
    )
    const [row] = await rows()
    assert.deepEqual(JSON.parse(row?.gaps ?? ''), [
      { from: START + 43 * 72, why: 'the end of the imported file is missing' },
    ])
  })

  it('retention is stamped by policy, and counts from the making, never from the future', async () => {
    await test.restart({
      keptNow: () => START - 60_000,
      retention: (row) => ({ retain_until: row.kept_from + 1_000, erase_at_end: 1 }),
    })
    const old = { ...CALL, createTime: START - 90 * 86_400_000 }
    const future = { ...CALL, createTime: START + 90 * 86_400_000 }
    await test.imports.importFile(ADMIN, old, test.file('a', await makeMp3(1)))
    await test.imports.importFile(ADMIN, future, test.file('b', await makeMp3(1, 500)))
    assert.deepEqual(
      (await rows()).map((row) => [row.kept_from, row.retain_until, row.erase_at_end]),
      [
        [START - 90 * 86_400_000, START - 90 * 86_400_000 + 1_000, 1],
        [START - 60_000, START - 59_000, 1],
      ],
    )
  })
})

describe('a file of this machine', () => {
  it('that cannot be read fails by itself, and stays where it is', async () => {
    const path = test.file('bad', Buffer.alloc(100))
    for (const [each, words] of [
      [path, /neither MP3 nor WAV nor MP4/],
      [join(test.folder, 'nowhere'), /no such file/],
      [test.folder, /folder|plain file/],
    ] as const) {
      const failed = await test.imports.importFile(ADMIN, CALL, each)
      assert.equal(failed.state, 'failed')
      assert.match(failed.error ?? '', words)
      assert.equal((await test.imports.get('org', failed.id))?.error, failed.error)
    }
    assert.ok(existsSync(path))
    assert.equal(readdirSync(join(test.folder, 'quarantine')).length, 3)
  })

  it('that is written to while it is read is refused, and leaves no file', async () => {
    const path = test.file('a.wav', makeWav({ seconds: 2 }))
    test.vault.onWritten = () => writeFileSync(path, makeWav({ seconds: 3 }))
    const failed = await test.imports.importFile(ADMIN, CALL, path)
    assert.match(failed.error ?? '', /changed while it was read/)
    assert.deepEqual(readdirSync(join(test.folder, 'vault/org/2026')), [])
    assert.deepEqual(await rows(), [])
  })
})

describe('after a restart', () => {
  it('an upload goes on from what was acknowledged; what lies beyond it is cut off (R1, R5)', async () => {
    const bytes = await makeMp3(3)
    const { id } = await test.imports.create(ADMIN, CALL)
    await upload(id, bytes.subarray(0, 5_000), 0, false)
    const [name] = readdirSync(join(test.folder, 'imports'))
    const part = join(test.folder, 'imports', name ?? '')
    writeFileSync(part, Buffer.concat([readFileSync(part), Buffer.alloc(20_000)])) // Written, never acknowledged.
    await test.restart()
    await test.imports.recover()
    assert.equal((await test.imports.get('org', id))?.receivedBytes, 5_000)
    assert.equal((await upload(id, bytes, 5_000)).state, 'done')
  })

  it('says how much is there when the disk lost some, or all under another key', async () => {
    const bytes = await makeMp3(3)
    const { id } = await test.imports.create(ADMIN, CALL)
    await upload(id, bytes.subarray(0, 5_000), 0, false)
    const [name] = readdirSync(join(test.folder, 'imports'))
    truncateSync(join(test.folder, 'imports', name ?? ''), 4_000)
    await test.restart()
    await test.imports.recover()
    assert.equal((await test.imports.get('org', id))?.receivedBytes, 4_000)
    await test.restart({ partSecret: new Uint8Array(32).fill(1) })
    await test.imports.recover()
    const begun = await test.imports.get('org', id)
    assert.deepEqual([begun?.state, begun?.receivedBytes], ['waiting', 0])
    assert.equal((await upload(id, bytes)).state, 'done')
  })

  it('what had arrived whole is taken in, once', async () => {
    const bytes = await makeMp3(1)
    const { id } = await test.imports.create(ADMIN, CALL)
    await upload(id, bytes, 0, false)
    await test.db.commit([test.db.kysely.updateTable('import_job').set({ state: 'checking' })])
    await test.restart()
    assert.deepEqual(await test.imports.recover(), { resumed: 1, putAway: 0 })
    assert.equal((await test.imports.get('org', id))?.state, 'done')
    assert.deepEqual(await test.imports.recover(), { resumed: 0, putAway: 0 })
    assert.equal((await rows()).length, 1)
  })

  it('parts that no import knows are put away, never deleted (R5)', async () => {
    const { id } = await test.imports.create(ADMIN, CALL)
    await upload(id, new Uint8Array(10), 0, false)
    await test.db.commit([test.db.kysely.deleteFrom('import_job')])
    assert.equal((await test.imports.recover()).putAway, 1)
    assert.equal(readdirSync(join(test.folder, 'quarantine')).length, 2)
  })

  it('a transcript that could not be stored is stored then', async () => {
    const transcript = { engine: 'import', segments: [{ startMs: 0, endMs: 900, text: 'Good morning.' }] }
    test.transcriptFault = new Error('the disk is full')
    const path = test.file('a', await makeMp3(1))
    const done = await test.imports.importFile(ADMIN, { ...CALL, transcript }, path)
    assert.equal(done.state, 'done')
    test.transcriptFault = undefined
    await test.restart()
    await test.imports.recover()
    await test.imports.recover()
    assert.deepEqual(test.transcripts, [{ id: done.recordingId, transcript }])
  })
})

describe('the list of imports', () => {
  it('is newest first, paged, of one organisation; what is over is forgotten in a week', async () => {
    const ids: string[] = []
    for (let n = 0; n < 5; n++) {
      test.now = START + n
      ids.unshift((await test.imports.create(ADMIN, CALL)).id)
    }
    await test.imports.create({ ...ADMIN, orgId: 'other' }, CALL)
    const first = await test.imports.list('org', { max: 3 })
    const second = await test.imports.list('org', {
      max: 3,
      ...(first.next === undefined ? {} : { cursor: first.next }),
    })
    assert.deepEqual(
      [...first.items, ...second.items].map((item) => item.id),
      ids,
    )
    assert.equal(second.next, undefined)

    const done = await test.imports.importFile(ADMIN, CALL, test.file('a', await makeMp3(1)))
    test.now += IMPORT_KEPT_MS - 1
    await test.imports.tidy()
    assert.equal((await test.imports.get('org', done.id))?.state, 'done')
    test.now += 1
    await test.imports.tidy()
    assert.equal(await test.imports.get('org', done.id), undefined)
    assert.equal(
      (await test.imports.get('org', ids[0] ?? ''))?.state,
      'cancelled',
      'it stood still for a week',
    )
    assert.equal((await rows()).length, 1, 'the recording stays')
  })
})
