/** The questions about calls: list and details, from each line's own view (contract, call controls §1). */
import type { CallActor } from '../commands.ts'
import { viewOf } from '../half/view.ts'
import type { Core } from '../session/core.ts'
import { lineOf, withHalf } from './actor.ts'

/** Answers `list`: every call of the actor's line, oldest first. */
export function list(core: Core, id: number, actor: CallActor): void {
  const line = lineOf(core, actor)
  if (line === 'forbidden') {
    core.reply(id, { kind: 'refused', error: 'line_owner_forbidden' })
    return
  }
  const halves = core.halvesOf(line ?? { orgId: actor.orgId, id: actor.lineId })
  core.reply(id, { kind: 'calls', calls: halves.map(viewOf) })
}

/** Answers `details`. */
export function details(
  core: Core,
  id: number,
  command: { readonly actor: CallActor; readonly callId: string },
): void {
  withHalf(core, id, command, (half) => core.reply(id, { kind: 'call', call: viewOf(half) }))
}
