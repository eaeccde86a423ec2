/** What the texts of a directory file must look like, each with the words that complete "must be …" in an error. */
import type { TextRule } from './entry-reader.ts'

/** What people read: names of organisations, people, phones, groups, sounds. */
export const NAME: TextRule = {
  charsMax: 200,
  pattern: /^[^\p{Cc}]+$/u,
  must: 'a name of at most 200 characters',
}
/** Ids are UUIDs. */
export const ID: TextRule = {
  charsMax: 36,
  pattern: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  must: 'a UUID with hyphens, in lower case',
}
/** A SIP domain: never an address, since it names the organisation. */
export const DOMAIN: TextRule = {
  charsMax: 253,
  pattern: /^(?=.*[a-z])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i,
  must: 'a domain name such as pbx.example.com',
}
/** An email address. */
export const EMAIL: TextRule = {
  charsMax: 254,
  pattern: /^[^\s@<>"]+@[^\s@<>"]+$/,
  must: 'an email address',
}
/** An extension. */
export const EXTENSION: TextRule = { charsMax: 10, pattern: /^\d{1,10}$/, must: '1 to 10 digits' }
/** An E.164 number. */
export const NUMBER: TextRule = {
  charsMax: 16,
  pattern: /^\+[1-9]\d{3,14}$/,
  must: 'a number such as +4930123456',
}
/** What a public service is dialled by: 112, +49112, 911. */
export const SERVICE_NUMBER: TextRule = {
  charsMax: 16,
  pattern: /^\+?\d{2,15}$/,
  must: 'a number such as 112',
}
/** Where a call can be sent. */
export const DESTINATION: TextRule = {
  charsMax: 254,
  pattern: /^(?:\+?[\d*#]{1,20}|[^\s@<>"]+@[^\s@<>"]+)$/,
  must: 'an extension, a number or user@domain',
}
/** A line of the same organisation, as one names it elsewhere in the file. */
export const LINE: TextRule = {
  charsMax: 254,
  pattern: /^(?:\d{1,10}|[^\s@<>"]+@[^\s@<>"]+)$/,
  must: 'the extension or the email address of a line in this organisation',
}
/** The user part of a phone's address of record. */
export const SIP_USER: TextRule = {
  charsMax: 64,
  pattern: /^[A-Za-z0-9_.!~*'()-]+$/,
  must: "at most 64 letters, digits and -_.!~*'()",
}
/** A phone's password. */
export const PASSWORD: TextRule = {
  charsMax: 128,
  pattern: /^[\x21-\x7e]{8,}$/,
  must: '8 to 128 visible ASCII characters without spaces',
}
/** A mailbox PIN: long enough to be no guess within the engine's tries, short enough to be keyed in. */
export const PIN: TextRule = {
  charsMax: 12,
  pattern: /^(?:\d{4,12}|none)$/,
  must: '4 to 12 digits in quotes, or none',
}
/** A time zone. */
export const ZONE: TextRule = { charsMax: 60, must: 'an IANA zone such as Europe/Berlin' }
