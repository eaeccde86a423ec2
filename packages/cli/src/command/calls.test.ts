import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { EXIT } from '../failure.ts'
import { FakeApi, type Reply, run } from '../fake-api.test.ts'

const BIN = fileURLToPath(new URL('../../bin/tandem.mjs', import.meta.url))

const api = FakeApi.forFile()
const DONE: Reply = { status: 204 }
const INFO = { callId: 'C1', callSessionId: 'S1' }
const PLACED: Reply = { status: 201, json: INFO }
const PARKED: Reply = { status: 200, json: { parkedAgainst: { name: 'Ines', number: '2188' } } }

/** Command line, the request that it must make, the answer, and what it must print. */
const rows: readonly (readonly [args: string, request: string, reply?: Reply, stdout?: string])[] = [
  ['dial 102', 'POST dial {"destination":"102"}', PLACED, 'C1\n'],
  [
    'dial 102 --endpoint E --line-owner L',
    'POST dial {"destination":"102","endpointId":"E","lineOwnerId":"L"}',
    PLACED,
    'C1\n',
  ],
  [
    'dial 102 --number-reach +491',
    'POST dial {"destination":"102","singleNumberReachPhoneNumber":"+491"}',
    PLACED,
    'C1\n',
  ],
  ['dial 102 --member M', 'POST members/M/dial {"destination":"102"}', PLACED, 'C1\n'],
  ['answer C', 'POST answer {"callId":"C"}'],
  ['answer C --endpoint E', 'POST answer {"callId":"C","endpointId":"E"}'],
  ['answer C --member M', 'POST members/M/answer {"callId":"C"}'],
  ['reject C', 'POST reject {"callId":"C"}'],
  ['reject C --action ignore', 'POST reject {"callId":"C","action":"ignore"}'],
  ['hangup C', 'POST hangup {"callId":"C"}'],
  ['hangup C --member M', 'POST members/M/hangup {"callId":"C"}'],
  ['hold C', 'POST hold {"callId":"C"}'],
  ['resume C --line-owner L', 'POST resume {"callId":"C","lineOwnerId":"L"}'],
  ['mute C', 'POST mute {"callId":"C"}'],
  ['unmute C', 'POST unmute {"callId":"C"}'],
  ['divert C 2188', 'POST divert {"callId":"C","destination":"2188"}'],
  ['divert C --voicemail', 'POST divert {"callId":"C","toVoicemail":true}'],
  ['divert C 2188 --voicemail', 'POST divert {"callId":"C","destination":"2188","toVoicemail":true}'],
  ['transfer', 'POST transfer {}'],
  ['transfer C D', 'POST transfer {"callId1":"C","callId2":"D"}'],
  ['transfer C --to 2188', 'POST transfer {"callId1":"C","destination":"2188"}', PLACED, 'C1\n'],
  ['park C', 'POST park {"callId":"C"}', PARKED, '2188\n'],
  ['park C 2188', 'POST park {"callId":"C","destination":"2188"}', PARKED, '2188\n'],
  ['park C --group', 'POST park {"callId":"C","isGroupPark":true}', PARKED, '2188\n'],
  ['retrieve', 'POST retrieve {}', PLACED, 'C1\n'],
  ['retrieve 2188 --endpoint E', 'POST retrieve {"destination":"2188","endpointId":"E"}', PLACED, 'C1\n'],
  ['pickup', 'POST pickup {}', PLACED, 'C1\n'],
  ['pickup 2188', 'POST pickup {"target":"2188"}', PLACED, 'C1\n'],
  ['barge-in 2188', 'POST bargeIn {"target":"2188"}', PLACED, 'C1\n'],
  ['pull', 'POST pull {}', PLACED, 'C1\n'],
  ['pull --endpoint E', 'POST pull {"endpointId":"E"}', PLACED, 'C1\n'],
  ['push', 'POST push {}'],
  ['push C', 'POST push {"callId":"C"}'],
  ['dtmf 1,2#', 'POST transmitDtmf {"dtmf":"1,2#"}'],
  ['dtmf 1 C', 'POST transmitDtmf {"callId":"C","dtmf":"1"}'],
  ['record start', 'POST startRecording {}'],
  ['record start C', 'POST startRecording {"callId":"C"}'],
  ['record stop C', 'POST stopRecording {"callId":"C"}'],
  ['record pause C', 'POST pauseRecording {"callId":"C"}'],
  ['record resume C', 'POST resumeRecording {"callId":"C"}'],
  ['conference start C D', 'POST ../conference {"callIds":["C","D"]}'],
  ['conference start C D --member M', 'POST ../conference/members/M {"callIds":["C","D"]}'],
  ['conference add C', 'POST ../conference/addParticipant {"callId":"C"}'],
  ['conference mute', 'POST ../conference/mute {}'],
  ['conference mute C', 'POST ../conference/mute {"callId":"C"}'],
  ['conference unmute C', 'POST ../conference/unmute {"callId":"C"}'],
  ['conference deafen C', 'POST ../conference/deafen {"callId":"C"}'],
  ['conference undeafen C', 'POST ../conference/undeafen {"callId":"C"}'],
  ['conference hold --line-owner L', 'POST ../conference/hold?lineOwnerId=L'],
  ['conference resume', 'POST ../conference/resume'],
  ['conference release', 'DELETE ../conference'],
]

