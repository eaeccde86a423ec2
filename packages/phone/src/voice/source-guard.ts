/**
 * Where the peer's audio comes from: its SDP address, or behind NAT another one that it keeps to.
 *
 * A packet from the SDP address decides at once. Any other source must send a few packets in a row with one SSRC
 * while nothing comes from there. Once decided, everything else is refused until the SDP names a new address.
 */
import type { SocketAddress } from '@tandem/sip'

/** Packets in a row by which a source other than the SDP's is believed. */
export const STRANGER_PACKETS = 4

/** Learns one peer's source and keeps to it. */
export class SourceGuard {
  #named: SocketAddress
  #locked: SocketAddress | undefined
  #stranger: SocketAddress | undefined
  #strangerSsrc = 0
  #strangerCount = 0

  constructor(named: SocketAddress) {
    this.#named = named
  }

  /** Where to send: to the learned source, before that to the SDP address. */
  get target(): SocketAddress {
    return this.#locked ?? this.#named
  }

  /** Takes the address of a new description; a changed one starts the learning again. */
  rename(named: SocketAddress): void {
    if (same(named.host, named.port, this.#named)) return
    this.#named = named
    this.#locked = undefined
    this.#strangerCount = 0
  }

  /** Whether a packet from there is the peer's. */
  admits(host: string, port: number, ssrc: number): boolean {
    if (this.#locked !== undefined) return same(host, port, this.#locked)
    if (same(host, port, this.#named)) {
      this.#locked = this.#named
      return true
    }
    const known =
      this.#stranger !== undefined && same(host, port, this.#stranger) && ssrc === this.#strangerSsrc
    this.#strangerCount = known ? this.#strangerCount + 1 : 1
    this.#stranger = { host, port }
    this.#strangerSsrc = ssrc
    if (this.#strangerCount < STRANGER_PACKETS) return false
    this.#locked = this.#stranger
    return true
  }
}

function same(host: string, port: number, address: SocketAddress): boolean {
  return port === address.port && host === address.host
}
