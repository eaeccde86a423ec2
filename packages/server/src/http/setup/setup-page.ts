/** The pages behind the set-up link: plain HTML without scripts, so that they work in any browser. */
import type { Administrator } from '../../tokens/setup-link.ts'
import { escaped, htmlPage } from '../pages/html-page.ts'

/** Asks for whom the first token is to be. */
export function askPage(administrators: readonly Administrator[]): string {
  if (administrators.length === 0)
    return htmlPage(
      'No administrator yet',
      '<p>The directory holds no person with the role <code>admin</code>. Give somebody the role and apply the directory, then open this link again.</p>',
    )
  const options = administrators.map(
    ({ id, email, organization }) =>
      `<option value="${escaped(id)}">${escaped(email)} (${escaped(organization)})</option>`,
  )
  return htmlPage(
    'First administrator token',
    `<p>This link works once. The token is shown on the next page and never again.</p>
<form method="post"><p><label>For <select name="person">${options.join('')}</select></label></p>
<p><button type="submit">Create the token</button></p></form>`,
  )
}

/** Shows the token, once. */
export function tokenPage(token: string, publicUrl: string): string {
  return htmlPage(
    'Your token',
    `<p>Keep it safe; it is not shown again.</p><pre>${escaped(token)}</pre>
<p>Try it:</p><pre>curl -H "Authorization: Bearer ${escaped(token)}" ${escaped(publicUrl)}/v1/people/me</pre>`,
  )
}
