/**
 * What changes meeting recordings: delete, the recycle bin in its forms, shares (meeting-recordings §4-§6, §8; promises P16,
 * P17). Who may do what in which state is in `matrix.test.ts`; here are bodies, batches, sites, reasons, traces.
 */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { readOutbox } from '@tandem/store'
import { type CallerName, IDS, openTestApi, PUBLIC_URL, type TestApi } from '../../testing/api.ts'
import { addMeeting, FOREIGN, MIRAS, meetingId, removeMeetings } from '../../testing/test-meetings.ts'
import { DEFAULT_RECORDING_SETTINGS, FULL_ACCESS, type RecordingAccess } from '../ports.ts'
import { CONTRACT_RULES } from '../recordings-port.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(async () => {
  await removeMeetings(api)
  await addMeeting(api, 1, { sharedWith: ['colleague@alpha.test'] })
  await addMeeting(api, 2, { status: 'deleted' })
  await addMeeting(api, 3, { ...MIRAS, sharedWith: ['owner@alpha.test'] })
  await addMeeting(api, 4, { status: 'deleted', meeting: { siteUrl: 'Other.example.com' } })
  await addMeeting(api, 5, { ...FOREIGN })
  await addMeeting(api, 6, { status: 'deleted', held: 1 })
  await api.addRecording({ id: CALL, status: 'deleted' })
  api.library.entries.length = 0
  api.rules = undefined
})
afterEach(() => {
  for (const line of api.ports.allLines) delete line.recording
})

const CALL = '5b0c7f2e-6c1d-4e0f-9a53-0d5f6e1b8c77'
const AS_HOST = '?hostEmail=owner@alpha.test'

/** The status and, for a refusal, its text. */
async function send(
  method: 'POST' | 'DELETE',
  url: string,
  { body, caller = 'owner' }: { readonly body?: object; readonly caller?: CallerName } = {},
): Promise<string> {
  const payload = body === undefined ? {} : { payload: body }
  const answer = await api.send(caller, { method, url, ...payload })
  return answer.statusCode === 204
    ? '204'
    : `${answer.statusCode} ${answer.json().errors[0].description}`.replaceAll(meetingId(0).slice(0, 24), '#')
}
const post = (path: string, body: object, caller?: CallerName): Promise<string> =>
  send('POST', `/v1/recordings/${path}`, { body, ...(caller === undefined ? {} : { caller }) })
const ids = (...numbers: number[]): { recordingIds: string[] } => ({ recordingIds: numbers.map(meetingId) })
const now = async (n: number): Promise<string> => (await api.recordings.find(meetingId(n)))?.status ?? 'gone'
const sharedWith = async (n: number): Promise<readonly string[]> =>
  (await api.recordings.meetings.find(meetingId(n)))?.sharedWith ?? []
const written = (): unknown[] =>
  api.library.entries.map(({ actor, action, recordingId, detail }) => [
    actor.as,
    action,
    recordingId?.slice(-1),
    detail,
  ])
function allow(access: Partial<RecordingAccess>): void {
  const line = api.ports.allLines.find(({ id }) => id === IDS.owner)
  assert.ok(line !== undefined)
  line.recording = {
    ...DEFAULT_RECORDING_SETTINGS,
    callRecordingAccessSettings: { ...FULL_ACCESS, ...access },
  }
}

