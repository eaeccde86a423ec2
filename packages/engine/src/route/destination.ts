/**
 * What a person dialled, made into somebody of their organisation (contract, call controls §3).
 *
 * Digits, `+E.164`, `tel:`, bare `user@domain` and `sip:` are read; visual separators are dropped. Nothing is looked up
 * outside the caller's organisation: a foreign domain leads nowhere.
 */
import { parseUri } from '@tandem/sip'
import type { DirectoryLine, ServiceNumber } from '../directory.ts'
import type { Realm } from './directory-index.ts'

/** Longest destination that is read; a SIP address that people use is far shorter. */
export const DESTINATION_LENGTH_MAX = 256

/** A destination that could be read; `domain` is lower case and absent where only a number was given. */
export interface Dialled {
  readonly user: string
  readonly domain?: string
}

/** Reads a destination; undefined when it is empty, too long or cannot be one. */
export function parseDestination(text: string): Dialled | undefined {
  if (text.length > DESTINATION_LENGTH_MAX) return undefined
  const trimmed = text.trim()
  const hasScheme = /^(?:sips?|tel):/i.test(trimmed)
  if (!hasScheme && !trimmed.includes('@')) return numberFrom(trimmed)
  const uri = parseUri(hasScheme ? trimmed : `sip:${trimmed}`)
  if (uri === undefined || uri.kind === 'other') return undefined
  if (uri.kind === 'tel') return numberFrom(uri.number)
  return uri.user === undefined ? undefined : { user: uri.user, domain: uri.host.toLowerCase() }
}

/** Where a destination leads. */
export type Route =
  | { readonly kind: 'line'; readonly line: DirectoryLine; readonly service?: ServiceNumber['kind'] }
  /** A feature code: what follows the star, as it was dialled. */
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'nobody' }

/** Finds where a destination leads for a caller of one organisation. A public service goes before any extension. */
export function routeOf(realm: Realm, caller: DirectoryLine, dialled: Dialled): Route {
  const code = codeOf(realm, dialled)
  if (code !== undefined) return { kind: 'code', code }
  const number = stripSeparators(dialled.user).replace(/^\+/, '')
  const services = realm.locations.get(caller.locationId)?.services ?? []
  const service = services.find((each) => each.number.replace(/^\+/, '') === number)
  if (service !== undefined && isOwnDomain(realm, dialled)) {
    const line = resolve(realm, { user: service.destination })
    return line === undefined ? { kind: 'nobody' } : { kind: 'line', line, service: service.kind }
  }
  const line = resolve(realm, dialled)
  return line === undefined ? { kind: 'nobody' } : { kind: 'line', line }
}

/** Finds the line that a destination names inside one organisation; undefined when it names nobody. */
export function resolve(realm: Realm, dialled: Dialled): DirectoryLine | undefined {
  if (!isOwnDomain(realm, dialled)) return undefined
  const user = stripSeparators(dialled.user)
  const named =
    realm.byExtension.get(user) ??
    (/^\+?[0-9]+$/.test(user) ? realm.byNumber.get(user.replace(/^\+/, '')) : undefined)
  if (named !== undefined) return named
  const device = realm.bySipUser.get(dialled.user)
  return device === undefined ? undefined : realm.lines.get(device.lineId)
}

function codeOf(realm: Realm, dialled: Dialled): string | undefined {
  return /^[*#][0-9*#]+$/.test(dialled.user) && isOwnDomain(realm, dialled) ? dialled.user : undefined
}

function isOwnDomain(realm: Realm, dialled: Dialled): boolean {
  return dialled.domain === undefined || realm.organization.domains.includes(dialled.domain)
}

function numberFrom(text: string): Dialled | undefined {
  const number = stripSeparators(text)
  return /^(?:\+?[0-9]{1,32}|[*#][0-9*#]{1,31})$/.test(number) ? { user: number } : undefined
}

/** Drops what people write to make numbers readable (RFC 3966 §5.1.1) when what stays is a number. */
function stripSeparators(text: string): string {
  const bare = text.replace(/[\s().-]/g, '')
  return /^\+?[0-9*#]+$/.test(bare) ? bare : text
}
