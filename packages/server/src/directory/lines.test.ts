import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import { Failure } from '../http/failure.ts'
import { DEFAULT_RECORDING_SETTINGS, FULL_ACCESS, type LineRecordingSettings } from '../http/ports.ts'
import { openTestData, type TestData } from '../testing/open-test-data.ts'
import { applyDirectory } from './apply.ts'
import { Lines } from './lines.ts'
import { directoryRevision } from './revision.ts'
import { loadSnapshot } from './snapshot.ts'

const ORG = '1f7a4b9e-0d52-4b6b-9d35-5f2c8e17aa40'
const ADA = '0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210'
const SUPPORT = 'a4f0c9d2-52d1-4e8e-8f3b-6b7d3c1e9f05'
const DESK = '4d6c1686-0a5b-44e2-9144-a1f0b6e97d21'
const SOFT = '5d6c1686-0a5b-44e2-9144-a1f0b6e97d21'
const SOUND = '6d6c1686-0a5b-44e2-9144-a1f0b6e97d21'

const directory = (ada = '', support = ''): string => `organizations:
  - name: Radio
    id: ${ORG}
    domains: [radio.test]
    people:
      - { id: ${ADA}, email: ada@radio.test, name: Ada, extension: "101"${ada}, devices: [
          { id: ${DESK}, name: desk, sipUser: ada, sipPassword: long-enough, secondaryLines: ["301"] },
          { id: ${SOFT}, name: soft, sipUser: soft, sipPassword: long-enough }] }
    virtualLines:
      - { id: ${SUPPORT}, name: Support, extension: "301"${support} }
`

let data: TestData
let lines: Lines
before(async () => {
  data = await openTestData({ demo: false })
  lines = new Lines(data.db)
})
after(() => data.remove())
beforeEach(async () => {
  for (const table of ['sounds', 'devices', 'lines', 'locations', 'domains', 'organizations'] as const)
    await data.db.kysely.deleteFrom(table).execute()
  await apply(directory())
})

async function apply(text: string): Promise<void> {
  const { errors } = await applyDirectory(data, text, { fileName: 'dir.yaml' })
  assert.deepEqual(errors, [])
}

async function refused(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'done'
  } catch (error) {
    assert.ok(error instanceof Failure, String(error))
    return `${error.error}: ${error.detail}`
  }
}

const settings = (more: Partial<LineRecordingSettings>): LineRecordingSettings => ({
  ...DEFAULT_RECORDING_SETTINGS,
  ...more,
})

