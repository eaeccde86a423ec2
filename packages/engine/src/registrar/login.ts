/**
 * Who a request comes from: digest authentication of phones (RFC 3261 §22, RFC 8760), inside one organisation.
 *
 * The domain names the organisation and the login names the device; From, Contact and P-Asserted-Identity prove
 * nothing (promises P8, P10). An unknown domain or user gets the 401 that a wrong password gets, after the same work.
 */
import {
  DigestGuard,
  type Flow,
  parseIdentity,
  parseNameAddr,
  parseUri,
  type SipCrypto,
  type SipRequest,
  type Uri,
} from '@tandem/sip'
import type { DirectoryDevice, DirectoryLine } from '../directory.ts'
import type { Realm } from '../route/directory-index.ts'
import type { Core } from '../session/core.ts'
import { Attempts } from './attempts.ts'

/** Longest realm that is repeated in a challenge, in characters: a domain name has 253. */
export const REALM_LENGTH_MAX = 253

/** Host of an address that names nobody (RFC 3323 §4.1.1.3). */
const ANONYMOUS_HOST = 'anonymous.invalid'

/**
 * Phones that give up when a challenge names SHA-256 anywhere: baresip before 2.0. Whoever claims to be one is offered MD5,
 * which everybody is offered anyway.
 */
const MD5_ONLY_AGENTS = /^baresip v[01]\./

/** A device that has proved itself, and whose it is. */
export interface LoggedIn {
  readonly kind: 'loggedIn'
  readonly realm: Realm
  readonly device: DirectoryDevice
  readonly line: DirectoryLine
}

/** The answer that a request without a right login earns. */
export interface LoginRefused {
  readonly kind: 'refused'
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
}

/** Checks logins. One for the whole engine: nonces and failed attempts are its own. */
export class Login {
  readonly #guard: DigestGuard
  readonly #attempts = new Attempts()

  constructor(crypto: SipCrypto) {
    this.#guard = new DigestGuard(crypto)
  }

  /** Whose request this is, or the challenge or refusal to answer it with. */
  check(core: Core, request: SipRequest, flow: Flow): LoggedIn | LoginRefused {
    const domain = domainOf(core, request)
    const realm = core.directory.domain(domain)
    const realmText = realm?.domain ?? domain.slice(0, REALM_LENGTH_MAX)
    const source = flow.remote.host
    const lookup = (named: string, username: string): DirectoryDevice | undefined =>
      named === realm?.domain ? realm.bySipUser.get(username) : undefined
    const verdict = this.#guard.check(core.now, request, lookup, source)
    if (verdict.kind === 'challenge')
      return this.#challenge(core, request, realmText, { stale: false, source })
    const attempt = `${source} ${realmText} ${verdict.username.slice(0, 128)}`
    if (this.#attempts.isBanned(core.now, attempt)) return { kind: 'refused', status: 403, headers: [] }
    if (verdict.kind === 'refused') {
      if (this.#attempts.failed(core.now, attempt)) core.notice('login banned after too many failures')
      return this.#challenge(core, request, realmText, { stale: false, source })
    }
    if (verdict.kind === 'stale') return this.#challenge(core, request, realmText, { stale: true, source })
    this.#attempts.succeeded(attempt)
    const device = realm?.bySipUser.get(verdict.username)
    const line = device === undefined ? undefined : realm?.lines.get(device.lineId)
    if (realm === undefined || device === undefined || line === undefined)
      return { kind: 'refused', status: 403, headers: [] }
    return { kind: 'loggedIn', realm, device, line }
  }

  /**
   * The line that a phone calls in the name of: its own, or another that appears on it, as From or P-Preferred-Identity
   * names it. Undefined when it would show itself as somebody else (403, case S35); anonymous, it is its own line.
   */
  speaksFor(request: SipRequest, login: LoggedIn): DirectoryLine | undefined {
    const from = parseNameAddr(request.headers.get('From') ?? '')?.uri
    const isAnonymous = from?.kind === 'sip' && from.host === ANONYMOUS_HOST
    const own = isAnonymous ? login.line : this.#lineNamed(login, from)
    const wish = request.headers.has('P-Preferred-Identity')
      ? parseUri(parseIdentity(request).uri)
      : undefined
    if (own === undefined || !request.headers.has('P-Preferred-Identity')) return own
    return this.#lineNamed(login, wish)
  }

  /** Whether a host is this node itself, as a phone that knows only our address writes it. */
  isOurHost(core: Core, host: string, flow: Flow): boolean {
    const bare = host.replace(/^\[|\]$/g, '')
    return bare === flow.local.host || bare === core.options.advertised(flow.transport, flow.remote).host
  }

  #lineNamed(login: LoggedIn, uri: Uri | undefined): DirectoryLine | undefined {
    const user = uri?.kind === 'sip' ? uri.user : uri?.kind === 'tel' ? uri.number : undefined
    if (user === undefined || (uri?.kind === 'sip' && this.#isForeign(login, uri.host))) return undefined
    const { device, line, realm } = login
    if (user === device.sipUser) return line
    const others = (device.secondaryLineIds ?? []).flatMap((id) => realm.lines.get(id) ?? [])
    return [line, ...others].find((each) => user === each.extension || each.numbers.includes(user))
  }

  #isForeign(login: LoggedIn, host: string): boolean {
    const isName = /[a-z]/.test(host) && !host.includes(':')
    return isName && host !== 'localhost' && !login.realm.organization.domains.includes(host)
  }

  #challenge(
    core: Core,
    request: SipRequest,
    realm: string,
    options: { readonly stale: boolean; readonly source: string },
  ): LoginRefused {
    const md5Only = MD5_ONLY_AGENTS.test(request.headers.get('User-Agent') ?? '')
    const values = this.#guard.challenge(core.now, realm, { ...options, md5Only })
    return {
      kind: 'refused',
      status: 401,
      headers: values.map((value) => ['WWW-Authenticate', value] as const),
    }
  }
}

/**
 * The domain that names the organisation. A REGISTER says it in its Request-URI (RFC 3261 §10.2); any other request in
 * the address of whom it comes from, since its target may be anywhere. Where that is no name, the other addresses are
 * asked; '' when none of them is readable.
 */
function domainOf(core: Core, request: SipRequest): string {
  const addresses = ['To', 'From'].map((name) => parseNameAddr(request.headers.get(name) ?? '')?.uri)
  const uris = [parseUri(request.uri), ...addresses]
  if (request.method !== 'REGISTER') uris.unshift(addresses[1])
  const hosts = uris.flatMap((uri) => (uri?.kind === 'sip' ? [uri.host] : []))
  return hosts.find((host) => core.directory.domain(host) !== undefined) ?? hosts[0] ?? ''
}
