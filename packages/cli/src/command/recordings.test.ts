import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import { EXIT } from '../failure.ts'
import { FakeApi, type Reply, run } from '../fake-api.test.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-recordings-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const DONE: Reply = { status: 204 }
const NONE: Reply = { status: 200, json: { items: [] } }
const PAGE = 'max=100'

const api = FakeApi.forFile()

const recording = {
  id: '5b0c7f2e-6c1d-4e0f-9a53-0d5f6e1b8c77',
  topic: 'Call with Mira\u001b[2J',
  createTime: '2026-02-03T09:22:41Z',
  timeRecorded: '2026-02-03T09:15:08Z',
  ownerId: 'o',
  ownerType: 'user',
  ownerEmail: 'tomas.lind@example.com',
  format: 'MP3',
  durationSeconds: 3_723,
  sizeBytes: 1_318_400,
  serviceType: 'calling',
  storageRegion: 'DE',
  status: 'available',
  serviceData: { locationId: 'l', callSessionId: 's' },
}

/** Command line, the request that it must make below `/v1` or `/tandem/v1`, the answer, and what it must print. */
const rows: readonly (readonly [args: string, request: string, reply?: Reply, stdout?: string])[] = [
  ['recordings list', `GET v1/convergedRecordings?${PAGE}`, NONE],
  [
    'recordings list --from 2026-02-01 --to 2026-02-03 --status deleted --service-type all --format MP4 --owner-type place --region DE --location L --topic T --limit 5',
    'GET v1/convergedRecordings?from=2026-02-01&to=2026-02-03&status=deleted&serviceType=all&format=MP4&ownerType=place&topic=T&storageRegion=DE&locationId=L&max=6',
    NONE,
  ],
  [
    'recordings list --all --owner a@x --status purged --limit 0',
    `GET v1/admin/convergedRecordings?status=purged&max=100&ownerEmail=a%40x`,
    NONE,
  ],
  ['recordings delete R', 'DELETE v1/convergedRecordings/R'],
  [
    'recordings delete R --reason audit --comment c',
    'DELETE v1/convergedRecordings/R {"reason":"audit","comment":"c"}',
  ],
  ['recordings trash R S', 'POST v1/convergedRecordings/softDelete {"recordingIds":["R","S"]}'],
  [
    'recordings trash --all --owner a@x',
    'POST v1/convergedRecordings/softDelete {"trashAll":true,"ownerEmail":"a@x"}',
  ],
  ['recordings restore R', 'POST v1/convergedRecordings/restore {"recordingIds":["R"]}'],
  ['recordings purge --all', 'POST v1/convergedRecordings/purge {"purgeAll":true}'],
  [
    'recordings reassign R --to n@x --from o@x',
    'POST v1/convergedRecordings/reassign {"reassignOwnerEmail":"n@x","ownerEmail":"o@x","recordingIds":["R"]}',
  ],
  [
    'recordings reassign --to n@x --from-id O',
    'POST v1/convergedRecordings/reassign {"reassignOwnerEmail":"n@x","ownerID":"O"}',
  ],
  [
    'recordings set R --topic T --prevent-download',
    'PUT tandem/v1/recordings/R {"topic":"T","downloadPrevented":true}',
  ],
  ['recordings set R --allow-download', 'PUT tandem/v1/recordings/R {"downloadPrevented":false}'],
  ['recordings transcribe R --language de', 'POST tandem/v1/recordings/R/transcript {"language":"de"}'],
  [
    'recordings hold R S --reason Case',
    'POST tandem/v1/holds {"recordingIds":["R","S"],"reason":"Case"}',
    { status: 201, json: { id: 'H' } },
    'H\n',
  ],
  ['recordings release H --reason over', 'DELETE tandem/v1/holds/H {"reason":"over"}'],
  ['recordings holds --recording R', `GET tandem/v1/holds?active=true&recordingId=R&${PAGE}`, NONE],
  ['recordings holds --released', `GET tandem/v1/holds?${PAGE}`, NONE],
  [
    'recordings search a b --status deleted',
    `GET tandem/v1/recordings/search?q=a+b&status=deleted&${PAGE}`,
    NONE,
  ],
  ['recordings imports', `GET tandem/v1/imports?${PAGE}`, NONE],
  ['recordings cancel-import I', 'DELETE tandem/v1/imports/I'],
  [
    'audit list --recording R --actor A --action refused --limit 1',
    'GET tandem/v1/audit?recordingId=R&actorId=A&action=refused&max=2',
    NONE,
  ],
  ['retention list', 'GET tandem/v1/retention', NONE],
  [
    'retention set owner O --days 9 --erase',
    'PUT tandem/v1/retention/owner/O {"keepDays":9,"eraseAtEnd":true}',
    { status: 200, json: { extended: 4 } },
  ],
  ['retention remove location L', 'DELETE tandem/v1/retention/location/L'],
  ['storage accept-clock', 'POST tandem/v1/storage/acceptClock'],
  ['audit keys', 'GET tandem/v1/signingKeys', NONE, '{\n  "items": []\n}\n'],
]

