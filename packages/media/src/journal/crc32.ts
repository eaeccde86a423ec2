/** CRC-32 as in IEEE 802.3 (reflected, polynomial 0xEDB88320): every burst error up to 32 bits is found. */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value & 1) !== 0 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value >>> 0
})

/** The CRC-32 of the bytes from `start` up to `end`, going on from `before` (0 at the beginning). */
export function crc32(bytes: Uint8Array, start = 0, end: number = bytes.length, before = 0): number {
  let crc = ~before
  for (let index = start; index < end; index++) {
    crc = (TABLE[(crc ^ (bytes[index] as number)) & 0xff] as number) ^ (crc >>> 8)
  }
  return ~crc >>> 0
}