describe('DELETE /recordings/{recordingId} (§4)', () => {
  const one = `/v1/recordings/${meetingId(1)}`

  it('works with a body, with null members, with none and without a content type', async () => {
    for (const body of [undefined, {}, { reason: null, comment: null }, { reason: 'x', comment: 'y' }]) {
      await removeMeetings(api)
      await addMeeting(api, 1)
      assert.equal(await send('DELETE', one, body === undefined ? {} : { body }), '204')
      assert.equal(await now(1), 'purged')
    }
    assert.equal(await send('DELETE', one), '404 Recording not found')
  })

  it('takes a comment of 255 code points and not of 256', async () => {
    const body = (length: number): object => ({ reason: 'audit', comment: '😀'.repeat(length) })
    assert.match(await send('DELETE', one, { body: body(256), caller: 'officer' }), /^400 comment /)
    assert.equal(await send('DELETE', one, { body: body(255), caller: 'officer' }), '204')
  })

  it('wants a reason of a compliance officer for somebody else’s, unless the operator does not (Ruling 26)', async () => {
    const missing = '400 reason is needed to delete the recording of somebody else'
    for (const body of [{}, { reason: ' \t' }, { comment: 'why' }])
      assert.equal(await send('DELETE', one, { body, caller: 'officer' }), missing)
    api.rules = { ...CONTRACT_RULES, reasonOptional: true }
    assert.equal(await send('DELETE', one, { caller: 'officer' }), '204')
  })

  it('is written down with its reason and comment, and told to the hosts’ webhooks', async () => {
    const before = (await readOutbox(api.data.db, { after: 0, limit: 1_000 })).length
    const body = { reason: 'audit', comment: 'case 7' }
    assert.equal(await send('DELETE', one, { body, caller: 'officer' }), '204')
    assert.deepEqual(written(), [['complianceOfficer', 'recording.withdrawn', '1', body]])
    const events = (await readOutbox(api.data.db, { after: 0, limit: 1_000 })).slice(before)
    assert.deepEqual(
      events.map(({ resource, event, key, payload }) => [
        resource,
        event,
        key,
        (payload as { status?: string }).status,
      ]),
      [['recordings', 'deleted', meetingId(1), 'purged']],
    )
  })

  it('erases nothing, whatever the operator has set for converged recordings (Ruling 42)', async () => {
    api.rules = { ...CONTRACT_RULES, deleteErases: true }
    assert.equal(await send('DELETE', one), '204')
    assert.equal(await now(1), 'purged')
  })

  it('is 403 to whom it is shared with and to a host whose settings forbid it, in the host’s name it is not', async () => {
    const notHost = '403 Only the host of a meeting recording may do this'
    assert.equal(await send('DELETE', one, { caller: 'colleague' }), notHost)
    const forOther = `${one}?hostEmail=colleague@alpha.test`
    assert.equal(await send('DELETE', forOther, { caller: 'admin' }), notHost)
    allow({ deleteRecordingsEnabled: false })
    assert.match(await send('DELETE', one), /^403 The access settings/)
    assert.equal(await now(1), 'available')
    assert.equal(await send('DELETE', one + AS_HOST, { caller: 'admin' }), '204')
  })

  it('leaves calls alone', async () => {
    assert.equal(await send('DELETE', `/v1/recordings/${CALL}`), '404 Recording not found')
    assert.equal(
      await send('DELETE', `/v1/admin/recordings/${CALL}`, { caller: 'admin' }),
      '404 Recording not found',
    )
    assert.equal((await api.recordings.find(CALL))?.status, 'deleted')
  })
})

describe('DELETE /admin/recordings/{recordingId} (§8)', () => {
  it('takes a recording from its host and from administrators, whoever hosted it', async () => {
    for (const n of [1, 3]) {
      const url = `/v1/admin/recordings/${meetingId(n)}`
      assert.equal(await send('DELETE', url, { caller: 'admin' }), '204')
      assert.equal(await now(n), 'purged')
      assert.equal(await send('DELETE', url, { caller: 'admin' }), '404 Recording not found')
    }
    assert.equal((await api.send('officer', { url: `/v1/recordings/${meetingId(1)}` })).statusCode, 200)
  })

  it('knows nothing of another organisation', async () => {
    const url = `/v1/admin/recordings/${meetingId(5)}`
    assert.equal(await send('DELETE', url, { caller: 'admin' }), '404 Recording not found')
    assert.equal(await now(5), 'available')
  })
})

