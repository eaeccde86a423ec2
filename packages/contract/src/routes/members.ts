/**
 * Call controls by member: a person, workspace or virtual line of the organisation, for administrators, and the same five
 * for the caller (contract, call-controls §8).
 */
import type { Route } from './route.ts'

/** Operations of call controls by member. */
export const MEMBER_ROUTES = {
  listMemberCalls: {
    method: 'GET',
    path: '/v1/telephony/calls/members/{memberId}/calls',
    access: 'token',
    success: 200,
    summary: 'All active calls of a member, oldest first',
  },
  getMemberCallDetails: {
    method: 'GET',
    path: '/v1/telephony/calls/members/{memberId}/calls/{callId}',
    access: 'token',
    success: 200,
    summary: 'One active call of a member',
  },
  dialMemberCall: {
    method: 'POST',
    path: '/v1/telephony/calls/members/{memberId}/dial',
    access: 'token',
    success: 201,
    summary: 'Rings the devices of a member and, once one is answered, the destination',
  },
  answerMemberCall: {
    method: 'POST',
    path: '/v1/telephony/calls/members/{memberId}/answer',
    access: 'token',
    success: 204,
    summary: 'Answers a ringing call of a member',
  },
  hangupMemberCall: {
    method: 'POST',
    path: '/v1/telephony/calls/members/{memberId}/hangup',
    access: 'token',
    success: 204,
    summary: 'Ends a call of a member',
  },
  listMyCalls: {
    method: 'GET',
    path: '/v1/telephony/calls/members/me/calls',
    access: 'token',
    success: 200,
    summary: 'All active calls of the caller, oldest first',
  },
  getMyCallDetails: {
    method: 'GET',
    path: '/v1/telephony/calls/members/me/calls/{callId}',
    access: 'token',
    success: 200,
    summary: 'One active call of the caller',
  },
  dialMyCall: {
    method: 'POST',
    path: '/v1/telephony/calls/members/me/dial',
    access: 'token',
    success: 201,
    summary: 'Rings the devices of the caller and, once one is answered, the destination',
  },
  answerMyCall: {
    method: 'POST',
    path: '/v1/telephony/calls/members/me/answer',
    access: 'token',
    success: 204,
    summary: 'Answers a ringing call of the caller',
  },
  hangupMyCall: {
    method: 'POST',
    path: '/v1/telephony/calls/members/me/hangup',
    access: 'token',
    success: 204,
    summary: 'Ends a call of the caller',
  },
} as const satisfies Record<string, Route>
