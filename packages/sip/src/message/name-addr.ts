/**
 * `name-addr` and `addr-spec` with header parameters: the value of From, To, Contact, Route, Record-Route, Path,
 * Refer-To (RFC 3261 §20.10, §25.1).
 *
 * Without angle brackets a parameter belongs to the header, and a URI with a comma, a question mark or a semicolon
 * must not stand bare (§20).
 */
import { isIn, TOKEN } from './characters.ts'
import { NO_PARAMS, type Params, printParams, scanParams } from './params.ts'
import { quote, Scanner, unquote } from './scanner.ts'
import { parseUri, printUri, type Uri } from './uri.ts'

/** An address with a name for people and the parameters of its header. */
export interface NameAddr {
  /** Without quotes and escapes; '' when there is none. */
  readonly displayName: string
  readonly uri: Uri
  /** The URI as it was written: what a dialog sends requests to. */
  readonly uriText: string
  /** Names in lower case, values as written: `tag`, `expires`, `q`, `+sip.instance` ... */
  readonly params: Params
}

/** Reads one address; undefined when it is malformed. */
export function parseNameAddr(text: string): NameAddr | undefined {
  const scanner = new Scanner(text)
  scanner.space()
  const angle = openingAngle(scanner)
  if (angle === undefined) return undefined
  if (angle < 0) return parseAddrSpec(scanner)

  const close = text.indexOf('>', angle)
  if (close < 0) return undefined
  const uriText = text.slice(angle + 1, close)
  const uri = parseUri(uriText)
  const displayName = parseDisplayName(text.slice(scanner.at, angle).trim())
  scanner.at = close + 1
  const params = scanParams(scanner)
  if (uri === undefined || displayName === undefined || params === undefined) return undefined
  return { displayName, uri, uriText, params }
}

/** Where `<` opens, behind a quoted name or a plain one; -1 when there is none, undefined for an open quote. */
function openingAngle(scanner: Scanner): number | undefined {
  if (scanner.code !== 34) return scanner.text.indexOf('<', scanner.at)
  const start = scanner.at
  if (scanner.quoted() === undefined) return undefined
  const angle = scanner.text.indexOf('<', scanner.at)
  scanner.at = start
  return angle < 0 ? undefined : angle
}

function parseDisplayName(text: string): string | undefined {
  if (text === '') return ''
  if (text.charCodeAt(0) === 34) {
    const scanner = new Scanner(text)
    const raw = scanner.quoted()
    return raw !== undefined && scanner.done ? unquote(raw) : undefined
  }
  // Words with white space between. Beyond the grammar, letters outside ASCII are let pass: phones send them bare.
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 128 && code !== 32 && code !== 9 && !isIn(code, TOKEN)) return undefined
  }
  return text
}

function parseAddrSpec(scanner: Scanner): NameAddr | undefined {
  const { text } = scanner
  let end = scanner.at
  while (end < text.length && !' \t;,?'.includes(text[end] as string)) end++ // Inside the text.
  const uriText = text.slice(scanner.at, end)
  const uri = parseUri(uriText)
  scanner.at = end
  const params = scanParams(scanner)
  return uri === undefined || params === undefined ? undefined : { displayName: '', uri, uriText, params }
}

/** Writes an address, always in angle brackets, with its name quoted. */
export function printNameAddr(value: {
  readonly displayName?: string
  readonly uri: Uri | string
  readonly params?: Params
}): string {
  const name =
    value.displayName === undefined || value.displayName === '' ? '' : `${quote(value.displayName)} `
  const uri = typeof value.uri === 'string' ? value.uri : printUri(value.uri)
  return `${name}<${uri}>${printParams(value.params ?? NO_PARAMS)}`
}

/** The `tag` of a From or To value without parsing the rest; undefined when there is none. */
export function tagOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  const tag = parseNameAddr(value)?.params.get('tag')
  return tag === '' ? undefined : tag
}
