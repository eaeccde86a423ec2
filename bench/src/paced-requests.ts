/** Requests at an even pace, whether or not those before are answered: a client that does not wait. */
import { type Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'

/** What is asked for: cheap, and of every token's own. */
const PATH = '/v1/people/me'

/** One answer. */
export interface Answered {
  readonly status: number
  readonly ms: number
}

/** Begins so many a second, whether or not those before are done. */
export async function paced(
  perSecond: number,
  seconds: number,
  once: () => Promise<Answered>,
): Promise<Answered[]> {
  const startedAt = performance.now()
  const all: Promise<Answered>[] = []
  for (let n = 0; n < perSecond * seconds; n++) {
    const ahead = startedAt + (n * 1_000) / perSecond - performance.now()
    if (ahead > 1) await wait(ahead)
    all.push(once())
  }
  return Promise.all(all)
}

/** Asks once. */
export function timed(port: number, token: string, agent: Agent): Promise<Answered> {
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    request({ host: '127.0.0.1', port, path: PATH, headers, agent }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, ms: performance.now() - startedAt }))
    })
      .on('error', reject)
      .end()
  })
}
