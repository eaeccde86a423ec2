import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { encodeWebexId, type FoundRecording, SEARCH_CHARS_MAX } from '@tandem/contract'
import {
  type CallerName,
  IDS,
  NOW,
  openTestApi,
  type TestApi,
  type TestRecording,
} from '../../testing/api.ts'
import { DEFAULT_RECORDING_SETTINGS, FULL_ACCESS } from '../ports.ts'
import { CONTRACT_RULES } from '../recordings-port.ts'

const id = (n: number): string => `5b0c7f2e-6c1d-4e0f-9a53-${String(n).padStart(12, '0')}`
const colleague = { owner_id: IDS.colleague, owner_name: 'Mira', owner_email: 'colleague@alpha.test' }
const admin = { owner_id: IDS.admin, owner_name: 'Ines', owner_email: 'admin@alpha.test' }
const ROWS: readonly TestRecording[] = [
  { id: id(1), topic: 'Weekly Forecast' },
  { id: id(2), topic: 'Forecast in the bin', status: 'deleted' },
  { id: id(3), topic: 'Forecast withdrawn', status: 'purged' },
  { id: id(4), topic: 'Forecast of Mira', ...colleague },
  { id: id(5), topic: 'Call', ...admin },
  { id: id(6), topic: 'Forecast elsewhere', org_id: IDS.foreignOrg, owner_id: IDS.foreign },
  { id: id(7), topic: 'Spoken', ...colleague },
]

let api: TestApi
before(async () => {
  api = await openTestApi()
  for (const [n, row] of ROWS.entries())
    await api.addRecording({ parties: row.topic?.toLowerCase() ?? '', ...row, create_time: NOW - n * 60_000 })
  const actor = { orgId: IDS.org, personId: '', as: 'system' } as const
  for (const n of [1, 5, 7])
    await api.recordings.transcripts.put(actor, id(n), {
      engine: 'import',
      segments: [{ startMs: 61_500, endMs: 64_000, text: 'We talked about the merger.' }],
    })
})
after(() => api.close())
beforeEach(() => {
  api.rules = undefined
  api.library.entries.length = 0
})

const SEARCH = '/tandem/v1/recordings/search'
const search = (query: string, caller: CallerName = 'officer') =>
  api.send(caller, { url: `${SEARCH}?${query}` })
/** Numbers of what was found, and where: `1topic`. */
async function found(query: string, caller: CallerName): Promise<string[]> {
  const answer = await search(query, caller)
  assert.equal(answer.statusCode, 200, answer.body)
  return answer
    .json()
    .items.map(
      (item: FoundRecording) => Number(item.id.slice(-2)) + item.matches.map((match) => match.in).join('+'),
    )
}

