import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { LogFields, Logger } from '@tandem/base'
import { readOutbox, type StoredOutboxEvent } from '@tandem/store'
import { openTestData, type TestData } from '../testing/open-test-data.ts'
import { ALARM_KINDS } from './alarm-kinds.ts'
import { alarmOfEvent } from './alarm-sources.ts'
import { Alarms } from './alarms.ts'
import { Counters } from './counters.ts'

let data: TestData
let alarms: Alarms
let counters: Counters
let lines: { readonly message: string; readonly fields: LogFields | undefined }[]
let clock: { now: number }

beforeEach(async () => {
  data = await openTestData()
  counters = new Counters()
  lines = []
  clock = { now: Date.UTC(2026, 1, 3) }
  const logger: Logger = {
    debug() {},
    info() {},
    warn() {},
    error(message, fields) {
      lines.push({ message, fields })
      alarms.errorLogged()
    },
  }
  alarms = new Alarms({ counters, logger: () => logger, now: () => clock.now })
})
afterEach(() => data.remove())

async function events(): Promise<StoredOutboxEvent[]> {
  await alarms.settled()
  const all = await readOutbox(data.db, { after: 0, limit: 1_000 })
  return all.filter((event) => event.resource === 'tandem_alarms')
}

describe('an alarm', () => {
  it('is a line, a count and an event, of its organisation or of the system', async () => {
    alarms.connect(data.db)
    alarms.alarm('webhook-disabled', { orgId: 'org-1', webhookId: 'w' })
    alarms.alarm('webhook-disabled', { orgId: 'org-1', webhookId: 'w' })
    alarms.alarm('disk-full')
    assert.deepEqual(lines[0], {
      message: 'A webhook was switched off, since its target does not take events',
      fields: { alarm: 'webhook-disabled', orgId: 'org-1', webhookId: 'w' },
    })
    assert.equal(lines.length, 3)
    assert.deepEqual(counters.read('tandem_alarms_total'), [
      { labels: { kind: 'webhook-disabled' }, value: 2 },
      { labels: { kind: 'disk-full' }, value: 1 },
    ])
    const [first, , last] = await events()
    assert.deepEqual(
      [first?.orgId, first?.event, first?.payload],
      [
        'org-1',
        'created',
        {
          kind: 'webhook-disabled',
          at: '2026-02-03T00:00:00.000Z',
          text: ALARM_KINDS['webhook-disabled'].text,
          webhookId: 'w',
        },
      ],
    )
    assert.equal(last?.orgId, '')
  })

  it('that lasts is told once until it is over, and its end is an event', async () => {
    alarms.connect(data.db)
    for (let look = 0; look < 3; look++) alarms.alarm('disk-low')
    alarms.clear('disk-low')
    alarms.clear('disk-low')
    alarms.alarm('disk-low')
    assert.equal(lines.length, 2)
    assert.deepEqual(
      (await events()).map(({ event, key }) => `${event} ${key}`),
      ['created alarm-disk-low', 'deleted alarm-disk-low', 'created alarm-disk-low'],
    )
  })

  it('waits in memory until there is a database that takes it', async () => {
    alarms.alarm('database-unreachable')
    await alarms.settled()
    let broken = true
    const db = Object.create(data.db) as TestData['db']
    db.commit = async (statements) => {
      if (broken) throw new Error('it is away')
      return await data.db.commit(statements)
    }
    alarms.connect(db)
    await alarms.settled()
    assert.deepEqual(await events(), [])
    broken = false
    alarms.clear('database-unreachable')
    assert.deepEqual(
      (await events()).map(({ event }) => event),
      ['created', 'deleted'],
    )
  })

  it('tells of error lines once a minute, with their number, and not of its own', async () => {
    alarms.connect(data.db)
    for (let line = 0; line < 5; line++) alarms.errorLogged()
    alarms.alarm('disk-full') // Its own line is an alarm already.
    clock.now += 60_000
    alarms.errorLogged()
    const payloads = (await events()).map(({ payload }) => payload as { kind: string; lines?: number })
    assert.deepEqual(
      payloads.filter(({ kind }) => kind === 'errors-logged').map((payload) => payload.lines),
      [1, 5],
    )
    assert.equal(lines.length, 1)
  })
})

describe('what the call engine tells', () => {
  const ids = { orgId: 'o', callSessionId: 's', callId: 'c' }
  const alarm = (what: 'oneSideSilent' | 'oneSideHeard'): void =>
    alarmOfEvent(alarms, { kind: 'alarm', what, at: 0, ...ids })

  it('is an alarm until the silent side is heard or its call ends', () => {
    alarm('oneSideSilent')
    assert.equal(alarms.raised.length, 1)
    alarm('oneSideHeard')
    assert.equal(alarms.raised.length, 0)
    alarm('oneSideSilent')
    const call = { callId: 'c', callSessionId: 's' }
    alarmOfEvent(alarms, { kind: 'call', event: 'deleted', orgId: 'o', call } as never) // No more of it is read.
    assert.equal(alarms.raised.length, 0)
  })
})

it('the guide lists every kind of alarm, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/guides/operation.md'), 'utf8')
  const listed = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1])
  assert.deepEqual(listed.toSorted(), Object.keys(ALARM_KINDS).toSorted())
})
