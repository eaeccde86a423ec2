/** `POST /device/authorize` and `POST /device/token` (contract, auth §4; RFC 8628). */

import { findClient } from '../../oauth/clients.ts'
import { beginDevice, DEVICE_MS, INTERVAL_SECONDS } from '../../oauth/devices.ts'
import { readScopes } from '../../oauth/scope-list.ts'
import { DEVICE_GRANT, tokensForDevice } from './device-tokens.ts'
import { clientOfRequest, endpoint, required } from './endpoint.ts'
import { OAuthFailure } from './oauth-failure.ts'

/** Begins a device authorization. The contract asks for no secret here: nothing is given yet. */
export const authorizeDevice: ReturnType<typeof endpoint> = endpoint(async (form, request, services) => {
  const client =
    request.headers.authorization === undefined && !form.has('client_secret')
      ? await findClient(services.db, required(form, 'client_id'))
      : await clientOfRequest(form, request, services)
  if (client === undefined) throw new OAuthFailure('client_invalid', 'invalid_client')
  if (client.kind === 'service')
    throw new OAuthFailure('client_invalid', 'unauthorized_client', {
      detail: 'A service app acts for no person',
    })
  const scopes = readScopes(form.get('scope') ?? client.scopes.join(' '))
  if (scopes === undefined || scopes.some((scope) => !client.scopes.includes(scope)))
    throw new OAuthFailure('invalid_request', 'invalid_scope', {
      detail: 'scope must name scopes that the client is registered with',
    })
  const { deviceCode, userCode } = await beginDevice(services.db, { client, scopes }, services.now())
  const page = `${services.publicUrl}/device`
  return {
    device_code: deviceCode,
    user_code: userCode,
    verification_uri: page,
    verification_uri_complete: `${page}?user_code=${userCode}`,
    expires_in: DEVICE_MS / 1_000,
    interval: INTERVAL_SECONDS,
  }
})

/** Gives a device its tokens, or says why not yet or never. */
export const createDeviceToken: ReturnType<typeof endpoint> = endpoint(async (form, request, services) => {
  if (required(form, 'grant_type') !== DEVICE_GRANT)
    throw new OAuthFailure('grant_type_unknown', 'unsupported_grant_type', {
      detail: `grant_type must be ${DEVICE_GRANT} here`,
    })
  const client = await clientOfRequest(form, request, services)
  return tokensForDevice(client, form, request, services)
})
