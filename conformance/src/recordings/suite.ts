/** The suite of recordings, written once: whoever runs it says what the server stands on. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { IDS } from './cast.ts'
import { CONVERGED_FAMILY } from './converged.ts'
import { type Ground, House } from './house.ts'
import { Media } from './media.ts'
import { KEPT_DAYS, Shelf } from './states.ts'
import { needsOf, Trial } from './trial.ts'

/** How the suite is run. */
export interface SuiteOptions {
  /** Why it cannot be; false when it can. */
  readonly skip: string | false
  /** Opens what the server stands on. */
  readonly ground: () => Promise<Ground & { readonly close: () => Promise<void> }>
}

/** Runs it. */
export function recordingsSuite(name: string, { skip, ground }: SuiteOptions): void {
  describe(`recordings on ${name}`, { skip }, () => {
    let place: Awaited<ReturnType<typeof ground>>
    let house: House
    const shelf = new Shelf('calling')
    let trial: Trial

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
        await shelf.fill(seeder, media, needsOf(CONVERGED_FAMILY.table), 1)
      })
      trial = new Trial(house, CONVERGED_FAMILY, shelf)
    })
    after(async () => {
      const code = await house.close()
      await place.close()
      console.log(trial.print())
      assert.equal(code, 0)
    })

    describe('role × operation × lifecycle (converged-recordings §1, §10)', () => {
      for (const operation of Object.keys(CONVERGED_FAMILY.table)) it(operation, () => trial.play(operation))
    })
  })
}
