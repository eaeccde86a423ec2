/**
 * Plain HTML for people without a token: set-up, and the recordings of meetings. No script, nothing from elsewhere, so that
 * a page works in any browser and says nothing about its visitor to another site.
 */

/** Headers of every such page: nothing of it is kept, framed, or told to another site. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html;charset=UTF-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; media-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
}

/** One look for all of them: a card on a quiet ground, dark where the visitor wants it; contrasts of 4.5 and more. */
const STYLE = `:root{color-scheme:light dark;--ground:#eef1f5;--card:#fff;--ink:#17202b;--line:#8a94a3;--accent:#1a5fb4;--on:#fff}
@media(prefers-color-scheme:dark){:root{--ground:#12161c;--card:#1d242d;--ink:#e8ecf1;--line:#7d8896;--accent:#78aeff;--on:#0b1a30}}
body{font:16px/1.5 system-ui,sans-serif;margin:0;padding:3rem 1rem;background:var(--ground);color:var(--ink);overflow-wrap:anywhere}
header,main{max-width:40rem;margin:0 auto}header{font-weight:700;letter-spacing:.04em;padding:0 0 .75rem}
main{box-sizing:border-box;background:var(--card);padding:1.5rem 2rem 2rem;border-radius:.75rem;box-shadow:0 1px 3px #0003}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0 1rem}a{color:var(--accent)}
pre{padding:1rem;background:var(--ground);overflow:auto}audio,video{width:100%}
input,button{font:inherit;padding:.4rem .8rem;border:1px solid var(--line);border-radius:.4rem;background:var(--card);color:var(--ink)}
input:not([type=hidden]){width:100%;max-width:24rem;min-height:2.75rem;box-sizing:border-box}
input:is([type=radio],[type=checkbox]){width:auto;min-height:auto}
button{min-height:2.75rem;cursor:pointer;border-color:var(--accent);color:var(--accent)}
form:first-of-type button:first-of-type{background:var(--accent);color:var(--on)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.fault{padding:.5rem 1rem;border-left:4px solid #d5203a}`

/** A whole page; `title` is a text, `body` is HTML whose texts are escaped. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Tandem: ${escaped(title)}</title>
<style>${STYLE}</style></head>
<body><header>Tandem</header><main><h1>${escaped(title)}</h1>
${body}
</main></body></html>
`
}

/** A text as HTML, also inside of an attribute in quotes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
