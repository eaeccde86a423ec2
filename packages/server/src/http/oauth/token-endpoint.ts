/** `POST /access_token` and `POST /revoke` (contract, auth §3; RFC 6749 §4.1.3, §6; RFC 7009). */
import type { Scope } from '@tandem/contract'
import type { FastifyRequest } from 'fastify'
import type { OAuthClient } from '../../oauth/clients.ts'
import { useCode } from '../../oauth/codes.ts'
import { revokePresented, useRefreshToken } from '../../oauth/refresh.ts'
import { readScopes } from '../../oauth/scope-list.ts'
import type { Services } from '../operation.ts'
import { DEVICE_GRANT, tokensForDevice } from './device-tokens.ts'
import { clientOfRequest, type EndpointRun, endpoint, type Form, required } from './endpoint.ts'
import { OAuthFailure } from './oauth-failure.ts'
import { noteGiven } from './token-notes.ts'

/** Gives tokens for a code or a refresh token. */
export const createAccessToken: ReturnType<typeof endpoint> = endpoint(async (form, request, services) => {
  const grantType = required(form, 'grant_type')
  const client = await clientOfRequest(form, request, services)
  if (grantType === 'authorization_code') return tokensForCode(client, form, request, services)
  if (grantType === 'refresh_token') return tokensForRefresh(client, form, request, services)
  // Clients made for any OAuth server ask here (RFC 8628 §3.4), those of the contract at /device/token.
  if (grantType === DEVICE_GRANT) return tokensForDevice(client, form, request, services)
  throw new OAuthFailure('grant_type_unknown', 'unsupported_grant_type', {
    detail: `grant_type must be authorization_code, refresh_token or ${DEVICE_GRANT}`,
  })
})

/** Revokes a token of the client. Whatever is not one is answered the same (RFC 7009 §2.2). */
export const revokeAccessToken: ReturnType<typeof endpoint> = endpoint(async (form, request, services) => {
  const client = await clientOfRequest(form, request, services)
  const revoked = await revokePresented(
    services.db,
    { client, token: required(form, 'token') },
    services.now(),
  )
  if (revoked !== undefined) await noteRevoked(client, revoked.personId, 'asked', request, services)
  return {}
})

type Run = (
  client: OAuthClient,
  ...rest: Parameters<EndpointRun>
) => Promise<Readonly<Record<string, unknown>>>

const tokensForCode: Run = async (client, form, request, services) => {
  const code = required(form, 'code')
  const use = await useCode(
    services.db,
    { client, code, redirectUri: form.get('redirect_uri'), verifier: form.get('code_verifier') },
    services.now(),
  )
  if (use.kind === 'given') {
    await noteGiven(client, use.personId, 'code', request, services)
    return { ...use.answer }
  }
  if (use.kind === 'reused') await noteRevoked(client, use.personId, 'code used twice', request, services)
  throw new OAuthFailure('grant_invalid', 'invalid_grant', {
    detail: 'The code is unknown, expired or used, or was made for another redirect_uri or code_verifier',
  })
}

const tokensForRefresh: Run = async (client, form, request, services) => {
  const token = required(form, 'refresh_token')
  const scopes = wantedScopes(form)
  const use = await useRefreshToken(services.db, { client, token, scopes }, services.now())
  if (use.kind === 'given') return { ...use.answer }
  if (use.kind === 'scopeTooWide')
    throw new OAuthFailure('invalid_request', 'invalid_scope', {
      detail: 'scope may only name scopes that were granted',
    })
  if (use.kind === 'reused')
    await noteRevoked(client, use.personId ?? null, 'refresh token used twice', request, services)
  throw new OAuthFailure('grant_invalid', 'invalid_grant', {
    detail: 'The refresh token is unknown, expired, used or revoked',
  })
}

function wantedScopes(form: Form): readonly Scope[] | undefined {
  const text = form.get('scope')
  if (text === undefined) return undefined
  const scopes = readScopes(text)
  if (scopes === undefined)
    throw new OAuthFailure('invalid_request', 'invalid_scope', { detail: 'scope names an unknown scope' })
  return scopes
}

async function noteRevoked(
  client: OAuthClient,
  personId: string | null,
  why: string,
  request: FastifyRequest,
  services: Services,
): Promise<void> {
  const { orgId, id, name } = client
  await services.recordings.audit.add([
    {
      actor: { orgId, personId: personId ?? id, as: 'user', trackingId: request.exchange.trackingId },
      action: 'token.revoked',
      detail: { clientId: id, clientName: name, why },
    },
  ])
}
