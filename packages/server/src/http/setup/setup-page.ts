/** The pages behind the set-up link: plain HTML without scripts, so that they work in any browser. */
import type { Administrator } from '../../tokens/setup-link.ts'

/** Asks for whom the first token is to be. */
export function askPage(administrators: readonly Administrator[]): string {
  if (administrators.length === 0)
    return page(
      'No administrator yet',
      '<p>The directory holds no person with the role <code>admin</code>. Give somebody the role and apply the directory, then open this link again.</p>',
    )
  const options = administrators.map(
    ({ id, email, organization }) =>
      `<option value="${escaped(id)}">${escaped(email)} (${escaped(organization)})</option>`,
  )
  return page(
    'First administrator token',
    `<p>This link works once. The token is shown on the next page and never again.</p>
<form method="post"><p><label>For <select name="person">${options.join('')}</select></label></p>
<p><button type="submit">Create the token</button></p></form>`,
  )
}

/** Shows the token, once. */
export function tokenPage(token: string, publicUrl: string): string {
  return page(
    'Your token',
    `<p>Keep it safe; it is not shown again.</p><pre>${escaped(token)}</pre>
<p>Try it:</p><pre>curl -H "Authorization: Bearer ${escaped(token)}" ${escaped(publicUrl)}/v1/people/me</pre>`,
  )
}

/** Headers of every such page: nothing of it is kept, framed, or told to another site. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html;charset=UTF-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Tandem: ${escaped(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:4rem auto;padding:0 1rem}
pre{padding:1rem;background:#f2f2f2;color:#111;overflow:auto}</style></head>
<body><main><h1>${escaped(title)}</h1>
${body}
</main></body></html>
`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
