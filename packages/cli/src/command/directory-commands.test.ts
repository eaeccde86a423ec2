import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EXIT } from '../failure.ts'
import { FakeApi, type Reply } from '../fake-api.test.ts'

const api = FakeApi.forFile()
const person = { id: 'P', emails: ['a@x'], displayName: 'Ada', extension: '101', phoneNumbers: [] }
const found: Reply = { status: 200, json: { items: [person] } }
const account = { id: 'D', sipUser: 'ada', sipPassword: 'pw', realm: 'x', servers: ['udp:x:5060'] }
const BY_EMAIL = 'GET /v1/people?email=a%40x'

const rows: readonly (readonly [
  args: string,
  requests: readonly string[],
  replies: readonly Reply[],
  stdout: RegExp,
])[] = [
  [
    'people list --name A',
    ['GET /v1/people?displayName=A&callingData=true&max=1000'],
    [found],
    /101 +Ada +a@x/,
  ],
  [
    'people show a@x',
    [BY_EMAIL, 'GET /v1/people/P?callingData=true'],
    [found, { status: 200, json: person }],
    /Ada/,
  ],
  [
    'people add a@x --name Ada --extension 101 --role admin',
    ['POST /tandem/v1/people {"name":"Ada","extension":"101","roles":["admin"],"email":"a@x"}'],
    [{ status: 201, json: person }],
    /^P\n$/,
  ],
  [
    'people set a@x --number +49301 +49302',
    [BY_EMAIL, 'PUT /tandem/v1/people/P {"numbers":["+49301","+49302"]}'],
    [found, { status: 200, json: person }],
    /^$/,
  ],
  ['people remove P', ['DELETE /tandem/v1/people/P'], [{ status: 204 }], /^$/],
  [
    'devices add ada --person a@x',
    [BY_EMAIL, 'POST /tandem/v1/devices {"name":"ada","sipUser":"ada","personId":"P"}'],
    [found, { status: 201, json: account }],
    /password +pw/,
  ],
  ['devices password D', ['POST /tandem/v1/devices/D/password'], [{ status: 200, json: account }], /pw/],
  ['devices remove D', ['DELETE /tandem/v1/devices/D'], [{ status: 204 }], /^$/],
]

describe('tandem people and devices', () => {
  for (const [args, requests, replies, stdout] of rows)
    it(args, async () => {
      const ran = await api.run(args.split(' '), ...replies)
      assert.equal(ran.code, EXIT.done, ran.stderr)
      assert.deepEqual(api.asked, requests)
      assert.match(ran.stdout, stdout)
    })

  it('refuse what names nobody, nothing or two owners', async () => {
    const none = await api.run(['people', 'show', 'b@x'], { status: 200, json: { items: [] } })
    assert.deepEqual([none.code, /Nobody/.test(none.stderr)], [EXIT.failed, true])
    for (const args of ['people set P', 'devices add u', 'devices add u --person P --workspace W'])
      assert.equal((await api.run(args.split(' '))).code, EXIT.usage, args)
    assert.equal(api.asked.length, 1, 'the others asked for nothing')
  })
})
