/** The suite of recordings, written once: whoever runs it says what the server stands on. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { callTests } from './calls.ts'
import { IDS } from './cast.ts'
import { CONVERGED_FAMILY } from './converged.ts'
import { type Ground, House } from './house.ts'
import { LinkSet, linkTests } from './links.ts'
import { Media } from './media.ts'
import { MEETING_FAMILY } from './meetings.ts'
import { PagedSet, pagingTests } from './paging.ts'
import { KEPT_DAYS, Shelf } from './states.ts'
import { needsOf, Trial } from './trial.ts'
import { WxcSet, withoutWxc, wxcTests } from './wxc.ts'
import { WxcMeetingSet, wxcMeetingTests } from './wxc-meetings.ts'

/** How the suite is run. */
export interface SuiteOptions {
  /** Why it cannot be; false when it can. */
  readonly skip: string | false
  /** Opens what the server stands on. */
  readonly ground: () => Promise<Ground & { readonly close: () => Promise<void> }>
}

const wxcSkip = await withoutWxc()

/** Runs it. */
export function recordingsSuite(name: string, { skip, ground }: SuiteOptions): void {
  describe(`recordings on ${name}`, { skip }, () => {
    let place: Awaited<ReturnType<typeof ground>>
    let house: House
    const [shelf, meetings] = [new Shelf('calling'), new Shelf('meeting')]
    const [links, paged] = [new LinkSet(), new PagedSet()]
    const [wxc, wxcMeetings] = [new WxcSet(), new WxcMeetingSet()]
    const trials = new Map<'calls' | 'meetings', Trial>()

    before(async () => {
      place = await ground()
      const media = await Media.load()
      house = await House.open(place, async (seeder) => {
        const officer = { orgId: IDS.org, personId: IDS.officer, as: 'complianceOfficer' } as const
        await seeder.library.retention.set(officer, {
          scope: 'location',
          scopeId: IDS.archive,
          keepDays: KEPT_DAYS,
          eraseAtEnd: false,
        })
        await shelf.fill(seeder, media, needsOf(CONVERGED_FAMILY), 1)
        await meetings.fill(seeder, media, needsOf(MEETING_FAMILY), 10_000)
        await links.fill(seeder, media)
        await wxc.fill(seeder, media)
        await wxcMeetings.fill(seeder, media)
        await paged.fill(seeder, media, place.pagedRecordings)
      })
      trials.set('calls', new Trial(house, CONVERGED_FAMILY, shelf))
      trials.set('meetings', new Trial(house, MEETING_FAMILY, meetings))
    })
    after(async () => {
      const code = await house.close()
      await place.close()
      for (const trial of trials.values()) console.log(trial.print())
      assert.equal(code, 0)
    })

    describe('recordings', () => callTests(() => house))
    describe('download links', () => linkTests(() => house, links))
    describe('paging', () => pagingTests(() => house, paged))
    describe('the Python SDK', () => {
      wxcTests(() => house, wxc, wxcSkip)
      wxcMeetingTests(() => house, wxcMeetings, wxcSkip)
    })
    describe('role × operation × lifecycle (converged-recordings §1, §10)', () => {
      for (const operation of Object.keys(CONVERGED_FAMILY.table))
        it(operation, () => trials.get('calls')?.play(operation))
    })
    describe('role × operation × lifecycle of meeting recordings (meeting-recordings §2-§8)', () => {
      for (const operation of Object.keys(MEETING_FAMILY.table))
        it(operation, () => trials.get('meetings')?.play(operation))
    })
  })
}