describe('search (contract README §11)', () => {
  it('finds within the sight of each role, newest first', async () => {
    const both = (...numbers: number[]) => numbers.map((n) => `${n}topic+party`)
    assert.deepEqual(await found('q=FORECAST', 'officer'), both(1, 2, 3, 4))
    assert.deepEqual(await found('q=forecast', 'admin'), both(1, 2, 4))
    assert.deepEqual(await found('q=forecast', 'owner'), both(1, 2))
    assert.deepEqual(await found('q=forecast', 'colleague'), both(4))
    assert.deepEqual(await found('q=forecast', 'foreign'), both(6))
    assert.deepEqual(await found('q=forecast&status=deleted', 'admin'), both(2))
    assert.deepEqual(await found('q=forecast&status=purged', 'officer'), both(3))
    assert.deepEqual(await found('q=forecast&status=purged', 'owner'), [])
    const refused = await search('q=forecast&status=purged', 'admin')
    assert.deepEqual([refused.statusCode, refused.json().errors[0].errorCode], [403, 10_214])
  })

  it('tells what was said to those alone who may hear it', async () => {
    assert.deepEqual(await found('q=merger', 'officer'), ['1transcript', '5transcript', '7transcript'])
    assert.deepEqual(await found('q=merger', 'owner'), ['1transcript'])
    assert.deepEqual(await found('q=merger', 'admin'), [])
    assert.deepEqual(await found('q=merger%20forecast', 'admin'), [], 'not even that a word fell')
    assert.deepEqual(await found('q=merger', 'adminOwner'), [])
    const own = `q=merger&ownerId=${encodeWebexId('PEOPLE', IDS.admin)}`
    assert.deepEqual(await found(own, 'adminOwner'), ['5transcript'], 'of the own ones as their owner')
    assert.deepEqual(await found(own, 'admin'), [], 'without the scope of a user there is no owner')
    api.rules = { ...CONTRACT_RULES, adminsWithoutLinks: true }
    assert.deepEqual(await found(own, 'adminOwner'), [])
    const [item] = (await search('q=merger&max=1', 'owner')).json().items
    assert.deepEqual(item.matches, [{ in: 'transcript', text: 'We talked about the merger.', atMs: 61_500 }])
    assert.equal(item.createTime, '2026-02-03T12:00:00Z')
    assert.equal(item.temporaryDirectDownloadLinks, undefined)
  })

  it('follows the access settings of the owner, and what is kept back of one recording', async () => {
    const line = api.ports.allLines.find((one) => one.id === IDS.owner)
    assert.ok(line)
    const allow = (access: object) => {
      line.recording = {
        ...DEFAULT_RECORDING_SETTINGS,
        callRecordingAccessSettings: { ...FULL_ACCESS, ...access },
      }
    }
    allow({ downloadRecordingsEnabled: false })
    assert.deepEqual(await found('q=merger', 'owner'), [])
    assert.deepEqual((await found('q=weekly', 'owner')).length, 1)
    allow({ viewAndPlayRecordingsEnabled: false })
    assert.deepEqual(await found('q=weekly', 'owner'), [])
    delete line.recording
    const actor = { orgId: IDS.org, personId: IDS.admin, as: 'admin' } as const
    await api.recordings.lifecycle.update(actor, id(1), { downloadPrevented: true })
    assert.deepEqual(await found('q=merger', 'owner'), ['1'])
    await api.recordings.lifecycle.update(actor, id(1), { downloadPrevented: false })
  })

  it('takes owners and times as lists do', async () => {
    assert.equal((await found(`q=forecast&ownerId=${IDS.colleague}`, 'officer')).length, 1)
    assert.deepEqual(await found('q=forecast&ownerId=nobody', 'officer'), [])
    assert.deepEqual(await found(`q=forecast&ownerId=${IDS.colleague}`, 'owner'), [])
    assert.deepEqual((await found('q=forecast&from=2026-02-03T12:00:00Z', 'officer')).length, 1)
    assert.deepEqual((await found('q=forecast&to=2026-02-03T12:00:00Z', 'officer')).length, 3)
    const berlin = 'q=forecast&from=2026-02-03T13:00&timezone=Europe/Berlin'
    const answer = await search(berlin, 'officer')
    assert.deepEqual(
      answer.json().items.map((item: FoundRecording) => item.createTime),
      ['2026-02-03T13:00:00+01:00'],
    )
  })

  it('goes from page to page by a link that carries all', async () => {
    const seen: string[] = []
    let url: string | undefined = `${SEARCH}?q=forecast&max=1&from=2026-01-01&timezone=Europe/Berlin`
    while (url !== undefined && seen.length < 9) {
      const answer = await api.send('officer', { url })
      seen.push(...answer.json().items.map((item: FoundRecording) => item.id))
      url = /^<https:\/\/pbx\.example\.com([^>]+)>; rel="next"$/.exec(String(answer.headers['link']))?.[1]
      if (url !== undefined) assert.match(url, /timezone=Europe%2FBerlin.*from=2025-12-31T23%3A00/)
    }
    assert.deepEqual(seen, [id(1), id(2), id(3), id(4)])
  })

  it('is refused with what is wrong, and written down with what was asked', async () => {
    const cases: [string, RegExp][] = [
      ['', /^q is required$/],
      ['q=', /^q is required$/],
      ['q=%20*%20', /at least one letter or digit/],
      [`q=${'x'.repeat(SEARCH_CHARS_MAX + 1)}`, /^q must have at most 256/],
      ['q=x&max=0', /^max /],
      ['q=x&max=101', /^max /],
      ['q=x&cursor=x', /^cursor /],
      ['q=x&status=gone', /^status must be one of/],
      ['q=x&from=2026-02-02&to=2026-02-01', /^from must not be later/],
      ['q=x&timezone=Mars', /^timezone /],
      ['q=x&ownerId=', /^ownerId /],
      ['q=x&q=y', /^q is given more than once/],
    ]
    for (const [query, sentence] of cases) {
      const answer = await search(query)
      assert.equal(answer.statusCode, 400, query)
      assert.match(answer.json().message, sentence)
    }
    assert.equal((await search(`q=${'x'.repeat(SEARCH_CHARS_MAX)}`)).statusCode, 200)
    api.library.entries.length = 0
    await search('q=merger', 'admin')
    const [entry] = api.library.entries
    assert.deepEqual([entry?.action, entry?.actor.as], ['recording.searched', 'admin'])
    assert.deepEqual(entry?.detail, {
      q: 'merger',
      statuses: ['available', 'deleted'],
      count: 0,
      transcripts: false,
    })
  })
})
