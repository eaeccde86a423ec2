/** The arithmetic of media directions: RFC 3264 §5.1 and §6.1. */
import type { Direction } from './description.ts'

/** Whether the side that states this direction sends. */
export function sends(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'sendonly'
}

/** Whether the side that states this direction receives. */
export function receives(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'recvonly'
}

/** The direction that sends and receives so. */
export function directionOf(does: { readonly send: boolean; readonly receive: boolean }): Direction {
  if (does.send) return does.receive ? 'sendrecv' : 'sendonly'
  return does.receive ? 'recvonly' : 'inactive'
}

/** The same direction seen from the other end. */
export function mirror(direction: Direction): Direction {
  return directionOf({ send: receives(direction), receive: sends(direction) })
}

/** What both allow, seen from one end: never more than either. */
export function narrowed(a: Direction, b: Direction): Direction {
  return directionOf({ send: sends(a) && sends(b), receive: receives(a) && receives(b) })
}
