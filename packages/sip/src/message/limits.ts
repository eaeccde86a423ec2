/**
 * Every limit of the message grammar, in one place. A message past one of them is refused with the status
 * named beside it; none is cut short or repaired.
 *
 * The figures are far above what phones send, and above RFC 4475's `longreq` (§3.1.1.7), which must pass.
 */

/** The largest message, in bytes, head and body: what a UDP datagram can carry. Past it: 413. */
export const MESSAGE_BYTES_MAX = 65_536
/** The largest head (start line and headers), in bytes; bodies may use the rest. Past it: 400. */
export const HEAD_BYTES_MAX = 32_768
/** The longest start line, in characters: old stacks overran theirs at 1,024. Past it: 414. */
export const START_LINE_CHARS_MAX = 1_024
/** The longest method, in characters. Past it: 400. */
export const METHOD_CHARS_MAX = 64
/** Most header entries, after comma lists were split. Past it: 400. */
export const HEADER_COUNT_MAX = 256
/** Most entries of one name: nobody accepts 33 content types. Via has its own limit. Past it: 400. */
export const HEADER_REPEATS_MAX = 32
/** Most Via entries: as many hops as the customary Max-Forwards allows. Past it: 400. */
export const VIA_COUNT_MAX = 70
/** The longest header name, in characters. Past it: 400. */
export const HEADER_NAME_CHARS_MAX = 128
/** The longest header value, in characters, unfolded: room for a signed Identity. Past it: 400. */
export const HEADER_VALUE_CHARS_MAX = 8_192
/** The longest Call-ID, tag and branch, in characters: they are keys of our tables. Past it: 400. */
export const IDENTIFIER_CHARS_MAX = 255
/** Most parameters of one URI or header value. Past it: 400. */
export const PARAMETER_COUNT_MAX = 32
/** The longest URI, in characters. Past it: 400. */
export const URI_CHARS_MAX = 1_024
/** The longest host name, in characters: RFC 1035 §2.3.4. Past it: 400. */
export const HOST_CHARS_MAX = 255