describe('POST /recordings/softDelete | restore | purge (§5)', () => {
  it('is all or nothing', async () => {
    await addMeeting(api, 7)
    assert.equal(
      await post('softDelete', ids(1, 2)),
      '409 The status of recording #00000002 does not allow this: it is deleted',
    )
    assert.equal(await post('softDelete', ids(1, 3)), '403 Only the host of a meeting recording may do this')
    assert.equal(await post('softDelete', ids(1, 5)), '404 Recording not found')
    assert.equal(await post('softDelete', ids(1, 99)), '404 Recording not found')
    assert.equal(await post('softDelete', { recordingIds: [meetingId(1), CALL] }), '404 Recording not found')
    assert.equal(await now(1), 'available')
    assert.equal(await post('softDelete', ids(1, 7, 1)), '204')
    assert.deepEqual([await now(1), await now(7)], ['deleted', 'deleted'])
  })

  it('takes 1 to 100 different ids without a flag, and none with it', async () => {
    const many = Array.from({ length: 101 }, (_, n) => meetingId(1_000 + n))
    const tooMany = '400 recordingIds must name at most 100 recordings'
    for (const path of ['softDelete', 'restore', 'purge']) {
      assert.match(await post(path, {}), /^400 recordingIds is required/)
      assert.match(await post(path, { recordingIds: [] }), /^400 recordingIds is required/)
      assert.match(await post(path, { recordingIds: null }), /^400 recordingIds is required/)
      assert.equal(await post(path, { recordingIds: many }), tooMany)
      assert.match(await post(path, { recordingIds: [''] }), /^400 recordingIds/)
      assert.match(await post(path, { recordingIds: 'x' }), /^400 recordingIds/)
    }
    for (let n = 0; n < 100; n++) await addMeeting(api, 1_000 + n)
    assert.equal(
      await post('softDelete', { recordingIds: [...many.slice(0, 100), ...many.slice(0, 9)] }),
      '204',
    )
    assert.deepEqual([await now(1_000), await now(1_099)], ['deleted', 'deleted'])
    for (const [path, flag] of [
      ['restore', 'restoreAll'],
      ['purge', 'purgeAll'],
    ] as const) {
      assert.equal(
        await post(path, { [flag]: true, ...ids(2) }),
        `400 recordingIds must be empty with ${flag}`,
      )
      assert.equal(await post(path, { [flag]: false }), `400 recordingIds is required without ${flag}`)
      assert.match(await post(path, { [flag]: 'true' }), new RegExp(`^400 ${flag} `))
    }
    assert.match(await post('softDelete', { trashAll: true }), /^400 /, 'there is no "all"')
  })

  it('wants all ids on the site, which is the preferred one unless named', async () => {
    assert.equal(
      await post('restore', ids(2, 4)),
      '400 siteUrl must be the site of every recording: one is on other.example.com',
    )
    assert.match(await post('restore', { ...ids(2), siteUrl: 'other.example.com' }), /^400 siteUrl/)
    assert.equal(await now(2), 'deleted')
    assert.equal(await post('restore', { ...ids(4), siteUrl: 'OTHER.example.com' }), '204')
    assert.equal(await post('restore', { ...ids(2), siteUrl: 'Alpha.test' }), '204')
  })

  it('with the flag takes what the host has in the bin on that site, no calls, and leaves what is held', async () => {
    assert.equal(await post('purge', { purgeAll: true }), '204')
    assert.deepEqual(
      [await now(1), await now(2), await now(4), await now(6)],
      ['available', 'purged', 'deleted', 'deleted'],
    )
    assert.equal((await api.recordings.find(CALL))?.status, 'deleted')
    assert.equal(
      await post('restore', { restoreAll: true, siteUrl: 'other.example.com', recordingIds: [] }),
      '204',
    )
    assert.deepEqual([await now(4), await now(6)], ['available', 'deleted'])
    assert.equal(await post('restore', { restoreAll: true }), '204')
    assert.equal(await now(6), 'available')
    assert.equal((await api.recordings.find(CALL))?.status, 'deleted')
  })

  it('acts for the named host, of an administrator alone', async () => {
    assert.equal(await post(`restore${AS_HOST}`, ids(2), 'admin'), '204')
    assert.equal(await post(`softDelete${AS_HOST}`, ids(3), 'colleague'), '204', 'ignored: Mira’s own')
    assert.equal(
      await post('restore?hostEmail=nobody@x.y', ids(3), 'admin'),
      '403 hostEmail is not a user that this token may act for',
    )
    assert.equal(await post(`restore${AS_HOST}`, { restoreAll: true }, 'admin'), '204')
    assert.deepEqual([await now(3), await now(6)], ['deleted', 'available'])
    assert.equal(await post('purge', { purgeAll: true }, 'admin'), '204', 'nothing of its own')
    assert.equal(await now(3), 'deleted')
  })

  it('is refused to a host whose settings forbid deleting, after what is missing; restore is not', async () => {
    allow({ deleteRecordingsEnabled: false })
    assert.match(await post('softDelete', ids(1)), /^403 The access settings/)
    assert.equal(await post('purge', ids(99)), '404 Recording not found')
    assert.match(await post('purge', { purgeAll: true }), /^403 The access settings/)
    assert.equal(await post('restore', ids(2)), '204')
  })

  it('is written down, refusals too (promise P17)', async () => {
    await post('softDelete', ids(1))
    await post(`purge${AS_HOST}`, ids(6), 'admin')
    await post('softDelete', ids(1), 'adminOwner')
    await post(`${meetingId(1)}/accessList`, { addEmails: ['a@x.test'] }, 'adminOwner')
    const hidden = (operation: string): unknown[] => [
      'user',
      'refused',
      '1',
      { operation, error: 'recording_not_found' },
    ]
    assert.deepEqual(written().slice(2), [
      hidden('softDeleteMeetingRecordings'),
      hidden('shareMeetingRecording'),
    ])
    assert.deepEqual(written().slice(0, 2), [
      ['user', 'recording.softDeleted', '1', undefined],
      ['admin', 'refused', undefined, { operation: 'purgeMeetingRecordings', error: 'recording_held' }],
    ])
  })
})

