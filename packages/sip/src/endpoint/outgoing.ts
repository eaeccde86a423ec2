/**
 * A request outside of calls: completed (RFC 3261 §8.1.1), sent, and sent again once when it is challenged (§22.2).
 * What its user has set stays; what is missing is added.
 */
import type { Instant } from '@tandem/base'
import { type AuthorizationField, answerChallenge } from '../auth/answer.ts'
import type { ClientTransactionId, OutgoingRequest } from '../endpoint-api.ts'
import { parseCSeq } from '../message/cseq.ts'
import { NO_BODY, type SipRequest } from '../message/message.ts'
import { tagOf } from '../message/name-addr.ts'
import type { ClientListener } from '../transaction/entry.ts'
import type { Core } from './core.ts'

/** Sends it; its final response is told under `id`, after the challenge if there was one. */
export function sendOutside(
  core: Core,
  now: Instant,
  id: ClientTransactionId,
  outgoing: OutgoingRequest,
): void {
  const request = complete(core, outgoing)
  const { credentials, destination } = outgoing
  const last: ClientListener = {
    response: (_now, response, flow) => {
      const way = flow === undefined ? {} : { flow }
      core.emit({ kind: 'response', transaction: id, response, ...way })
    },
  }
  const first: ClientListener = {
    response: (at, response, flow) => {
      const { crypto } = core.options
      const field =
        credentials === undefined || flow === undefined
          ? undefined
          : answerChallenge(crypto, request, response, { credentials, cnonce: core.tokens.name() })
      if (field === undefined) last.response(at, response, flow)
      else core.table.send(at, complete(core, outgoing, { after: request, field }), destination, last, id)
    },
  }
  core.table.send(now, request, destination, first, id)
}

/**
 * The request with Max-Forwards, From tag, Call-ID, CSeq and User-Agent. `again` is the request that was challenged:
 * its names are kept, its CSeq is one higher, and the answer to the challenge is added (§22.2).
 */
function complete(
  core: Core,
  outgoing: OutgoingRequest,
  again?: { readonly after: SipRequest; readonly field: AuthorizationField },
): SipRequest {
  const { method, uri, body } = outgoing
  const headers = outgoing.headers.clone()
  const before = again?.after.headers
  const from = before?.get('From') ?? headers.get('From') ?? `<${uri}>`
  headers.set('From', tagOf(from) === undefined ? `${from};tag=${core.tokens.name()}` : from)
  if (!headers.has('To')) headers.append('To', `<${uri}>`)
  headers.set(
    'Call-ID',
    before?.get('Call-ID') ?? headers.get('Call-ID') ?? core.tokens.name() + core.tokens.name(),
  )
  const number = parseCSeq(before?.get('CSeq') ?? headers.get('CSeq') ?? '')?.number ?? 1
  headers.set('CSeq', `${again === undefined ? number : number + 1} ${method}`)
  if (!headers.has('Max-Forwards')) headers.append('Max-Forwards', '70')
  if (!headers.has('User-Agent')) headers.append('User-Agent', core.options.product)
  if (again !== undefined) headers.append(again.field[0], again.field[1])
  return { kind: 'request', method, uri, headers, body: body ?? NO_BODY }
}
