import { describe } from 'node:test'
import { proveRefused, proveWire } from './wire-table.test.ts'

const DONE = { status: 204 } as const
const MEMBER = '/v1/telephony/calls/members/p%2F1'
const CONFERENCE = '/v1/telephony/conference'

describe('callMembers (call-controls §8)', () => {
  proveWire([
    {
      name: 'list',
      call: (c) => c.callMembers.list('p/1', { orgId: 'o' }),
      reply: { status: 200, json: { items: [{ id: 'a' }] } },
      want: ['GET', `${MEMBER}/calls?orgId=o`],
      result: [{ id: 'a', callId: 'a' }],
    },
    {
      name: 'list of the caller for a line',
      call: (c) => c.callMembers.list('me', { lineOwnerId: 'l' }),
      reply: { status: 200, json: { items: [] } },
      want: ['GET', '/v1/telephony/calls/members/me/calls?lineOwnerId=l'],
      result: [],
    },
    {
      name: 'get',
      call: (c) => c.callMembers.get('p/1', 'a/b', { orgId: 'o', lineOwnerId: 'l' }),
      reply: { status: 200, json: { id: 'a/b' } },
      want: ['GET', `${MEMBER}/calls/a%2Fb?orgId=o&lineOwnerId=l`],
      result: { id: 'a/b', callId: 'a/b' },
    },
    {
      name: 'dial',
      call: (c) => c.callMembers.dial('p/1', { destination: '1', endpointId: 'e' }, { orgId: 'o' }),
      reply: { status: 201, json: { callId: 'c', callSessionId: 's' } },
      want: ['POST', `${MEMBER}/dial?orgId=o`, { destination: '1', endpointId: 'e' }],
      result: { callId: 'c', callSessionId: 's' },
    },
    {
      name: 'answer',
      call: (c) => c.callMembers.answer('p/1', 'c', { endpointId: 'e' }),
      reply: DONE,
      want: ['POST', `${MEMBER}/answer`, { callId: 'c', endpointId: 'e' }],
    },
    {
      name: 'hangup of the caller for a line',
      call: (c) => c.callMembers.hangup('me', 'c', { lineOwnerId: 'l' }),
      reply: DONE,
      want: ['POST', '/v1/telephony/calls/members/me/hangup', { callId: 'c', lineOwnerId: 'l' }],
    },
  ])
  proveRefused({
    'a member without an id': (c) => c.callMembers.list(''),
    'a call of a member without an id': (c) => c.callMembers.hangup('p', ''),
    'a dial of a member to nowhere': (c) => c.callMembers.dial('p', { destination: '' }),
  })
})

describe('conference (call-controls §7)', () => {
  const details = { state: 'connected', participants: [{ callId: 'c', muted: false, deafened: false }] }
  proveWire([
    {
      name: 'start',
      call: (c) => c.conference.start(['c', 'd'], { lineOwnerId: 'l' }),
      reply: DONE,
      want: ['POST', CONFERENCE, { callIds: ['c', 'd'], lineOwnerId: 'l' }],
    },
    {
      name: 'get',
      call: (c) => c.conference.get({ lineOwnerId: 'l' }),
      reply: { status: 200, json: details },
      want: ['GET', `${CONFERENCE}?lineOwnerId=l`],
      result: details,
    },
    {
      name: 'get where there is none',
      call: (c) => c.conference.get(),
      reply: { status: 200, json: {} },
      want: ['GET', CONFERENCE],
    },
    {
      name: 'release',
      call: (c) => c.conference.release({ lineOwnerId: 'l' }),
      reply: DONE,
      want: ['DELETE', `${CONFERENCE}?lineOwnerId=l`],
    },
    {
      name: 'addParticipant',
      call: (c) => c.conference.addParticipant('c', { lineOwnerId: 'l' }),
      reply: DONE,
      want: ['POST', `${CONFERENCE}/addParticipant`, { callId: 'c', lineOwnerId: 'l' }],
    },
    {
      name: 'mute of the host',
      call: (c) => c.conference.mute(),
      reply: DONE,
      want: ['POST', `${CONFERENCE}/mute`, {}],
    },
    {
      name: 'mute of a participant',
      call: (c) => c.conference.mute({ callId: 'c' }),
      reply: DONE,
      want: ['POST', `${CONFERENCE}/mute`, { callId: 'c' }],
    },
    {
      name: 'unmute',
      call: (c) => c.conference.unmute({ callId: 'c' }),
      reply: DONE,
      want: ['POST', `${CONFERENCE}/unmute`, { callId: 'c' }],
    },
    {
      name: 'deafen',
      call: (c) => c.conference.deafen('c'),
      reply: DONE,
      want: ['POST', `${CONFERENCE}/deafen`, { callId: 'c' }],
    },
    {
      name: 'undeafen',
      call: (c) => c.conference.undeafen('c'),
      reply: DONE,
      want: ['POST', `${CONFERENCE}/undeafen`, { callId: 'c' }],
    },
    {
      name: 'hold, without a body',
      call: (c) => c.conference.hold({ lineOwnerId: 'l' }),
      reply: DONE,
      want: ['POST', `${CONFERENCE}/hold?lineOwnerId=l`],
    },
    {
      name: 'resume, without a body',
      call: (c) => c.conference.resume(),
      reply: DONE,
      want: ['POST', `${CONFERENCE}/resume`],
    },
    {
      name: 'start for a member',
      call: (c) => c.conference.forMember('p/1', { orgId: 'o' }).start(['c', 'd']),
      reply: DONE,
      want: ['POST', `${CONFERENCE}/members/p%2F1?orgId=o`, { callIds: ['c', 'd'] }],
    },
    {
      name: 'mute for a member',
      call: (c) => c.conference.forMember('p/1').mute({ callId: 'c' }),
      reply: DONE,
      want: ['POST', `${CONFERENCE}/members/p%2F1/mute`, { callId: 'c' }],
    },
    {
      name: 'release for a member',
      call: (c) => c.conference.forMember('me').release(),
      reply: DONE,
      want: ['DELETE', `${CONFERENCE}/members/me`],
    },
  ])
  proveRefused({
    'a conference of one': (c) => c.conference.start(['c']),
    'a conference with a call that has no id': (c) => c.conference.start(['c', '']),
    'a participant without an id': (c) => c.conference.addParticipant(''),
    'deafness of nobody': (c) => c.conference.deafen(''),
  })
})

