/**
 * The bytes of a journal segment, version 2. All numbers are big-endian.
 *
 *   segment header, 48 bytes
 *     0 magic 'TDMS'   4 version u16   6 header bytes u16   8 segment id, 16 bytes
 *    24 worker u32    28 wallAt f64   36 instantAt f64     44 CRC-32 of bytes 0 to 43
 *
 *   block, again and again
 *     0 magic 'TDMB'   4 version u8    5 kind u8 (1 opening, 2 more)   6 clear bytes u16
 *     8 slot u32      12 sequence u32  16 sealed bytes u32             20 CRC-32 of all but itself
 *    24 clear part: in an opening the wrapped key and the recording id
 *       sealed part: AES-256-GCM over records; header (to byte 19) and clear part are its associated data
 *
 *   record, inside the sealed part
 *     0 kind u8 (1 opening, 2 entry, 3 packet)   1 side u8   2 stream u32   6 length u32   then, for a packet,
 *       arrival f64 and the packet; else JSON
 *
 * Version 1, which is still read, has no stream: there one leg at a time spoke on each side.
 *
 * The nonce is the first 8 bytes of the segment id, the slot XORed into its second half, and the sequence: unique
 * as long as no two recordings of a segment share a slot.
 */
import type { Instant, WallTime } from '@tandem/base'
import { readUint32, writeUint32 } from '../rtp/rtp-packet.ts'
import { crc32 } from './crc32.ts'
import { NONCE_BYTES } from './seal.ts'

/** The version that is written. */
export const JOURNAL_VERSION = 2
/** The oldest version that is still read: journals outlive an upgrade until their recordings are published. */
export const JOURNAL_VERSION_MIN = 1
/** Bytes of a segment's header. */
export const SEGMENT_HEADER_BYTES = 48
/** Bytes of a segment's id. */
export const SEGMENT_ID_BYTES = 16
/** Bytes of a block before its clear part. */
export const BLOCK_HEADER_BYTES = 24
/** Where a block's header stops being associated data: its CRC cannot vouch for itself. */
export const BLOCK_AAD_BYTES = 20
/** The longest sealed part: a recording buffers no more between two takes. */
export const SEALED_BYTES_MAX: number = 4 * 1024 * 1024
/** The longest clear part. */
export const CLEAR_BYTES_MAX = 512

/** `'TDMS'` and `'TDMB'`. */
export const SEGMENT_MAGIC = 0x54444d53
export const BLOCK_MAGIC = 0x54444d42

/** Kinds of block. */
export const BLOCK_OPENING = 1
export const BLOCK_MORE = 2

/** Kinds of record. */
export const RECORD_OPENING = 1
export const RECORD_ENTRY = 2
export const RECORD_PACKET = 3
/** Bytes of a record before its body. */
export const RECORD_HEADER_BYTES = 10
/** The same in version 1. */
export const RECORD_HEADER_BYTES_V1 = 6

/** Whether this is a version that can be read. */
export function isReadable(version: number): boolean {
  return version >= JOURNAL_VERSION_MIN && version <= JOURNAL_VERSION
}

/** What a segment says of itself. */
export interface SegmentHeader {
  /** 16 random bytes. */
  readonly segmentId: Uint8Array
  readonly worker: number
  /** The same moment on both clocks. */
  readonly wallAt: WallTime
  readonly instantAt: Instant
}

/** The 48 bytes that a segment file begins with. */
export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, SEGMENT_MAGIC)
  view.setUint16(4, JOURNAL_VERSION)
  view.setUint16(6, SEGMENT_HEADER_BYTES)
  bytes.set(header.segmentId.subarray(0, SEGMENT_ID_BYTES), 8)
  view.setUint32(24, header.worker)
  view.setFloat64(28, header.wallAt)
  view.setFloat64(36, header.instantAt)
  view.setUint32(44, crc32(bytes, 0, 44))
  return bytes
}

/** Reads the header back; undefined when it is not one of ours or is damaged. */
export function decodeSegmentHeader(bytes: Uint8Array): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, SEGMENT_HEADER_BYTES)
  if (view.getUint32(0) !== SEGMENT_MAGIC || !isReadable(view.getUint16(4))) return undefined
  if (view.getUint16(6) !== SEGMENT_HEADER_BYTES || view.getUint32(44) !== crc32(bytes, 0, 44))
    return undefined
  return {
    segmentId: new Uint8Array(bytes.subarray(8, 24)),
    worker: view.getUint32(24),
    wallAt: view.getFloat64(28),
    instantAt: view.getFloat64(36),
  }
}

/** The nonce of one block. */
export function blockNonce(segmentId: Uint8Array, slot: number, sequence: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES)
  nonce.set(segmentId.subarray(0, 8))
  writeUint32(nonce, 4, readUint32(nonce, 4) ^ slot)
  writeUint32(nonce, 8, sequence)
  return nonce
}

/** The CRC-32 of a whole block, its own four bytes left out. */
export function blockCrc(bytes: Uint8Array, start: number, end: number): number {
  const before = crc32(bytes, start, start + BLOCK_AAD_BYTES)
  return crc32(bytes, start + BLOCK_HEADER_BYTES, end, before)
}
