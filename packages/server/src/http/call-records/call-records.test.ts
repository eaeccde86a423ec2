/** Call detail records as files (contract README §6, §11; case A15). */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { SessionRecord } from '@tandem/engine'
import type { LightMyRequestResponse } from 'fastify'
import { type CallerName, IDS, NOW, openTestApi, type TestApi } from '../../testing/api.ts'
import { SESSION, testCall } from '../../testing/fake-engine.ts'

const RECORD: SessionRecord = {
  orgId: IDS.org,
  callSessionId: SESSION,
  startedAt: NOW - 60_000,
  answeredAt: NOW - 50_000,
  endedAt: NOW,
  cause: 'hangup',
  halves: [
    {
      callId: 'callhalf-1:0',
      lineId: IDS.owner,
      view: testCall({ created: NOW - 60_000, disconnected: NOW }),
    },
  ],
  legs: [
    {
      leg: 'leg-1',
      callId: 'callhalf-1:0',
      statistics: {
        packetsReceived: 10,
        packetsLost: 1,
        jitterMs: 1.5,
        packetsSent: 10,
        remote: { packetsLost: 2, jitterMs: 2.5 },
        roundTripMs: 20.25,
      },
    },
  ],
  recordings: [{ id: 'r', ownerId: IDS.owner, outcome: 'failed', why: 'disk' }],
  unrecorded: [{ callId: 'callhalf-1:0', lineId: IDS.owner, why: 'no media' }],
}
const OLD = { ...RECORD, callSessionId: 'old', startedAt: NOW - 8 * 86_400_000 }

let api: TestApi
before(async () => {
  api = await openTestApi()
  api.ports.records.push(OLD, RECORD)
})
after(() => api.close())

const get = (query = '', caller: CallerName = 'admin'): Promise<LightMyRequestResponse> =>
  api.send(caller, { url: `/tandem/v1/callRecords${query}` })

describe('GET /tandem/v1/callRecords', () => {
  it('is a CSV file of the last seven days, with its columns first and lines that end as RFC 4180 has it', async () => {
    const answer = await get()
    assert.equal(answer.headers['content-type'], 'text/csv;charset=UTF-8;header=present')
    assert.equal(answer.headers['content-disposition'], 'attachment; filename="call-records.csv"')
    assert.equal(answer.headers['x-content-type-options'], 'nosniff')
    assert.equal(answer.body, `callSessionId,cause\r\n${SESSION},"hangup"\r\n`)
  })

  it('has its columns also when there is no record, as for another organisation', async () => {
    assert.equal((await get('', 'foreign')).body, 'callSessionId,cause\r\n')
    assert.equal((await get('?format=ndjson', 'foreign')).body, '')
  })

  it('is NDJSON for programs: one record a line, with quality per leg and what became of each recording', async () => {
    const answer = await get('?format=ndjson')
    assert.equal(answer.headers['content-type'], 'application/x-ndjson;charset=UTF-8')
    const lines = answer.body.split('\n')
    assert.deepEqual([lines.length, lines[1]], [2, ''])
    assert.deepEqual(JSON.parse(lines[0] ?? ''), {
      orgId: IDS.org,
      callSessionId: SESSION,
      started: '2026-02-03T11:59:00.000Z',
      answered: '2026-02-03T11:59:10.000Z',
      ended: '2026-02-03T12:00:00.000Z',
      cause: 'hangup',
      calls: [
        {
          callId: 'callhalf-1:0',
          ownerId: IDS.owner,
          personality: 'terminator',
          remoteParty: { name: 'Lena', number: '102', privacyEnabled: false, callType: 'location' },
          created: '2026-02-03T11:59:00.000Z',
          disconnected: '2026-02-03T12:00:00.000Z',
        },
      ],
      legs: RECORD.legs,
      recordings: RECORD.recordings,
      unrecorded: [{ callId: 'callhalf-1:0', ownerId: IDS.owner, why: 'no media' }],
    })
  })

  it('takes the window of any list, from inclusive and to exclusive', async () => {
    const ids = async (query: string): Promise<string[]> =>
      (await get(`?format=ndjson&${query}`)).body
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line).callSessionId)
    const iso = (at: number): string => new Date(at).toISOString()
    assert.deepEqual(await ids(`from=${iso(OLD.startedAt)}&to=${iso(NOW)}`), ['old', SESSION])
    assert.deepEqual(await ids(`from=${iso(OLD.startedAt)}&to=${iso(RECORD.startedAt)}`), ['old'])
    assert.deepEqual(await ids(`from=${iso(OLD.startedAt + 1)}&to=${iso(RECORD.startedAt + 1)}`), [SESSION])
    for (const query of [
      'format=xml',
      'format=',
      'from=x',
      'from=2026-02-03&to=2026-02-02',
      'timezone=Nowhere',
    ])
      assert.equal((await get(`?${query}`)).statusCode, 400, query)
  })

  it('answers HEAD without streaming anything', async () => {
    const answer = await api.send('admin', { method: 'HEAD', url: '/tandem/v1/callRecords' })
    assert.deepEqual([answer.statusCode, answer.body], [200, ''])
  })
})
