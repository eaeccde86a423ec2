/**
 * `callActivity` of the metadata document (recording-metadata §4): an entry for each change that the recording saw, in
 * order of time, each with the announcement nearest to it. Without `showAllTypes` (§3) streams, participants and
 * redirections are absent while every entry stays, so that indexes agree between both forms.
 */
import type { CallActivity } from '@tandem/contract'
import type { ActivityFacts, AnnouncementFacts, NoteFacts } from '../facts.ts'
import { secondsIso } from './catalogue.ts'
import { metadataActor, metadataParty } from './metadata-party.ts'

/** How the entries are shown. */
export interface ActivityOptions {
  /** The one stream of the recording, to which everybody's audio goes. */
  readonly streamId: string
  readonly showAllTypes: boolean
}

type Entry = { readonly change: ActivityFacts; announcement?: AnnouncementFacts }

/** The entries that a recording's notes make. */
export function callActivityOf(notes: readonly NoteFacts[], options: ActivityOptions): CallActivity[] {
  return entriesOf(notes).map((entry) => shown(entry, options))
}

/**
 * The changes, each with at most one announcement. The announcement nearest to a change is shown there; what finds its
 * place taken gets an entry of its own, with whoever was in the call at that moment.
 */
function entriesOf(notes: readonly NoteFacts[]): Entry[] {
  const changes = notes.filter((note) => note.kind === 'activity').toSorted((a, b) => a.at - b.at)
  const entries: Entry[] = changes.map((change) => ({ change }))
  const claims = notes
    .filter((note) => note.kind === 'announcement')
    .map((announcement) => ({ announcement, entry: nearest(entries, announcement.at) }))
    .toSorted((a, b) => distance(a) - distance(b) || a.announcement.at - b.announcement.at)
  const own: Entry[] = []
  for (const { announcement, entry } of claims) {
    if (entry !== undefined && entry.announcement === undefined) entry.announcement = announcement
    else own.push({ change: unchanged(changes, announcement.at), announcement })
  }
  return [...entries, ...own].toSorted((a, b) => a.change.at - b.change.at)
}

function distance(claim: {
  readonly announcement: AnnouncementFacts
  readonly entry?: Entry | undefined
}): number {
  return claim.entry === undefined ? 0 : Math.abs(claim.entry.change.at - claim.announcement.at)
}

/** The entry nearest to a moment, the earlier of two that are equally near; undefined when there is none. */
function nearest(entries: readonly Entry[], at: number): Entry | undefined {
  let found: Entry | undefined
  for (const entry of entries) {
    if (found === undefined || Math.abs(entry.change.at - at) < Math.abs(found.change.at - at)) found = entry
  }
  return found
}

/** The call as it stood at a moment; before its first change, as that one found it. */
function unchanged(changes: readonly ActivityFacts[], at: number): ActivityFacts {
  const last = changes.findLast((change) => change.at <= at) ?? changes[0]
  return { kind: 'activity', at, participants: last?.participants ?? [] }
}

function shown({ change, announcement }: Entry, options: ActivityOptions): CallActivity {
  return {
    timeStamp: secondsIso(change.at),
    ...(options.showAllTypes ? detailsOf(change, options.streamId) : {}),
    ...(announcement === undefined ? {} : { announcementData: announcementData(announcement) }),
  }
}

function detailsOf(change: ActivityFacts, streamId: string): Omit<CallActivity, 'timeStamp'> {
  const { redirection, redirectedCall } = change
  return {
    mediaStreams: [{ streamId, mode: 'mixed', mLineIndex: '0' }],
    participants: change.participants.map(({ actor, aor }) => ({
      actor: metadataActor(actor),
      aor,
      send: streamId,
    })),
    ...(redirection === undefined
      ? {}
      : {
          redirectInfo: {
            reason: redirection.reason,
            redirectingParty: metadataParty(redirection.redirectingParty),
            time: secondsIso(redirection.at),
          },
        }),
    ...(redirectedCall === undefined
      ? {}
      : {
          redirectedCall: {
            callId: redirectedCall.callId,
            callSessionId: redirectedCall.callSessionId,
            party: metadataParty(redirectedCall.party),
          },
        }),
  }
}

function announcementData(from: AnnouncementFacts): NonNullable<CallActivity['announcementData']> {
  return {
    announcementFilename: from.file,
    announcementTimestamp: secondsIso(from.at),
    announcementParticipants: [...from.heardBy],
    announcementType: from.level,
  }
}
