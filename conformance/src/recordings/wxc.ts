/**
 * wxc_sdk, the Python SDK of Webex integrations, drives converged recordings: what it reads into its models, and the
 * statuses it raises for.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Wxc, type WxcAnswer, withoutWxc } from '../peers/wxc.ts'
import { type CallerName, IDS } from './cast.ts'
import type { House, Seeder } from './house.ts'
import type { Media } from './media.ts'
import { LONG_AGO, OWNERS } from './states.ts'

/** Files of these tests; others have other numbers. */
const FIRST = 60_000
/** More than a page, so that the SDK follows a link. */
const RECORDINGS = 13
const FROM = LONG_AGO - 100 * 86_400_000

/** The recordings of these tests, newest first. */
export class WxcSet {
  readonly ids: string[] = []

  async fill(seeder: Seeder, media: Media): Promise<void> {
    for (let n = 0; n < RECORDINGS; n++)
      this.ids.unshift(
        await seeder.add(media.mp3(FIRST + n), {
          owner: OWNERS.owner,
          topic: `Python ${n}`,
          createTime: FROM + n * 1_000,
          serviceType: 'calling',
        }),
      )
  }
}

/** The tests. Resolves `withoutWxc` first. */
export function wxcTests(house: () => House, set: WxcSet, skip: string | false): void {
  it('wxc_sdk lists, reads, deletes, restores, purges and reassigns', { skip }, async () => {
    const wxc = new Wxc(`${house().stage.url}/v1`)
    const ask = (caller: CallerName, method: string, args: object = {}): Promise<WxcAnswer> =>
      wxc.ask(house().token(caller), `converged_recordings.${method}`, { ...args })
    const done = async (
      caller: CallerName,
      method: string,
      args: object = {},
    ): Promise<WxcAnswer['result']> => {
      const answer = await ask(caller, method, args)
      assert.deepEqual([answer.status, answer.raised, answer.text], [undefined, undefined, undefined], method)
      return answer.result
    }
    const window = { from_: new Date(FROM).toISOString(), to_: new Date(FROM + 86_400_000).toISOString() }
    const idsOf = (list: { id: string }[]): string[] => list.map(({ id }) => id)
    try {
      const [first = '', second = '', third = '', fourth = ''] = set.ids
      assert.deepEqual(idsOf(await done('owner', 'list', window)), set.ids, 'over two pages')
      const all = 'list_for_admin_or_compliance_officer'
      assert.deepEqual(idsOf(await done('admin', all, { ...window, owner_id: IDS.owner })), set.ids)
      assert.deepEqual(idsOf(await done('officer', all, { ...window, topic: 'PYTHON 12' })), [first])
      assert.equal((await ask('officer', 'list', window)).status, 403)

      const details = await done('owner', 'details', { recording_id: first })
      assert.deepEqual(
        [details.id, details.topic, details.ownerEmail],
        [first, 'Python 12', 'owner@alpha.test'],
      )
      assert.ok(details.temporaryDirectDownloadLinks.audioDownloadLink.includes('sig='))
      const asAdmin = await done('admin', 'details', { recording_id: first })
      assert.equal(asAdmin.temporaryDirectDownloadLinks, undefined)
      const metadata = await done('admin', 'metadata', { recording_id: first, show_all_types: true })
      assert.deepEqual([metadata.id, metadata.ownerId], [first, IDS.owner])

      const recording_ids = [first, second]
      await done('owner', 'move_recordings_into_the_recycle_bin', { recording_ids })
      assert.equal(
        (await ask('owner', 'move_recordings_into_the_recycle_bin', { recording_ids })).status,
        409,
      )
      assert.deepEqual(idsOf(await done('owner', 'list', { ...window, status: 'deleted' })), recording_ids)
      await done('admin', 'restore_recordings_from_recycle_bin', { recording_ids: [first] })
      await done('admin', 'purge_recordings_from_recycle_bin', { recording_ids: [second] })
      assert.equal((await ask('owner', 'details', { recording_id: second })).status, 404)
      assert.equal((await done('officer', 'details', { recording_id: second })).status, 'purged')

      await done('owner', 'delete', { recording_id: first })
      assert.equal((await done('owner', 'details', { recording_id: first })).status, 'deleted')
      assert.equal((await ask('officer', 'delete', { recording_id: third })).status, 400, 'without a reason')
      await done('officer', 'delete', { recording_id: third, reason: 'audit', comment: 'from Python' })
      assert.equal((await ask('officer', 'details', { recording_id: third })).status, 404)

      const to = { reassign_owner_email: 'colleague@alpha.test', recording_ids: [fourth] }
      await done('admin', 'reassign', to)
      assert.equal(
        (await done('colleague', 'details', { recording_id: fourth })).ownerEmail,
        'colleague@alpha.test',
      )
      assert.equal((await ask('owner', 'reassign', to)).status, 403)
    } finally {
      await wxc.stop()
    }
  })
}

export { withoutWxc }
