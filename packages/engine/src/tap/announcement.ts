/**
 * What people are told about a recording (contract, call-recording settings §1): which words or clip belong to which
 * moment, who hears them, and the note of it in the recording's document.
 */
import { type PromptName, promptClip, type RecordingId, type Sound } from '@tandem/media'
import { audienceOf, listens } from '../bridge/arrange.ts'
import type { AnnouncementEvent, DirectoryLine } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import { remotePartyOf } from '../half/view.ts'
import type { RecordingNote } from '../recording-facts.ts'
import type { Core } from '../session/core.ts'
import { shownAor } from './facts.ts'
import type { Recording } from './recording.ts'

/** The words of an announcement, and how the document names them. */
export interface Announcement {
  readonly sound: Sound
  readonly file: string
}

/** The prompts that come with Tandem. The long farewell is not used: a call that must end has no time for it. */
const PROMPTS: Readonly<Record<AnnouncementEvent, PromptName>> = {
  start: 'recordingStarted',
  stop: 'recordingStopped',
  pause: 'recordingPaused',
  resume: 'recordingResumed',
  failureEndWithCall: 'recordingFailed',
  failureProceedWithCall: 'recordingFailed',
}
const BEEP: Sound = { kind: 'beep' }

/** What the calls of a line announce at a moment: its own clip, or the built-in words. */
export function announcementOf(line: DirectoryLine, event: AnnouncementEvent): Announcement {
  const clip = line.recording.announcements?.[event]
  if (clip !== undefined) return { sound: { kind: 'clip', name: clip }, file: clip }
  const name = PROMPTS[event]
  return { sound: { kind: 'prompt', name }, file: promptClip(name) }
}

/** Whether start and end are announced in this call, which is inside the organisation or with the world outside. */
export function isAnnounced(owner: CallHalf): boolean {
  const { announceExternal, announceInternal } = owner.line.recording
  const { callType } = remotePartyOf(owner)
  const isInternal = callType === 'location' || callType === 'organization'
  return (isInternal ? announceInternal : announceExternal) === true
}

/** Everyone who can be told something now: not who holds, waits parked, or talks to a machine. */
export function listenersOf(half: CallHalf): readonly CallHalf[] {
  return audienceOf(half.session).filter(listens)
}

/** Says something to all ears of a recorded call, over what they hear. What `recordings` names keeps it. */
export function tellAll(
  core: Core,
  half: CallHalf,
  sound: Sound,
  options: { readonly recordings?: readonly RecordingId[] } = {},
): readonly CallHalf[] {
  const listeners = listenersOf(half)
  const { recordings = [] } = options
  for (const [index, { leg }] of listeners.entries())
    if (leg !== undefined)
      core.media({
        kind: 'play',
        leg: leg.id,
        sound,
        over: true,
        ...(index === 0 && recordings.length > 0 ? { recordings } : {}),
      })
  return listeners
}

/** Announces the end of a recording in mid-call, which has happened; nothing of it is in the recording. */
export function announceStop(core: Core, recording: Recording): void {
  const { owner } = recording
  if (isAnnounced(owner)) tellAll(core, owner, announcementOf(owner.line, 'stop').sound)
}

/**
 * Tells all of a pause or of its end, as the line wishes: after the pause has begun, so that no word slips in meanwhile
 * and nothing is kept of the words; and once the recording goes on, so that it holds them.
 */
export function announcePause(core: Core, recording: Recording, event: 'pause' | 'resume'): void {
  const { owner } = recording
  const { notification } = owner.line.recording
  const recordings = event === 'resume' ? [recording.id] : []
  if (notification === 'Beep') tellAll(core, owner, BEEP, { recordings })
  if (notification !== 'Play Announcement') return
  const announcement = announcementOf(owner.line, event)
  noteAnnouncement(core, recording, announcement, tellAll(core, owner, announcement.sound, { recordings }))
}

/** Notes in a recording that these were told something about it. */
export function noteAnnouncement(
  core: Core,
  recording: Recording,
  announcement: Announcement,
  hearers: readonly CallHalf[],
): void {
  const domain = core.domainOf(recording.owner.session.orgId)
  const note: RecordingNote = {
    kind: 'announcement',
    at: core.wallNow,
    file: announcement.file,
    heardBy: hearers.map((half) => shownAor(recording.owner, half, domain)),
    level: 'USER_LEVEL',
  }
  core.media({ kind: 'note', recording: recording.id, at: note.at, note: JSON.stringify(note) })
}
