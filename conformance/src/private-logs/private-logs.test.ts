/**
 * Case A16: a call, a recording, sign-in gone wrong and every kind of refusal at the loudest log level, with words that
 * occur nowhere else in every place where a person, a number or a secret can be. None of them is in the log, on the page
 * of metrics, in what a crash prints, or, as far as they are secrets, in the body of a refusal.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'

import { Stage } from '../../../tools/stage.ts'
import { connectedCall } from '../peers/people.ts'
import { clientFor, hear, recordingsOf } from '../peers/recording.ts'
import { CANARIES, DIRECTORY, found } from './canaries.ts'

/** A refusal may name what was asked for, but never a secret, nor another person. */
const SECRETS: readonly string[] = [
  CANARIES.token,
  CANARIES.webhookSecret,
  CANARIES.password,
  CANARIES.sipPassword,
  CANARIES.otherSipPassword,
  CANARIES.person,
  CANARIES.other,
  CANARIES.otherEmail,
  CANARIES.agent,
]

/** Requests that are refused in as many places as there are, each with something in it that must not be told. */
const REFUSED: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['GET', `/v1/people/me?access_token=${CANARIES.token}`],
  ['GET', `/v1/${CANARIES.path}/${CANARIES.dialled}`],
  ['GET', '/v1/%zz'],
  ['POST', '/v1/telephony/calls/dial', { destination: { canary: CANARIES.dialled } }],
  ['POST', '/v1/telephony/calls/dial', `{"destination": "${CANARIES.dialled}"`],
  ['POST', '/v1/telephony/calls/hangup', { callId: CANARIES.search }],
  ['POST', '/v1/telephony/calls/transfer', { callId1: 'none', destination: CANARIES.dialled }],
  [
    'POST',
    '/v1/webhooks',
    {
      name: CANARIES.sound,
      targetUrl: CANARIES.webhookTarget,
      resource: 'none',
      event: 'all',
      secret: CANARIES.webhookSecret,
    },
  ],
  ['GET', `/tandem/v1/recordings/search?q=${CANARIES.search}&max=${CANARIES.search}`],
  ['GET', `/v1/convergedRecordings?topic=${CANARIES.search}&from=${CANARIES.search}`],
  [
    'POST',
    '/v1/access_token',
    new URLSearchParams({ grant_type: 'password', username: CANARIES.email, password: CANARIES.password }),
  ],
  ['POST', `/tandem/v1/announcements?name=${encodeURIComponent(CANARIES.sound)}`, { not: 'a sound' }],
  ['GET', `/media/${CANARIES.path}/audio.mp3?token=${CANARIES.token}`],
  ['POST', `/setup/${CANARIES.path}`, {}],
]

it('a call and every refusal at the loudest log level name nobody, no number and no secret (A16)', async () => {
  const stage = await Stage.open({ directory: DIRECTORY, settings: { TANDEM_LOG_LEVEL: 'debug' } })
  try {
    const client = await clientFor(stage, CANARIES.email)
    const token = await stage.token(CANARIES.email)
    await phone(stage, 'qvist', CANARIES.sipPassword)
    await phone(stage, 'wrax', CANARIES.otherSipPassword)
    await assert.rejects(phone(stage, 'qvist', CANARIES.wrongPassword))
    for (const destination of ['7102', CANARIES.dialled]) {
      const { callId } = await client.calls.dial({ destination })
      if (destination === '7102') await connectedCall(client)
      await client.calls.hangup(callId).catch(() => {}) // Nobody has the other number: the call may be over.
    }
    const [recording] = await recordingsOf(client, 1)
    assert.ok(recording !== undefined)
    await hear(client, recording.id)

    const bodies: string[] = []
    for (const authorization of [
      `Bearer ${token}`,
      `Bearer ${CANARIES.token}`,
      `Basic ${CANARIES.password}`,
    ]) {
      for (const [method, path, body] of REFUSED) {
        const answer = await fetch(`${stage.url}${path}`, {
          method,
          headers: {
            ...{ authorization, 'user-agent': CANARIES.agent, cookie: `session=${CANARIES.token}` },
            ...(body === undefined || body instanceof URLSearchParams
              ? {}
              : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: bodyOf(body) }),
        })
        const text = await answer.text()
        assert.notEqual(answer.status, 500, `${method} ${path}: ${text}`)
        if (answer.status >= 400) bodies.push(text)
      }
    }
    assert.ok(bodies.length > 30, `${bodies.length} refusals`)
    assert.deepEqual(found(bodies.join('\n'), SECRETS), [], 'no refusal tells a secret')

    const metrics = await (await fetch(`${stage.managementUrl}/metrics`)).text()
    assert.match(metrics, /tandem_http_requests_total/)
    assert.deepEqual(found(metrics), [], 'the page of metrics names nobody')

    assert.equal(await stage.stop(), 0)
    const log = logOf(stage.server.output)
    assert.ok(log.split('\n').length > 50, 'the log was loud')
    assert.ok(log.includes('"operation":"dialCall"'), 'and of the calls')
    assert.deepEqual(found(log), [], 'the log names nobody')
  } finally {
    await stage.close()
  }
})

it('a start that is refused and a process that is killed repeat no secret (A16)', async () => {
  const stage = await Stage.open({ directory: DIRECTORY, settings: { TANDEM_LOG_LEVEL: 'debug' } })
  try {
    await phone(stage, 'qvist', CANARIES.sipPassword)
    stage.server.process.kill('SIGABRT')
    await stage.server.exited
    const dump = stage.server.output
    assert.deepEqual(found(logOf(dump)), [], 'what a crash prints names nobody')
  } finally {
    await stage.close()
  }
})

function bodyOf(body: unknown): string | URLSearchParams {
  return typeof body === 'string' || body instanceof URLSearchParams ? body : JSON.stringify(body)
}

function phone(stage: Stage, user: string, password: string): Promise<unknown> {
  const account = ['--user', user, '--password', password, '--domain', 'quoll.test']
  return stage.phone(user, ...account, '--auto-answer', '--tone', '440')
}

/** What the server printed but for its banner, which holds the set-up link for whoever started it. */
function logOf(output: string): string {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{') || /^\s+at |Error/.test(line))
    .join('\n')
}