describe('tandem calls: commands', () => {
  for (const [args, want, reply = DONE, stdout = ''] of rows)
    it(args, async () => {
      const ran = await api.run(['calls', ...args.split(' ')], reply)
      assert.deepEqual(ran, { code: EXIT.done, stdout, stderr: '' })
      const [, method, path, body = ''] = /^(\S+) (\S+)( .*)?$/.exec(want) ?? []
      const full = path?.startsWith('../') ? path.slice(2) : `/calls/${path}`
      assert.deepEqual(api.asked, [`${method} /v1/telephony${full}${body}`])
    })

  it('prints what a command answers whole with --json', async () => {
    const placed = await api.run(['calls', 'dial', '102', '--json'], PLACED)
    assert.deepEqual(JSON.parse(placed.stdout), INFO)
    const parked = await api.run(['calls', 'park', 'C', '--json'], PARKED)
    assert.deepEqual(JSON.parse(parked.stdout), { name: 'Ines', number: '2188' })
  })
})

describe('tandem calls: what there is', () => {
  const call = {
    id: 'C1',
    callSessionId: 'S1',
    personality: 'terminator',
    state: 'alerting',
    remoteParty: {
      name: 'Lena\u001b[2J\u202e',
      number: '+4930123456',
      privacyEnabled: false,
      callType: 'external',
    },
    created: '2026-02-03T09:14:58.120Z',
    redirections: [
      {
        reason: 'noAnswer',
        redirectingParty: { name: 'Ines', number: '2188', privacyEnabled: false, callType: 'location' },
      },
    ],
    muteCapable: false,
    muted: false,
  }
  const other = {
    ...call,
    id: 'C2',
    personality: 'originator',
    state: 'connected',
    remoteParty: { privacyEnabled: true, callType: 'external' },
    answered: '2026-02-03T09:15:00.000Z',
    recordingState: 'started',
    muteCapable: true,
    muted: true,
  }

  it('lists calls in a table that no name of a caller can rewrite', async () => {
    const { stdout, code } = await api.run(['calls', 'list'], { status: 200, json: { items: [call, other] } })
    assert.equal(
      `\n${stdout}`,
      `
STATE             ROLE        WITH                   SINCE                     RECORDING  CALL
alerting          terminator  Lena?[2J? +4930123456  2026-02-03T09:14:58.120Z             C1
connected, muted  originator  withheld               2026-02-03T09:15:00.000Z  started    C2
`,
    )
    assert.equal(code, EXIT.done)
    assert.deepEqual(api.asked, ['GET /v1/telephony/calls'])
  })

  it('says on stderr that there are no calls', async () => {
    const ran = await api.run(['calls', 'list', '--line-owner', 'L'], { status: 200, json: { items: [] } })
    assert.deepEqual(ran, { code: EXIT.done, stdout: '', stderr: 'No active calls.\n' })
    assert.deepEqual(api.asked, ['GET /v1/telephony/calls?lineOwnerId=L'])
  })

  it('shows one call, of the caller or of a member', async () => {
    const { stdout } = await api.run(['calls', 'show', 'C1'], { status: 200, json: call })
    assert.equal(
      stdout,
      `call        C1
session     S1
state       alerting
role        terminator
with        Lena?[2J? +4930123456
created     2026-02-03T09:14:58.120Z
sent on by  Ines 2188 (noAnswer)
`,
    )
    assert.deepEqual(api.asked, ['GET /v1/telephony/calls/C1'])
    await api.run(['calls', 'show', 'C1', '--member', 'M'], { status: 200, json: call })
    await api.run(['calls', 'list', '--member', 'M'], { status: 200, json: { items: [] } })
    assert.deepEqual(api.asked.slice(1), [
      'GET /v1/telephony/calls/members/M/calls/C1',
      'GET /v1/telephony/calls/members/M/calls',
    ])
  })

  it('prints JSON with every member, known or not', async () => {
    const json = { ...call, newMember: 1 }
    const { stdout } = await api.run(['calls', 'show', 'C1', '--json'], { status: 200, json })
    assert.deepEqual(JSON.parse(stdout), { ...json, callId: 'C1' })
  })

  it('shows the history', async () => {
    const items = [
      { type: 'missed', number: '+49301', privacyEnabled: false, time: '2026-02-03T09:15:00.000Z' },
      { type: 'missed', privacyEnabled: true, time: '2026-02-03T09:14:00.000Z' },
    ]
    const { stdout } = await api.run(['calls', 'history', '--type', 'missed'], {
      status: 200,
      json: { items },
    })
    assert.equal(
      stdout,
      `TIME                      TYPE    WITH
2026-02-03T09:15:00.000Z  missed  +49301
2026-02-03T09:14:00.000Z  missed  withheld
`,
    )
    assert.deepEqual(api.asked, ['GET /v1/telephony/calls/history?type=missed'])
  })

  it('shows the phones and which one is preferred', async () => {
    const endpoints = [
      { id: 'E1', type: 'DEVICE', name: 'desk phone' },
      { id: 'E2', type: 'APPLICATION', name: 'app' },
    ]
    const { stdout } = await api.run(
      ['calls', 'endpoints'],
      { status: 200, json: { id: 'P' } },
      { status: 200, json: { preferredAnswerEndpointId: 'E2', endpoints } },
    )
    assert.equal(
      stdout,
      `NAME        TYPE         PREFERRED  ENDPOINT
desk phone  DEVICE                  E1
app         APPLICATION  yes        E2
`,
    )
    assert.deepEqual(api.asked, [
      'GET /v1/people/me',
      'GET /v1/telephony/config/people/P/preferredAnswerEndpoint',
    ])
  })

  it('shows a conference, and says when there is none', async () => {
    const json = {
      state: 'connected',
      created: '2026-02-03T09:15:00.000Z',
      muted: false,
      participants: [
        { callId: 'C1', muted: true, deafened: false },
        { callId: 'C2', muted: false, deafened: true },
      ],
    }
    const { stdout } = await api.run(['calls', 'conference', 'show'], { status: 200, json })
    assert.equal(
      stdout,
      `state    connected
created  2026-02-03T09:15:00.000Z
muted    no
MUTED  DEAFENED  CALL
muted            C1
       deafened  C2
`,
    )
    const none = await api.run(['calls', 'conference', 'show'], { status: 200, json: {} })
    assert.deepEqual(none, { code: EXIT.done, stdout: '', stderr: 'No conference.\n' })
  })
})