describe('preferredAnswer (call-controls §9)', () => {
  const person = '/v1/telephony/config/people/p%2F1/preferredAnswerEndpoint'
  const mine = '/v1/telephony/config/people/me/settings'
  const endpoint = { id: 'e', type: 'DEVICE', name: 'desk phone' }
  proveWire([
    {
      name: 'get',
      call: (c) => c.preferredAnswer.get('p/1', { orgId: 'o' }),
      reply: { status: 200, json: { endpoints: [endpoint] } },
      want: ['GET', `${person}?orgId=o`],
      result: { endpoints: [endpoint] },
    },
    {
      name: 'set',
      call: (c) => c.preferredAnswer.set('p/1', 'e'),
      reply: DONE,
      want: ['PUT', person, { preferredAnswerEndpointId: 'e' }],
    },
    {
      name: 'set to none',
      call: (c) => c.preferredAnswer.set('p/1', null, { orgId: 'o' }),
      reply: DONE,
      want: ['PUT', `${person}?orgId=o`, { preferredAnswerEndpointId: null }],
    },
    {
      name: 'getMine',
      call: (c) => c.preferredAnswer.getMine(),
      reply: { status: 200, json: endpoint },
      want: ['GET', `${mine}/preferredAnswerEndpoint`],
      result: endpoint,
    },
    {
      name: 'getMine where there is none',
      call: (c) => c.preferredAnswer.getMine({ lineOwnerId: 'l/1' }),
      reply: { status: 200, json: {} },
      want: ['GET', `${mine}/secondaryLines/l%2F1/preferredAnswerEndpoint`],
    },
    {
      name: 'setMine',
      call: (c) => c.preferredAnswer.setMine('e'),
      reply: DONE,
      want: ['PUT', `${mine}/preferredAnswerEndpoint`, { id: 'e' }],
    },
    {
      name: 'setMine to none for a secondary line',
      call: (c) => c.preferredAnswer.setMine(null, { lineOwnerId: 'l' }),
      reply: DONE,
      want: ['PUT', `${mine}/secondaryLines/l/preferredAnswerEndpoint`, { id: null }],
    },
  ])
})

describe('callRecordingSettings', () => {
  const settings = { enabled: true, record: 'Always', serviceProvider: 'Webex' }
  const change = { record: 'Always', notification: { type: null } } as const
  const paths = {
    Person: '/v1/people/x%2F1/features/callRecording',
    Workspace: '/v1/workspaces/x%2F1/features/callRecording',
    VirtualLine: '/v1/telephony/config/virtualLines/x%2F1/callRecording',
  }
  for (const kind of ['Person', 'Workspace', 'VirtualLine'] as const)
    proveWire([
      {
        name: `getFor${kind}`,
        call: (c) => c.callRecordingSettings[`getFor${kind}`]('x/1', { orgId: 'o' }),
        reply: { status: 200, json: settings },
        want: ['GET', `${paths[kind]}?orgId=o`],
        result: settings,
      },
      {
        name: `setFor${kind}, with the null that means none`,
        call: (c) => c.callRecordingSettings[`setFor${kind}`]('x/1', change),
        reply: DONE,
        want: ['PUT', paths[kind], change],
      },
    ])
  proveWire([
    {
      name: 'getMine',
      call: (c) => c.callRecordingSettings.getMine(),
      reply: { status: 200, json: { enabled: false } },
      want: ['GET', '/v1/telephony/config/people/me/settings/callRecording'],
      result: { enabled: false },
    },
  ])
})
