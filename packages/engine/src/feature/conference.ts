/**
 * Conference (contract, call controls §7): the host's calls joined in one room. One for each line at a time.
 */
import type { WallTime } from '@tandem/base'
import { arrange } from '../bridge/arrange.ts'
import type { CallHalf } from '../half/half.ts'
import type { Core } from '../session/core.ts'

/** A conference of one line. Its fields are changed by the engine alone. */
export class Conference {
  readonly id: string
  readonly createdAt: WallTime
  /** The host's own calls that are in it; the participants are their peers. */
  readonly hosts: Set<CallHalf> = new Set<CallHalf>()

  constructor(options: { readonly id: string; readonly createdAt: WallTime }) {
    this.id = options.id
    this.createdAt = options.createdAt
  }
}

/** A half has ended: it is the host's no more. A conference of one call is a plain call again. */
export function leaveConference(core: Core, half: CallHalf): void {
  const { conference } = half
  half.conference = undefined
  if (conference === undefined || !conference.hosts.delete(half)) return
  if (conference.hosts.size > 1) return
  for (const host of conference.hosts) {
    host.conference = undefined
    arrange(core, host.session)
  }
  conference.hosts.clear()
}
