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

/** A whole page; `title` is a text, `body` is HTML whose texts are escaped. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Tandem: ${escaped(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:4rem auto;padding:0 1rem;overflow-wrap:anywhere}
pre{padding:1rem;background:#f2f2f2;color:#111;overflow:auto}
audio,video{width:100%}input,button{font:inherit;padding:.4rem .6rem}
input:not([type=hidden]){width:100%;max-width:24rem;box-sizing:border-box}
button{min-height:2.75rem;cursor:pointer}:focus-visible{outline:3px solid #1a5fb4;outline-offset:2px}
.fault{padding:.5rem 1rem;border-left:4px solid #b00020}</style></head>
<body><main><h1>${escaped(title)}</h1>
${body}
</main></body></html>
`
}

/** A text as HTML, also inside of an attribute in quotes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
