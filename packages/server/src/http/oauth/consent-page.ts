/** The pages that ask whether an application may act for a person: for a browser's request and for a device. */
import { type Role, SCOPES, type Scope } from '@tandem/contract'
import type { OAuthClient } from '../../oauth/clients.ts'
import type { SignedIn } from '../../oauth/sessions.ts'
import { escaped, htmlPage } from '../pages/html-page.ts'
import { SCOPE_WORDS } from './scope-words.ts'
import { faultOf, hidden, signOutForm, who } from './sign-in-page.ts'

/** What is asked. */
export interface ConsentQuestion {
  readonly client: OAuthClient
  readonly scopes: readonly Scope[]
  readonly person: SignedIn
  /** Binds the form to the browser. */
  readonly token: string
  /** Where the form goes. */
  readonly action: string
  /** What the form carries back. */
  readonly fields: readonly (readonly [string, string])[]
  /** Where the person comes back to with another account. */
  readonly target: string
  /** Where the answer is sent to, or what the person should make sure of. */
  readonly note: string
}

/** Names the application, everything that it asks for, and who would be giving it. */
export function consentPage(question: ConsentQuestion): string {
  const { client, scopes, person, token, action, fields, target, note } = question
  const items = scopes.map((scope) => {
    const without = counts(scope, person) ? '' : ' (not in your role: has no effect)'
    return `<li>${escaped(SCOPE_WORDS[scope])}${without} <small><code>${escaped(scope)}</code></small></li>`
  })
  const carried = [['token', token] as const, ...fields].map(([name, value]) => hidden(name, value)).join('')
  return htmlPage(
    `May ${client.name} act for you?`,
    `<p>You are signed in as ${who(person)}.</p>
<p>The application <strong>${escaped(client.name)}</strong> asks for your consent. It may:</p>
<ul>${items.join('\n')}</ul>
<p>${escaped(note)}</p>
<form method="post" action="${escaped(action)}">${carried}
<p><button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Refuse</button></p></form>
${signOutForm(token, target, 'Use another account')}`,
  )
}

/** Asks for the code that a device shows. */
export function userCodePage(person: SignedIn, token: string, fault?: string): string {
  const described = fault === undefined ? '' : ' aria-invalid="true" aria-describedby="fault"'
  return htmlPage(
    'Connect a device',
    `<p>You are signed in as ${who(person)}.</p>
${faultOf(fault)}<form method="post" action="/device">${hidden('token', token)}
<p><label for="user_code">The code that the device shows</label><br>
<input id="user_code" name="user_code" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="12" required autofocus${described}></p>
<p><button type="submit" name="decision" value="look">Continue</button></p></form>`,
  )
}

function counts(scope: Scope, person: SignedIn): boolean {
  const role: Role = SCOPES[scope]
  return role === 'user' || person.roles.includes(role)
}
