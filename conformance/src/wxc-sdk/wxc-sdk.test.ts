/**
 * wxc_sdk, the Python SDK of Webex integrations, drives Tandem unchanged: every method of the classes that the contract
 * covers, while real phones ring and over real recordings. A method that no test ran fails the suite; where the SDK fails by
 * a defect of its own, the table says which (contract, sdk-surface §6).
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Wxc, withoutWxc } from '../peers/wxc.ts'
import { House } from '../recordings/house.ts'
import { Media } from '../recordings/media.ts'
import { WxcSet, wxcTests } from '../recordings/wxc.ts'
import { WxcMeetingSet, wxcMeetingTests } from '../recordings/wxc-meetings.ts'
import { Theatre } from '../theatre/theatre.ts'
import { callTests } from './calls.ts'
import { settingTests } from './settings.ts'
import { webhookTests } from './webhooks.ts'

/** The classes, by the path at which the SDK keeps them. */
const CLASSES = [
  'converged_recordings',
  'telephony.calls',
  'telephony.conference',
  'telephony.call_controls_members',
  'webhook',
  'meetings.recordings',
] as const
/** Single methods of classes of which most is none of the contract's. */
const METHODS = [
  'people.me',
  'people.list',
  'people.details',
  'person_settings.preferred_answer.read',
  'person_settings.preferred_answer.modify',
  'person_settings.call_recording.read',
  'person_settings.call_recording.configure',
] as const
/** What the SDK cannot do against any server that keeps to the contract. */
const DEFECTS: Readonly<Record<string, string>> = {
  'telephony.calls.transfer':
    'attended: reads a CallInfo out of the empty 204 (defect 1); with a destination it works',
}

const skip = await withoutWxc()
let theatre: Theatre
let house: House
let python: Wxc
const recordings = new WxcSet()
const meetings = new WxcMeetingSet()

before(async () => {
  if (skip !== false) return
  theatre = await Theatre.open()
  python = new Wxc(`${theatre.stage.url}/v1`)
  house = await House.open({ settings: {}, pagedRecordings: 0 }, async (seeder) => {
    const media = await Media.load()
    await recordings.fill(seeder, media)
    await meetings.fill(seeder, media)
  })
})

after(async () => {
  if (skip !== false) return
  await python.stop()
  await house.close()
  assert.equal(await theatre.close(), 0)
})

const stage = (): Theatre => theatre
const wxc = (): Wxc => python

describe('wxc_sdk against Tandem', () => {
  callTests(stage, wxc, skip)
  settingTests(stage, wxc, skip)
  webhookTests(stage, wxc, skip)
  wxcTests(() => house, recordings, skip)
  wxcMeetingTests(() => house, meetings, skip)

  it('leaves no method out', { skip }, async (test) => {
    const wanted: string[] = [...METHODS]
    for (const path of CLASSES) {
      const { result } = await python.ask('-', 'methods of', { path })
      wanted.push(...result.map((name: string) => `${path}.${name}`))
    }
    const never: string[] = []
    const failed: string[] = []
    for (const method of wanted) {
      const ran = Wxc.ran.get(method)
      if (ran === undefined) never.push(method)
      else if (ran.done === 0) failed.push(`${method}: ${ran.failures.join('; ')}`)
      const outcome =
        ran === undefined ? 'never run' : `${ran.done} done, ${ran.failures.length} refused or raised`
      const defect = DEFECTS[method]
      test.diagnostic(`${method}: ${outcome}${defect === undefined ? '' : `; ${defect}`}`)
    }
    test.diagnostic(
      `methods: ${wanted.length}, run: ${wanted.length - never.length}, failed: ${failed.length}`,
    )
    assert.deepEqual({ never, failed }, { never: [], failed: [] })
  })
})
