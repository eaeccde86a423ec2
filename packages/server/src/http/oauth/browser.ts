/**
 * What a browser of a person is told and known by: pages without script, a session cookie that no script reads and no foreign
 * form sends along, and ways back that stay on this server.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isFormToken, isSessionId, newSessionId, type SignedIn, signedIn } from '../../oauth/sessions.ts'
import type { Services } from '../operation.ts'
import { PAGE_HEADERS } from '../pages/html-page.ts'

/** Where a person may be sent after signing in. */
const TARGETS: readonly string[] = ['/v1/authorize', '/device', '/signin']
const TARGET_CHARS_MAX = 8_000

/** A browser. */
export interface Browser {
  /** The value of its cookie, an old or a new one. */
  readonly sessionId: string
  readonly person: SignedIn | undefined
}

/** Who is at the browser. One without a cookie is given one, so that its forms can be told from others'. */
export async function browserOf(
  request: FastifyRequest,
  reply: FastifyReply,
  services: Services,
): Promise<Browser> {
  const known = sessionIdOf(request, services)
  if (known === undefined) {
    const sessionId = newSessionId()
    setSession(reply, services, sessionId)
    return { sessionId, person: undefined }
  }
  return { sessionId: known, person: await signedIn(services.db, known, services.now()) }
}

/** The form of a page that this browser was shown; `undefined` for any other. */
export function ownForm(request: FastifyRequest, services: Services): URLSearchParams | undefined {
  const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
  return isFormToken(sessionIdOf(request, services), form.get('token') ?? '') ? form : undefined
}

/** Sets the session's cookie; it goes when the browser is closed, and the session when its time is over. */
export function setSession(reply: FastifyReply, services: Services, sessionId: string): void {
  setCookie(reply, services, 'session', sessionId)
}

/** Sets a cookie of this server alone. */
export function setCookie(
  reply: FastifyReply,
  services: Services,
  name: string,
  value: string,
  maxAgeSeconds?: number,
): void {
  const secure = isSecure(services) ? '; Secure' : ''
  const age = maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`
  const cookie = `${cookieName(name, services)}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}${age}`
  const before = reply.getHeader('set-cookie')
  const others = before === undefined ? [] : Array.isArray(before) ? before : [String(before)]
  reply.removeHeader('set-cookie')
  reply.header('set-cookie', [...others, cookie])
}

/** The value of a cookie of ours. */
export function cookieOf(request: FastifyRequest, services: Services, name: string): string | undefined {
  const wanted = cookieName(name, services)
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const equals = part.indexOf('=')
    if (equals > 0 && part.slice(0, equals).trim() === wanted) return part.slice(equals + 1).trim()
  }
  return undefined
}

/** The value of the session's cookie, if it may be one. */
export function sessionIdOf(request: FastifyRequest, services: Services): string | undefined {
  const value = cookieOf(request, services, 'session')
  return value !== undefined && isSessionId(value) ? value : undefined
}

/** A way back on this server, or `undefined`: nobody is ever sent to another one (open redirects). */
export function localTarget(text: string | null | undefined): string | undefined {
  if (text == null || text.length > TARGET_CHARS_MAX || !/^\/[\x21-\x7e]*$/.test(text) || text.includes('\\'))
    return undefined
  const here = 'http://here.invalid'
  if (!URL.canParse(text, here)) return undefined
  const url = new URL(text, here)
  if (url.origin !== here || !TARGETS.includes(url.pathname)) return undefined
  return url.pathname + url.search
}

/** Sends the browser somewhere else. */
export function sendTo(reply: FastifyReply, location: string): FastifyReply {
  return reply
    .code(302)
    .headers({ location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    .send()
}

/** Shows a page; `formTarget` is another origin that its form may end at. */
export function sendPage(
  reply: FastifyReply,
  status: number,
  html: string,
  options: { readonly formTarget?: string } = {},
): FastifyReply {
  const policy = PAGE_HEADERS['content-security-policy'] ?? ''
  const own =
    options.formTarget === undefined
      ? policy
      : policy.replace("form-action 'self'", `form-action 'self' ${options.formTarget}`)
  return reply
    .code(status)
    .headers({ ...PAGE_HEADERS, 'content-security-policy': own, 'x-frame-options': 'DENY' })
    .send(html)
}

function cookieName(name: string, services: Services): string {
  return `${isSecure(services) ? '__Host-' : ''}tandem_${name}`
}

function isSecure(services: Services): boolean {
  return services.publicUrl.startsWith('https:')
}
