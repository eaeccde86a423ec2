/**
 * Conference controls (call-controls §7): one conference a line. Each action is offered on three paths: the caller's, a
 * member's for administrators, and the caller's own member path.
 */
import type { CallActor, CallCommand } from '@tandem/engine'
import { bodyReader } from '../body.ts'
import { Failure } from '../failure.ts'
import type { Operation } from '../operation.ts'
import { type CallAction, forCaller, forMember, queriedLineOwner } from '../telephony-calls/actor.ts'
import { comparableCallId, optionalCallId, rawCallId } from '../telephony-calls/call-id.ts'
import { runCommand } from '../telephony-calls/run-command.ts'
import { conferenceOf } from './conference-view.ts'

const readStart = bodyReader('StartConferenceRequest')
const readCall = bodyReader('CallRequest')
const readOptionalCall = bodyReader('OptionalCallRequest')

/** Fewest calls that make a conference. */
const CALLS_MIN = 2

const start: CallAction = {
  async run(request, services, actorFor) {
    const body = await readStart(request.body)
    const different = new Set(body.callIds.map(comparableCallId)).size
    if (different < CALLS_MIN || different < body.callIds.length)
      throw new Failure('conference_calls_invalid')
    const actor = await actorFor(body.lineOwnerId)
    const callIds = body.callIds.map(rawCallId)
    await runCommand(services, { kind: 'startConference', actor, callIds }, 'done')
    return {}
  },
}

const get: CallAction = {
  answer: 'ConferenceDetails',
  async run(request, services, actorFor) {
    const actor = await actorFor(queriedLineOwner(request))
    const { conference } = await runCommand(services, { kind: 'conference', actor }, 'conference')
    return { body: conference === undefined ? {} : conferenceOf(conference) }
  },
}

/** Commands without a body: the line owner is in the query. */
function ofConference(kind: 'releaseConference' | 'holdConference' | 'resumeConference'): CallAction {
  return {
    async run(request, services, actorFor) {
      const actor = await actorFor(queriedLineOwner(request))
      await runCommand(services, { kind, actor }, 'done')
      return {}
    },
  }
}

/** Commands for one participant. */
function ofParticipant(kind: 'addParticipant' | 'deafen' | 'undeafen'): CallAction {
  return {
    async run(request, services, actorFor) {
      const body = await readCall(request.body)
      const actor: CallActor = await actorFor(body.lineOwnerId)
      await runCommand(services, { kind, actor, callId: rawCallId(body.callId) }, 'done')
      return {}
    },
  }
}

/** Commands for one participant, or without a call id for the host. */
function ofAnybody(kind: 'muteParticipant' | 'unmuteParticipant'): CallAction {
  return {
    async run(request, services, actorFor) {
      const body = await readOptionalCall(request.body)
      const actor = await actorFor(body.lineOwnerId)
      const command: CallCommand = { kind, actor, ...optionalCallId(body.callId) }
      await runCommand(services, command, 'done')
      return {}
    },
  }
}

const release = ofConference('releaseConference')
const hold = ofConference('holdConference')
const resume = ofConference('resumeConference')
const add = ofParticipant('addParticipant')
const deafen = ofParticipant('deafen')
const undeafen = ofParticipant('undeafen')
const mute = ofAnybody('muteParticipant')
const unmute = ofAnybody('unmuteParticipant')

/** All of them, on the three paths. */
export const CONFERENCE_OPERATIONS: readonly Operation[] = [
  forCaller('startConference', start),
  forCaller('getConference', get),
  forCaller('releaseConference', release),
  forCaller('addConferenceParticipant', add),
  forCaller('muteConference', mute),
  forCaller('unmuteConference', unmute),
  forCaller('deafenConference', deafen),
  forCaller('undeafenConference', undeafen),
  forCaller('holdConference', hold),
  forCaller('resumeConference', resume),
  forMember('startMemberConference', start),
  forMember('getMemberConference', get),
  forMember('releaseMemberConference', release),
  forMember('addMemberConferenceParticipant', add),
  forMember('muteMemberConference', mute),
  forMember('unmuteMemberConference', unmute),
  forMember('deafenMemberConference', deafen),
  forMember('undeafenMemberConference', undeafen),
  forMember('holdMemberConference', hold),
  forMember('resumeMemberConference', resume),
  forCaller('startMyConference', start),
  forCaller('getMyConference', get),
  forCaller('releaseMyConference', release),
  forCaller('addMyConferenceParticipant', add),
  forCaller('muteMyConference', mute),
  forCaller('unmuteMyConference', unmute),
  forCaller('deafenMyConference', deafen),
  forCaller('undeafenMyConference', undeafen),
  forCaller('holdMyConference', hold),
  forCaller('resumeMyConference', resume),
]
