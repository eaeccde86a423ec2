/** The operations that change something: their bodies, member by member (converged-recordings §6, §8, §9). */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { encodeWebexId } from '@tandem/contract'
import type { LightMyRequestResponse } from 'fastify'
import { type CallerName, IDS, openTestApi, type TestApi, type TestRecording } from '../../testing/api.ts'
import { DEFAULT_RECORDING_SETTINGS, FULL_ACCESS, type RecordingAccess } from '../ports.ts'
import { CONTRACT_RULES } from '../recordings-port.ts'

const id = (n: number): string => `5b0c7f2e-6c1d-4e0f-9a53-${String(n).padStart(12, '0')}`

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(async () => {
  await api.removeRecordings()
  const rows: TestRecording[] = [
    { id: id(1) },
    { id: id(2), status: 'deleted' },
    { id: id(3), status: 'purged' },
    { id: id(4), owner_id: IDS.colleague, owner_name: 'Mira', owner_email: 'colleague@alpha.test' },
    { id: id(5), owner_id: IDS.place, owner_type: 'place', owner_email: '105.place@alpha.test' },
    { id: id(6), held: 1 },
    { id: id(7), org_id: IDS.foreignOrg, owner_id: IDS.foreign, owner_email: 'everything@beta.test' },
    { id: id(8), owner_id: 'f0f0f0f0-0000-4000-8000-000000000000', owner_email: 'left@alpha.test' },
  ]
  for (const row of rows) await api.addRecording(row)
  api.library.entries.length = 0
  api.rules = undefined
})

/** What every recording is now: `1 available Tomas Lind`. */
async function now(n: number): Promise<string> {
  const recording = await api.recordings.find(id(n))
  return recording === undefined ? 'gone' : `${recording.status} ${recording.ownerEmail.split('@')[0]}`
}

async function brief(answer: LightMyRequestResponse): Promise<string> {
  if (answer.statusCode === 204) {
    assert.deepEqual([answer.body, answer.headers['content-type']], ['', undefined])
    return '204'
  }
  return `${answer.statusCode} ${answer.json().errors[0].description}`
}

const post = async (path: string, payload: object, caller: CallerName = 'admin'): Promise<string> =>
  brief(await api.send(caller, { method: 'POST', url: `/v1/convergedRecordings/${path}`, payload }))
const remove = async (n: number, payload: object, caller: CallerName): Promise<string> =>
  brief(await api.send(caller, { method: 'DELETE', url: `/v1/convergedRecordings/${id(n)}`, payload }))

/** Sets what a line's owner may do, for one test. */
async function allowing(access: Partial<RecordingAccess>, work: () => Promise<void>): Promise<void> {
  const line = api.ports.allLines.find((one) => one.id === IDS.owner)
  assert.ok(line !== undefined)
  line.recording = {
    ...DEFAULT_RECORDING_SETTINGS,
    callRecordingAccessSettings: { ...FULL_ACCESS, ...access },
  }
  try {
    await work()
  } finally {
    delete line.recording
  }
}

/** The audit rows of a moment: `user recording.read 1`. */
const written = (): string[] =>
  api.library.entries.map(({ actor, action, recordingId, detail }) => {
    const error = action === 'refused' ? ` ${detail?.['operation']} ${detail?.['error']}` : ''
    return `${actor.as} ${action} ${recordingId?.slice(-1) ?? '-'}${error}`
  })

