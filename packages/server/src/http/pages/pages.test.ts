/** The pages of meeting recordings, for whoever has the address and the password (meeting-recordings §1; promises P8, P13, P17). */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { IDS, openTestApi, type TestApi } from '../../testing/api.ts'
import { AUDIO, VIDEO } from '../../testing/test-library.ts'
import { addMeeting, meetingId, PASSWORD, removeMeetings } from '../../testing/test-meetings.ts'
import { passwordPage, playerPage } from './meeting-page.ts'
import { ATTEMPT_PAIRS_MAX, ATTEMPTS_MS, PasswordAttempts, WRONG_PASSWORDS_MAX } from './password-attempts.ts'

const MINUTE = 60_000

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(async () => {
  await removeMeetings(api)
  await addMeeting(api, 1, { topic: '<b>"Plan" & co' })
  api.library.transcribed.clear()
  api.library.lost.clear()
  api.library.entries.length = 0
  api.now += ATTEMPTS_MS // What was wrong before is forgotten.
})

const get = (path: string): Promise<LightMyRequestResponse> => api.app.inject({ url: path })
const pagePath = (n: number, page = 'play'): string => `/recordings/${meetingId(n)}/${page}`
const open = (path: string, password: string, remoteAddress = '192.0.2.1'): Promise<LightMyRequestResponse> =>
  api.app.inject({
    method: 'POST',
    url: path,
    payload: new URLSearchParams({ password }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    remoteAddress,
  })
const sourceOf = (html: string, element = 'source'): string =>
  (new RegExp(`<${element}[^>]* src="([^"]+)"`).exec(html)?.[1] ?? '').replaceAll('&#38;', '&')
const written = (): unknown[] =>
  api.library.entries.map(({ actor, action, detail }) => [actor.personId, action, detail])

describe('GET /recordings/{recordingId}/{page}', () => {
  it('asks for the password without script, and tells nothing of the recording', async () => {
    for (const page of ['play', 'download']) {
      const answer = await get(pagePath(1, page))
      assert.equal(answer.statusCode, 200)
      assert.equal(answer.headers['content-type'], 'text/html;charset=UTF-8')
      assert.match(answer.body, /<label for="password">Password<\/label>/)
      assert.match(answer.body, /<html lang="en">/)
      for (const word of ['Plan', PASSWORD, 'sig=', '<script', 'owner', 'alpha'])
        assert.ok(!answer.body.includes(word), word)
      const policy = String(answer.headers['content-security-policy'])
      for (const part of ["default-src 'none'", "media-src 'self'", "frame-ancestors 'none'"])
        assert.ok(policy.includes(part), part)
      assert.doesNotMatch(policy, /script-src|\*|http/)
      assert.equal(answer.headers['cache-control'], 'no-store')
      assert.equal(answer.headers['referrer-policy'], 'no-referrer')
    }
    assert.deepEqual(written(), [])
  })

  it('is one and the same 404 page for all that is not shown', async () => {
    await addMeeting(api, 2, { status: 'deleted' })
    await addMeeting(api, 3, { status: 'purged' })
    await addMeeting(api, 4, { download_prevented: 1 })
    await addMeeting(api, 5)
    api.library.lost.add(meetingId(5))
    const call = '5b0c7f2e-6c1d-4e0f-9a53-0d5f6e1b8c77'
    await api.addRecording({ id: call })
    const bodies = new Set<string>()
    for (const path of [
      pagePath(2),
      pagePath(3),
      pagePath(4, 'download'),
      pagePath(5),
      pagePath(99),
      pagePath(1, 'edit'),
      pagePath(1, 'Play'),
      `/recordings/${call}/play`,
      `/recordings/%27%20or%201=1/play`,
    ])
      for (const answer of [await get(path), await open(path, PASSWORD)]) {
        assert.equal(answer.statusCode, 404, path)
        bodies.add(answer.body)
      }
    assert.equal(bodies.size, 1)
    assert.equal((await get(pagePath(4))).statusCode, 200, 'it may still be played')
  })

  it('finds the id in any spelling, and needs no token and takes none', async () => {
    assert.equal((await get(`/recordings/${meetingId(1).toUpperCase()}/play`)).statusCode, 200)
    assert.equal((await api.send('malformed', { url: pagePath(1) })).statusCode, 200)
    assert.equal((await api.app.inject({ method: 'PUT', url: pagePath(1) })).statusCode, 405)
  })
})

describe('POST /recordings/{recordingId}/play', () => {
  it('shows a player whose link plays for as long as the recording and an hour', async () => {
    const answer = await open(pagePath(1), PASSWORD)
    assert.equal(answer.statusCode, 200)
    assert.match(
      answer.body,
      /<video controls preload="metadata" aria-label="&#60;b&#62;&#34;Plan&#34; &#38; co">/,
    )
    assert.ok(!answer.body.includes('<b>'))
    assert.doesNotMatch(answer.body, /<script|https?:/)
    const source = sourceOf(answer.body)
    assert.match(source, /^\/media\/[0-9a-f]{32}\/video\?/)
    assert.deepEqual((await get(source)).rawPayload, VIDEO)
    api.now += 3_480_000 + 60 * MINUTE - 1
    assert.equal((await get(source)).statusCode, 200)
    api.now += 1
    assert.equal((await get(source)).statusCode, 410)
  })

  it('is written down as read by the password, and each playing too (promise P17)', async () => {
    await get(sourceOf((await open(pagePath(1), PASSWORD)).body))
    assert.deepEqual(written(), [
      ['', 'recording.read', { api: 'meetings', page: 'play', by: 'password' }],
      ['', 'recording.downloaded', { file: 'video' }],
    ])
  })

  it('has an audio element for sound alone, and the transcript as captions unless downloading is prevented', async () => {
    await addMeeting(api, 2, { format: 'MP3' })
    await addMeeting(api, 3, { download_prevented: 1 })
    for (const n of [2, 3]) api.library.transcribed.add(meetingId(n))
    const sound = (await open(pagePath(2), PASSWORD)).body
    assert.match(sound, /<audio controls/)
    assert.deepEqual((await get(sourceOf(sound))).rawPayload, AUDIO)
    assert.match((await get(sourceOf(sound, 'track'))).body, /^WEBVTT/)
    const prevented = (await open(pagePath(3), PASSWORD)).body
    assert.ok(!prevented.includes('<track'))
    assert.equal((await get(sourceOf(prevented))).statusCode, 200)
  })

  it('dies with the recording: in the bin at once', async () => {
    const source = sourceOf((await open(pagePath(1), PASSWORD)).body)
    const body = { recordingIds: [meetingId(1)] }
    await api.send('owner', { method: 'POST', url: '/v1/recordings/softDelete', payload: body })
    assert.equal((await get(source)).statusCode, 410)
  })

  it('gives a link to one file alone, for one use', async () => {
    const source = sourceOf((await open(pagePath(1), PASSWORD)).body)
    for (const bent of [
      source.replace('/video?', '/audio?'),
      source.replace('role=play', 'role=download'),
      source.replace('role=play', 'role=owner'),
      source.replace('role=play', 'role=compliance'),
      source.replace('for=', `for=${IDS.owner}`),
      source.replace(meetingId(1), meetingId(2)),
    ])
      assert.equal((await get(bent)).statusCode, 403, bent)
  })
})

describe('POST /recordings/{recordingId}/download', () => {
  it('sends the browser to the file, for five minutes and as long as downloading is not prevented', async () => {
    const answer = await open(pagePath(1, 'download'), PASSWORD)
    assert.equal(answer.statusCode, 303)
    const location = String(answer.headers['location'])
    const file = await get(location)
    assert.deepEqual(file.rawPayload, VIDEO)
    assert.match(String(file.headers['content-disposition']), /^attachment; filename="/)
    const actor = { orgId: IDS.org, personId: IDS.admin, as: 'admin' } as const
    await api.recordings.lifecycle.update(actor, meetingId(1), { downloadPrevented: true })
    assert.equal((await get(location)).statusCode, 403)
    await api.recordings.lifecycle.update(actor, meetingId(1), { downloadPrevented: false })
    api.now += 5 * MINUTE
    assert.equal((await get(location)).statusCode, 410)
  })
})

describe('wrong passwords', () => {
  it('are said beside the field, with 403, and written down', async () => {
    for (const wrong of ['', 'q7Rk-41', `${PASSWORD} `, PASSWORD.toLowerCase(), 'x'.repeat(10_000)]) {
      const answer = await open(pagePath(1), wrong)
      assert.equal(answer.statusCode, 403)
      assert.match(answer.body, /role="alert">This is not the password/)
      assert.match(answer.body, /aria-invalid="true" aria-describedby="fault"/)
      for (const word of ['Plan', PASSWORD, 'sig=']) assert.ok(!answer.body.includes(word))
    }
    assert.deepEqual(written().slice(-1), [
      ['', 'refused', { operation: 'openMeetingRecording', page: 'play', error: 'password_wrong' }],
    ])
    const bare = await api.app.inject({ method: 'POST', url: pagePath(1), remoteAddress: '192.0.2.1' })
    assert.equal(bare.statusCode, 403)
  })

  it('of which nobody tries an eleventh, the right one neither, for ten minutes (S31)', async () => {
    for (let n = 0; n < WRONG_PASSWORDS_MAX; n++)
      assert.equal((await open(pagePath(1, n % 2 === 0 ? 'play' : 'download'), `wrong ${n}`)).statusCode, 403)
    api.now += 1
    const late = await open(pagePath(1), PASSWORD)
    assert.equal(late.statusCode, 429)
    assert.equal(late.headers['retry-after'], '600')
    assert.match(late.body, /Try again in 10 minutes/)
    assert.equal((await open(pagePath(1), PASSWORD, '192.0.2.2')).statusCode, 200, 'another source')
    await addMeeting(api, 2)
    assert.equal((await open(pagePath(2), PASSWORD)).statusCode, 200, 'another recording')
    api.now += ATTEMPTS_MS - 1
    assert.equal((await open(pagePath(1), PASSWORD)).statusCode, 200)
  })

  it('count together however many ask at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, n) => open(pagePath(1), `wrong ${n}`, '192.0.2.3')),
    )
    const refused = answers.filter(({ statusCode }) => statusCode === 403).length
    assert.equal(refused, WRONG_PASSWORDS_MAX)
  })

  it('are what an empty password gets, which opens nothing', async () => {
    await addMeeting(api, 2, { meeting: { password: '' } })
    assert.equal((await open(pagePath(2), '')).statusCode, 403)
  })
})

