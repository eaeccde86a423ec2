import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { afterEach, describe, it } from 'node:test'
import { type Compilable, type Database, StoreError } from '@tandem/store'
import type { LibraryTables } from './migrations.ts'
import type { Recordings } from './recordings.ts'
import { OPENING, ORG, TestNode } from './test-node.ts'
import { REAL_DISK } from './vault/vault-disk.ts'

const onDemand = { recordingType: 'onDemandUserStart' }
const stopped = { opening: onDemand, closing: { callContinues: true } }
const last = { opening: onDemand }
const CALL = OPENING.callId

let node: TestNode
afterEach(async () => {
  await node.remove()
})

/** Which of these recordings are available. */
async function available(recordings: Recordings, ids: readonly string[]): Promise<boolean[]> {
  return Promise.all(ids.map(async (id) => (await recordings.get(ORG, id)) !== undefined))
}

/** Counts the commits that announced something. */
function announcements(): () => number {
  let count = 0
  node.db?.onOutbox(() => {
    count += 1
  })
  return () => count
}

describe('several recordings of one call', () => {
  it('become available in one commit when the call half ends (converged-recordings, introduction)', async () => {
    node = new TestNode()
    const recordings = await node.start()
    const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()]
    const commits = announcements()
    const segment = node.call(first, stopped)
    node.call(second, stopped)
    for (const id of [first, second]) recordings.closed(id)
    await recordings.idle()
    assert.deepEqual(await available(recordings, [first, second]), [false, false])
    const { held, backlog } = recordings.counts
    assert.deepEqual({ held, backlog }, { held: 2, backlog: 0 })
    assert.equal(node.files('vault').length, 2, 'both were encoded at once')

    recordings.opened(third)
    node.call(third, last)
    recordings.closed(third)
    await recordings.idle()
    assert.deepEqual(await available(recordings, [first, second, third]), [true, true, true])
    assert.equal(commits(), 1)
    assert.equal((await node.events()).length, 3)
    const found = await recordings.list({ orgId: ORG, from: 0, to: 8e15, status: 'available', max: 10 })
    assert.equal(new Set(found.items.map((item) => item.createTime)).size, 1)
    assert.equal(new Set(found.items.map((item) => item.serviceData.callSessionId)).size, 1)

    recordings.callEnded(CALL)
    recordings.segmentRetired(segment.path.split('/').at(-1) as string)
    await recordings.idle()
    assert.ok(!existsSync(segment.path), 'the journal of a published one goes')
    assert.equal((await node.events()).length, 3)
  })

  it('are published by the end of the call when the last of them was stopped too', async () => {
    node = new TestNode()
    const recordings = await node.start()
    const id = randomUUID()
    const segment = node.call(id, stopped)
    recordings.closed(id)
    await recordings.idle()
    recordings.segmentRetired(segment.path.split('/').at(-1) as string)
    await recordings.idle()
    assert.ok(existsSync(segment.path), 'the journal of a held one stays')
    recordings.callEnded('callhalf-another:0')
    await recordings.idle()
    assert.deepEqual(await available(recordings, [id]), [false])
    recordings.callEnded(CALL)
    await recordings.idle()
    assert.deepEqual(await available(recordings, [id]), [true])
    assert.ok(!existsSync(segment.path))
  })

  it('wait at the end of the call for the one that is still being recorded', async () => {
    node = new TestNode()
    const recordings = await node.start()
    const [first, second] = [randomUUID(), randomUUID()]
    const commits = announcements()
    node.call(first, stopped)
    recordings.closed(first)
    await recordings.idle()
    const segment = node.segment()
    const running = segment.open(second, { ...OPENING, ...onDemand }).join(0)
    segment.append(running.talk(0, 500))
    recordings.opened(second)
    recordings.callEnded(CALL) // Told before the end of its journal is on disk.
    await recordings.idle()
    assert.deepEqual(await available(recordings, [first, second]), [false, false])
    segment.append(running.close(500).take())
    recordings.closed(second)
    await recordings.idle()
    assert.deepEqual(await available(recordings, [first, second]), [true, true])
    assert.equal(commits(), 1)
  })

  it('do not wait for a call that ended before they were made', async () => {
    node = new TestNode()
    const recordings = await node.start()
    const id = randomUUID()
    recordings.callEnded(CALL)
    node.call(id, stopped)
    recordings.closed(id)
    await recordings.idle()
    assert.deepEqual(await available(recordings, [id]), [true])
  })

  it('keep each other waiting no longer when one fails (promise P4)', async () => {
    node = new TestNode()
    const recordings = await node.start({ retryMs: 600_000 })
    const [first, second] = [randomUUID(), randomUUID()]
    node.call(first, stopped)
    recordings.closed(first)
    recordings.opened(second) // Its journal never comes to be.
    recordings.callEnded(CALL)
    recordings.closed(second)
    await recordings.idle()
    assert.deepEqual(await available(recordings, [first, second]), [true, false])
    assert.deepEqual(
      node.alarms.map((alarm) => alarm.what),
      ['unreadable'],
    )
  })

  it('are all tried again when their commit fails, and announced once', async () => {
    node = new TestNode()
    const db = await node.openDatabase()
    let failures = 2
    const failing = passing(db, async (queries) => {
      if (addsRecordings(queries) && failures-- > 0)
        throw new StoreError('full', 'ENOSPC: no space left on device')
      return db.commit(queries)
    })
    const recordings = await node.start({ db: failing, retryMs: 5 })
    const [first, second] = [randomUUID(), randomUUID()]
    for (const [id, call] of [
      [first, stopped],
      [second, last],
    ] as const) {
      node.call(id, call)
      recordings.closed(id)
    }
    while (recordings.counts.published < 2) await new Promise((resolve) => setImmediate(resolve))
    await recordings.idle()
    assert.equal((await node.events()).length, 2)
    assert.equal(node.alarms.length, 4)
    assert.match(node.alarms[0]?.message ?? '', /^The disk of the recordings is full: free some space\./)
    assert.deepEqual(recordings.counts.backlog, 0)
  })
})

