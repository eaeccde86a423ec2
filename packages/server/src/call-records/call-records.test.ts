import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { CallView, SessionRecord } from '@tandem/engine'
import { openTestData, type TestData } from '../testing/open-test-data.ts'
import { CALL_RECORD_COLUMNS, csvCell, csvLines } from './call-record-rows.ts'
import { CallRecords, insertRecord, RECORDS_PER_READ } from './call-records.ts'

let data: TestData
before(async () => {
  data = await openTestData({ demo: false })
})
after(() => data.remove())

const view = (name: string, number: string): CallView => ({
  callId: 'callhalf-1:0',
  callSessionId: 's',
  personality: 'originator',
  state: 'disconnected',
  remoteParty: { name, number, privacyEnabled: false, callType: 'external' },
  created: 0,
  muteCapable: true,
  muted: false,
})

const RECORD: SessionRecord = {
  orgId: 'org',
  callSessionId: 's1',
  startedAt: 1_000,
  answeredAt: 2_000,
  endedAt: 63_450,
  cause: 'hangup',
  halves: [
    { callId: 'callhalf-1:0', lineId: 'ada', view: view('Lena "L" Brandt', '+4930123456') },
    { callId: 'callhalf-2:0', lineId: 'ben', view: view('=HYPERLINK("http://x")', '@sum') },
  ],
  legs: [
    {
      leg: 'leg-1',
      callId: 'callhalf-1:0',
      deviceId: 'd1',
      statistics: {
        packetsReceived: 3_000,
        packetsLost: 12,
        jitterMs: 3.1282,
        packetsSent: 2_999,
        remote: { packetsLost: -1, jitterMs: 2.55 },
        roundTripMs: 41.27,
      },
    },
  ],
  recordings: [
    { id: 'r1', ownerId: 'ada', outcome: 'closed' },
    { id: 'r2', ownerId: 'ada', outcome: 'failed', why: 'disk full' },
  ],
  unrecorded: [{ callId: 'callhalf-2:0', lineId: 'ben', why: 'never answered by media' }],
}

/** The cells of a CSV line by column; the cells here hold no comma. */
function cells(line: string | undefined): Record<string, string> {
  const values = (line ?? '').split(',')
  return Object.fromEntries(CALL_RECORD_COLUMNS.map((name, i) => [name, values[i] ?? 'missing']))
}

describe('csvLines', () => {
  it('has a line for each leg with its quality both ways, and for each half without a leg', () => {
    const [first, second, third] = csvLines(RECORD)
    assert.equal(third, undefined)
    const one = cells(first)
    assert.deepEqual(
      {
        started: one['started'],
        durationSeconds: one['durationSeconds'],
        lineId: one['lineId'],
        deviceId: one['deviceId'],
        packetsLost: one['packetsLost'],
        jitterMs: one['jitterMs'],
        remotePacketsLost: one['remotePacketsLost'],
        remoteJitterMs: one['remoteJitterMs'],
        roundTripMs: one['roundTripMs'],
        recordings: one['recordings'],
        unrecorded: one['unrecorded'],
      },
      {
        started: '"1970-01-01T00:00:01.000Z"',
        durationSeconds: '61.5',
        lineId: '"ada"',
        deviceId: '"d1"',
        packetsLost: '12',
        jitterMs: '3.1',
        remotePacketsLost: '-1',
        remoteJitterMs: '2.6',
        roundTripMs: '41.3',
        recordings: '"r1 closed; r2 failed (disk full)"',
        unrecorded: '',
      },
    )
    const two = cells(second)
    assert.deepEqual(
      [two['leg'], two['jitterMs'], two['unrecorded']],
      ['', '', '"never answered by media"'],
      'a half without a leg has no quality and says why it was not recorded (P19)',
    )
  })

  it('has one line for a conversation without legs and halves', () => {
    assert.equal(csvLines({ ...RECORD, halves: [], legs: [] }).length, 1)
  })

  it('never lets a cell run as a formula, end its line or leave its quotes (case A15)', () => {
    const two = cells(csvLines(RECORD)[1])
    assert.equal(two['remoteName'], `"'=HYPERLINK(""http://x"")"`)
    assert.equal(two['remoteNumber'], `"'@sum"`)
    assert.equal(cells(csvLines(RECORD)[0])['remoteNumber'], `"'+4930123456"`)
    const bad: [string, string][] = [
      ['-2+3', `"'-2+3"`],
      ['\t=1', `" =1"`.replace(' =', "' =")],
      ['\r\n=1', `"' =1"`],
      ['＝1', `"'＝1"`],
      ['a,b', '"a,b"'],
      ['\u001b[31mred', '" [31mred"'],
      ['plain', '"plain"'],
      ['', '""'],
    ]
    for (const [text, expected] of bad) assert.equal(csvCell(text), expected, JSON.stringify(text))
    assert.equal(csvCell(-1), '-1')
    assert.equal(csvCell(Number.NaN), '')
    assert.equal(csvCell(undefined), '')
  })
})

describe('CallRecords', () => {
  it('gives every record of the time once, oldest first, over any number of pages', async () => {
    const many = RECORDS_PER_READ + 3
    await data.db.commit(
      Array.from({ length: many }, (_, i) =>
        insertRecord(data.db, {
          ...RECORD,
          callSessionId: `s${String(i).padStart(4, '0')}`,
          startedAt: 10_000 + Math.floor(i / 2), // Two at a time share their moment, also where a page ends.
        }),
      ),
    )
    await data.db.commit([
      insertRecord(data.db, { ...RECORD, callSessionId: 'early', startedAt: 9_999 }),
      insertRecord(data.db, { ...RECORD, orgId: 'other', callSessionId: 'foreign', startedAt: 10_001 }),
    ])
    const records = new CallRecords(data.db)
    const seen: string[] = []
    const to = 10_000 + Math.floor(many / 2)
    for await (const record of records.stream('org', 10_000, to)) seen.push(record.callSessionId)
    assert.equal(seen.length, many - 1, 'from is in, to is not')
    assert.deepEqual(seen, seen.toSorted())
    assert.equal(new Set(seen).size, seen.length)
    assert.deepEqual([await records.has('org', 'early'), await records.has('other', 'early')], [true, false])
  })

  it('reads a record of the first release as one of today', async () => {
    const old = {
      orgId: 'first',
      callSessionId: 'old',
      startedAt: 1,
      endedAt: 2,
      cause: 'hangup',
      halves: [{ callId: 'callhalf-1:0', personId: 'ada', view: view('Lena', '102') }],
      legs: [{ leg: 'leg-1' }],
      recordings: [],
    }
    await data.db.kysely
      .insertInto('call_records')
      .values({
        org_id: 'first',
        call_session_id: 'old',
        started_at: 1,
        answered_at: null,
        ended_at: 2,
        cause: 'hangup',
        record: JSON.stringify(old),
      })
      .execute()
    for await (const record of new CallRecords(data.db).stream('first', 0, 10)) {
      assert.deepEqual([record.halves[0]?.lineId, record.unrecorded], ['ada', []])
      assert.equal(csvLines(record).length, 2)
    }
  })
})
