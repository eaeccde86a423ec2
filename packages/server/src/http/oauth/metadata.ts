/** `GET /.well-known/oauth-authorization-server`: where the endpoints are and what they offer (RFC 8414). */
import { SCOPES } from '@tandem/contract'
import type { RouteHandlerMethod } from 'fastify'
import type { Services } from '../operation.ts'
import { DEVICE_GRANT } from './device-tokens.ts'

/** Serves the metadata. */
export function getAuthorizationServer(services: Services): RouteHandlerMethod {
  return async (_request, reply) => {
    const base = `${services.publicUrl}/v1`
    return reply
      .headers({ 'content-type': 'application/json;charset=UTF-8', 'cache-control': 'max-age=300' })
      .send({
        issuer: services.publicUrl,
        authorization_endpoint: `${base}/authorize`,
        token_endpoint: `${base}/access_token`,
        revocation_endpoint: `${base}/revoke`,
        device_authorization_endpoint: `${base}/device/authorize`,
        scopes_supported: Object.keys(SCOPES),
        response_types_supported: ['code'],
        response_modes_supported: ['query'],
        grant_types_supported: ['authorization_code', 'refresh_token', DEVICE_GRANT],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
        revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
        code_challenge_methods_supported: ['S256'],
      })
  }
}
