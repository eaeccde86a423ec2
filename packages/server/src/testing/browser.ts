/** A browser for tests of pages: it keeps cookies, and sends the last form that it was shown with all its hidden fields. */
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'

/** One browser of one person. */
export class TestBrowser {
  readonly #app: FastifyInstance
  readonly #remoteAddress: string
  readonly cookies: Map<string, string> = new Map()
  #html = ''
  #path = ''

  constructor(app: FastifyInstance, remoteAddress = '192.0.2.10') {
    this.#app = app
    this.#remoteAddress = remoteAddress
  }

  /** Opens a page; redirects are not followed. */
  open(url: string): Promise<LightMyRequestResponse> {
    return this.#send({ method: 'GET', url })
  }

  /** The hidden fields of the first form. */
  fields(): Map<string, string> {
    const form = /<form[\s\S]*?<\/form>/.exec(this.#html)?.[0] ?? ''
    const inputs = form.matchAll(/<input type="hidden" name="([^"]*)"[^>]* value="([^"]*)">/g)
    return new Map([...inputs].map(([, name = '', value = '']) => [name, unescaped(value)]))
  }

  /** Sends the first form of the page with these fields filled in. */
  submit(fields: Readonly<Record<string, string>>): Promise<LightMyRequestResponse> {
    const action = /<form[^>]* action="([^"]*)"/.exec(this.#html)?.[1]
    return this.post(action ?? this.#path, { ...Object.fromEntries(this.fields()), ...fields })
  }

  /** Sends any form. */
  post(url: string, fields: Readonly<Record<string, string>>): Promise<LightMyRequestResponse> {
    return this.#send({ method: 'POST', url, payload: new URLSearchParams(fields).toString() })
  }

  async #send(request: {
    readonly method: 'GET' | 'POST'
    readonly url: string
    readonly payload?: string
  }): Promise<LightMyRequestResponse> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await this.#app.inject({
      ...request,
      remoteAddress: this.#remoteAddress,
      headers: {
        ...(cookie === '' ? {} : { cookie }),
        ...(request.payload === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
    })
    for (const { name, value } of answer.cookies) this.cookies.set(name, value)
    if (answer.body !== '') {
      this.#html = answer.body
      this.#path = request.url
    }
    return answer
  }
}

function unescaped(html: string): string {
  return html.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
}
