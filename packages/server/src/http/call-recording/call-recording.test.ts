/** Recording settings: the object, what a PUT changes, and its limits (call-recording settings §1, §3). */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { encodeWebexId } from '@tandem/contract'
import { IDS, openTestApi, PUBLIC_URL, type TestApi } from '../../testing/api.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(() => {
  for (const line of api.ports.allLines) delete line.recording
  api.ports.allSounds.length = 0
  api.ports.allSounds.push({
    orgId: IDS.org,
    id: IDS.sound,
    name: 'Greeting',
    bytes: new Uint8Array(),
    sizeBytes: 0,
    durationMs: 0,
    createdAt: 0,
  })
})

const PERSON = `/v1/people/${encodeWebexId('PEOPLE', IDS.owner)}/features/callRecording`
const usual = { type: 'DEFAULT' }
const DEFAULTS = {
  enabled: false,
  record: 'Never',
  recordVoicemailEnabled: false,
  startStopAnnouncementEnabled: false,
  startStopAnnouncement: { internalCallsEnabled: false, pstnCallsEnabled: false },
  notification: { type: 'None', enabled: false },
  repeat: { interval: 15, enabled: false },
  serviceProvider: 'Webex',
  callRecordingAccessSettings: {
    viewAndPlayRecordingsEnabled: true,
    downloadRecordingsEnabled: true,
    deleteRecordingsEnabled: true,
    shareRecordingsEnabled: true,
  },
  postCallRecordingSettings: { summaryAndActionItemsEnabled: false, transcriptEnabled: false },
  announcements: {
    useLocationLevelEnabled: true,
    start: usual,
    stop: usual,
    pause: usual,
    resume: usual,
    failureEndWithCall: usual,
    failureProceedWithCall: usual,
  },
}

interface Settings {
  readonly [member: string]: unknown
}
const get = async (url = PERSON): Promise<Settings> => (await api.send('admin', { url })).json()
const put = async (payload: object, url = PERSON): Promise<number> =>
  (await api.send('admin', { method: 'PUT', url, payload })).statusCode