describe('recover with several recordings of one call', () => {
  it('publishes what was held when the process was killed, together with what was cut off', async () => {
    node = new TestNode()
    const [first, second] = [randomUUID(), randomUUID()]
    const dying = await node.start()
    node.call(first, stopped)
    dying.closed(first)
    await dying.idle()
    node.call(second, { opening: onDemand, closing: null })
    dying.opened(second)
    await node.stop() // Between the encoding and the end of the call.

    const restarted = await node.start()
    const commits = announcements()
    const recovery = await restarted.recover()
    assert.deepEqual([recovery.recovered, recovery.unfinished, recovery.quarantinedParts], [2, 0, 0])
    assert.equal(commits(), 1)
    const found = await Promise.all([first, second].map((id) => restarted.get(ORG, id)))
    assert.deepEqual(
      found.map((each) => each?.recovered),
      [false, true],
    )
    assert.deepEqual(node.files('vault').sort(), found.map((each) => each?.vaultKey ?? '').sort())
    assert.deepEqual(readdirSync(node.journal), [])
  })

  it('leaves two whole recordings, two rows and two events wherever it dies (promise P2, rule R2)', async () => {
    const steps = ['make', 'syncFile 1', 'rename 1', 'syncFolder 6', 'rename 2', 'commit']
    for (const step of steps) {
      node = new TestNode()
      const [first, second] = [randomUUID(), randomUUID()]
      node.call(first, stopped)
      node.call(second, last)
      const db = await node.openDatabase()
      const [name, nth] = step.split(' ')
      let calls = 0
      let dead = name === 'make'
      const die = (kind: string): void => {
        calls += kind === name ? 1 : 0
        dead ||= kind === name && calls === Number(nth ?? 1)
        if (dead) throw Object.assign(new Error(`EIO: ${kind}`), { code: 'EIO' })
      }
      const dying = await node.start({
        db: passing(db, async (queries) => {
          if (addsRecordings(queries)) die('commit')
          return db.commit(queries)
        }),
        retryMs: 600_000,
        disk: {
          ...REAL_DISK,
          async syncFile(path) {
            die('syncFile')
            await REAL_DISK.syncFile(path)
          },
          async rename(from, to) {
            die('rename')
            await REAL_DISK.rename(from, to)
          },
          async syncFolder(path) {
            if (name !== 'make') die('syncFolder')
            await REAL_DISK.syncFolder(path)
          },
        },
      })
      if (name !== 'make') dying.closed(first)
      if (name !== 'make') dying.closed(second)
      await dying.idle()
      const rows = await available(dying, [first, second])
      await node.stop()

      const restarted = await node.start()
      const recovery = await restarted.recover()
      assert.equal(recovery.recovered, rows.filter((row) => !row).length, step)
      assert.equal(recovery.damaged + recovery.unfinished, 0, step)
      assert.equal((await node.events()).length, 2, step)
      assert.equal(node.files('vault').length, 2, step)
      assert.deepEqual(readdirSync(node.journal), [], step)
      await node.remove()
    }
    node = new TestNode()
  })
})

/** The database, but for its commits. */
/** Whether a commit makes recordings available; keys and the audit log have commits of their own. */
function addsRecordings(queries: readonly Compilable[]): boolean {
  return queries.some((query) => query.compile().sql.startsWith('insert into "recording" '))
}

function passing(
  db: Database<LibraryTables>,
  commit: Database<LibraryTables>['commit'],
): Database<LibraryTables> {
  return new Proxy(db, {
    get(target, name) {
      if (name === 'commit') return commit
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
