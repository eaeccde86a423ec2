/**
 * Who hears whom: worked out anew from the state of the halves whenever that has changed, and only the differences are
 * asked of the media port.
 *
 * No feature joins legs by itself. Two who talk are bridged, more are mixed, whoever is held or parked hears music, the
 * holder hears nothing, and a caller who waits hears ringback or the sound of the phone that rings. Recordings
 * follow: the left side has its owner, the right side whom the owner hears, and neither has anything while held. The
 * order is part of the promise: what ends being heard ends being recorded first, and nothing is heard before it is recorded.
 */
import type { MediaLegId, RecordingId, RecordingSide, Sound } from '@tandem/media'
import type { DirectoryLine } from '../directory.ts'
import { attachDeposit } from '../feature/voicemail.ts'
import type { CallHalf } from '../half/half.ts'
import type { Leg } from '../leg/leg.ts'
import type { Core } from '../session/core.ts'
import type { Session } from '../session/session.ts'
import { giveNotice, noticeHeard } from '../tap/notice.ts'
import { noteActivity } from '../tap/redirection-notes.ts'
import { showPeer } from './identity.ts'

/** What a leg hears at present. */
export type Hearing =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'bridge'; readonly with: Leg }
  | { readonly kind: 'mix'; readonly room: string; readonly hears: boolean; readonly group?: string }
  | {
      readonly kind: 'sound'
      readonly sound: Sound
      /** What tells of its end, and what keeps it. */
      readonly token?: string
      readonly recordings?: readonly RecordingId[]
    }

const NOTHING: Hearing = { kind: 'nothing' }

/** Brings the media port into line with the state of a session, and of those it shares a conference with. */
export function arrange(core: Core, session: Session): void {
  findPeers(core, session)
  const halves = audienceOf(session)
  giveNotice(core, halves)
  const talkers = halves.filter(talks)
  const wanted = new Map<Leg, Hearing>()
  for (const half of halves) {
    if (half.leg !== undefined && isConnected(half)) {
      wanted.set(half.leg, half.machine === undefined ? NOTHING : (half.leg.hearing ?? NOTHING))
      if (half.notice !== undefined) wanted.set(half.leg, noticeHeard(half, half.notice))
      muteLeg(core, half.leg, half.muted || half.mutedByHost)
    }
  }
  for (const half of talkers) if (half.leg !== undefined) wanted.set(half.leg, talkOf(half, talkers, halves))
  for (const half of halves)
    if (half.leg !== undefined && half.parkedAgainst !== undefined && isConnected(half))
      wanted.set(half.leg, musicOf(core, half.parkedAgainst))
  const only = talkers.length === 1 ? talkers[0] : undefined
  const holder = halves.find((half) => isConnected(half) && half.holding && half.line.id !== only?.line.id)
  if (only?.leg !== undefined)
    wanted.set(only.leg, holder === undefined ? NOTHING : musicOf(core, holder.line))
  for (const each of new Set(halves.map((half) => half.session))) waiting(each, wanted)
  for (const half of halves) unattach(core, half, talkers)
  for (const [leg, hearing] of wanted)
    if (hearing.kind !== 'bridge' && hearing.kind !== 'mix') apply(core, leg, hearing)
  for (const half of halves) attach(core, half, talkers)
  for (const [leg, hearing] of wanted)
    if (hearing.kind === 'bridge' || hearing.kind === 'mix') apply(core, leg, hearing)
  for (const half of halves) {
    attachDeposit(core, half)
    showPeer(core, half)
  }
  core.mayHaveChanged(halves)
}

/** What a leg hears was changed behind the back of `arrange`, by a prompt: it is to be said again. */
export function forgetHearing(leg: Leg): void {
  leg.hearing = undefined
}

/** What a leg hears is over: a tone, a talk. Nobody hears it either. */
export function fallSilent(core: Core, leg: Leg): void {
  apply(core, leg, NOTHING)
}

/** Everyone whose audio depends on each other: those in the session, and in the conferences they are part of. */
export function audienceOf(session: Session): readonly CallHalf[] {
  const sessions = new Set([session])
  for (const each of sessions)
    for (const half of each.halves)
      for (const host of (half.conference ?? half.peer?.conference)?.hosts ?? []) sessions.add(host.session)
  return [...sessions].flatMap((each) => each.halves)
}

/** Whether a half is to hear and to be heard, and there is nothing that it must hear first. */
export function talks(half: CallHalf): boolean {
  return listens(half) && half.notice === undefined
}

/** Whether a half takes part in the talk: it has a phone that answered, nobody holds it there, nothing answers in its place. */
export function listens(half: CallHalf): boolean {
  return isConnected(half) && !half.holding && half.parkedAgainst === undefined && half.machine === undefined
}

/** In a talk of several, whose other side has gone talks with another who is there. */
function findPeers(core: Core, session: Session): void {
  for (const half of session.halves) {
    const { peer } = half
    const hasPeer = peer !== undefined && peer.phase !== 'disconnected' && peer.session === session
    if (hasPeer || !isPerson(half)) continue
    const other = session.halves.find((each) => each !== half && isPerson(each))
    if (other === undefined) continue
    half.peer = other
    noteActivity(core, half)
  }
}

function isPerson(half: CallHalf): boolean {
  return half.phase === 'connected' && half.machine === undefined && half.parkedAgainst === undefined
}

function isConnected(half: CallHalf): boolean {
  const leg = half.leg
  return (
    half.phase === 'connected' && leg?.state === 'answered' && leg.negotiated !== undefined && !leg.released
  )
}

