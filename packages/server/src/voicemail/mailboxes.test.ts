import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import type { EngineEvent, Mailbox } from '@tandem/engine'
import type { VoicemailMessage } from '@tandem/recordings'
import { applyDirectory } from '../directory/apply.ts'
import { CallEvents } from '../events/call-events.ts'
import { Counters } from '../observe/counters.ts'
import { ClipFolder } from '../sounds/clip-folder.ts'
import { openTestData, type TestData } from '../testing/open-test-data.ts'
import { Mailboxes } from './mailboxes.ts'

let data: TestData
let boxes: Mailboxes
let told: Mailbox[]
let line: { id: string; org_id: string }
before(async () => {
  data = await openTestData()
  const rows = await data.db.kysely.selectFrom('lines').select(['id', 'org_id']).orderBy('id').execute()
  assert.ok(rows[0] !== undefined)
  line = rows[0]
  await mkdir(join(data.folder, 'vault'))
})
after(() => data.remove())
beforeEach(async () => {
  await data.db.kysely.deleteFrom('voicemail').execute()
  boxes = await open()
  await boxes.recover()
  told = []
  boxes.tell((mailbox) => told.push(mailbox))
})

async function open(): Promise<Mailboxes> {
  return new Mailboxes({
    db: data.db,
    clips: await ClipFolder.open(data.folder, 'voicemail'),
    logger: SILENT,
  })
}

/** A message as recordings hand it over: a finished file beside the vault. */
async function left(id: string, more: Partial<VoicemailMessage> = {}): Promise<VoicemailMessage> {
  const path = join(data.folder, 'vault', `${id}.part`)
  await writeFile(path, `sound of ${id}`)
  return {
    id,
    orgId: line.org_id,
    ownerId: line.id,
    callSessionId: 's',
    remoteName: 'Lena',
    callingNumber: '102',
    at: 1_000,
    durationMs: 2_000,
    path,
    ...more,
  }
}

const clips = (): Promise<string[]> => readdir(join(data.folder, 'clips', 'voicemail'))
const trace = (): string[] =>
  told.map(({ messages, externalWaiting }) => {
    const words = messages.map((message) => `${message.id}${message.heard ? '' : ' new'}`)
    return [...words, ...(externalWaiting === true ? ['lit'] : [])].join(', ')
  })

