/** A key pressed in a call, by whatever way it came (RFC 4733, INFO): a machine takes it, or it may be part of a code. */
import type { Leg } from '../leg/leg.ts'
import type { Core } from '../session/core.ts'
import { machineKey } from './machine.ts'
import { codeKey } from './star-codes.ts'

/** Takes one key of `leg`; it has gone to the other side already, if there is one. */
export function keyPressed(core: Core, leg: Leg, key: string): void {
  const { half } = leg
  if (half.leg !== leg || half.phase !== 'connected') return
  if (!machineKey(core, half, key)) codeKey(core, half, key)
}
