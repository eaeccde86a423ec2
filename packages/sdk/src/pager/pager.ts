/**
 * A list that arrives in pages. Nothing is asked until it is iterated, and each iteration starts anew.
 *
 * It ends only where the server names no next page: an empty page in between is not the end. A next link is
 * taken as it is, with no filter added to it, resolved against its page and refused on another origin.
 */
import { LinkRefused, UnreadableResponse } from '../error/webex-error.ts'
import { type Answer, type Ask, sendForJson, type Transport } from '../http/requester.ts'
import type { CallOptions } from '../options.ts'
import { nextLink } from './next-link.ts'

/** One page as it came. */
export interface Page<Item> {
  readonly items: readonly Item[]
  /** Where the next page is; absent on the last. */
  readonly next?: string
  readonly trackingId: string
}

/** A list over all its pages: `for await (const item of pager)`. */
export class Pager<Item> implements AsyncIterable<Item> {
  readonly #transport: Transport
  readonly #firsts: readonly URL[]
  readonly #options: CallOptions

  /** Made by the list methods of a client. Several first pages are read one after the other, each to its end. */
  constructor(transport: Transport, first: URL | readonly URL[], options: CallOptions) {
    this.#transport = transport
    this.#firsts = first instanceof URL ? [first] : first
    this.#options = options
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const page of this.pages()) yield* page.items
  }

  /** The pages themselves. */
  async *pages(): AsyncGenerator<Page<Item>, void, undefined> {
    let [url, ...later] = this.#firsts
    while (url !== undefined) {
      const ask: Ask = { method: 'GET', url, options: this.#options }
      const answer = await sendForJson(this.#transport, ask)
      const items = itemsOf<Item>(ask, answer)
      const link = nextLink(answer.headers.get('link'))
      const next = link === undefined ? later.shift() : this.#resolve(link, url, answer.trackingId)
      yield { items, ...(next === undefined ? {} : { next: next.href }), trackingId: answer.trackingId }
      url = next
    }
  }

  /** Everything in one array, or the first `limit` items; asks for no page beyond them. */
  async toArray({ limit = Number.POSITIVE_INFINITY }: { readonly limit?: number } = {}): Promise<Item[]> {
    const items: Item[] = []
    if (limit <= 0) return items
    for await (const item of this) {
      items.push(item)
      if (items.length >= limit) break
    }
    return items
  }

  /** The first item; undefined when the list is empty. */
  async first(): Promise<Item | undefined> {
    return (await this.toArray({ limit: 1 }))[0]
  }

  #resolve(link: string, page: URL, trackingId: string): URL {
    const facts = { request: { method: 'GET', url: page.href }, trackingId }
    const next = URL.canParse(link, page) ? new URL(link, page) : undefined
    if (next === undefined) throw new LinkRefused('the link to the next page is not a URL', facts)
    if (next.origin !== this.#transport.baseUrl.origin) {
      const why = `the next page is said to be on ${next.origin}, which is not the server of this client: not followed`
      throw new LinkRefused(why, facts)
    }
    if (next.href === page.href) throw new LinkRefused('the page names itself as its next page', facts)
    return next
  }
}

/** The items of a list answer. */
export function itemsOf<Item>(ask: Pick<Ask, 'method' | 'url'>, answer: Answer): readonly Item[] {
  const { body, trackingId } = answer
  const items = typeof body === 'object' && body !== null ? (body as { items?: unknown }).items : undefined
  if (Array.isArray(items)) return items // Items are not checked: an unknown member or value must not lose a page.
  const request = { method: ask.method, url: ask.url.href }
  throw new UnreadableResponse(`the answer to ${ask.method} ${ask.url.pathname} has no items`, {
    request,
    trackingId,
  })
}