describe('DELETE /convergedRecordings/{recordingId} (§6)', () => {
  it('needs a reason of a compliance officer for the recording of somebody else, and keeps it (Ruling 26)', async () => {
    const missing = '400 reason is needed to delete the recording of somebody else'
    for (const body of [
      {},
      { reason: '' },
      { reason: ' \t' },
      { reason: null, comment: null },
      { comment: 'why' },
    ])
      assert.equal(await remove(1, body, 'officer'), missing)
    assert.equal(await now(1), 'available owner')
    assert.equal(await remove(1, { reason: 'audit', comment: 'case 7' }, 'officer'), '204')
    assert.equal(await now(1), 'gone')
    const [entry] = api.library.entries.slice(-1)
    assert.deepEqual(
      [entry?.action, entry?.detail],
      ['recording.erased', { reason: 'audit', comment: 'case 7' }],
    )
    api.rules = { ...CONTRACT_RULES, reasonOptional: true }
    assert.equal(await remove(4, {}, 'officer'), '204')
  })

  it('takes a comment of 255 code points and not of 256, also of two units each', async () => {
    const comment = (length: number): object => ({ reason: 'audit', comment: '😀'.repeat(length) })
    assert.match(await remove(1, comment(256), 'officer'), /^400 comment /)
    assert.equal(await remove(1, comment(255), 'officer'), '204')
  })

  it('checks the body before it looks, and looks before it asks for a reason', async () => {
    assert.match(await remove(404, { comment: 'x'.repeat(256) }, 'officer'), /^400 comment /)
    assert.match(await remove(1, { reason: 7 }, 'owner'), /^400 reason /)
    assert.equal(await remove(404, {}, 'officer'), '404 Recording not found')
    assert.equal(await remove(7, {}, 'officer'), '404 Recording not found')
  })

  it('works without a body and without a content type', async () => {
    const answer = await api.send('owner', { method: 'DELETE', url: `/v1/convergedRecordings/${id(1)}` })
    assert.equal(answer.statusCode, 204)
    assert.equal(await now(1), 'deleted owner')
  })

  it('is refused to an owner whose access settings forbid it, with 403 after 404', async () => {
    await allowing({ deleteRecordingsEnabled: false }, async () => {
      assert.match(await remove(1, {}, 'owner'), /^403 The access settings/)
      assert.equal(await remove(4, {}, 'owner'), '404 Recording not found')
      assert.equal(await remove(1, {}, 'admin'), '204')
    })
  })

  it('says with 409 that a legal hold or retention is stronger', async () => {
    assert.equal(await remove(6, {}, 'owner'), `409 Recording ${id(6)} is under legal hold`)
    await api.addRecording({ id: id(9), retain_until: Date.UTC(2030, 0, 1) })
    assert.match(
      await remove(9, { reason: 'audit' }, 'officer'),
      /^409 .* must be kept until 2030-01-01T00:00:00.000Z$/,
    )
    assert.deepEqual(written().slice(-1), [
      'complianceOfficer refused 9 deleteConvergedRecording recording_retained',
    ])
  })

  it('erases also for owner and administrator where the operator wants that (Ruling 1)', async () => {
    api.rules = { ...CONTRACT_RULES, deleteErases: true }
    assert.equal(await remove(1, {}, 'owner'), '204')
    assert.equal(await remove(4, {}, 'admin'), '204')
    assert.deepEqual([await now(1), await now(4)], ['gone', 'gone'])
  })
})

