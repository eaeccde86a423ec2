/** What a device that asks for its tokens is answered (contract, auth §4; RFC 8628 §3.5). */
import type { FastifyRequest } from 'fastify'
import type { OAuthClient } from '../../oauth/clients.ts'
import { type DeviceUse, useDeviceCode } from '../../oauth/devices.ts'
import type { Services } from '../operation.ts'
import { type Form, required } from './endpoint.ts'
import { OAuthFailure } from './oauth-failure.ts'
import { noteGiven } from './token-notes.ts'

/** The `grant_type` of devices. */
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** Gives a device its tokens, or says why not yet or never. */
export async function tokensForDevice(
  client: OAuthClient,
  form: Form,
  request: FastifyRequest,
  services: Services,
): Promise<Readonly<Record<string, unknown>>> {
  const deviceCode = required(form, 'device_code')
  const use = await useDeviceCode(services.db, { client, deviceCode }, services.now())
  if (use.kind !== 'given') throw refusalOf(use)
  await noteGiven(client, use.personId, 'device', request, services)
  return { ...use.answer }
}

/** Asking too soon is answered as waiting is, with a longer interval, so that a client of the contract sees 428 both times. */
function refusalOf(use: Exclude<DeviceUse, { kind: 'given' }>): OAuthFailure {
  switch (use.kind) {
    case 'pending':
    case 'slowDown': {
      const code = use.kind === 'pending' ? 'authorization_pending' : 'slow_down'
      return new OAuthFailure('authorization_pending', code, {
        headers: { 'retry-after': String(use.intervalSeconds) },
        members: { interval: use.intervalSeconds },
      })
    }
    case 'denied':
      return new OAuthFailure('grant_invalid', 'access_denied', { detail: 'The person has refused' })
    case 'expired':
      return new OAuthFailure('grant_invalid', 'expired_token', { detail: 'The device code has expired' })
    case 'refused':
      return new OAuthFailure('grant_invalid', 'invalid_grant', {
        detail: 'The device code is unknown or used',
      })
  }
}
