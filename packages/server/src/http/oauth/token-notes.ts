/** What the audit log holds of tokens that are given out (promise P17). */
import type { FastifyRequest } from 'fastify'
import type { OAuthClient } from '../../oauth/clients.ts'
import type { Services } from '../operation.ts'

/** Writes down that a client was given tokens. */
export async function noteGiven(
  client: OAuthClient,
  personId: string,
  by: 'code' | 'device',
  request: FastifyRequest,
  services: Services,
): Promise<void> {
  const { orgId, id, name } = client
  await services.recordings.audit.add([
    {
      actor: { orgId, personId, as: 'user', trackingId: request.exchange.trackingId },
      action: 'token.created',
      detail: { clientId: id, clientName: name, by },
    },
  ])
}
