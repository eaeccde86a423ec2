import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { EXIT } from '../failure.ts'
import { FakeApi, type Reply } from '../fake-api.test.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-meetings-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const DONE: Reply = { status: 204 }
const NONE: Reply = { status: 200, json: { items: [] } }

const api = FakeApi.forFile()

const recording = {
  id: '8c1f6d0b7e2a4f5398a0c4d2e1b7f630',
  meetingId: 'm',
  topic: 'Weekly\u0007 planning',
  createTime: '2026-02-03T10:41:12Z',
  timeRecorded: '2026-02-03T09:02:00Z',
  siteUrl: 'lind.example.com',
  playbackUrl: 'https://lind.example.com/recordings/8c/play',
  password: 'q7Rk-41z',
  format: 'MP4',
  serviceType: 'MeetingCenter',
  durationSeconds: 3_480,
  sizeBytes: 9,
  status: 'available',
}

/** Command line, the request that it must make below `/v1`, and the answer. */
const rows: readonly (readonly [args: string, request: string, reply?: Reply])[] = [
  ['list', 'GET recordings?max=100', NONE],
  [
    'list --host h@x --from F --to T --meeting M --site S --tag G --topic P --format ARF --service-type EventCenter --status deleted --limit 9',
    'GET recordings?from=F&to=T&siteUrl=S&integrationTag=G&topic=P&format=ARF&serviceType=EventCenter&meetingId=M&status=deleted&max=10&hostEmail=h%40x',
    NONE,
  ],
  ['list --all --site S', 'GET admin/recordings?siteUrl=S&max=100', NONE],
  ['list --person P --topic T', 'GET group/recordings?topic=T&personId=P&max=100', NONE],
  ['delete R', 'DELETE recordings/R'],
  ['delete R --reason audit --host h@x', 'DELETE recordings/R?hostEmail=h%40x {"reason":"audit"}'],
  ['delete R --of-site', 'DELETE admin/recordings/R'],
  ['trash R S --site H', 'POST recordings/softDelete {"recordingIds":["R","S"],"siteUrl":"H"}'],
  ['restore R --host h@x', 'POST recordings/restore?hostEmail=h%40x {"recordingIds":["R"]}'],
  ['purge --all', 'POST recordings/purge {"purgeAll":true}'],
  ['share R a@x b@x', 'POST recordings/R/accessList {"addEmails":["a@x","b@x"]}'],
  [
    'unshare https://s/1 a@x --host h@x --quiet',
    'POST recordings/accessList {"webShareLink":"https://s/1","removeEmails":["a@x"],"sendEmail":false,"hostEmail":"h@x"}',
  ],
]

describe('tandem meetings', () => {
  for (const [args, want, reply = DONE] of rows)
    it(args, async () => {
      const ran = await api.run(['meetings', ...args.split(' ')], reply)
      assert.deepEqual([ran.code, ran.stdout], [EXIT.done, ''], ran.stderr)
      assert.deepEqual(api.asked, [want.replace(' ', ' /v1/')])
    })

  it('lists in a table and shows one', async () => {
    const list = await api.run(['meetings', 'list'], { status: 200, json: { items: [recording] } })
    assert.match(
      list.stdout,
      /^2026-02-03T10:41:12Z +58:00 +lind\.example\.com +MP4 +available +Weekly\? planning +8c1f/m,
    )
    const show = await api.run(['meetings', 'show', 'R'], { status: 200, json: recording })
    assert.match(show.stdout, /^password +q7Rk-41z$/m)
    await api.run(['meetings', 'show', 'R', '--person', 'P'], { status: 200, json: recording })
    assert.deepEqual(api.asked.slice(1), ['GET /v1/recordings/R', 'GET /v1/group/recordings/R?personId=P'])
  })

  it('saves a file under the id', async () => {
    const links = { audioDownloadLink: `${api.origin}/media/R/audio`, expiration: '' }
    const ran = await api.run(
      ['meetings', 'download', 'R', '--file', 'audio', '--folder', folder],
      { status: 200, json: { ...recording, temporaryDirectDownloadLinks: links } },
      { status: 200, text: 'x', headers: { 'content-type': 'audio/mp4' } },
    )
    assert.equal(ran.code, EXIT.done, ran.stderr)
    assert.deepEqual(readdirSync(folder), ['R.m4a'])
  })

  const wrong: readonly (readonly [string, RegExp])[] = [
    ['list --all --host h@x', /cannot be used with/],
    ['list --person P --status deleted', /do not go with --person/],
    ['delete R --of-site --reason x', /--of-site goes without/],
    ['restore', /name recordings, or give --all/],
    ['purge R --all', /name recordings, or give --all/],
    ['trash', /missing required argument/],
    ['share R', /missing required argument/],
    ['download R --file notes', /Allowed choices are recording, audio, transcript/],
  ]
  for (const [args, message] of wrong)
    it(`refuses "${args}" with exit code 2, and asks nothing`, async () => {
      const ran = await api.run(['meetings', ...args.split(' ')])
      assert.equal(ran.code, EXIT.usage)
      assert.match(ran.stderr, message)
      assert.deepEqual(api.asked, [])
    })
})
