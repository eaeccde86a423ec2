/**
 * Who a phone is told that it is connected with: RFC 3325 (P-Asserted-Identity), RFC 3323 for those who withhold it, and
 * RFC 3311 (UPDATE) when that changes in mid-call.
 *
 * A phone learns it in our INVITE, or in our 200 to its own; when a transfer, a retrieval or a pickup puts somebody else
 * on the other side, an UPDATE says so, where the phone takes one. `arrange` calls `showPeer` after every change, so no
 * feature has to think of it.
 */
import { identityHeaders } from '@tandem/sip'
import type { CallHalf } from '../half/half.ts'
import type { Leg } from '../leg/leg.ts'
import { escapeUser } from '../route/fork.ts'
import type { Core } from '../session/core.ts'

/** Header fields that name the other side of `leg`, and the From for an INVITE; remembered as what its phone shows. */
export function introduce(core: Core, leg: Leg): ReturnType<typeof identityHeaders> {
  const identity = identityOf(core, leg.half)
  leg.shown = keyOf(identity)
  return identity
}

/** Tells the phone of a half that talks who is there now, if that is somebody else than it shows. */
export function showPeer(core: Core, half: CallHalf): void {
  const { leg, peer } = half
  if (leg?.sip === undefined || leg.state !== 'answered' || leg.shown === undefined) return
  if (half.phase !== 'connected' || peer?.phase !== 'connected') return
  const identity = identityOf(core, half)
  if (leg.shown === keyOf(identity)) return
  leg.shown = keyOf(identity)
  core.sip(core.endpoint.update(core.now, leg.sip, identity.headers))
}

/** The other side as a phone shows it; for a call that is only being placed, what was dialled. */
function identityOf(core: Core, half: CallHalf): ReturnType<typeof identityHeaders> {
  const domain = core.domainOf(half.session.orgId)
  const { dialled, expected, peer } = half
  const other = peer?.line ?? expected
  const user = other?.extension ?? dialled?.user ?? 'anonymous'
  return identityHeaders({
    displayName: printable(other?.displayName ?? ''),
    uri: `sip:${other === undefined ? escapeUser(user) : user}@${domain}`,
    private: peer?.isPrivate === true,
    domain,
  })
}

function keyOf(identity: ReturnType<typeof identityHeaders>): string {
  return identity.from
}

/** Control characters, which no quoted string may hold (RFC 3261 §25.1), are left out. */
function printable(name: string): string {
  return [...name].filter((character) => character >= ' ' && character !== '\x7f').join('')
}
