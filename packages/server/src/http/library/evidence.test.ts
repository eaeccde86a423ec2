import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type CallerName, IDS, NOW, openTestApi, type TestApi } from '../../testing/api.ts'
import { AUDIO } from '../../testing/test-library.ts'

const CALL = '5b0c7f2e-6c1d-4e0f-9a53-000000000001'
const FOREIGN = '5b0c7f2e-6c1d-4e0f-9a53-000000000007'
const LIBRARY = '/tandem/v1'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(async () => {
  await api.removeRecordings()
  await api.addRecording({ id: CALL, topic: '../Call\r\n; "x"' })
  await api.addRecording({ id: FOREIGN, org_id: IDS.foreignOrg, owner_id: IDS.foreign })
  api.library.entries.length = 0
})

const get = (path: string, caller: CallerName = 'officer') => api.send(caller, { url: `${LIBRARY}/${path}` })
const exports = async () =>
  (await api.recordings.audit.list(IDS.org, { action: 'recording.exported', max: 9 })).items.length
const actions = () => api.library.entries.map(({ action }) => action)

describe('evidence about a recording (promise P17)', () => {
  it('is a manifest that the published keys check', async () => {
    const manifest = (await get(`recordings/${CALL}/manifest`, 'admin')).json()
    const { items } = (await get('signingKeys', 'owner')).json()
    const key = items.find((each: { keyId: string }) => each.keyId === manifest.keyId)
    assert.deepEqual([key.algorithm, key.from], ['Ed25519', new Date(NOW).toISOString()])
    assert.ok(manifest.body.includes(CALL))
    assert.deepEqual(Object.keys(manifest).toSorted(), ['body', 'keyId', 'signature'])
    const signature = Buffer.from(manifest.signature, 'base64')
    const publicKey = createPublicKey(key.publicKey)
    const isSigned = (body: string) =>
      ['', 'tandem recording manifest 1\n'].some((head) =>
        verify(null, Buffer.from(head + body), publicKey, signature),
      )
    assert.ok(isSigned(manifest.body))
    assert.ok(!isSigned(manifest.body.replace(CALL, FOREIGN)))
    assert.deepEqual(actions(), ['recording.read'])
    assert.equal((await get(`recordings/${FOREIGN}/manifest`)).statusCode, 404)
  })

  it('is an archive with the media in it, under a name of ours (A08)', async () => {
    const answer = await get(`recordings/${CALL}/export`)
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.headers['content-type'], 'application/x-tar')
    const disposition = String(answer.headers['content-disposition'])
    assert.match(disposition, /^attachment; filename="-Call_ -x-\.tar"; filename\*=UTF-8''-Call/)
    assert.ok(answer.rawPayload.includes(AUDIO))
    for (const name of [
      'keys.json',
      'recording.mp3',
      'metadata.json',
      'manifest.json',
      'audit.ndjson',
      'export.json',
    ])
      assert.ok(answer.rawPayload.includes(`${name}\0`), name)
    assert.equal(await exports(), 1)
    const head = await api.send('officer', { method: 'HEAD', url: `${LIBRARY}/recordings/${CALL}/export` })
    assert.deepEqual(
      [head.statusCode, head.body, head.headers['content-disposition']],
      [200, '', disposition],
    )
    assert.equal(await exports(), 1, 'a HEAD gives nothing away')
    for (const odd of ['..%2f..%2fetc%2fpasswd', '%00', `${CALL}%0d%0aX:1`, `${CALL}%2f..%2f${CALL}`])
      assert.equal((await get(`recordings/${odd}/export`)).statusCode, 404, odd)
  })
})

describe('PUT /tandem/v1/recordings/{recordingId}', () => {
  const put = (payload: object, caller: CallerName, id = CALL) =>
    api.send(caller, { method: 'PUT', url: `${LIBRARY}/recordings/${id}`, payload })

  it('gives a new topic, and nothing else that a body may name (A06)', async () => {
    const payload = {
      topic: ' New topic ',
      ownerId: IDS.admin,
      status: 'purged',
      orgId: 'x',
      legalHold: true,
    }
    assert.equal((await put(payload, 'owner')).statusCode, 204)
    const { topic, ownerId, status } = (await api.recordings.get(IDS.org, CALL)) ?? {}
    assert.deepEqual([topic, ownerId, status], ['New topic', IDS.owner, 'available'])
    assert.deepEqual(actions(), ['recording.updated'])
  })

  it('keeps an owner from the download, at the word of an administrator alone', async () => {
    const prevent = { downloadPrevented: true }
    const refused = await put(prevent, 'owner')
    assert.deepEqual([refused.statusCode, actions()], [403, ['refused']])
    assert.equal((await put(prevent, 'admin')).statusCode, 204)
    assert.equal((await get(`recordings/${CALL}/export`, 'owner')).statusCode, 403)
    assert.equal((await put({ downloadPrevented: false }, 'owner')).statusCode, 403)
  })

  it('is refused with the field that is wrong', async () => {
    const cases: [object, RegExp][] = [
      [{}, /^topic or downloadPrevented is required$/],
      [{ topic: ' ' }, /^topic must not be blank$/],
      [{ topic: '' }, /^topic /],
      [{ topic: 'x'.repeat(257) }, /^topic /],
      [{ topic: 1 }, /^topic /],
      [{ downloadPrevented: 'yes' }, /^downloadPrevented /],
    ]
    for (const [payload, sentence] of cases) {
      const answer = await put(payload, 'admin')
      assert.equal(answer.statusCode, 400)
      assert.match(answer.json().message, sentence)
    }
    assert.equal((await put({ topic: 'x'.repeat(256) }, 'admin')).statusCode, 204)
    assert.equal((await put({ topic: 'x' }, 'admin', FOREIGN)).statusCode, 404)
  })
})

describe('the state of the store', () => {
  it('tells of damage of the own organisation alone', async () => {
    const storage = api.recordings.storage.bind(api.recordings)
    const damage = [CALL, FOREIGN].map((recordingId) => ({ recordingId, file: 'media', foundAt: NOW }))
    api.recordings.storage = async () => {
      const state = await storage()
      return { ...state, scrub: { ...state.scrub, damaged: damage } }
    }
    const report = (await get('storage', 'admin')).json()
    const found = new Date(NOW).toISOString()
    assert.deepEqual(report.scrub.damaged, [{ recordingId: CALL, file: 'media', found }])
    assert.deepEqual([report.vault, report.encrypted, report.clockDoubted], ['folder', true, false])
    api.recordings.storage = storage
  })

  it('has its clock confirmed, which is written down', async () => {
    const answer = await api.send('officer', { method: 'POST', url: `${LIBRARY}/storage/acceptClock` })
    assert.equal(answer.statusCode, 204)
    const [entry] = api.library.entries
    assert.deepEqual([entry?.action, entry?.actor.personId], ['clock.accepted', IDS.officer])
  })
})