describe('tandem recordings, audit, retention, storage: commands', () => {
  for (const [args, want, reply = DONE, stdout = ''] of rows)
    it(args, async () => {
      const ran = await api.run(args.split(' '), reply)
      assert.deepEqual([ran.code, ran.stdout], [EXIT.done, stdout], ran.stderr)
      const [, method, path, body = ''] = /^(\S+) (\S+)( .*)?$/.exec(want) ?? []
      assert.deepEqual(api.asked, [`${method} /${path}${body}`])
    })

  it('asks for the organisation of the token when a policy is about all of it', async () => {
    const ran = await api.run(
      ['retention', 'set', 'organization', '--days', '3650'],
      { status: 200, json: { orgId: 'ORG' } },
      { status: 200, json: { extended: 12 } },
    )
    assert.deepEqual(ran, { code: EXIT.done, stdout: '', stderr: '12 recordings are kept longer now.\n' })
    assert.deepEqual(api.asked, [
      'GET /v1/people/me',
      'PUT /tandem/v1/retention/organization/ORG {"keepDays":3650,"eraseAtEnd":false}',
    ])
  })
})

describe('tandem recordings: what there is', () => {
  it('lists recordings in a table that no topic can rewrite, and says that there are more', async () => {
    const { code, stdout, stderr } = await api.run(['recordings', 'list', '--limit', '1'], {
      status: 200,
      json: { items: [recording, recording] },
    })
    assert.equal(
      `\n${stdout}`,
      `
CREATED               LENGTH   OWNER                   FORMAT  STATUS     TOPIC               RECORDING
2026-02-03T09:22:41Z  1:02:03  tomas.lind@example.com  MP3     available  Call with Mira?[2J  5b0c7f2e-6c1d-4e0f-9a53-0d5f6e1b8c77
`,
    )
    assert.deepEqual([code, stderr], [EXIT.done, 'There are more than 1: --limit shows them.\n'])
  })

  it('does not say so when everything is shown', async () => {
    const ran = await api.run(['recordings', 'list', '--limit', '1', '--json'], {
      status: 200,
      json: { items: [{ ...recording, newMember: 1 }] },
    })
    assert.deepEqual([ran.code, ran.stderr], [EXIT.done, ''])
    assert.deepEqual(JSON.parse(ran.stdout), [{ ...recording, newMember: 1 }])
  })

  it('shows one with its links', async () => {
    const links = { audioDownloadLink: 'https://a', recordingDownloadLink: 'https://a', expiration: 'E' }
    const json = { ...recording, durationSeconds: 61, temporaryDirectDownloadLinks: links }
    const { stdout } = await api.run(['recordings', 'show', 'R'], { status: 200, json })
    assert.match(stdout, /^length +1:01$/m)
    assert.match(stdout, /^audio +https:\/\/a$/m)
    assert.match(stdout, /^session +s$/m)
    assert.doesNotMatch(stdout, /^video/m)
    assert.deepEqual(api.asked, ['GET /v1/convergedRecordings/R'])
  })

  it('prints metadata as JSON', async () => {
    const { stdout } = await api.run(['recordings', 'metadata', 'R', '--all-types'], {
      status: 200,
      json: { version: '1.2' },
    })
    assert.deepEqual(JSON.parse(stdout), { version: '1.2' })
    assert.deepEqual(api.asked, ['GET /v1/convergedRecordings/R/metadata?showAllTypes=true'])
  })

  it('shows where words were said', async () => {
    const matches = [
      { in: 'topic', text: 'a' },
      { in: 'transcript', text: 'the delivery date', atMs: 61_999 },
    ]
    const { stdout } = await api.run(['recordings', 'search', 'delivery'], {
      status: 200,
      json: { items: [{ ...recording, matches }] },
    })
    assert.match(stdout, / 1:01 the delivery date {2}5b0c7f2e/)
  })

  it('shows why a recording is kept', async () => {
    const { stdout } = await api.run(['recordings', 'keeping', 'R'], {
      status: 200,
      json: { status: 'deleted', retainUntil: 'U', eraseAtEnd: true, binUntil: 'B', holds: ['H1', 'H2'] },
    })
    assert.equal(
      stdout,
      `status            deleted
kept until        U
erased then       yes
in the bin until  B
holds             H1, H2
`,
    )
  })

  it('shows the audit log', async () => {
    const item = {
      time: 'T',
      as: 'user',
      actorId: 'P',
      action: 'recording.read',
      recordingId: 'R',
      detail: { links: true, why: 'x\u001b' },
    }
    const { stdout } = await api.run(['audit', 'list'], { status: 200, json: { items: [item] } })
    assert.match(stdout, /^T +user +P +recording\.read +R +links=true why=x\?$/m)
  })

  const report = {
    vault: 'folder',
    encrypted: true,
    quarantinedFiles: 2,
    keptTime: 'K',
    clockDoubted: true,
    scrub: { checkedFiles: 3, checkedBytes: 4, damaged: [] as unknown[] },
  }

  it('shows the store, and fails when something in it is damaged', async () => {
    const fine = await api.run(['storage', 'show'], { status: 200, json: report })
    assert.deepEqual([fine.code, fine.stderr], [EXIT.done, ''])
    assert.match(fine.stdout, /^clock +has jumped/m)
    const damaged = [{ recordingId: 'R', file: 'audio', found: 'F' }]
    const json = { ...report, scrub: { ...report.scrub, damaged } }
    const bad = await api.run(['storage', 'show'], { status: 200, json })
    assert.equal(bad.code, EXIT.failed)
    assert.match(bad.stdout, /^F +audio +R$/m)
    assert.match(bad.stderr, /^1 files are damaged: restore/)
  })
})

