/**
 * `GET /tandem/v1/events`: the events of webhooks as they happen, as server-sent events (contract README §11, webhooks §5,
 * §6). A client that names the last id it has gets what it missed first; one whose id is older than what is kept is told
 * so (410) and begins anew.
 */
import type { ListenerTerms } from '../../events/listener.ts'
import { parseResources, subscribe, type Wish } from '../../events/subscription.ts'
import { Failure, invalid } from '../failure.ts'
import type { ApiAnswer, ApiRequest, Operation, Services } from '../operation.ts'

/** Longest list of resources that is looked at. */
const RESOURCES_CHARS_MAX = 256

/** The operation. */
export const streamEvents: Operation = {
  id: 'streamEvents',
  async run(request, services): Promise<ApiAnswer> {
    const { caller, isHead } = request
    const subscription = subscribe(caller, wishOf(request))
    const after = lastIdOf(request)
    const contentType = 'text/event-stream'
    if (isHead) return { file: { contentType, content: new Uint8Array() } }
    const terms: ListenerTerms = {
      subscription,
      tokenKey: caller.tokenId ?? `${caller.orgId} ${caller.personId}`,
      authenticate: authenticator(tokenOf(request), services),
      ...(after === undefined ? {} : { after }),
    }
    const stream = await services.events.open(terms)
    return {
      live: { contentType, flowInto: (outlet) => stream.flowInto(outlet) },
      // The last one keeps a known proxy from gathering the stream before it lets go of it.
      headers: { 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
    }
  },
}

function wishOf({ query }: ApiRequest): Wish {
  const ownedBy = query.choice('ownedBy', ['creator', 'org']) ?? 'creator'
  const list = query.text('resource', RESOURCES_CHARS_MAX)
  return list === undefined ? { ownedBy } : { ownedBy, resources: parseResources(list) }
}

/** The header is what a client sends by itself when it connects again, so it knows better than the query. */
function lastIdOf({ headers, query }: ApiRequest): number | undefined {
  const header = headers['last-event-id']
  const text = header === undefined || header === '' ? query.text('lastEventId', 32) : header
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text)) throw invalid('Last-Event-ID', 'must be the id of an event of this stream')
  return Number(text)
}

/** The token that this stream is opened with. */
function tokenOf({ headers }: ApiRequest): string {
  const token = /^Bearer +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1]
  if (token === undefined) throw new Failure('unauthorized') // Denied by default.
  return token
}

/** Asks again and again who stands behind a token. Holds on to no request, since the stream holds on to it. */
function authenticator(token: string, services: Services): ListenerTerms['authenticate'] {
  return () => services.access.callers.authenticate(token, services.now())
}
