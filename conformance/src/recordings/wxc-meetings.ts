/** wxc_sdk drives meeting recordings: the seven operations that it knows (meeting-recordings §2-§5, §7). */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Wxc, type WxcAnswer } from '../peers/wxc.ts'
import type { CallerName } from './cast.ts'
import type { House, Seeder } from './house.ts'
import type { Media } from './media.ts'
import { LONG_AGO, OWNERS } from './states.ts'

/** Files of these tests; others have other numbers. */
const FIRST = 70_000
const RECORDINGS = 3
const FROM = LONG_AGO - 200 * 86_400_000
const SITE = 'alpha.test'

/** The meeting recordings of these tests, newest first. */
export class WxcMeetingSet {
  readonly ids: string[] = []

  async fill(seeder: Seeder, media: Media): Promise<void> {
    for (let n = 0; n < RECORDINGS; n++) {
      const meeting = {
        meetingId: `${String(n).padStart(31, '0')}a_I_${n}`,
        siteUrl: SITE,
        password: `word-${n}`,
        serviceType: 'MeetingCenter',
        format: 'MP4',
        integrationTags: [],
      } as const
      const request = { owner: OWNERS.owner, topic: `Meeting ${n}`, serviceType: 'meeting', meeting } as const
      this.ids.unshift(
        await seeder.add(await media.mp4(FIRST + n), { ...request, createTime: FROM + n * 1_000 }),
      )
    }
  }
}

/** The test. */
export function wxcMeetingTests(house: () => House, set: WxcMeetingSet, skip: string | false): void {
  it('wxc_sdk lists, reads, moves and deletes meeting recordings', { skip }, async () => {
    const wxc = new Wxc(`${house().stage.url}/v1`)
    const ask = (caller: CallerName, method: string, args: object): Promise<WxcAnswer> =>
      wxc.ask(house().token(caller), `meetings.recordings.${method}`, { ...args })
    const done = async (caller: CallerName, method: string, args: object): Promise<WxcAnswer['result']> => {
      const answer = await ask(caller, method, args)
      assert.deepEqual([answer.status, answer.raised, answer.text], [undefined, undefined, undefined], method)
      return answer.result
    }
    const window = { from_: new Date(FROM).toISOString(), to_: new Date(FROM + 86_400_000).toISOString() }
    const idsOf = (list: { id: string }[]): string[] => list.map(({ id }) => id)
    const host_email = 'owner@alpha.test'
    try {
      const [first = '', second = '', third = ''] = set.ids
      assert.deepEqual(idsOf(await done('owner', 'list_recordings', window)), set.ids)
      assert.deepEqual(idsOf(await done('admin', 'list_recordings', { ...window, host_email })), set.ids)
      const all = 'list_recordings_for_an_admin_or_compliance_officer'
      const [listed] = await done('admin', all, { ...window, topic: 'meeting 2' })
      assert.deepEqual([listed.id, listed.hostEmail, listed.siteUrl], [first, host_email, SITE])

      const details = await done('owner', 'get_recording_details', { recording_id: first })
      assert.deepEqual([details.topic, details.format, details.status], ['Meeting 2', 'MP4', 'available'])
      const { recordingDownloadLink, audioDownloadLink } = details.temporaryDirectDownloadLinks
      for (const [link, type] of [
        [recordingDownloadLink, 'video/mp4'],
        [audioDownloadLink, 'audio/mp4'],
      ]) {
        const answer = await fetch(link)
        assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, type])
        assert.ok((await answer.arrayBuffer()).byteLength > 0)
      }

      const move = { recording_ids: [first], site_url: SITE }
      await done('owner', 'move_recordings_into_the_recycle_bin', move)
      await done('admin', 'restore_recordings_from_recycle_bin', { ...move, restore_all: false, host_email })
      await done('owner', 'move_recordings_into_the_recycle_bin', move)
      await done('owner', 'purge_recordings_from_recycle_bin', { ...move, purge_all: false })
      assert.equal((await ask('owner', 'get_recording_details', { recording_id: first })).status, 404)
      assert.equal((await done('officer', 'get_recording_details', { recording_id: first })).status, 'purged')

      const why = { reason: null, comment: null }
      await done('owner', 'delete_a_recording', { recording_id: second, ...why })
      assert.equal((await ask('owner', 'get_recording_details', { recording_id: second })).status, 404)
      assert.equal((await ask('officer', 'delete_a_recording', { recording_id: third, ...why })).status, 400)
      await done('officer', 'delete_a_recording', { recording_id: third, reason: 'audit', comment: 'Python' })
      assert.equal((await done('officer', 'get_recording_details', { recording_id: third })).status, 'purged')
      assert.deepEqual(await done('owner', 'list_recordings', window), [])
    } finally {
      await wxc.stop()
    }
  })
}