describe('an imported meeting', () => {
  it('opens with the password that came with it, to a player of its own sound', async () => {
    const owner = { id: IDS.owner, type: 'user', name: 'Tomas Lind', email: 'owner@alpha.test' } as const
    const path = join(api.data.folder, 'meeting.wav')
    await writeFile(path, wavOf(8_000))
    const actor = { orgId: IDS.org, personId: IDS.admin, as: 'admin' } as const
    const meeting = {
      meetingId: '0d4be2a97c31460fb1e85a6f9d20c7b4_I_604418823157902211',
      siteUrl: 'alpha.test',
      password: 'Grüße 7',
      serviceType: 'MeetingCenter',
      format: 'UPLOADED',
      integrationTags: [],
    } as const
    const request = {
      owner: { ...owner, locationId: IDS.location },
      topic: 'Imported',
      serviceType: 'meeting',
      createTime: api.now - MINUTE,
      meeting,
    } as const
    const done = await api.recordings.imports.importFile(actor, request, path)
    assert.equal(done.state, 'done', done.error)
    const { items } = (await api.send('owner', { url: '/v1/recordings?max=1' })).json()
    assert.deepEqual([items[0].id, items[0].password], [done.recordingId, 'Grüße 7'])
    const page = new URL(items[0].playbackUrl).pathname
    assert.equal((await open(page, 'Grüße 8')).statusCode, 403)
    const player = await open(page, 'Grüße 7')
    assert.equal(player.statusCode, 200)
    const sound = await get(sourceOf(player.body))
    assert.equal(sound.headers['content-type'], 'audio/mpeg')
    assert.equal(sound.rawPayload.length, items[0].sizeBytes)
  })
})

