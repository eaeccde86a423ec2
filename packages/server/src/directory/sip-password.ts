/** Passwords that phones are given: long enough for no guess, and of characters that nobody mistakes when keying them in. */
import { randomInt } from 'node:crypto'

/** No 0 and O, no 1, l and I. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
/** 24 of 57 characters are 139 bits. */
const CHARS = 24

/** A new one. */
export function newSipPassword(): string {
  return Array.from({ length: CHARS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
}
