/**
 * What goes over a stream of live events: frames of server-sent events (WHATWG HTML, "Server-sent events"). An event is
 *
 *     id: 4711
 *     event: telephony_calls.created
 *     data: {"resource":...,"event":...,"orgId":...,"actorId":...,"created":...,"data":{...}}
 *
 * A frame without data is no event, but its `id` counts: so a quiet stream can still be resumed from where it stands.
 */
import { encodeWebexId, printMilliseconds } from '@tandem/contract'
import type { StoredOutboxEvent } from '@tandem/store'

/** A comment that keeps the connection from looking dead. */
export const HEARTBEAT: Buffer = Buffer.from(':\n\n')

/** How soon a client should connect again, at least and at most: a thousand of them must not come in one moment. */
const RETRY_MS = { min: 1_000, max: 3_000 } as const

/** The frame of an event. */
export function eventFrame(event: StoredOutboxEvent): Buffer {
  const { id, orgId, resource, personId, createdAt, payload } = event
  const data = {
    resource,
    event: event.event,
    // Absent where it concerns the whole system.
    ...(orgId === '' ? {} : { orgId: encodeWebexId('ORGANIZATION', orgId) }),
    ...(personId === undefined ? {} : { actorId: encodeWebexId('PEOPLE', personId) }),
    created: printMilliseconds(createdAt),
    data: payload,
  }
  return Buffer.from(`id: ${id}\nevent: ${resource}.${event.event}\ndata: ${JSON.stringify(data)}\n\n`)
}

/** The first frame: how soon to come back, and from where, unless the client knows better. `random` is from 0 to 1. */
export function openingFrame(id: number | undefined, random: number): Buffer {
  const retryMs = Math.round(RETRY_MS.min + (RETRY_MS.max - RETRY_MS.min) * random)
  return Buffer.from(`retry: ${retryMs}\n${id === undefined ? '' : `id: ${id}\n`}\n`)
}

/** Nothing has happened for this listener up to `id`. */
export function positionFrame(id: number): Buffer {
  return Buffer.from(`id: ${id}\n\n`)
}

/** The last frame: why the stream ends, for whoever reads along. */
export function closingFrame(why: string): Buffer {
  return Buffer.from(`: ${why}\n\n`)
}