function talkOf(half: CallHalf, talkers: readonly CallHalf[], halves: readonly CallHalf[]): Hearing {
  const others = talkers.filter((other) => other !== half)
  const [other] = others
  const inConference = halves.some((each) => each.conference !== undefined)
  if (other === undefined) return NOTHING
  if (others.length === 1 && !inConference && other.leg !== undefined)
    return { kind: 'bridge', with: other.leg }
  const conference = halves.find((each) => each.conference !== undefined)?.conference
  return {
    kind: 'mix',
    room: conference?.id ?? half.session.id,
    hears: !half.deafened,
    ...(half.conference === undefined ? {} : { group: half.line.id }),
  }
}

function musicOf(core: Core, line: DirectoryLine): Hearing {
  const clip = core.realmOf(line.orgId)?.locations.get(line.locationId)?.holdMusic
  return {
    kind: 'sound',
    sound: clip === undefined ? { kind: 'music' } : { kind: 'clip', name: clip, repeat: true },
  }
}

/** Who waits for somebody to answer. */
function waiting(session: Session, wanted: Map<Leg, Hearing>): void {
  const { attempt } = session
  const leg = attempt?.caller.leg
  if (attempt === undefined || leg === undefined || leg.released || leg.negotiated === undefined) return
  const { early } = attempt
  if (early?.negotiated !== undefined && !early.released && !attempt.caller.holding) {
    wanted.set(leg, { kind: 'bridge', with: early })
    wanted.set(early, { kind: 'bridge', with: leg })
    return
  }
  wanted.set(leg, { kind: 'sound', sound: { kind: 'tone', tone: attempt.tone } })
}

function apply(core: Core, leg: Leg, hearing: Hearing): void {
  const before = leg.hearing
  if (isSame(before, hearing)) return
  leg.hearing = hearing
  switch (hearing.kind) {
    case 'bridge':
      core.media({ kind: 'bridge', a: leg.id, b: hearing.with.id })
      hearing.with.hearing = { kind: 'bridge', with: leg }
      return
    case 'mix':
      core.media({
        kind: 'mix',
        room: hearing.room,
        leg: leg.id,
        speaks: true,
        hears: hearing.hears,
        ...(hearing.group === undefined ? {} : { group: hearing.group }),
      })
      return
    case 'sound':
      leave(core, leg, before)
      core.media({
        kind: 'play',
        leg: leg.id,
        sound: hearing.sound,
        ...(hearing.token === undefined ? {} : { token: hearing.token }),
        ...(hearing.recordings === undefined ? {} : { recordings: hearing.recordings }),
      })
      return
    case 'nothing':
      leave(core, leg, before)
      if (before?.kind === 'sound') core.media({ kind: 'silence', leg: leg.id })
      return
  }
}

/** Takes a leg out of its bridge or room; what its partner of a bridge hears is then to be said again. */
function leave(core: Core, leg: Leg, before: Hearing | undefined): void {
  if (before?.kind !== 'bridge' && before?.kind !== 'mix') return
  const isTorn = before.kind === 'bridge' && before.with.released // Its partner went, and the bridge with it.
  if (!isTorn) core.media({ kind: 'unbridge', leg: leg.id })
  if (before.kind === 'bridge' && before.with.hearing?.kind === 'bridge' && before.with.hearing.with === leg)
    before.with.hearing = undefined
}

function isSame(a: Hearing | undefined, b: Hearing): boolean {
  if (a === undefined) return b.kind === 'nothing'
  switch (b.kind) {
    case 'nothing':
      return a.kind === 'nothing'
    case 'bridge':
      return a.kind === 'bridge' && a.with === b.with
    case 'mix':
      return a.kind === 'mix' && a.room === b.room && a.hears === b.hears && a.group === b.group
    case 'sound':
      return a.kind === 'sound' && a.token === b.token && JSON.stringify(a.sound) === JSON.stringify(b.sound)
  }
}

function muteLeg(core: Core, leg: Leg, muted: boolean): void {
  if (leg.muted === muted) return
  leg.muted = muted
  core.media({ kind: 'mute', leg: leg.id, muted })
}

/** Where each leg belongs in the recording of `half`. */
function sidesOf(half: CallHalf, talkers: readonly CallHalf[]): Map<MediaLegId, RecordingSide> {
  const sides = new Map<MediaLegId, RecordingSide>()
  const owners = talkers.filter(
    (each) => each === half || (half.conference !== undefined && each.conference === half.conference),
  )
  if (owners.length === 0 || owners.length === talkers.length) return sides // Nobody hears them: held, or alone.
  for (const owner of owners) if (owner.leg !== undefined) sides.set(owner.leg.id, 'left')
  if (half.deafened) return sides
  for (const talker of talkers)
    if (talker.leg !== undefined && !owners.includes(talker)) sides.set(talker.leg.id, 'right')
  return sides
}

function unattach(core: Core, half: CallHalf, talkers: readonly CallHalf[]): void {
  const recording = half.recording
  if (recording === undefined) return
  const sides = sidesOf(half, talkers)
  for (const [leg, side] of recording.attached) {
    if (sides.get(leg) === side) continue
    recording.attached.delete(leg)
    if (recording.isOpen && core.legs.get(leg)?.released === false)
      core.media({ kind: 'detach', recording: recording.id, leg })
  }
}

function attach(core: Core, half: CallHalf, talkers: readonly CallHalf[]): void {
  const recording = half.recording
  if (recording === undefined || !recording.isOpen) return
  for (const [leg, side] of sidesOf(half, talkers)) {
    if (recording.attached.get(leg) === side) continue
    recording.attached.set(leg, side)
    core.media({ kind: 'attach', recording: recording.id, side, leg })
  }
}
