/**
 * Answer by the API (contract, call controls §5.1): one of the own phones that ring is told to pick up.
 *
 * There is nothing in its place: a phone that takes no remote command cannot be answered for, and saying otherwise would
 * cost somebody a call. Without `endpointId` the preferred phone is meant, else the first own one that rings; where that
 * one cannot be told, the next that can. A phone that has not begun to ring yet is waited for.
 */
import type { CallCommand } from '../commands.ts'
import type { CallHalf } from '../half/half.ts'
import type { Leg } from '../leg/leg.ts'
import type { Core } from '../session/core.ts'
import { lineOf, withHalf } from './actor.ts'
import { askPhone, takes } from './remote-control.ts'

type AnswerCommand = Extract<CallCommand, { readonly kind: 'answer' }>

/** Carries out `answer`; replied to when the phone has answered and the call is where that leads. */
export function answer(core: Core, id: number, command: AnswerCommand): void {
  const { endpointId } = command
  const line = lineOf(core, command.actor)
  if (endpointId !== undefined && typeof line === 'object' && !isPhoneOf(core, line, endpointId)) {
    core.reply(id, { kind: 'refused', error: 'endpoint_unknown' })
    return
  }
  withHalf(core, id, command, (half) => {
    if (half.phase !== 'alerting') {
      core.reply(id, { kind: 'refused', error: 'call_state_forbids' })
      return
    }
    const leg = phoneToAnswer(core, half, endpointId)
    if (leg === undefined) core.reply(id, { kind: 'refused', error: 'phone_cannot' })
    else askPhone(core, half, { act: 'answer', leg, id })
  })
}

function isPhoneOf(
  core: Core,
  line: { readonly orgId: string; readonly id: string },
  deviceId: string,
): boolean {
  const devices = core.realmOf(line.orgId)?.devicesOf.get(line.id) ?? []
  return devices.some((device) => device.id === deviceId)
}

/** The phone that is to pick up; undefined when none that is meant rings for this call and can be told. */
function phoneToAnswer(core: Core, half: CallHalf, deviceId: string | undefined): Leg | undefined {
  if (half.asked?.act === 'answer' && (deviceId ?? half.asked.leg.device.id) === half.asked.leg.device.id)
    return half.asked.leg
  const legs = [...half.legs].filter((leg) => leg.target !== undefined && leg.state !== 'answered')
  const preferred = half.line.preferredDeviceId
  const meant =
    deviceId === undefined
      ? [
          ...legs.filter((leg) => leg.device.id === preferred),
          ...legs.filter((leg) => leg.device.lineId === half.line.id && leg.device.id !== preferred),
          ...legs.filter((leg) => leg.device.lineId !== half.line.id && leg.device.id !== preferred),
        ]
      : legs.filter((leg) => leg.device.id === deviceId)
  return (
    meant.find((leg) => leg.early !== undefined && takes(core, leg, 'answer')) ??
    meant.find((leg) => leg.early === undefined)
  )
}