describe('Mailboxes', () => {
  it('takes a message as a clip and a row, and tells the calls (promise P1)', async () => {
    const message = await left('m1')
    await boxes.take(message)
    await boxes.settled()
    assert.deepEqual(told, [
      {
        orgId: line.org_id,
        lineId: line.id,
        messages: [{ id: 'm1', clip: 'voicemail/m1', at: 1_000, number: '102', heard: false }],
      },
    ])
    assert.deepEqual(await boxes.list(line.org_id, line.id), [
      { id: 'm1', at: 1_000, durationMs: 2_000, fromName: 'Lena', fromNumber: '102', heard: false },
    ])
    const audio = await boxes.audio(line.org_id, line.id, 'm1')
    assert.equal(Buffer.from(audio ?? []).toString(), 'sound of m1')
    await assert.rejects(readFile(message.path), /ENOENT/, 'moved, not copied')
    for (const [org, owner] of [
      ['other', line.id],
      [line.org_id, 'other'],
    ] as const) {
      assert.equal(await boxes.audio(org, owner, 'm1'), undefined)
      assert.equal(await boxes.remove(org, owner, 'm1'), false)
      assert.deepEqual(await boxes.list(org, owner), [])
    }
  })

  it('does nothing with a message that it has already, as after a crash before the answer was noted', async () => {
    await boxes.take(await left('m1'))
    await boxes.take(await left('m1', { durationMs: 9 }))
    await boxes.settled()
    assert.deepEqual(trace(), ['m1 new'])
    assert.equal((await boxes.list(line.org_id, line.id))[0]?.durationMs, 2_000)
  })

  it('gives the file back when the row is refused, so that it can be handed over again (R4)', async () => {
    const message = await left('m1')
    await assert.rejects(boxes.take({ ...message, callSessionId: null as never }))
    assert.equal(await readFile(message.path, 'utf8'), 'sound of m1')
    assert.deepEqual(await clips(), [])
    await boxes.take(message)
    assert.deepEqual(await clips(), ['m1.ulaw'])
  })

  it('lets a message for a line that is gone go', async () => {
    await boxes.take(await left('m1', { ownerId: 'gone' }))
    assert.deepEqual([await clips(), await boxes.all()], [[], []])
  })

  it('marks what the telephone heard and removes what it deleted, row hidden first, file next, row last (R3)', async () => {
    const events = new CallEvents({
      db: data.db,
      counters: new Counters(),
      logger: SILENT,
      onMailbox: (orgId, lineId) => boxes.changed(orgId, lineId),
    })
    const event = (messageId: string, change: 'heard' | 'deleted', orgId = line.org_id): EngineEvent => ({
      kind: 'mailbox',
      orgId,
      lineId: line.id,
      messageId,
      change,
    })
    await boxes.take(await left('m1'))
    await boxes.take(await left('m2', { at: 2_000 }))
    await boxes.settled()
    events.keep(event('m1', 'heard'))
    events.keep(event('m2', 'deleted', 'another organisation'))
    await events.settled()
    await boxes.settled()
    events.keep(event('m1', 'deleted'))
    await events.settled()
    await boxes.settled()
    assert.deepEqual(trace(), ['m1 new', 'm1 new, m2 new', 'm1, m2 new', '', 'm2 new'])
    assert.deepEqual(await clips(), ['m2.ulaw'])
    assert.equal((await data.db.kysely.selectFrom('voicemail').selectAll().execute()).length, 1)
  })

  it('is removed by the API too, once', async () => {
    await boxes.take(await left('m1'))
    assert.equal(await boxes.remove(line.org_id, line.id, 'm1'), true)
    assert.equal(await boxes.remove(line.org_id, line.id, 'm1'), false)
    await boxes.settled()
    assert.deepEqual([trace().at(-1), await clips()], ['', []])
  })

  it('shows a lamp that is lit from outside, also with an empty box (call controls §8)', async () => {
    await boxes.set(line.org_id, line.id, true)
    await boxes.settled()
    assert.deepEqual(trace(), ['lit'])
    assert.deepEqual(await (await open()).all(), [
      { orgId: line.org_id, lineId: line.id, messages: [], externalWaiting: true },
    ])
    await boxes.set('other', line.id, false)
    await boxes.set(line.org_id, line.id, false)
    await boxes.settled()
    assert.equal(told.at(-1)?.externalWaiting, undefined)
    assert.deepEqual(await boxes.all(), [])
  })

  it('hands every box over at a start, and tells what came between that and the calls', async () => {
    await boxes.take(await left('m2', { at: 2_000 }))
    await boxes.take(await left('m1', { at: 1_000 }))
    const next = await open()
    await next.recover()
    assert.deepEqual(
      (await next.all()).map((box) => box.messages.map((message) => message.id)),
      [['m1', 'm2']],
    )
    await next.take(await left('m3', { at: 3_000 }))
    const late: Mailbox[] = []
    next.tell((mailbox) => late.push(mailbox))
    await next.settled()
    assert.deepEqual(
      late.map((box) => box.messages.length),
      [3],
    )
  })

  it('finishes a deletion that a crash cut off, and quarantines a file that came before its row', async () => {
    await boxes.take(await left('m1'))
    await boxes.settled()
    await data.db.kysely.updateTable('voicemail').set({ deleted: 1 }).execute()
    await writeFile(join(data.folder, 'clips', 'voicemail', 'm9.ulaw'), 'x')
    const next = await open()
    await next.recover()
    assert.deepEqual([await clips(), await next.all()], [[], []])
    assert.ok((await readdir(join(data.folder, 'quarantine'))).includes('m9.ulaw'))
    assert.deepEqual(await data.db.kysely.selectFrom('voicemail').selectAll().execute(), [])
  })

  it('goes with its line', async () => {
    const own = (people: string): string =>
      `organizations: [{ name: Solo, domains: [solo.test], people: [${people}] }]`
    const eve = '{ email: eve@solo.test, name: Eve, extension: "101" }'
    await applyDirectory(data, own(eve), { fileName: 'solo' })
    const row = await data.db.kysely
      .selectFrom('people')
      .select(['id', 'org_id'])
      .where('email', '=', 'eve@solo.test')
      .executeTakeFirstOrThrow()
    await boxes.take(await left('m1', { orgId: row.org_id, ownerId: row.id }))
    await applyDirectory(data, own(''), { fileName: 'solo', prune: true })
    boxes.linesRemoved()
    await boxes.settled()
    assert.deepEqual([await clips(), await boxes.all()], [[], []])
  })
})
