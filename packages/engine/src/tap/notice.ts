/**
 * The announcement that a call is recorded, before anything that is said is kept (promise P18).
 *
 * Whoever is part of a recorded talk hears it once for each recording, and neither speaks nor is heard until it is over: at
 * the start all of them, later only those who are new. `arrange` asks here who is to be told before it lets anybody
 * talk, so a transfer, a conference or a barge-in announces by itself. A notice that never ends is ended.
 */
import type { RecordingId, Sound } from '@tandem/media'
import { arrange, type Hearing, listens } from '../bridge/arrange.ts'
import type { CallHalf } from '../half/half.ts'
import type { Leg } from '../leg/leg.ts'
import type { Core } from '../session/core.ts'
import { announcementOf, isAnnounced, noteAnnouncement } from './announcement.ts'
import type { Recording } from './recording.ts'

/** How long the end of an announcement is waited for, in milliseconds: longer than anybody should have to listen. */
export const NOTICE_MS_MAX = 15_000

/** One announcement, which several hear together and which is over for all of them at once. */
export class Notice {
  readonly token: string
  readonly sound: Sound
  readonly hearers: readonly CallHalf[]
  /** Those of them who have not heard its end. */
  readonly waiting: Set<CallHalf>
  /** The recordings that keep it, from the leg of the first hearer. */
  readonly recordings: readonly RecordingId[]

  constructor(options: {
    readonly token: string
    readonly sound: Sound
    readonly hearers: readonly CallHalf[]
    readonly recordings: readonly RecordingId[]
  }) {
    this.token = options.token
    this.sound = options.sound
    this.hearers = options.hearers
    this.waiting = new Set(options.hearers)
    this.recordings = options.recordings
  }
}

/** Begins to tell those who may talk now what they do not know yet, and forgets whom it need not be told any more. */
export function giveNotice(core: Core, halves: readonly CallHalf[]): void {
  for (const half of halves) if (half.notice !== undefined && !listens(half)) half.notice.waiting.delete(half)
  for (const half of halves) if (half.notice !== undefined) endIfHeard(core, half.notice)
  const recordings = halves.flatMap(({ recording }) => (recording?.isOpen === true ? [recording] : []))
  const announced = recordings.filter((recording) => isAnnounced(recording.owner))
  const hearers = halves.filter(
    (half) => listens(half) && half.notice === undefined && announced.some(({ told }) => !told.has(half)),
  )
  if (hearers.length > 0) begin(core, hearers, { recordings, announced })
}

/** What a half hears during its notice. */
export function noticeHeard(half: CallHalf, notice: Notice): Hearing {
  const { hearers, recordings, sound, token } = notice
  const isFirst = hearers[0] === half && recordings.length > 0
  return { kind: 'sound', sound, token, ...(isFirst ? { recordings } : {}) }
}

/** The sound with this token has ended for a leg. */
export function noticePlayed(core: Core, leg: Leg, token: string): void {
  const { half } = leg
  if (half.leg === leg && half.notice?.token === token) noticeOver(core, half)
}

/** A half has heard the announcement, or has waited for its end for too long: they talk once all have. */
export function noticeOver(core: Core, half: CallHalf): void {
  const { notice } = half
  if (notice === undefined) return
  notice.waiting.delete(half)
  core.disarm({ kind: 'half', owner: half, wait: 'notice' })
  if (endIfHeard(core, notice)) arrange(core, half.session)
}

function begin(
  core: Core,
  hearers: readonly CallHalf[],
  of: { readonly recordings: readonly Recording[]; readonly announced: readonly Recording[] },
): void {
  const news = of.announced.filter(({ told }) => hearers.some((half) => !told.has(half)))
  const announcements = news.map(({ owner }) => announcementOf(owner.line, 'start'))
  const sounds = announcements
    .filter(({ file }, index) => announcements.findIndex((other) => other.file === file) === index)
    .map(({ sound }) => sound)
  const [only] = sounds
  const sound: Sound = sounds.length === 1 && only !== undefined ? only : { kind: 'sequence', sounds }
  const keeping = of.recordings.filter(
    (recording) => news.includes(recording) || hearers.includes(recording.owner),
  )
  core.notices += 1
  const token = `notice-${core.notices}`
  const notice = new Notice({ token, sound, hearers, recordings: keeping.map(({ id }) => id) })
  for (const half of hearers) {
    half.notice = notice
    core.arm({ kind: 'half', owner: half, wait: 'notice' }, NOTICE_MS_MAX)
  }
  for (const recording of news) {
    for (const half of hearers) recording.told.add(half)
    noteAnnouncement(core, recording, announcementOf(recording.owner.line, 'start'), hearers)
  }
}

/** Lets everybody talk if nobody has still to hear the end; true then. */
function endIfHeard(core: Core, notice: Notice): boolean {
  for (const half of notice.waiting) if (half.phase === 'connected' && half.notice === notice) return false
  for (const half of notice.hearers) {
    if (half.notice !== notice) continue
    half.notice = undefined
    core.disarm({ kind: 'half', owner: half, wait: 'notice' })
  }
  return true
}
