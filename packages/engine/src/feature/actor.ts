/** For whom a command acts, and which of the calls it means (contract, call controls §3). */
import type { CallActor } from '../commands.ts'
import type { DirectoryLine } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import type { Core } from '../session/core.ts'

/**
 * The line that a command acts for: the caller's own, or another that appears on one of the caller's own devices
 * (`forbidden` when it does not). Undefined when the directory does not know the caller.
 */
export function lineOf(core: Core, actor: CallActor): DirectoryLine | 'forbidden' | undefined {
  const realm = core.realmOf(actor.orgId)
  const own = realm?.lines.get(actor.lineId)
  const { lineOwnerId } = actor
  if (realm === undefined || own === undefined) return undefined
  if (lineOwnerId === undefined || lineOwnerId === own.id) return own
  const appears = (realm.devicesOf.get(lineOwnerId) ?? []).some(
    (device) => device.lineId === own.id && device.secondaryLineIds?.includes(lineOwnerId),
  )
  return appears ? (realm.lines.get(lineOwnerId) ?? 'forbidden') : 'forbidden'
}

/** The half that a command names, if it belongs to the actor; another line's is as unknown as one that never was. */
export function ownHalf(
  core: Core,
  command: { readonly actor: CallActor; readonly callId: string },
): CallHalf | 'line_owner_forbidden' | 'call_not_found' {
  const line = lineOf(core, command.actor)
  if (line === 'forbidden') return 'line_owner_forbidden'
  const half = core.halves.get(command.callId)
  const lineId = line?.id ?? command.actor.lineId // A line that was removed still ends its calls.
  return half?.session.orgId === command.actor.orgId && half.line.id === lineId ? half : 'call_not_found'
}

/** Runs `act` on the half that a command names, or refuses the command. */
export function withHalf(
  core: Core,
  id: number,
  command: { readonly actor: CallActor; readonly callId: string },
  act: (half: CallHalf) => void,
): void {
  const half = ownHalf(core, command)
  if (typeof half === 'string') core.reply(id, { kind: 'refused', error: half })
  else act(half)
}

/**
 * Runs `act` on the half that a command names or, when it names none, on the only one of the line that qualifies (Ruling
 * 18 of the contract). `tests` go from what is wanted to what will do: the first that exactly one call passes decides.
 */
export function withQualified(
  core: Core,
  id: number,
  command: { readonly actor: CallActor; readonly callId?: string },
  tests: readonly ((half: CallHalf) => boolean)[],
  act: (half: CallHalf) => void,
): void {
  const { actor, callId } = command
  if (callId !== undefined) {
    withHalf(core, id, { actor, callId }, act)
    return
  }
  const line = lineOf(core, actor)
  if (line === 'forbidden') {
    core.reply(id, { kind: 'refused', error: 'line_owner_forbidden' })
    return
  }
  const halves = core.halvesOf(line ?? { orgId: actor.orgId, id: actor.lineId })
  for (const test of tests) {
    const [only, ...others] = halves.filter(test)
    if (only === undefined || others.length > 0) continue
    act(only)
    return
  }
  core.reply(id, { kind: 'refused', error: 'call_ambiguous' })
}