describe('tandem recordings: files', () => {
  const details = (link = `${api.origin}/media/R/audio?sig=1`): Reply => ({
    status: 200,
    json: { ...recording, temporaryDirectDownloadLinks: { audioDownloadLink: link, expiration: '' } },
  })
  const sound: Reply = { status: 200, text: 'MP3', headers: { 'content-type': 'audio/mpeg' } }
  const inFolder = (...args: string[]): string[] => [...args, '--folder', folder]
  beforeEach(() => {
    for (const name of readdirSync(folder)) rmSync(join(folder, name))
  })

  it('saves the sound under the id, and prints the name', async () => {
    const ran = await api.run(inFolder('recordings', 'download', '../R'), details(), sound)
    const path = join(folder, '___R.mp3')
    assert.deepEqual(ran, { code: EXIT.done, stdout: `${path}\n`, stderr: '' })
    assert.equal(readFileSync(path, 'utf8'), 'MP3')
    assert.deepEqual(readdirSync(folder), ['___R.mp3'])
  })

  it('overwrites nothing unless told to', async () => {
    const path = join(folder, 'own.mp3')
    writeFileSync(path, 'mine')
    const kept = await api.run(['recordings', 'download', 'R', '--output', path], details(), sound)
    assert.deepEqual([kept.code, readFileSync(path, 'utf8'), api.asked], [EXIT.failed, 'mine', []])
    assert.match(kept.stderr, /is there already: give another --output, or --force\.\n$/)
    await api.run(['recordings', 'download', 'R', '--output', path, '--force'], details(), sound)
    assert.equal(readFileSync(path, 'utf8'), 'MP3')
  })

  it('leaves no file behind when the download breaks off', async () => {
    const broken = { ...sound, headers: { 'content-type': 'audio/mpeg', 'content-length': '9' } }
    const ran = await api.run(inFolder('recordings', 'download', 'R'), details(), broken)
    assert.equal(ran.code, EXIT.failed)
    assert.match(ran.stderr, /^The download of .* broke off[^\n]*\n$/)
    assert.deepEqual(readdirSync(folder), [])
  })

  it('saves transcripts and archives', async () => {
    const vtt: Reply = { status: 200, text: 'WEBVTT', headers: { 'content-type': 'text/vtt; charset=utf-8' } }
    await api.run(inFolder('recordings', 'transcript', 'R'), vtt)
    const tar: Reply = { status: 200, text: 'tar', headers: { 'content-type': 'application/x-tar' } }
    await api.run(inFolder('recordings', 'export', 'R'), tar)
    assert.deepEqual(readdirSync(folder), ['R.tar', 'R.vtt'])
    assert.deepEqual(api.asked, [
      'GET /tandem/v1/recordings/R/transcript?format=vtt',
      'GET /tandem/v1/recordings/R/export',
    ])
    await api.run(['audit', 'export', '--format', 'csv', '--output', join(folder, 'a.csv')], {
      status: 200,
      text: 'seq',
    })
    assert.equal(readFileSync(join(folder, 'a.csv'), 'utf8'), 'seq')
  })

  it('stores the transcript of a file', async () => {
    const path = join(folder, 't.vtt')
    writeFileSync(path, 'WEBVTT')
    const ran = await api.run(['recordings', 'transcribe', 'R', '--file', path], DONE)
    assert.deepEqual([ran.code, api.asked], [EXIT.done, ['PUT /tandem/v1/recordings/R/transcript WEBVTT']])
  })

  it('says why there is no link', async () => {
    const ran = await api.run(inFolder('recordings', 'download', 'R'), { status: 200, json: recording })
    assert.equal(ran.code, EXIT.failed)
    assert.match(
      ran.stderr,
      /has no audio link for this caller: ask as its owner or as a compliance officer\.\n$/,
    )
  })
})

