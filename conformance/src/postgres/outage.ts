/**
 * A server whose PostgreSQL refuses it, and one whose PostgreSQL is killed and comes back (promises P1, P20): what was
 * acknowledged is kept, requests are answered 503 meanwhile, the server does not fall, and calls go on.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { PostgresServer } from '@tandem/testing'
import { until } from '../../../tools/child.ts'
import { phoneOf, recordedOf } from '../recordings/calls.ts'
import { IDS } from '../recordings/cast.ts'
import { type Answer, House } from '../recordings/house.ts'
import { Media } from '../recordings/media.ts'
import { refusedStart } from '../recordings/refused-start.ts'
import { LONG_AGO, OWNERS } from '../recordings/states.ts'

const RECORDINGS = 40
const WRITERS = 4
/** Changes before the kill and after the return, and the time that they may take on a busy machine. */
const WORK = 20
const WORK_MS_MAX = 20_000
const DOWN_MS = 2_000
/** By then the server has found its database again. */
const BACK_MS_MAX = 15_000

/** What one client knows of a recording: what was acknowledged last, and what it asked for and got no answer to. */
interface Known {
  status: 'available' | 'deleted'
  asked: 'available' | 'deleted' | undefined
}

/** The tests. */
export function outageTests(): void {
  it('is refused with a sentence: wrong password, no such database, a schema of a newer release', async () => {
    const postgres = await PostgresServer.start()
    const url = await postgres.createDatabase()
    const house = await House.open(
      { settings: { TANDEM_DATABASE_URL: url }, pagedRecordings: 0 },
      oneRecording,
    )
    try {
      await house.leave()
      assert.equal(await house.stage.stop(), 0)
      const refused = (other: string, sentence: RegExp): Promise<void> =>
        refusedStart(house.stage, { TANDEM_DATABASE_URL: other }, sentence)
      await refused(postgres.url('test_1', { password: 'wrong' }), /refuses|password|user/i)
      await refused(postgres.url('nowhere'), /nowhere/)
      const rows = postgres.sql('test_1', 'select count(*) from recording')
      postgres.sql('test_1', "insert into kysely_migration (name, timestamp) values ('9999_later', '2030')")
      await refused(url, /newer/)
      postgres.sql('test_1', "delete from kysely_migration where name = '9999_later'")
      assert.equal(postgres.sql('test_1', 'select count(*) from recording'), rows, 'nothing has changed')
      await house.stage.start()
      assert.equal(await house.stage.stop(), 0, 'and with everything right it starts again')
    } finally {
      await house.close()
      await postgres.stop()
    }
  })

  it('is killed and comes back in the middle of work and of a call', async (test) => {
    const postgres = await PostgresServer.start()
    const ids: string[] = []
    const settings = { TANDEM_DATABASE_URL: await postgres.createDatabase() }
    const house = await House.open({ settings, pagedRecordings: 0 }, async (seeder) => {
      const media = await Media.load()
      for (let n = 0; n < RECORDINGS; n++) {
        const request = { owner: OWNERS.owner, topic: `Work ${n}`, serviceType: 'calling' } as const
        ids.push(await seeder.add(media.mp3(n), { ...request, createTime: LONG_AGO + n }))
      }
    })
    const known = new Map(ids.map((id): [string, Known] => [id, { status: 'available', asked: undefined }]))
    const phones = [await phoneOf(house, 'owner'), await phoneOf(house, 'colleague')] as const
    let isOver = false
    const statuses = new Map<number, number>()
    try {
      const call = await phones[0].dial('102')
      const writers = Array.from({ length: WRITERS }, (_, n) =>
        work(house, new Map([...known].filter((_, at) => at % WRITERS === n)), statuses, () => isOver),
      )
      const done = (more: number): Promise<number> => {
        const since = statuses.get(204) ?? 0
        const look = (): number | undefined =>
          (statuses.get(204) ?? 0) >= since + more ? (statuses.get(204) ?? 0) : undefined
        return until(`${more} changes more`, look, { waitMs: WORK_MS_MAX })
      }
      await done(WORK)
      await postgres.crash()
      await wait(DOWN_MS)
      const down = await house.ask('owner', 'GET', '/v1/convergedRecordings')
      assert.equal(down.status, 503, down.text)
      assert.match(down.headers.get('retry-after') ?? '', /^\d+$/)
      assert.equal(call.state, 'established', 'the call goes on')
      await postgres.resume()
      await until(
        'the server has found its database again',
        async () =>
          (await house.ask('owner', 'GET', '/v1/convergedRecordings')).status === 200 ? true : undefined,
        { waitMs: BACK_MS_MAX, everyMs: 100 },
      )
      const after = await done(WORK)
      isOver = true
      await Promise.all(writers)
      assert.deepEqual(
        [...statuses.keys()].filter((status) => ![204, 503, 0].includes(status)),
        [],
        'other answers than done, and try again',
      )
      await checkKept(house, known)
      assert.equal(call.state, 'established', 'the call has outlived it')
      await call.hangup()
      const [item] = await recordedOf(house, IDS.owner)
      assert.ok(item.durationSeconds >= Math.floor(DOWN_MS / 1_000), 'and is recorded whole')
      assert.equal(house.stage.server.exitCode, undefined, house.stage.server.output)
      assert.equal(await house.stage.stop(), 0, house.stage.server.output)
      test.diagnostic(`answers: ${JSON.stringify(Object.fromEntries(statuses))}, ${after} changes kept`)
    } finally {
      isOver = true
      await Promise.all(phones.map((phone) => phone.close()))
      await house.close()
      await postgres.stop()
    }
  })
}

/** Moves recordings to and fro, and keeps a ledger. */
async function work(
  house: House,
  known: ReadonlyMap<string, Known>,
  statuses: Map<number, number>,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver())
    for (const [id, entry] of known) {
      if (isOver()) return
      const wanted = entry.status === 'available' ? 'deleted' : 'available'
      const how = wanted === 'deleted' ? 'softDelete' : 'restore'
      entry.asked = wanted
      const path = `/v1/convergedRecordings/${how}`
      const answer: Pick<Answer, 'status'> = await house
        .ask('owner', 'POST', path, { recordingIds: [id] })
        .catch(() => ({ status: 0 }))
      // What got no answer may have been carried out: then asking again is a 409, and is no other answer.
      const isDone = answer.status === 204 || (answer.status === 409 && entry.status !== wanted)
      if (isDone) Object.assign(entry, { status: wanted, asked: undefined })
      const counted = isDone ? 204 : answer.status
      statuses.set(counted, (statuses.get(counted) ?? 0) + 1)
      if (!isDone) await wait(50)
    }
}

/** Every recording stands where its last acknowledged change put it, or where the unanswered one would. */
async function checkKept(house: House, known: ReadonlyMap<string, Known>): Promise<void> {
  for (const [id, { status, asked }] of known) {
    const row = await house.rowOf(id)
    assert.ok(row?.status === status || row?.status === asked, `${id} is ${row?.status}, not ${status}`)
  }
}

async function oneRecording(seeder: Parameters<Parameters<typeof House.open>[1]>[0]): Promise<void> {
  const request = { owner: OWNERS.owner, topic: 'One', serviceType: 'calling', createTime: LONG_AGO } as const
  await seeder.add((await Media.load()).mp3(1), request)
}