/** A second of silence and more: 16 bits, mono, 8 kHz. */
function wavOf(samples: number): Buffer {
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + 2 * samples, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(8_000, 24)
  head.writeUInt32LE(16_000, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(2 * samples, 40)
  return Buffer.concat([head, Buffer.alloc(2 * samples)])
}

describe('PasswordAttempts', () => {
  it('counts the addresses of an IPv6 network as one, however they are written', () => {
    const attempts = new PasswordAttempts()
    for (let n = 0; n < WRONG_PASSWORDS_MAX; n++) attempts.failed('r', `2001:db8:0:1::${n}`, 0)
    for (const same of ['2001:db8:0:1:ffff::1', '2001:0DB8::1:0:0:0:1', '2001:db8:0:1::'])
      assert.equal(attempts.waitSeconds('r', same, 0), 600, same)
    for (const other of ['2001:db8:0:2::1', '2001:db8::1', '192.0.2.1'])
      assert.equal(attempts.waitSeconds('r', other, 0), 0, other)
    for (let n = 0; n < WRONG_PASSWORDS_MAX; n++) attempts.failed('r', '::ffff:192.0.2.9', 0)
    assert.equal(attempts.waitSeconds('r', '192.0.2.9', 0), 600)
    assert.equal(attempts.waitSeconds('r', '::ffff:192.0.2.8', 0), 0)
  })

  it('remembers a bounded number, for a bounded time, also when the clock is set back', () => {
    const attempts = new PasswordAttempts()
    for (let n = 0; n < WRONG_PASSWORDS_MAX; n++) attempts.failed('r', 'first', 1_000)
    assert.equal(attempts.waitSeconds('r', 'first', 1_000 + ATTEMPTS_MS - 1), 1)
    assert.equal(attempts.waitSeconds('r', 'first', 999), 0)
    for (let n = 0; n < WRONG_PASSWORDS_MAX; n++) attempts.failed('r', 'first', 1_000)
    for (let n = 0; n < ATTEMPT_PAIRS_MAX - 1; n++) attempts.failed('r', `x${n}`, 1_000)
    assert.equal(attempts.waitSeconds('r', 'first', 1_000), 600)
    attempts.failed('r', 'one more', 1_000)
    assert.equal(attempts.waitSeconds('r', 'first', 1_000), 0)
  })
})

describe('what pages are made of', () => {
  it('is escaped wherever a text goes (case A15)', () => {
    const nasty = `'"><script>alert(1)</script>&`
    const page = playerPage({
      topic: nasty,
      media: { kind: 'audio', path: `/x?${nasty}`, contentType: nasty },
      captionsPath: nasty,
    })
    for (const html of [page, passwordPage('play', nasty)]) {
      assert.ok(!html.includes('<script>'))
      assert.ok(!html.includes(`'"`))
    }
  })
})
