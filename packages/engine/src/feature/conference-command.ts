/**
 * The commands of a conference (contract, call controls §7): start, details, release, further participants, and what the
 * host does to itself or to one of them.
 */
import { arrange } from '../bridge/arrange.ts'
import type { CallActor, CallCommand } from '../commands.ts'
import type { DirectoryLine } from '../directory.ts'
import type { ConferenceEventType } from '../events.ts'
import type { CallHalf } from '../half/half.ts'
import type { Core } from '../session/core.ts'
import { endSession } from '../session/finish.ts'
import { lineOf, ownHalf } from './actor.ts'
import { Conference, conferenceView, enterConference, publishConference } from './conference.ts'
import { setHold } from './hold.ts'
import { isPassable } from './move.ts'

/** The commands that are about a line's conference. */
export type ConferenceCommand = Extract<
  CallCommand,
  {
    readonly kind:
      | 'startConference'
      | 'conference'
      | 'releaseConference'
      | 'holdConference'
      | 'resumeConference'
      | 'addParticipant'
      | 'deafen'
      | 'undeafen'
      | 'muteParticipant'
      | 'unmuteParticipant'
  }
>

/** Carries out a command of a conference. */
export function commandConference(core: Core, id: number, command: ConferenceCommand): void {
  const line = lineOf(core, command.actor)
  if (line === 'forbidden') {
    core.reply(id, { kind: 'refused', error: 'line_owner_forbidden' })
    return
  }
  const conference = line === undefined ? undefined : conferenceOf(core, line)
  if (command.kind === 'conference') {
    const view = conference === undefined ? {} : { conference: conferenceView(conference) }
    core.reply(id, { kind: 'conference', ...view })
    return
  }
  if (command.kind === 'startConference') {
    start(core, id, command, conference)
    return
  }
  const callId = 'callId' in command ? command.callId : undefined
  const half = callId === undefined ? undefined : ownHalf(core, { actor: command.actor, callId })
  if (typeof half === 'string') core.reply(id, { kind: 'refused', error: half })
  else if (conference === undefined) core.reply(id, { kind: 'refused', error: 'no_conference' })
  else if (act(core, command, conference, half)) core.reply(id, { kind: 'done' })
  else core.reply(id, { kind: 'refused', error: 'call_state_forbids' })
}

function start(
  core: Core,
  id: number,
  command: { readonly actor: CallActor; readonly callIds: readonly string[] },
  existing: Conference | undefined,
): void {
  const { actor } = command
  const callIds = [...new Set(command.callIds)]
  if (callIds.length < 2) {
    core.reply(id, { kind: 'refused', error: 'conference_calls_invalid' })
    return
  }
  const calls: CallHalf[] = []
  for (const callId of callIds) {
    const half = ownHalf(core, { actor, callId })
    if (typeof half === 'string') {
      core.reply(id, { kind: 'refused', error: half })
      return
    }
    calls.push(half)
  }
  const [first] = calls
  if (existing !== undefined) core.reply(id, { kind: 'refused', error: 'conference_exists' })
  else if (first === undefined || !calls.every(isAdmissible))
    core.reply(id, { kind: 'refused', error: 'call_state_forbids' })
  else {
    const conference = new Conference({ id: core.ids.uuid(), createdAt: core.wallNow })
    enterConference(core, conference, calls)
    publishConference(core, conference, first, 'created')
    core.reply(id, { kind: 'done' })
  }
}

/** Carries out what is about a conference that there is; false when its state, or that of the call, forbids it. */
function act(
  core: Core,
  command: Exclude<ConferenceCommand, { readonly kind: 'startConference' | 'conference' }>,
  conference: Conference,
  half: CallHalf | undefined,
): boolean {
  const [host] = conference.hosts
  if (host === undefined) return false
  const participant = half?.conference === conference ? half : undefined
  switch (command.kind) {
    case 'releaseConference':
      for (const each of [...conference.hosts])
        endSession(core, each.session, { cause: 'normal', callerStatus: 480 })
      return true
    case 'holdConference':
    case 'resumeConference':
      return holdHost(core, conference, command.kind === 'holdConference')
    case 'addParticipant':
      if (half === undefined || participant !== undefined || !isAdmissible(half)) return false
      enterConference(core, conference, [half])
      publishConference(core, conference, half, 'updated')
      return true
    case 'deafen':
    case 'undeafen':
      return participant !== undefined && deafen(core, conference, participant, command.kind === 'deafen')
    case 'muteParticipant':
    case 'unmuteParticipant': {
      const muted = command.kind === 'muteParticipant'
      if (half === undefined) return muteHost(core, conference, muted)
      return participant !== undefined && muteParticipant(core, conference, participant, muted)
    }
  }
}

/** The host's conference; undefined when its line has none. */
function conferenceOf(core: Core, line: DirectoryLine): Conference | undefined {
  return core.halvesOf(line).find((half) => half.conference !== undefined)?.conference
}

/** A call that may come into the room: its other side is there, and in no room of its own. */
function isAdmissible(half: CallHalf): boolean {
  return isPassable(half) && half.conference === undefined && half.peer?.conference === undefined
}

/** The host goes away, or comes back: the others talk on. */
function holdHost(core: Core, conference: Conference, held: boolean): boolean {
  const hosts = [...conference.hosts]
  const isHeld = hosts.every((host) => host.holding)
  if (isHeld === held) return false
  for (const host of hosts)
    setHold(core, host, held ? { byAnchor: true } : { byAnchor: false, byPhone: false })
  const [host] = hosts
  if (host !== undefined) publishConference(core, conference, host, held ? 'held' : 'resumed')
  return true
}

function muteHost(core: Core, conference: Conference, muted: boolean): boolean {
  const changed = [...conference.hosts].filter((host) => host.muted !== muted)
  for (const host of changed) host.muted = muted
  for (const host of changed) {
    arrange(core, host.session)
    core.publish(host, 'updated', muted ? 'muted' : 'unmuted')
  }
  const [host] = changed
  if (host !== undefined) publishConference(core, conference, host, muted ? 'muted' : 'unmuted')
  return true
}

function muteParticipant(core: Core, conference: Conference, host: CallHalf, muted: boolean): boolean {
  if (host.peer === undefined) return false
  if (host.peer.mutedByHost === muted) return true
  host.peer.mutedByHost = muted
  return changed(core, conference, host, muted ? 'participantMuted' : 'participantUnmuted')
}

function deafen(core: Core, conference: Conference, host: CallHalf, deafened: boolean): boolean {
  if (host.peer === undefined) return false
  if (host.peer.deafened === deafened) return true
  host.peer.deafened = deafened
  return changed(core, conference, host, deafened ? 'participantDeafened' : 'participantUndeafened')
}

function changed(core: Core, conference: Conference, host: CallHalf, type: ConferenceEventType): boolean {
  arrange(core, host.session)
  publishConference(core, conference, host, type)
  return true
}
