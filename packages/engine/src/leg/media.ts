/**
 * What a leg asks of the media port: a port pair before anything else, its format, its release.
 *
 * The port answers later, and anything may happen in between: a leg that ended while it waited is released all the
 * same, and what comes for it afterwards only settles it.
 */
import type { MediaEvent } from '@tandem/media'
import { askedPhoneGone } from '../feature/remote-control.ts'
import type { Core } from '../session/core.ts'
import type { Leg } from './leg.ts'

/** How long a port pair may take; workers answer within a millisecond, so a longer wait means a dead one. */
export const ALLOCATION_MS_MAX = 5_000

/** Asks for the leg's port pair. */
export function allocate(core: Core, leg: Leg): void {
  leg.session.legs.push(leg)
  leg.half.legs.add(leg)
  core.legs.set(leg.id, leg)
  core.media({ kind: 'allocate', leg: leg.id, session: leg.session.id, family: leg.family })
  core.arm({ kind: 'allocation', owner: leg }, ALLOCATION_MS_MAX)
}

/** Tells the media port what the leg speaks now, as last negotiated. */
export function configure(core: Core, leg: Leg): void {
  const negotiated = leg.negotiated
  if (negotiated === undefined || leg.released) return
  const { format, remote, send, receive } = negotiated
  const relearn =
    leg.configuredRemote === undefined ||
    leg.configuredRemote.host !== remote.host ||
    leg.configuredRemote.port !== remote.port
  leg.configuredRemote = remote
  core.media({ kind: 'configure', leg: leg.id, format, remote, send, receive, relearn })
}

/** Frees the leg's port pair, once. The leg is over; its dialog is somebody else's business. */
export function release(core: Core, leg: Leg): void {
  leg.state = 'ended'
  leg.half.legs.delete(leg)
  core.disarm({ kind: 'allocation', owner: leg })
  askedPhoneGone(core, leg)
  if (leg.released || leg.settled) return
  leg.released = true
  core.media({ kind: 'release', leg: leg.id })
}

/** Takes the port's last word about a leg. */
export function settle(core: Core, leg: Leg, event: MediaEvent): void {
  leg.settled = true
  if (event.kind === 'released') leg.statistics = event.statistics
  core.legs.delete(leg.id)
}
