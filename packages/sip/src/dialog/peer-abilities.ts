/**
 * What the peer of a dialog said that it takes: Allow (RFC 3261 §20.5), Allow-Events (RFC 6665 §8.2.2) and Supported
 * (§20.37). Each holds until the peer says it anew.
 */
import type { SipMessage } from '../message/message.ts'

/** The abilities of one peer, as its messages tell them. */
export class PeerAbilities {
  #allow: readonly string[] = []
  #allowEvents: readonly string[] = []

  /** Methods of the last Allow; empty when there was none. */
  get allow(): readonly string[] {
    return this.#allow
  }

  /** Events of the last Allow-Events, in lower case; empty when there was none. */
  get allowEvents(): readonly string[] {
    return this.#allowEvents
  }

  /** Learns from a message of the peer. */
  learn(message: SipMessage): void {
    const { headers } = message
    if (headers.has('Allow')) this.#allow = headers.all('Allow').map((method) => method.toUpperCase())
    if (headers.has('Allow-Events'))
      this.#allowEvents = headers.all('Allow-Events').map((event) => event.toLowerCase())
  }
}

/** Whether a message names an option tag as one that its sender knows (Supported) or insists on (Require). */
export function supports(message: SipMessage, tag: string): boolean {
  return has(message, 'Supported', tag) || has(message, 'Require', tag)
}

/** Whether a message insists on an option tag. */
export function requires(message: SipMessage, tag: string): boolean {
  return has(message, 'Require', tag)
}

function has(message: SipMessage, name: 'Supported' | 'Require', tag: string): boolean {
  return message.headers.all(name).some((value) => value.toLowerCase() === tag)
}
