/**
 * Takes the voice out of a muted leg's packets and leaves the packets: who hears it goes on getting silence, in step.
 *
 * The first packet after the mute dies away in eight milliseconds, the first after its end begins as softly.
 */
import { decodeG711, encodeG711, G711_SILENCE } from '../g711/g711.ts'
import { fadeIn, fadeOut } from '../jitter/fade.ts'
import type { MediaFormat } from '../port.ts'
import { RTP_PACKET_BYTES_MAX, type RtpView } from '../rtp/rtp-packet.ts'
import type { MediaLeg } from './media-leg.ts'

/** The hushing of one worker. */
export class Hush {
  readonly #samples = new Int16Array(RTP_PACKET_BYTES_MAX)

  /** Changes an audio packet of a leg that is muted, or was; false when it must not be passed on at all. */
  hush(leg: MediaLeg, format: MediaFormat, view: RtpView, packet: Uint8Array): boolean {
    if (view.payloadType !== format.payloadType) return !leg.muted // Comfort noise tells how loud it is at the leg.
    const { payloadStart, payloadEnd } = view
    if (leg.muted && leg.hushed) packet.fill(G711_SILENCE[format.codec], payloadStart, payloadEnd)
    else {
      const count = decodeG711(format.codec, packet, payloadStart, payloadEnd, this.#samples)
      if (leg.muted) fadeOut(this.#samples, count)
      else fadeIn(this.#samples, count)
      encodeG711(format.codec, this.#samples, count, packet, payloadStart)
      leg.hushed = leg.muted
    }
    return true
  }
}
