/**
 * Retrieve (contract, call controls §5.5): fetches the call that is parked against a line, by API with the own phone
 * rung first, or by a phone that has dialled for it. Of two who try, the first whose phone is answered gets it.
 */
import type { CallActor, CallResult, OwnPhone } from '../commands.ts'
import type { DirectoryLine } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import { type Dialled, parseDestination, resolve } from '../route/destination.ts'
import type { Core } from '../session/core.ts'
import { ANSWERED_ELSEWHERE, giveUpAttempt } from '../session/finish.ts'
import { ownPhones, ringOwn } from './dial.ts'
import { answerOwn, failAlone, moveInto } from './move.ts'
import { parkedAt, unpark } from './park.ts'
import { meet } from './transfer.ts'

/** `retrieve` as the API gives it. */
export interface RetrieveCommand extends OwnPhone {
  readonly actor: CallActor
  readonly destination?: string
}

/** Carries out `retrieve`: the own phone rings. */
export function retrieve(core: Core, id: number, command: RetrieveCommand): void {
  const { destination } = command
  const dialled = destination === undefined ? undefined : parseDestination(destination)
  if (destination !== undefined && dialled === undefined) {
    core.reply(id, { kind: 'refused', error: 'destination_invalid' })
    return
  }
  const own = ownPhones(core, command)
  if (own.kind === 'refused') {
    core.reply(id, own)
    return
  }
  const parked = parkedFor(core, own.line, dialled)
  if (parked === undefined) core.reply(id, { kind: 'refused', error: 'nothing_parked' })
  else {
    const intent = { kind: 'retrieve', parked } as const
    ringOwn(core, { id, session: parked.session, ...own, intent, peer: parked })
  }
}

/** A phone has dialled for the call that is parked against a line, its own unless named. */
export function retrieveBy(core: Core, half: CallHalf, from?: Dialled): CallResult {
  const parked = parkedFor(core, half.line, from)
  if (parked === undefined) return { kind: 'refused', error: 'nothing_parked' }
  if (answerOwn(core, half, parked)) retrieved(core, half, parked)
  return { kind: 'done' }
}

/** The phone is there: it talks with whoever was parked, unless they have been fetched already. */
export function retrieved(core: Core, half: CallHalf, parked: CallHalf): void {
  if (parked.parkedAgainst === undefined || parked.phase !== 'connected') {
    failAlone(core, half, { cause: 'notFound', callerStatus: 404 })
    return
  }
  const { parking, session } = parked
  if (session.attempt?.caller === parked) giveUpAttempt(core, session, { reason: ANSWERED_ELSEWHERE })
  unpark(core, parked)
  moveInto(core, half, session)
  meet(core, half, parked, { reason: 'unknown', by: parking?.by ?? half.line })
}

/** Whoever waits where `from` says; nobody fetches themselves. */
function parkedFor(core: Core, line: DirectoryLine, from: Dialled | undefined): CallHalf | undefined {
  const realm = core.realmOf(line.orgId)
  const place = from === undefined || realm === undefined ? line : resolve(realm, from)
  const parked = place === undefined ? undefined : parkedAt(core, place)
  return parked?.line.id === line.id ? undefined : parked
}