describe('POST /convergedRecordings/reassign (§8)', () => {
  const to = { reassignOwnerEmail: 'Colleague@Alpha.test' }
  const all = (): Promise<string[]> => Promise.all([1, 2, 3, 4, 5, 6, 8].map(now))

  it('moves everything of an owner by email, the bin too, and leaves the purged', async () => {
    assert.equal(await post('reassign', { ...to, ownerEmail: 'OWNER@alpha.test' }), '204')
    assert.deepEqual(await all(), [
      'available colleague',
      'deleted colleague',
      'purged owner',
      'available colleague',
      'available 105.place',
      'available colleague',
      'available left',
    ])
  })

  it('names the owner by id too, raw or not, in both spellings, of any kind (Ruling 19)', async () => {
    assert.equal(await post('reassign', { ...to, ownerID: IDS.place, ownerId: IDS.owner }), '204')
    assert.deepEqual([await now(5), await now(1)], ['available colleague', 'available owner'])
    assert.equal(await post('reassign', { ...to, ownerId: encodeWebexId('PEOPLE', IDS.owner) }), '204')
    assert.equal(await now(1), 'available colleague')
  })

  it('lets ownerEmail decide over ownerID', async () => {
    const body = { ...to, ownerEmail: '105.place@alpha.test', ownerID: IDS.owner }
    assert.equal(await post('reassign', body), '204')
    assert.deepEqual([await now(5), await now(1)], ['available colleague', 'available owner'])
  })

  it('moves named recordings whoever owns them, or those of them that the owner owns', async () => {
    assert.equal(await post('reassign', { ...to, recordingIds: [id(1), id(5)] }), '204')
    assert.deepEqual([await now(1), await now(5)], ['available colleague', 'available colleague'])
    const mixed = { ...to, ownerEmail: 'owner@alpha.test', recordingIds: [id(2), id(8)] }
    assert.equal(await post('reassign', mixed), '204')
    assert.deepEqual([await now(2), await now(8)], ['deleted colleague', 'available left'])
  })

  it('knows an owner who has left the directory by the recordings that stayed', async () => {
    assert.equal(await post('reassign', { ...to, ownerEmail: 'left@alpha.test' }), '204')
    assert.equal(await now(8), 'available colleague')
  })

  it('takes null, "" and [] as not given, and wants one of the three', async () => {
    const empty = { ownerEmail: '', ownerID: null, ownerId: '', recordingIds: [] }
    assert.equal(
      await post('reassign', { ...to, ...empty }),
      '400 ownerEmail, ownerID or recordingIds is required',
    )
    assert.equal(await post('reassign', to), '400 ownerEmail, ownerID or recordingIds is required')
    assert.equal(await post('reassign', { ...to, ...empty, recordingIds: [id(1)] }), '204')
  })

  const refusals: [object, string][] = [
    [{ recordingIds: [id(1)] }, '400 reassignOwnerEmail is required'],
    [{ reassignOwnerEmail: '', recordingIds: [id(1)] }, '400 reassignOwnerEmail is required'],
    [{ reassignOwnerEmail: null, recordingIds: [id(1)] }, '400 reassignOwnerEmail is required'],
    [
      { reassignOwnerEmail: '105.place@alpha.test', recordingIds: [id(1)] },
      '400 reassignOwnerEmail must be the email of a user',
    ],
    [
      { reassignOwnerEmail: 'nobody@alpha.test', recordingIds: [id(1)] },
      '404 reassignOwnerEmail names nobody',
    ],
    [
      { reassignOwnerEmail: 'everything@beta.test', recordingIds: [id(1)] },
      '404 reassignOwnerEmail names nobody',
    ],
    [{ ...to, ownerEmail: 'nobody@alpha.test' }, '404 ownerEmail names nobody'],
    [{ ...to, ownerID: 'nonsense' }, '404 ownerID names nobody'],
    [{ ...to, ownerID: IDS.foreign }, '404 ownerID names nobody'],
    [{ ...to, recordingIds: [id(1), id(3)] }, `404 Recording not found: ${id(3)}`],
    [{ ...to, recordingIds: [id(1), id(7)] }, `404 Recording not found: ${id(7)}`],
    [{ ...to, recordingIds: [id(1), ''] }, '400 recordingIds.1 '],
    [{ ...to, recordingIds: id(1) }, '400 recordingIds '],
    [{ ...to, recordingIds: [7] }, '400 recordingIds.0 '],
    [
      { ...to, recordingIds: Array.from({ length: 101 }, (_, n) => id(n)) },
      '400 recordingIds must name at most 100 recordings',
    ],
  ]
  for (const [body, expected] of refusals)
    it(`answers ${expected.slice(0, 60)} and changes nothing`, async () => {
      const before = await all()
      const answer = await post('reassign', body)
      assert.ok(answer.startsWith(expected), answer)
      assert.deepEqual(await all(), before)
    })

  it('takes 100 ids, each counting once however often it stands there', async () => {
    const ids = Array.from({ length: 100 }, (_, n) => id(100 + n))
    for (const one of ids) await api.addRecording({ id: one })
    const twice = [...ids, ...ids.map((one) => one.replaceAll('-', '').toUpperCase())]
    assert.equal(await post('reassign', { ...to, recordingIds: twice }), '204')
    assert.equal(await now(199), 'available colleague')
  })
})

