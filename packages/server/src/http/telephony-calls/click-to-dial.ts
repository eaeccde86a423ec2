/**
 * The commands that first ring the caller's own phones, then reach for a call: retrieve, pickup, barge-in, pull
 * (call-controls §5.5, §5.8). Each answers 201 with the ids of the click-to-dial call.
 */
import { bodyReader } from '../body.ts'
import type { Operation } from '../operation.ts'
import { forCaller } from './actor.ts'
import { callInfoOf } from './call-view.ts'
import { deviceId, ownPhoneOf } from './own-phone.ts'
import { runCommand } from './run-command.ts'

const readRetrieve = bodyReader('RetrieveRequest')
const readPickup = bodyReader('PickupRequest')
const readBargeIn = bodyReader('BargeInRequest')
const readPull = bodyReader('PullRequest')

/** Fetches a parked call; without a destination the one that is parked against the caller. */
export const retrieveCall: Operation = forCaller('retrieveCall', {
  answer: 'CallInfo',
  async run(request, services, actorFor) {
    const body = await readRetrieve(request.body)
    const phone = ownPhoneOf(body)
    const actor = await actorFor(body.lineOwnerId)
    const where = body.destination === undefined ? {} : { destination: body.destination }
    const placed = await runCommand(services, { kind: 'retrieve', actor, ...where, ...phone }, 'placed')
    return { body: callInfoOf(placed) }
  },
})

/** Picks up a ringing call of the target; without one, of the caller's pickup group. */
export const pickupCall: Operation = forCaller('pickupCall', {
  answer: 'CallInfo',
  async run(request, services, actorFor) {
    const body = await readPickup(request.body)
    const phone = ownPhoneOf(body)
    const actor = await actorFor(body.lineOwnerId)
    const target = body.target === undefined ? {} : { target: body.target }
    const placed = await runCommand(services, { kind: 'pickup', actor, ...target, ...phone }, 'placed')
    return { body: callInfoOf(placed) }
  },
})

/** Joins the answered call of the target. */
export const bargeInCall: Operation = forCaller('bargeInCall', {
  answer: 'CallInfo',
  async run(request, services, actorFor) {
    const body = await readBargeIn(request.body)
    const phone = ownPhoneOf(body)
    const actor = await actorFor(body.lineOwnerId)
    const { target } = body
    const placed = await runCommand(services, { kind: 'bargeIn', actor, target, ...phone }, 'placed')
    return { body: callInfoOf(placed) }
  },
})

/** Moves the caller's active call to another phone. */
export const pullCall: Operation = forCaller('pullCall', {
  answer: 'CallInfo',
  async run(request, services, actorFor) {
    const body = await readPull(request.body)
    const phone = body.endpointId === undefined ? {} : { endpointId: deviceId(body.endpointId) }
    const actor = await actorFor(body.lineOwnerId)
    const placed = await runCommand(services, { kind: 'pull', actor, ...phone }, 'placed')
    return { body: callInfoOf(placed) }
  },
})
