/**
 * Conference (contract, call controls §7): the host's calls joined in one room. One for each line at a time.
 *
 * Its parts are the host's own calls; the participants are their other sides. Each call stays a call of its own, with its
 * session and its recording: what makes the conference is that `arrange` mixes all who talk in them. A conference of which
 * one call is left is a plain call again.
 */
import type { WallTime } from '@tandem/base'
import { arrange } from '../bridge/arrange.ts'
import type { ConferenceView } from '../commands.ts'
import type { ConferenceEventType } from '../events.ts'
import type { CallHalf } from '../half/half.ts'
import { stateOf } from '../half/view.ts'
import type { Core } from '../session/core.ts'
import { noteActivity } from '../tap/redirection-notes.ts'
import { holdOthers } from './hold.ts'

/** A conference of one line. Its fields are changed by the engine alone. */
export class Conference {
  readonly id: string
  readonly createdAt: WallTime
  /** The host's own calls that are in it; the participants are their peers. */
  readonly hosts: Set<CallHalf> = new Set<CallHalf>()

  constructor(options: { readonly id: string; readonly createdAt: WallTime }) {
    this.id = options.id
    this.createdAt = options.createdAt
  }
}

/** How the host sees a conference. */
export function conferenceView(conference: Conference): ConferenceView {
  const hosts = [...conference.hosts]
  const [first] = hosts
  const state =
    hosts.length === 0 ? 'disconnected' : hosts.every((host) => host.holding) ? 'held' : 'connected'
  return {
    state,
    ...(first?.appearance === undefined ? {} : { appearance: first.appearance }),
    created: conference.createdAt,
    muted: hosts.length > 0 && hosts.every((host) => host.muted),
    participants: hosts.map((host) => ({
      callId: host.id,
      muted: host.peer?.mutedByHost === true,
      deafened: host.peer?.deafened === true,
    })),
  }
}

/** Tells the host's line what changed in its conference. */
export function publishConference(
  core: Core,
  conference: Conference,
  host: CallHalf,
  eventType: ConferenceEventType,
): void {
  core.emit({
    kind: 'event',
    event: {
      kind: 'conference',
      event: eventType === 'created' || eventType === 'deleted' ? eventType : 'updated',
      eventType,
      at: core.wallNow,
      orgId: host.session.orgId,
      lineId: host.line.id,
      conference: conferenceView(conference),
    },
  })
}

/** Takes calls of the host into the room, and the host with them: whoever was held there is resumed, by whatever held them. */
export function enterConference(core: Core, conference: Conference, calls: readonly CallHalf[]): void {
  const entering = new Set([...conference.hosts, ...calls])
  const before = [...entering].map((half) => ({ half, held: half.holding, peerHeld: peerIsHeld(half) }))
  for (const half of entering) {
    half.conference = conference
    half.heldByAnchor = false
    // The phone has one of its calls in hand and the others on hold: it hears everybody through the one.
    half.heldByPhone = false
    conference.hosts.add(half)
  }
  for (const half of calls) holdOthers(core, half)
  for (const { session } of entering) arrange(core, session)
  for (const { half, held, peerHeld } of before) {
    if (held) core.publish(half, 'updated', 'resumed')
    if (peerHeld && half.peer !== undefined) core.publish(half.peer, 'updated', 'remoteResumed')
  }
  noteAll(core, conference)
}

/** Everyone's recordings learn who is in the room now. */
export function noteAll(core: Core, conference: Conference): void {
  for (const host of conference.hosts) for (const half of host.session.halves) noteActivity(core, half)
}

/** A half has ended: it is the host's no more. A conference of one call is a plain call again. */
export function leaveConference(core: Core, half: CallHalf): void {
  const { conference } = half
  half.conference = undefined
  if (conference === undefined || !conference.hosts.delete(half)) return
  restore(half)
  if (conference.hosts.size > 1) {
    publishConference(core, conference, half, 'updated')
    for (const host of conference.hosts) arrange(core, host.session)
    noteAll(core, conference)
    return
  }
  const rest = [...conference.hosts]
  conference.hosts.clear()
  for (const host of rest) {
    host.conference = undefined
    restore(host)
    arrange(core, host.session)
    if (host.holding) core.publish(host, 'updated', 'held')
    for (const each of host.session.halves) if (each.phase === 'connected') noteActivity(core, each)
  }
  publishConference(core, conference, half, 'deleted')
}

/** Outside of the room the phone's own hold counts again, and nobody is mute or deaf by the host's word. */
function restore(host: CallHalf): void {
  host.heldByPhone = host.leg?.negotiated?.holds === true
  if (host.peer === undefined) return
  host.peer.mutedByHost = false
  host.peer.deafened = false
}

function peerIsHeld(half: CallHalf): boolean {
  return half.peer !== undefined && stateOf(half.peer) === 'remoteHeld'
}
