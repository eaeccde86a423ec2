/** The pages around signing in: plain HTML, whose every text is escaped. */
import type { SignedIn } from '../../oauth/sessions.ts'
import { escaped, htmlPage } from '../pages/html-page.ts'

/** What every form of ours carries. */
export interface PageForm {
  /** Binds the form to the browser that it was shown to. */
  readonly token: string
  /** Where to go afterwards. */
  readonly target?: string | undefined
}

/** A hidden field. */
export function hidden(name: string, value: string): string {
  return `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`
}

/** A fault, said to a screen reader at once. */
export function faultOf(fault: string | undefined): string {
  return fault === undefined ? '' : `<p class="fault" id="fault" role="alert">${escaped(fault)}</p>\n`
}

/** Asks for email and password. */
export function signInPage(
  form: PageForm & {
    readonly email?: string
    readonly fault?: string | undefined
    /** Shown when two organisations have the email. */
    readonly asksOrganization?: boolean
    /** Name of the external provider. */
    readonly provider?: string | undefined
  },
): string {
  const { token, target, email = '', fault, provider } = form
  const described = fault === undefined ? '' : ' aria-invalid="true" aria-describedby="fault"'
  const organization =
    form.asksOrganization === true
      ? `<p><label for="organization">Organisation (name or SIP domain)</label><br>
<input id="organization" name="organization" autocomplete="organization" required></p>\n`
      : ''
  const query = target === undefined ? '' : `?return=${encodeURIComponent(target)}`
  const other =
    provider === undefined
      ? ''
      : `\n<p>or <a href="/signin/provider${escaped(query)}">sign in with ${escaped(provider)}</a></p>`
  return htmlPage(
    'Sign in',
    `${faultOf(fault)}<form method="post" action="/signin">${hidden('token', token)}${target === undefined ? '' : hidden('return', target)}
<p><label for="email">Email</label><br>
<input id="email" name="email" type="email" autocomplete="username" value="${escaped(email)}" required${email === '' ? ' autofocus' : ''}${described}></p>
<p><label for="password">Password</label><br>
<input id="password" name="password" type="password" autocomplete="current-password" required${email === '' ? '' : ' autofocus'}${described}></p>
${organization}<p><button type="submit">Sign in</button></p></form>${other}
<p>No password yet, or forgotten? An administrator can send you a link that sets one.</p>`,
  )
}

/** Says who is signed in. */
export function signedInPage(person: SignedIn, token: string): string {
  return htmlPage('Signed in', `<p>You are signed in as ${who(person)}.</p>${signOutForm(token)}`)
}

/** The button that ends the session; `target` is where to go then. */
export function signOutForm(token: string, target?: string, label = 'Sign out'): string {
  const back = target === undefined ? '' : hidden('return', target)
  return `<form method="post" action="/signout">${hidden('token', token)}${back}<p><button type="submit">${escaped(label)}</button></p></form>`
}

/** Too many wrong passwords. */
export function bannedPage(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  return htmlPage(
    'Too many attempts',
    `<p role="alert">Too many attempts failed. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.</p>`,
  )
}

/** Something that cannot be done, in one sentence. */
export function noticePage(title: string, sentence: string, rest = ''): string {
  return htmlPage(title, `<p role="alert">${escaped(sentence)}</p>${rest}`)
}

/** Asks for a new password. */
export function newPasswordPage(email: string, fault?: string): string {
  const described = fault === undefined ? 'rule' : 'fault rule'
  return htmlPage(
    'Set your password',
    `<p>For <strong>${escaped(email)}</strong>.</p>
${faultOf(fault)}<form method="post"><input type="hidden" name="email" autocomplete="username" value="${escaped(email)}">
<p><label for="password">New password</label><br>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="12" maxlength="256" required autofocus aria-describedby="${described}"${fault === undefined ? '' : ' aria-invalid="true"'}></p>
<p><label for="again">The same again</label><br>
<input id="again" name="again" type="password" autocomplete="new-password" required></p>
<p id="rule">At least 12 characters. A sentence that only you would write is good.</p>
<p><button type="submit">Set password</button></p></form>`,
  )
}

/** A person, by name and address. */
export function who(person: SignedIn): string {
  return `<strong>${escaped(person.name)}</strong> (${escaped(person.email)})`
}
