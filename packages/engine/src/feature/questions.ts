/** The questions about calls: list and details, from each person's own view (contract, call controls §1). */
import type { CallActor } from '../commands.ts'
import { viewOf } from '../half/view.ts'
import type { Core } from '../session/core.ts'
import { ownHalf } from './hangup.ts'

/** Answers `list`: every call of the actor, oldest first. */
export function list(core: Core, id: number, actor: CallActor): void {
  core.reply(id, { kind: 'calls', calls: core.halvesOf(actor.orgId, actor.personId).map(viewOf) })
}

/** Answers `details`. */
export function details(
  core: Core,
  id: number,
  command: { readonly actor: CallActor; readonly callId: string },
): void {
  const half = ownHalf(core, command)
  core.reply(
    id,
    half === undefined ? { kind: 'refused', error: 'call_not_found' } : { kind: 'call', call: viewOf(half) },
  )
}