describe('POST /convergedRecordings/softDelete, restore, purge (§9)', () => {
  const flags = { softDelete: 'trashAll', restore: 'restoreAll', purge: 'purgeAll' } as const
  const ownerEmail = 'owner@alpha.test'

  for (const [path, flag] of Object.entries(flags)) {
    const cases: [CallerName, object, string][] = [
      ['admin', { [flag]: true }, `400 ownerEmail is required with ${flag}`],
      ['admin', { [flag]: true, ownerEmail: '' }, `400 ownerEmail is required with ${flag}`],
      [
        'admin',
        { [flag]: true, ownerEmail, recordingIds: [id(1)] },
        `400 recordingIds must be empty with ${flag}`,
      ],
      ['owner', { [flag]: true, ownerEmail }, '400 ownerEmail is for administrators alone'],
      ['owner', { [flag]: true, recordingIds: [id(1)] }, `400 recordingIds must be empty with ${flag}`],
      ['owner', {}, `400 recordingIds is required without ${flag}`],
      ['admin', { [flag]: false, recordingIds: [] }, `400 recordingIds is required without ${flag}`],
      ['admin', { recordingIds: [id(1)], ownerEmail }, `400 ownerEmail is for ${flag} alone`],
      ['admin', { [flag]: 'true', recordingIds: [id(1)] }, `400 ${flag} must be boolean`],
      ['admin', { [flag]: true, ownerEmail: 'nobody@alpha.test' }, '404 ownerEmail names nobody'],
      ['admin', { [flag]: true, ownerEmail: 'everything@beta.test' }, '404 ownerEmail names nobody'],
      ['admin', { recordingIds: [id(3)] }, `404 Recording not found: ${id(3)}`],
      ['owner', { recordingIds: [id(4)] }, `404 Recording not found: ${id(4)}`],
      [
        'admin',
        { recordingIds: Array.from({ length: 101 }, (_, n) => id(n)) },
        '400 recordingIds must name at most 100 recordings',
      ],
    ]
    for (const [caller, body, expected] of cases)
      it(`${path} as ${caller} of ${JSON.stringify(body).slice(0, 70)} is ${expected.slice(0, 50)}`, async () => {
        assert.equal(await post(path, body, caller), expected)
      })
  }

  it('moves what is named, all or nothing', async () => {
    assert.equal(
      await post('softDelete', { recordingIds: [id(1), id(4), id(2)] }),
      `409 The status of recording ${id(2)} does not allow this: it is deleted`,
    )
    assert.deepEqual([await now(1), await now(4)], ['available owner', 'available colleague'])
    const twice = [id(1), id(4), id(1).replaceAll('-', '')]
    assert.equal(await post('softDelete', { recordingIds: twice, ownerEmail: null, trashAll: false }), '204')
    assert.deepEqual([await now(1), await now(4)], ['deleted owner', 'deleted colleague'])
    assert.equal(await post('restore', { recordingIds: [id(1)] }), '204')
    assert.equal(await post('purge', { recordingIds: [id(4)] }), '204')
    assert.deepEqual([await now(1), await now(4)], ['available owner', 'purged colleague'])
  })

  it('moves everything eligible of the caller, or of the owner that an administrator names', async () => {
    assert.equal(await post('restore', { restoreAll: true }, 'owner'), '204')
    assert.deepEqual([await now(2), await now(3)], ['available owner', 'purged owner'])
    assert.equal(await post('restore', { restoreAll: true }, 'owner'), '204', 'also with nothing eligible')
    assert.equal(await post('softDelete', { trashAll: true, ownerEmail: '105.place@alpha.test' }), '204')
    assert.equal(await now(5), 'deleted 105.place')
    assert.equal(await post('purge', { purgeAll: true, ownerEmail: '105.PLACE@alpha.test' }), '204')
    assert.equal(await now(5), 'purged 105.place')
  })

  it('makes whoever holds the scope an administrator, who needs an owner for everything (README §3.1)', async () => {
    assert.equal(
      await post('softDelete', { trashAll: true }, 'adminOwner'),
      '400 ownerEmail is required with trashAll',
    )
    assert.equal(await post('softDelete', { recordingIds: [id(4)] }, 'adminOwner'), '204')
  })

  it('is refused where the access settings forbid deleting, after what is not there; restoring is not', async () => {
    await allowing({ deleteRecordingsEnabled: false }, async () => {
      assert.match(await post('softDelete', { recordingIds: [id(1)] }, 'owner'), /^403 The access settings/)
      assert.match(
        await post('purge', { recordingIds: [id(1)] }, 'owner'),
        /^403 /,
        'before the status is looked at',
      )
      assert.match(await post('purge', { purgeAll: true }, 'owner'), /^403 /)
      assert.match(await post('softDelete', { recordingIds: [id(1), id(4)] }, 'owner'), /^404 /)
      assert.match(await post('softDelete', { recordingIds: [id(3)] }, 'owner'), /^404 /)
      assert.equal(await post('restore', { recordingIds: [id(2)] }, 'owner'), '204')
    })
  })

  it('says with 409 that a hold is stronger, and changes nothing', async () => {
    assert.equal(
      await post('softDelete', { recordingIds: [id(1), id(6)] }),
      `409 Recording ${id(6)} is under legal hold`,
    )
    assert.equal(await now(1), 'available owner')
  })
})