describe('recording settings (call-recording settings §1)', () => {
  it('are those of the default person until they are set', async () => {
    assert.deepEqual(await get(), DEFAULTS)
  })

  it('change by what a PUT names and keep the rest', async () => {
    const steps: readonly (readonly [object, object])[] = [
      [
        { enabled: true, record: 'Always' },
        { enabled: true, record: 'Always' },
      ],
      [{ record: 'On Demand' }, { record: 'On Demand with User Initiated Start' }],
      [{ record: 'Always with Pause/Resume' }, { record: 'Always with Pause/Resume' }],
      [{}, {}],
      [{ enabled: null, record: null }, {}],
      [{ recordVoicemailEnabled: true }, { recordVoicemailEnabled: true }],
      [
        { startStopAnnouncementEnabled: true, startStopAnnouncement: { pstnCallsEnabled: true } },
        {
          startStopAnnouncementEnabled: true,
          startStopAnnouncement: { internalCallsEnabled: false, pstnCallsEnabled: true },
        },
      ],
      [{ notification: { enabled: true } }, { notification: { type: 'Beep', enabled: true } }],
      [
        { notification: { type: 'Play Announcement' } },
        { notification: { type: 'Play Announcement', enabled: true } },
      ],
      [{ notification: { enabled: false } }, { notification: { type: 'Play Announcement', enabled: false } }],
      [{ notification: { enabled: true } }, { notification: { type: 'Beep', enabled: true } }],
      [{ notification: { type: null, enabled: false } }, { notification: { type: 'None', enabled: false } }],
      [{ notification: { type: null, enabled: true } }, { notification: { type: 'None', enabled: true } }],
      [{ repeat: { interval: 10 } }, { repeat: { interval: 10, enabled: false } }],
      [{ repeat: { interval: 1_800, enabled: true } }, { repeat: { interval: 1_800, enabled: true } }],
      [{ repeat: { interval: null, enabled: null } }, {}],
      [
        { postCallRecordingSettings: { transcriptEnabled: true } },
        { postCallRecordingSettings: { summaryAndActionItemsEnabled: false, transcriptEnabled: true } },
      ],
      [
        {
          callRecordingAccessSettings: { downloadRecordingsEnabled: false },
          serviceProvider: 'X',
          unknown: 1,
        },
        {},
      ],
    ]
    let expected: Settings = DEFAULTS
    for (const [change, effect] of steps) {
      assert.equal(await put(change), 204, JSON.stringify(change))
      expected = { ...expected, ...effect }
      assert.deepEqual(await get(), expected, JSON.stringify(change))
    }
    assert.equal(await put(await get()), 204, 'what was read may be sent back (wxc_sdk)')
    assert.deepEqual(await get(), expected)
  })

  it('announce with uploaded sounds of the organisation, by name', async () => {
    const start = { type: 'CUSTOM', audioAnnouncementFileId: IDS.sound }
    assert.equal(await put({ announcements: { useLocationLevelEnabled: false, start } }), 204)
    const announcements = {
      ...DEFAULTS.announcements,
      useLocationLevelEnabled: false,
      start: { type: 'CUSTOM', audioAnnouncementFile: { id: IDS.sound, fileName: 'Greeting' } },
    }
    assert.deepEqual((await get())['announcements'], announcements)
    assert.equal(await put({ announcements: (await get())['announcements'] as object }), 204)
    assert.deepEqual((await get())['announcements'], announcements, 'sent back as it was read')
    assert.equal(await put({ announcements: { start: { type: 'DEFAULT' } } }), 204)
    assert.deepEqual(((await get())['announcements'] as Settings)['start'], usual)
  })

  it('refuse values out of range and unknown words, and then change nothing', async () => {
    const bad: readonly object[] = [
      { record: 'on demand' },
      { record: '' },
      { record: true },
      { enabled: 'true' },
      { enabled: 1 },
      { repeat: { interval: 9 } },
      { repeat: { interval: 1_801 } },
      { repeat: { interval: 10.5 } },
      { repeat: 15 },
      { repeat: [] },
      { notification: { type: 'beep' } },
      { notification: { enabled: 'yes' } },
      { startStopAnnouncement: { pstnCallsEnabled: 1 } },
      { announcements: { start: { type: 'CUSTOM' } } },
      { announcements: { start: { type: 'OTHER' } } },
      { announcements: { start: { type: 'CUSTOM', audioAnnouncementFileId: 'nothing' } } },
      { announcements: { start: {} } },
    ]
    for (const change of bad)
      assert.equal(await put({ enabled: true, ...change }), 400, JSON.stringify(change))
    assert.deepEqual(await get(), DEFAULTS)
  })

  it('are those of people, workspaces (two paths, Ruling 41) and virtual lines, each under its own path', async () => {
    const paths = {
      [`/v1/workspaces/${encodeWebexId('PLACE', IDS.place)}/features/callRecording`]: 200,
      [`/v1/workspaces/${IDS.place}/features/callRecordings`]: 200,
      [`/v1/telephony/config/virtualLines/${IDS.virtualLine}/callRecording`]: 200,
      [`/v1/people/${IDS.place}/features/callRecording`]: 404,
      [`/v1/workspaces/${IDS.owner}/features/callRecording`]: 404,
      [`/v1/telephony/config/virtualLines/${IDS.owner}/callRecording`]: 404,
      [`/v1/people/${IDS.foreign}/features/callRecording`]: 404,
      [`${PERSON}?orgId=${IDS.foreignOrg}`]: 403,
      [`${PERSON}?orgId=${IDS.org}`]: 200,
    }
    for (const [url, status] of Object.entries(paths))
      assert.equal((await api.send('admin', { url })).statusCode, status, url)
    assert.equal(await put({ enabled: true }, `/v1/workspaces/${IDS.place}/features/callRecordings`), 204)
    assert.equal((await get(`/v1/workspaces/${IDS.place}/features/callRecording`))['enabled'], true)
    assert.equal((await get())['enabled'], false)
  })

  it('are read-only where the directory file sets them (409 that names the file)', async () => {
    const url = `/v1/people/${IDS.admin}/features/callRecording`
    const answer = await api.send('admin', { method: 'PUT', url, payload: { enabled: true } })
    assert.equal(answer.statusCode, 409)
    assert.match(answer.json().message, /office\.yaml/)
  })
})

describe('the own view (call-recording settings §3)', () => {
  it('says how the caller is recorded', async () => {
    await put({
      enabled: true,
      record: 'Always',
      startStopAnnouncementEnabled: true,
      notification: { type: 'Beep', enabled: true },
      repeat: { interval: 60, enabled: true },
    })
    const mine = await api.send('owner', { url: '/v1/telephony/config/people/me/settings/callRecording' })
    assert.deepEqual(mine.json(), {
      enabled: true,
      vendor: { id: 'Webex', name: 'Webex', loginUrl: PUBLIC_URL },
      recordingMode: 'Always',
      pauseResumeNotifyMethod: 'Beep',
      announcementEnabled: true,
      warningToneEnabled: true,
      warningToneDuration: 60,
    })
  })
})