describe('tandem recordings: what goes wrong', () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['recordings fly', /unknown command 'fly'/],
    ['recordings list --owner a@x', /--owner and --owner-id go with --all/],
    ['recordings list --limit x', /It is a whole number/],
    ['recordings trash', /name recordings, or give --all/],
    ['recordings trash R --all', /name recordings, or give --all/],
    ['recordings trash R --owner a@x', /--owner goes with --all/],
    [
      `recordings trash ${Array.from({ length: 101 }, (_, n) => `R${n}`).join(' ')}`,
      /100 recordings at once, not 101/,
    ],
    ['recordings reassign --to n@x', /nothing says which recordings/],
    ['recordings reassign R', /'--to <EMAIL>' not specified/],
    ['recordings set R', /nothing says what to change/],
    ['recordings set R --prevent-download --allow-download', /not both/],
    ['recordings hold R', /'--reason <TEXT>' not specified/],
    ['recordings download R S --output x', /--output goes with one recording/],
    ['recordings transcribe R --file x.srt', /a transcript is a \.vtt, \.txt or \.json file/],
    ['recordings import . --concurrency 11', /from 1 to 10/],
    ['recordings import . --concurrency 0', /from 1 to 10/],
    ['retention set owner --days 3', /give the id of the owner/],
    ['retention set owner O --days 0', /a whole number of days/],
    ['retention set team T --days 3', /Allowed choices are organization, location, owner/],
    ['audit export --format xml', /Allowed choices are ndjson, csv/],
  ]
  for (const [args, message] of wrong)
    it(`refuses "${args.slice(0, 60)}" with exit code 2, and asks nothing`, async () => {
      const ran = await api.run(args.split(' '))
      assert.equal(ran.code, EXIT.usage, ran.stderr)
      assert.match(ran.stderr, message)
      assert.deepEqual([ran.stdout, api.asked], ['', []])
    })

  it('says that a file cannot be read or written', async () => {
    const none = await run([
      'recordings',
      'transcribe',
      'R',
      '--file',
      join(folder, 'none.vtt'),
      '--token',
      'x',
    ])
    assert.deepEqual([none.code, /cannot be read: /.test(none.stderr)], [EXIT.failed, true])
    const ran = await api.run(['audit', 'export', '--output', join(folder, 'no', 'folder')], {
      status: 200,
      text: '{}',
    })
    assert.deepEqual([ran.code, /cannot be written: /.test(ran.stderr)], [EXIT.failed, true])
  })
})
