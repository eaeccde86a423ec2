import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { AuditRecord } from '@tandem/contract'
import { IDS, NOW, openTestApi, type TestApi } from '../../testing/api.ts'
import { AUDIT_ACTIONS } from './audit-actions.ts'
import { AUDIT_COLUMNS } from './audit-export.ts'

const RECORDING = '5b0c7f2e-6c1d-4e0f-9a53-000000000001'
const AUDIT = '/tandem/v1/audit'
const ROWS = 12

let api: TestApi
before(async () => {
  api = await openTestApi()
  await api.addRecording({ id: RECORDING })
  const { audit } = api.recordings
  for (let n = 0; n < ROWS; n++) {
    api.now = NOW + n * 1_000
    const actor = { orgId: IDS.org, personId: n % 2 === 0 ? IDS.owner : IDS.admin, as: 'user' } as const
    const detail = { q: ['=cmd()', '+1', '-1', '@x', '"a","b"', 'a\r\nb'][n % 6] }
    await audit.add([
      { actor, action: n === 3 ? 'refused' : 'recording.read', recordingId: RECORDING, detail },
    ])
  }
  await audit.add([
    { actor: { orgId: IDS.foreignOrg, personId: IDS.foreign, as: 'admin' }, action: 'refused' },
  ])
  api.now = NOW + 60_000
})
after(() => api.close())

const list = async (query: string) => {
  const answer = await api.send('officer', { url: `${AUDIT}?${query}` })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer
}
const seqs = async (query: string): Promise<number[]> =>
  (await list(query)).json().items.map((item: AuditRecord) => item.seq)
const last = (count: number, from = ROWS) => Array.from({ length: count }, (_, n) => from - n)

describe('the audit log (promise P17)', () => {
  it('is listed newest first with the chain of its hashes, of the own organisation alone', async () => {
    const [newest, second] = (await list('to=2026-02-03T12:00:30Z')).json().items as AuditRecord[]
    assert.deepEqual(
      { ...newest, id: '', hash: '', detail: {} },
      {
        ...{ seq: ROWS, id: '', time: '2026-02-03T12:00:11.000Z', actorId: IDS.admin, as: 'user' },
        ...{ action: 'recording.read', recordingId: RECORDING, detail: {} },
        ...{ previousHash: second?.hash, hash: '' },
      },
    )
    assert.match(newest?.hash ?? '', /^[0-9a-f]{64}$/)
    const foreign = (await api.send('foreign', { url: AUDIT })).json().items as AuditRecord[]
    assert.deepEqual([...new Set(foreign.map(({ actorId }) => actorId))], [IDS.foreign])
  })

  it('is asked by time, recording, person and action', async () => {
    const until = 'to=2026-02-03T12:00:30Z'
    assert.deepEqual(await seqs(`${until}&action=refused`), [4])
    assert.deepEqual(await seqs(`${until}&actorId=${IDS.owner}&max=2`), [11, 9])
    assert.deepEqual(
      await seqs(`${until}&recordingId=${RECORDING.replaceAll('-', '').toUpperCase()}&max=1`),
      [12],
    )
    assert.deepEqual(await seqs(`${until}&recordingId=other`), [])
    assert.deepEqual(await seqs('from=2026-02-03T12:00:02Z&to=2026-02-03T12:00:04Z'), [4, 3])
    assert.deepEqual(
      await seqs('from=2026-02-03T13:00:02&to=2026-02-03T13:00:03&timezone=Europe/Berlin'),
      [3],
    )
    for (const action of AUDIT_ACTIONS) await list(`action=${action}`)
    for (const bad of [
      ...['action=recording.eaten', 'max=0', 'max=1001', 'cursor=x', 'from=x', 'actorId=', 'recordingId='],
      'from=2026-02-02&to=2026-02-01',
      `cursor=${Buffer.from('[9,"another list"]').toString('base64url')}`,
    ]) {
      const answer = await api.send('officer', { url: `${AUDIT}?${bad}` })
      assert.equal(answer.statusCode, 400, bad)
      assert.match(answer.json().message, new RegExp(`^${bad.split('=')[0]} `))
    }
    await list('max=1000')
  })

  it('is paged by places in the chain, while reading it adds to it', async () => {
    const seen: number[] = []
    let url: string | undefined = `${AUDIT}?max=5&recordingId=${RECORDING}`
    while (url !== undefined && seen.length < 3 * ROWS) {
      const answer = await api.send('officer', { url })
      seen.push(...answer.json().items.map((item: AuditRecord) => item.seq))
      url = /^<https:\/\/pbx\.example\.com([^>]+)>; rel="next"$/.exec(String(answer.headers['link']))?.[1]
    }
    assert.deepEqual(seen, last(ROWS))
    const [entry] = api.library.entries.slice(-1)
    assert.deepEqual([entry?.action, entry?.actor.personId], ['audit.read', IDS.officer])
    assert.equal(entry?.detail?.['recordingId'], RECORDING)
  })

  it('is exported as NDJSON, byte for byte as its closing head says', async () => {
    const answer = await api.send('officer', { url: `${AUDIT}/export?to=2026-02-03T12:00:30Z` })
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.headers['content-type'], 'application/x-ndjson;charset=UTF-8')
    const lines = answer.body.trimEnd().split('\n')
    const closing = JSON.parse(lines.at(-1) ?? '')
    const before = answer.body.slice(0, answer.body.lastIndexOf('\n', answer.body.length - 2) + 1)
    assert.equal(closing.closes.sha256, createHash('sha256').update(before).digest('hex'))
    assert.equal(closing.closes.rows, ROWS)
    assert.ok(closing.closes.keys.length > 0)
    const noted = api.library.entries.at(-1)
    assert.deepEqual(
      [noted?.action, noted?.detail],
      [
        'audit.exported',
        { format: 'ndjson', from: '1970-01-01T00:00:00.000Z', to: '2026-02-03T12:00:30.000Z' },
      ],
    )
    const count = api.library.entries.length
    const head = await api.send('officer', { method: 'HEAD', url: `${AUDIT}/export` })
    assert.deepEqual([head.statusCode, head.body], [200, ''])
    assert.equal(api.library.entries.length, count, 'a HEAD gives nothing away')
  })

  it('is exported as CSV that no spreadsheet takes for formulas (A15)', async () => {
    const answer = await api.send('officer', { url: `${AUDIT}/export?format=csv&to=2026-02-03T12:00:30Z` })
    assert.equal(answer.headers['content-type'], 'text/csv;charset=UTF-8;header=present')
    assert.equal(answer.headers['content-disposition'], 'attachment; filename="audit.csv"')
    assert.equal(answer.headers['x-content-type-options'], 'nosniff')
    const lines = answer.body.split('\r\n')
    assert.equal(lines[0], AUDIT_COLUMNS.map((column) => `"${column}"`).join(','))
    assert.equal(lines.length, ROWS + 2)
    assert.match(lines[1] ?? '', /^1,"[^"]+","2026-02-03T12:00:00\.000Z","[^"]+","user","recording\.read",/)
    assert.match(lines[1] ?? '', /"\{""q"":""=cmd\(\)""\}"/)
    for (const line of lines) assert.doesNotMatch(line, /(^|,)"?\s*[=+@-]/)
    assert.doesNotMatch(answer.body.replaceAll('\r\n', ''), /[\r\n]/)
    const bad = await api.send('officer', { url: `${AUDIT}/export?format=xml` })
    assert.match(bad.json().message, /^format must be one of ndjson, csv$/)
  })
})