describe('Lines', () => {
  it('finds a line of any kind in its own organisation alone', async () => {
    assert.deepEqual(await lines.find(ORG, SUPPORT), {
      id: SUPPORT,
      kind: 'virtualLine',
      displayName: 'Support',
    })
    assert.equal((await lines.find(ORG, ADA))?.kind, 'person')
    assert.deepEqual([await lines.find('other', ADA), await lines.find(ORG, DESK)], [undefined, undefined])
  })

  it('names the phones on which a line appears, its own first, and the lines beside a person', async () => {
    const names = async (orgId: string, id: string): Promise<string[]> =>
      (await lines.devicesOf(orgId, id)).map((device) => `${device.kind} ${device.name}`)
    assert.deepEqual(await names(ORG, ADA), ['DEVICE desk', 'DEVICE soft'])
    assert.deepEqual(await names(ORG, SUPPORT), ['DEVICE desk'])
    assert.deepEqual(await names('other', ADA), [])
    assert.deepEqual(await lines.secondaryLinesOf(ORG, ADA), [SUPPORT])
    assert.deepEqual(await lines.secondaryLinesOf(ORG, SUPPORT), [])
  })

  it('sets and clears the preferred phone, and the calls hear of it', async () => {
    const revision = await directoryRevision(data.db)
    await lines.setPreferredEndpoint(ORG, ADA, SOFT)
    assert.equal(await lines.preferredEndpoint(ORG, ADA), SOFT)
    assert.equal(await directoryRevision(data.db), revision + 1)
    const line = async (): Promise<string | undefined> =>
      (await loadSnapshot(data, SILENT)).lines.find((one) => one.id === ADA)?.preferredDeviceId
    assert.equal(await line(), SOFT)
    assert.match(await refused(lines.setPreferredEndpoint(ORG, SUPPORT, SOFT)), /^endpoint_unknown/)
    assert.match(await refused(lines.setPreferredEndpoint('other', ADA, null)), /^line_not_found/)
    await lines.setPreferredEndpoint(ORG, ADA, null)
    assert.deepEqual([await lines.preferredEndpoint(ORG, ADA), await line()], [undefined, undefined])
  })

  it('keeps what the API set when the file is applied again, until the file says it itself', async () => {
    await lines.setPreferredEndpoint(ORG, ADA, SOFT)
    await lines.setRecordingSettings(ORG, ADA, settings({ enabled: true, record: 'Always' }))
    await apply(directory(', doNotDisturb: true'))
    assert.equal(await lines.preferredEndpoint(ORG, ADA), SOFT)
    assert.equal((await lines.recordingSettings(ORG, ADA)).record, 'Always')
    await apply(directory(', recording: Never, preferredDevice: ada'))
    assert.equal(await lines.preferredEndpoint(ORG, ADA), DESK)
    assert.equal((await lines.recordingSettings(ORG, ADA)).record, 'Never')
    const file = 'managed_by_file: The directory file dir.yaml sets this; change it there'
    assert.equal(await refused(lines.setPreferredEndpoint(ORG, ADA, null)), file)
    assert.equal(await refused(lines.setRecordingSettings(ORG, ADA, settings({}))), file)
    await apply(directory())
    assert.equal(await lines.preferredEndpoint(ORG, ADA), undefined, 'what the file said is not left behind')
    assert.equal(await refused(lines.setRecordingSettings(ORG, ADA, settings({}))), 'done')
  })

  it('shows the defaults of the contract until something is set (call-recording settings §1)', async () => {
    assert.deepEqual(await lines.recordingSettings(ORG, ADA), DEFAULT_RECORDING_SETTINGS)
  })

  it('lets owners do everything with their recordings unless the file says otherwise (call-recording settings §2)', async () => {
    assert.deepEqual(await lines.recordingAccess(ORG, ADA), FULL_ACCESS)
    assert.deepEqual(await lines.recordingAccess(ORG, DESK), FULL_ACCESS, 'also somebody who is gone')
    await apply(directory(', recording: { mode: Always, access: { download: false, delete: false } }'))
    const access = { ...FULL_ACCESS, downloadRecordingsEnabled: false, deleteRecordingsEnabled: false }
    assert.deepEqual(await lines.recordingAccess(ORG, ADA), access)
    assert.deepEqual((await lines.recordingSettings(ORG, ADA)).callRecordingAccessSettings, access)
    assert.deepEqual(await lines.recordingAccess('other', ADA), FULL_ACCESS)
    const wrong = directory(', recording: { access: { play: false } }')
    const { errors } = await applyDirectory(data, wrong, { fileName: 'dir.yaml' })
    assert.match(errors.join('\n'), /access.play is not a member/)
  })

  it('gives back what was set, and the engine what follows from it', async () => {
    await data.db.kysely
      .insertInto('sounds')
      .values({ id: SOUND, org_id: ORG, name: 'Hello', duration_ms: 1, size_bytes: 1, created_at: 1 })
      .execute()
    const set = settings({
      enabled: true,
      record: 'Always with Pause/Resume',
      recordVoicemailEnabled: true,
      startStopAnnouncementEnabled: true,
      startStopAnnouncement: { internalCallsEnabled: true, pstnCallsEnabled: false },
      notification: { type: 'Beep', enabled: true },
      repeat: { interval: 20, enabled: true },
      postCallRecordingSettings: { summaryAndActionItemsEnabled: true, transcriptEnabled: true },
      announcements: {
        useLocationLevelEnabled: false,
        start: { type: 'CUSTOM', soundId: SOUND },
        stop: { type: 'DEFAULT' },
      },
    })
    await lines.setRecordingSettings(ORG, ADA, set)
    assert.deepEqual(await lines.recordingSettings(ORG, ADA), set)
    const recording = async (): Promise<unknown> =>
      (await loadSnapshot(data, SILENT)).lines.find((line) => line.id === ADA)?.recording
    assert.deepEqual(await recording(), {
      mode: 'Always with Pause/Resume',
      voicemail: true,
      announceInternal: true,
      notification: 'Beep',
      repeatSeconds: 20,
      announcements: { start: `sounds/${SOUND}` },
    })
    await lines.setRecordingSettings(ORG, ADA, { ...set, enabled: false })
    assert.equal(((await recording()) as { mode: string }).mode, 'Never', 'switched off is never (§2)')
    const announcements = {
      useLocationLevelEnabled: false,
      start: { type: 'CUSTOM', soundId: DESK },
    } as const
    assert.match(
      await refused(lines.setRecordingSettings(ORG, ADA, { ...set, announcements })),
      /^sound_not_found/,
    )
    await data.db.kysely.deleteFrom('sounds').execute()
    assert.deepEqual((await lines.recordingSettings(ORG, ADA)).announcements.start, { type: 'DEFAULT' })
  })

  it('reads the mode of a row of the first release', async () => {
    await data.db.kysely
      .updateTable('lines')
      .set({ recording: '{"record":"Always"}' })
      .where('id', '=', ADA)
      .execute()
    assert.deepEqual(await lines.recordingSettings(ORG, ADA), settings({ enabled: true, record: 'Always' }))
    assert.deepEqual((await loadSnapshot(data, SILENT)).lines.find((line) => line.id === ADA)?.recording, {
      mode: 'Always',
    })
  })
})
