/**
 * Settings that call controls refer to: the preferred answer endpoint (contract, call-controls §9) and how calls are
 * recorded (call-recording settings).
 */
import type { Route } from './route.ts'

/** Operations of settings. */
export const SETTINGS_ROUTES = {
  getPreferredAnswerEndpoint: {
    method: 'GET',
    path: '/v1/telephony/config/people/{personId}/preferredAnswerEndpoint',
    access: 'token',
    success: 200,
    summary: 'Where a person’s calls are answered when the API names no device, and the choices',
  },
  setPreferredAnswerEndpoint: {
    method: 'PUT',
    path: '/v1/telephony/config/people/{personId}/preferredAnswerEndpoint',
    access: 'token',
    success: 204,
    summary: 'Chooses where a person’s calls are answered',
  },
  getMyPreferredAnswerEndpoint: {
    method: 'GET',
    path: '/v1/telephony/config/people/me/settings/preferredAnswerEndpoint',
    access: 'token',
    success: 200,
    summary: 'Where the caller’s calls are answered',
  },
  setMyPreferredAnswerEndpoint: {
    method: 'PUT',
    path: '/v1/telephony/config/people/me/settings/preferredAnswerEndpoint',
    access: 'token',
    success: 204,
    summary: 'Chooses where the caller’s calls are answered',
  },
  getSecondaryLinePreferredAnswerEndpoint: {
    method: 'GET',
    path: '/v1/telephony/config/people/me/settings/secondaryLines/{lineOwnerId}/preferredAnswerEndpoint',
    access: 'token',
    success: 200,
    summary: 'Where the calls of a secondary line are answered',
  },
  setSecondaryLinePreferredAnswerEndpoint: {
    method: 'PUT',
    path: '/v1/telephony/config/people/me/settings/secondaryLines/{lineOwnerId}/preferredAnswerEndpoint',
    access: 'token',
    success: 204,
    summary: 'Chooses where the calls of a secondary line are answered',
  },
  getPersonCallRecording: {
    method: 'GET',
    path: '/v1/people/{personId}/features/callRecording',
    access: 'token',
    success: 200,
    summary: 'How a person’s calls are recorded',
  },
  setPersonCallRecording: {
    method: 'PUT',
    path: '/v1/people/{personId}/features/callRecording',
    access: 'token',
    success: 204,
    summary: 'Sets how a person’s calls are recorded',
  },
  getMyCallRecording: {
    method: 'GET',
    path: '/v1/telephony/config/people/me/settings/callRecording',
    access: 'token',
    success: 200,
    summary: 'How the caller’s calls are recorded',
  },
  getWorkspaceCallRecording: {
    method: 'GET',
    path: '/v1/workspaces/{workspaceId}/features/callRecording',
    access: 'token',
    success: 200,
    summary: 'How a workspace’s calls are recorded',
  },
  setWorkspaceCallRecording: {
    method: 'PUT',
    path: '/v1/workspaces/{workspaceId}/features/callRecording',
    access: 'token',
    success: 204,
    summary: 'Sets how a workspace’s calls are recorded',
  },
  getWorkspaceCallRecordings: {
    method: 'GET',
    path: '/v1/workspaces/{workspaceId}/features/callRecordings',
    access: 'token',
    success: 200,
    summary: 'The same under the path of the specification (Ruling 41)',
  },
  setWorkspaceCallRecordings: {
    method: 'PUT',
    path: '/v1/workspaces/{workspaceId}/features/callRecordings',
    access: 'token',
    success: 204,
    summary: 'The same under the path of the specification (Ruling 41)',
  },
  getVirtualLineCallRecording: {
    method: 'GET',
    path: '/v1/telephony/config/virtualLines/{virtualLineId}/callRecording',
    access: 'token',
    success: 200,
    summary: 'How a virtual line’s calls are recorded',
  },
  setVirtualLineCallRecording: {
    method: 'PUT',
    path: '/v1/telephony/config/virtualLines/{virtualLineId}/callRecording',
    access: 'token',
    success: 204,
    summary: 'Sets how a virtual line’s calls are recorded',
  },
} as const satisfies Record<string, Route>