describe('POST /recordings/{recordingId}/accessList and /recordings/accessList (§6)', () => {
  const path = `${meetingId(1)}/accessList`
  const link = `${PUBLIC_URL}/recordings/${meetingId(1)}/play`

  it('adds and removes, each once, letter case aside', async () => {
    assert.equal(
      await post(path, { addEmails: ['A@x.test', 'a@X.test', 'b@x.test'], sendEmail: false }),
      '204',
    )
    assert.equal((await sharedWith(1)).length, 3)
    assert.equal(
      await post(path, { addEmails: ['c@x.test'], removeEmails: ['COLLEAGUE@alpha.test', 'b@x.test'] }),
      '204',
    )
    assert.deepEqual((await sharedWith(1)).map((email) => email.toLowerCase()).toSorted(), [
      'a@x.test',
      'c@x.test',
    ])
    assert.equal((await api.send('colleague', { url: `/v1/recordings/${meetingId(1)}` })).statusCode, 404)
  })

  it('wants a list, no address in both, and addresses', async () => {
    const cases: readonly (readonly [body: object, said: RegExp])[] = [
      [{}, /^400 addEmails or removeEmails is required/],
      [{ addEmails: [], removeEmails: null }, /^400 addEmails or removeEmails is required/],
      [
        { addEmails: ['a@x.test'], removeEmails: ['A@X.test'] },
        /^400 addEmails and removeEmails name the same/,
      ],
      [{ addEmails: ['nobody'] }, /^400 addEmails must hold email addresses/],
      [{ removeEmails: [''] }, /^400 removeEmails/],
      [{ addEmails: 'a@x.test' }, /^400 addEmails/],
      [{ addEmails: ['a@x.test'], sendEmail: 'yes' }, /^400 sendEmail/],
      [{ addEmails: Array.from({ length: 101 }, (_, n) => `${n}@x.test`) }, /^400 addEmails/],
    ]
    for (const [body, said] of cases) assert.match(await post(path, body), said)
    assert.equal(await post(path, { addEmails: Array.from({ length: 100 }, (_, n) => `${n}@x.test`) }), '204')
    assert.equal((await sharedWith(1)).length, 101)
  })

  it('finds a recording by the address of either page, and nothing by any other link', async () => {
    const add = (webShareLink: unknown): Promise<string> =>
      post('accessList', { webShareLink, addEmails: ['a@x.test'] })
    assert.equal(await add(link), '204')
    assert.equal(await add(link.replace('/play', '/download')), '204')
    const unknown = '404 webShareLink is the link of no recording'
    for (const other of [
      'nonsense',
      'https://elsewhere.test/recordings/x/play',
      link.replace('pbx.', 'evil.'),
      `${link}/more`,
      `${PUBLIC_URL}/recordings/${meetingId(99)}/play`,
      `${PUBLIC_URL}/recordings/${meetingId(5)}/play`,
      `${PUBLIC_URL}/recordings/%E0%A4%A/play`,
      `${PUBLIC_URL}/recordings/${CALL}/play`,
    ])
      assert.equal(await add(other), unknown, other)
    assert.match(await add(''), /^400 webShareLink/)
    assert.match(await add(7), /^400 webShareLink/)
    assert.match(await post('accessList', { addEmails: ['a@x.test'] }), /^400 webShareLink is required/)
    assert.equal((await sharedWith(5)).length, 0)
  })

  it('is the host’s alone, by hostEmail in the body for an administrator, and as far as settings let', async () => {
    const add = { addEmails: ['a@x.test'] }
    assert.equal(await post(path, add, 'colleague'), '403 Only the host of a meeting recording may do this')
    assert.equal(await post(path, add, 'admin'), '404 Recording not found')
    assert.equal(await post(path, { ...add, hostEmail: 'owner@alpha.test' }, 'admin'), '204')
    assert.match(await post(path, { ...add, hostEmail: 'x@y.z' }, 'admin'), /^403 hostEmail/)
    assert.equal(await post(path, { ...add, hostEmail: 'x@y.z' }, 'owner'), '204', 'ignored')
    allow({ shareRecordingsEnabled: false })
    assert.match(await post(path, add), /^403 The access settings/)
    assert.equal(await post(path, { ...add, hostEmail: 'owner@alpha.test' }, 'admin'), '204')
  })
})

describe('the paths of the commands', () => {
  it('are words before they are ids: another method is 405', async () => {
    for (const path of ['softDelete', 'restore', 'purge', 'accessList']) {
      const answer = await api.send('owner', { url: `/v1/recordings/${path}` })
      assert.deepEqual([answer.statusCode, answer.headers['allow']], [405, 'POST'])
    }
  })
})