describe('reads, refusals and changes (promise P17)', () => {
  const get = (path: string, caller: CallerName): Promise<LightMyRequestResponse> =>
    api.send(caller, { url: `/v1${path}`, headers: { trackingid: 'SIMPLE_1' } })

  it('are each written down, by whom in which role', async () => {
    await get(`/convergedRecordings/${id(1)}`, 'owner')
    await get(`/convergedRecordings/${id(1)}`, 'admin')
    await get(`/convergedRecordings/${id(1)}/metadata`, 'officer')
    await get(`/convergedRecordings/${id(1)}`, 'colleague')
    await get(`/convergedRecordings/${id(404)}`, 'colleague')
    await get('/convergedRecordings', 'owner')
    await get('/admin/convergedRecordings?topic=Call', 'officer')
    await get('/admin/convergedRecordings?status=purged', 'admin')
    await post('softDelete', { recordingIds: [id(1)] })
    await post('purge', { recordingIds: [id(4)] })
    assert.deepEqual(written(), [
      'user recording.read 1',
      'admin recording.read 1',
      'complianceOfficer recording.metadataRead 1',
      'user refused 1 getConvergedRecordingDetails recording_not_found',
      'user recording.listed -',
      'complianceOfficer recording.listed -',
      'admin refused - listAdminConvergedRecordings purged_forbidden',
      'admin recording.softDeleted 1',
      'admin refused - purgeConvergedRecordings recording_state_conflict',
    ])
    const [first] = api.library.entries
    assert.deepEqual(first?.actor, {
      orgId: IDS.org,
      personId: IDS.owner,
      as: 'user',
      trackingId: 'SIMPLE_1',
    })
    const listed = api.library.entries[5]?.detail
    assert.deepEqual([listed?.['filters'], listed?.['count']], [{ topic: 'Call' }, 5])
  })

  it('are not answered when they cannot be written down', async () => {
    api.library.auditFault = new Error('the disk is full')
    try {
      const answer = await get(`/convergedRecordings/${id(1)}`, 'owner')
      assert.equal(answer.statusCode, 500)
      assert.ok(!answer.body.includes('sig='))
    } finally {
      api.library.auditFault = undefined
    }
  })
})

describe('the access settings of an owner (call-recording settings §2)', () => {
  const get = async (path: string, caller: CallerName): Promise<LightMyRequestResponse> =>
    api.send(caller, { url: `/v1${path}` })

  it('without viewing: an empty list, and 403 for details and metadata; others see them', async () => {
    await allowing({ viewAndPlayRecordingsEnabled: false }, async () => {
      assert.deepEqual((await get('/convergedRecordings', 'owner')).json(), { items: [] })
      for (const path of [`/convergedRecordings/${id(1)}`, `/convergedRecordings/${id(1)}/metadata`]) {
        assert.equal((await get(path, 'owner')).json().errors[0].errorCode, 10_213)
        assert.equal((await get(path, 'colleague')).statusCode, 404)
        assert.equal((await get(path, 'admin')).statusCode, 200)
      }
      assert.match((await get(`/convergedRecordings/${id(1)}`, 'officer')).body, /sig=/)
    })
  })

  it('without downloading: no links for the owner, but for the compliance officer', async () => {
    await allowing({ downloadRecordingsEnabled: false }, async () => {
      const answer = await get(`/convergedRecordings/${id(1)}`, 'owner')
      assert.equal(answer.statusCode, 200)
      for (const member of ['temporaryDirectDownloadLinks', 'downloadUrl', 'playbackUrl'])
        assert.equal(answer.json()[member], undefined)
      assert.match((await get(`/convergedRecordings/${id(1)}`, 'officer')).body, /sig=/)
    })
  })

  it('"prevent downloading" of one recording does the same (§5)', async () => {
    await api.addRecording({ id: id(20), download_prevented: 1 })
    assert.doesNotMatch((await get(`/convergedRecordings/${id(20)}`, 'owner')).body, /sig=/)
    assert.match((await get(`/convergedRecordings/${id(20)}`, 'officer')).body, /sig=/)
  })

  it('an administrator gets links to the own recordings, unless the operator wants it as in Webex (README §3.1)', async () => {
    await api.addRecording({ id: id(21), owner_id: IDS.admin })
    assert.match((await get(`/convergedRecordings/${id(21)}`, 'adminOwner')).body, /sig=/)
    assert.doesNotMatch((await get(`/convergedRecordings/${id(21)}`, 'admin')).body, /sig=/)
    api.rules = { ...CONTRACT_RULES, adminsWithoutLinks: true }
    assert.doesNotMatch((await get(`/convergedRecordings/${id(21)}`, 'adminOwner')).body, /sig=/)
  })
})