describe('tandem calls: what goes wrong', () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['fly', /unknown command 'fly'/],
    ['dial', /missing required argument 'DESTINATION'/],
    ['hold', /missing required argument 'CALL'/],
    ['hold C D', /too many arguments/],
    ['reject C --action slam', /Allowed choices are busy, temporarilyUnavailable, ignore/],
    ['dial 1 --endpoint E --number-reach 2', /cannot be used with/],
    ['dtmf 1x', /dtmf may hold 0-9/],
    ['divert C', /destination must be a non-empty string/],
    ['transfer C', /give nothing, callId1 and another callId2/],
    ['park C 2188 --group', /a destination or --group, not both/],
    ['conference start C', /at least 2 calls/],
    ['history --type lost', /Allowed choices are placed, missed, received/],
    ['records --format xml', /Allowed choices are csv, ndjson/],
  ]
  for (const [args, message] of wrong)
    it(`refuses "${args}" with exit code 2, and asks nothing`, async () => {
      const ran = await api.run(['calls', ...args.split(' ')])
      assert.equal(ran.code, EXIT.usage)
      assert.match(ran.stderr, message)
      assert.match(ran.stderr, /--help/)
      assert.deepEqual([ran.stdout, api.asked], ['', []])
    })

  it('tells the refusal of the server, with what to report, and exit code 1', async () => {
    const json = { message: 'x', errors: [{ description: 'Call not found' }], trackingId: 'T\u001b1' }
    const ran = await api.run(['calls', 'hold', 'C'], { status: 404, json })
    assert.deepEqual(ran, {
      code: EXIT.failed,
      stdout: '',
      stderr: 'Call not found. (404 for POST /v1/telephony/calls/hold, tracking id T?1)\n',
    })
    assert.equal(api.asked.length, 1)
    const unknown = await api.run(['calls', 'hold', 'C'], {
      status: 401,
      json: { message: 'No.', trackingId: 'T' },
    })
    assert.match(unknown.stderr, /^No\. \(401 .*\) Make a token with tandem token create\.\n$/)
  })

  it('says that a token is missing, and that nobody answers', async () => {
    const without = await run(['calls', 'list', '--token', ''])
    assert.deepEqual([without.code, without.stdout], [EXIT.failed, ''])
    assert.match(without.stderr, /^Give --token or set TANDEM_TOKEN/)
    const nobody = await run(['calls', 'hangup', 'C', '--token', 'x', '--url', 'http://127.0.0.1:9'])
    assert.equal(nobody.code, EXIT.failed)
    assert.match(
      nobody.stderr,
      /^No answer to POST \/v1\/telephony\/calls\/hangup from 127\.0\.0\.1:9\. Is it/,
    )
  })

  it('takes server and token from the environment', async () => {
    process.env['TANDEM_URL'] = api.origin
    process.env['TANDEM_TOKEN'] = 'tdm_env'
    try {
      api.replies = [DONE]
      assert.equal((await run(['calls', 'hold', 'C'])).code, EXIT.done)
      assert.ok(api.tokens.has('Bearer tdm_env'))
      const help = execFileSync(process.execPath, [BIN, 'calls', 'hold', '--help'], { encoding: 'utf8' })
      assert.ok(help.includes('TANDEM_TOKEN') && !help.includes('tdm_env'))
    } finally {
      delete process.env['TANDEM_URL']
      delete process.env['TANDEM_TOKEN']
    }
  })
})
