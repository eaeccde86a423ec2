/**
 * Hold and resume (contract, call controls §4), whoever asked for it: the phone by an offer of its own, or the API.
 *
 * The API's hold is done at the anchor, so that every phone can be held: the other side hears music, the holder hears
 * nothing, and neither is recorded.
 */

import { arrange } from '../bridge/arrange.ts'
import type { CallHalf } from '../half/half.ts'
import { isHeldByPeer } from '../half/view.ts'
import type { Core } from '../session/core.ts'
import type { Session } from '../session/session.ts'
import { noteActivity } from '../tap/redirection-notes.ts'
import { phoneDid } from './remote-control.ts'

/** Changes in which way a half is held; what is absent stays. Everybody whose view changes is told. */
export function setHold(
  core: Core,
  half: CallHalf,
  change: { readonly byPhone?: boolean; readonly byAnchor?: boolean },
): void {
  const was = half.holding
  half.heldByPhone = change.byPhone ?? half.heldByPhone
  half.heldByAnchor = change.byAnchor ?? half.heldByAnchor
  const { peer, session } = half
  if (half.phase !== 'connected') return
  if (was === half.holding) {
    arrange(core, session)
    return
  }
  if (!half.holding) holdOthers(core, half)
  arrange(core, session)
  core.publish(half, 'updated', half.holding ? 'held' : 'resumed')
  if (peer?.phase === 'connected' && !peer.holding && peer.conference === undefined) {
    if (isHeldByPeer(peer)) core.publish(peer, 'updated', 'remoteHeld')
    else if (!half.holding && talking(session) <= 2) core.publish(peer, 'updated', 'remoteResumed')
  }
  for (const each of session.halves) noteActivity(core, each)
  phoneDid(core, half, half.holding ? 'hold' : 'resume')
}

/** Those who talk or could; own phones that ring for a retrieval or to join are not among them yet. */
function talking(session: Session): number {
  return session.halves.filter((each) => each.phase === 'connected').length
}

/** A line talks on one call at a time: the others that it talks on are held (contract, call controls §4). */
export function holdOthers(core: Core, half: CallHalf): void {
  for (const other of core.halvesOf(half.line)) {
    if (other === half || other.phase !== 'connected' || other.holding || other.leg === undefined) continue
    if (other.conference !== undefined && other.conference === half.conference) continue
    if (other.session === half.session) continue
    setHold(core, other, { byAnchor: true })
  }
}
