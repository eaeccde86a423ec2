/** A browser over real sockets: it keeps cookies with their flags, and sends the forms that it is shown. */

/** What came back. */
export interface Shown {
  readonly status: number
  readonly headers: Headers
  readonly body: string
  /** Where it would go next. */
  readonly location: string | undefined
}

/** One browser. */
export class Browser {
  readonly #origin: string
  readonly #cookies = new Map<string, string>()
  /** Every `Set-Cookie` that it was sent. */
  readonly setCookies: string[] = []
  #html = ''

  constructor(origin: string) {
    this.#origin = origin
  }

  /** Opens a page; redirects are not followed. */
  open(url: string): Promise<Shown> {
    return this.#send(url, {})
  }

  /** The hidden fields of the first form. */
  fields(): Record<string, string> {
    const form = /<form[\s\S]*?<\/form>/.exec(this.#html)?.[0] ?? ''
    const inputs = form.matchAll(/<input type="hidden" name="([^"]*)"[^>]* value="([^"]*)">/g)
    const plain = (text: string): string =>
      text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    return Object.fromEntries([...inputs].map(([, name = '', value = '']) => [name, plain(value)]))
  }

  /** Sends the first form of the page. */
  submit(path: string, fields: Readonly<Record<string, string>>): Promise<Shown> {
    return this.#send(path, {
      method: 'POST',
      body: new URLSearchParams({ ...this.fields(), ...fields }),
    })
  }

  /** Signs in by password. */
  async signIn(email: string, password: string): Promise<Shown> {
    await this.open('/signin')
    return this.submit('/signin', { email, password })
  }

  async #send(url: string, init: RequestInit): Promise<Shown> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(new URL(url, this.#origin), {
      ...init,
      redirect: 'manual',
      headers: cookie === '' ? {} : { cookie },
    })
    for (const line of response.headers.getSetCookie()) {
      this.setCookies.push(line)
      const [name = '', value = ''] = (line.split(';', 1)[0] ?? '').split('=')
      this.#cookies.set(name, value)
    }
    const body = await response.text()
    if (body !== '') this.#html = body
    const location = response.headers.get('location') ?? undefined
    return { status: response.status, headers: response.headers, body, location }
  }
}
