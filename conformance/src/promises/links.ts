/**
 * Promise P13: a signed link through the whole HTTP application. Mutated ten thousand times it opens nothing; untouched it
 * works to the last millisecond of its three hours and not one longer, for one file, and dies with recording and right.
 */
import type { Random } from '@tandem/testing'
import { LINK_MS_MAX } from '../../../packages/recordings/src/link/download-links.ts'
import { IDS, NOW, openTestApi, PUBLIC_URL, type TestApi } from '../../../packages/server/src/testing/api.ts'
import { AUDIO } from '../../../packages/server/src/testing/test-library.ts'
import type { Finding } from './finding.ts'

const ONE = '5b0c7f2e-6c1d-4e0f-9a53-000000000001'
const OTHER = '5b0c7f2e-6c1d-4e0f-9a53-000000000002'
const SECOND_MS = 1_000
/** What a link is made of, and what it is not. */
const LETTERS = 'ABCDEFabcdef0189-_=&?%./+ '

/** Mutates so often. */
export async function mutateLinks(
  rounds: number,
  random: Random,
  until: number = Number.POSITIVE_INFINITY,
): Promise<Finding> {
  const api = await openTestApi()
  const faults: string[] = []
  try {
    await api.addRecording({ id: ONE })
    await api.addRecording({ id: OTHER })
    const link = (recordingId: string): string =>
      api.recordings.link({ recordingId, file: 'audio', personId: IDS.owner }).url.replace(PUBLIC_URL, '')
    const good = link(ONE)
    const statuses = new Map<number, number>()
    let [accepted, done] = [0, 0]
    while (done < rounds && performance.now() < until) {
      const bad = mutated(good, link(OTHER), random)
      if (bad === good || bad === link(OTHER) || sameTarget(bad, good)) continue
      done++
      const answer = await api.app
        .inject({ method: random.pick(['GET', 'HEAD']), url: bad })
        .catch(() => undefined)
      const status = answer?.statusCode ?? 400
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (status < 300) {
        accepted++
        faults.push(`accepted: ${bad} for ${good}`)
      } else if (status >= 500) faults.push(`${status}: ${bad}`)
    }
    faults.push(...(await lifeOfALink(api, good)))
    return {
      promise: 'P13',
      did: 'links mutated, and kept to their time and right',
      reached: `${accepted} of ${done} accepted (${[...statuses].map(([status, times]) => `${times} × ${status}`).join(', ')})`,
      asked: '0 accepted; 200 at 2:59:59, 410 at 3:00:01, 403 tampered',
      load: done,
      loadMin: 10_000,
      faults,
    }
  } finally {
    await api.close()
  }
}

async function lifeOfALink(api: TestApi, good: string): Promise<readonly string[]> {
  const faults: string[] = []
  const expect = async (what: string, status: number): Promise<void> => {
    const answer = await api.app.inject({ url: good })
    if (answer.statusCode !== status) faults.push(`${what}: ${answer.statusCode} where ${status} is right`)
    if (status === 200 && !answer.rawPayload.equals(AUDIO)) faults.push(`${what}: other bytes`)
  }
  await expect('at once', 200)
  api.now = NOW + LINK_MS_MAX - SECOND_MS
  await expect('at 2:59:59', 200)
  api.now = NOW + LINK_MS_MAX - 1
  await expect('a millisecond before its end', 200)
  api.now = NOW + LINK_MS_MAX
  await expect('at its end', 410)
  api.now = NOW + LINK_MS_MAX + SECOND_MS
  await expect('at 3:00:01', 410)
  api.now = NOW
  const user = { orgId: IDS.org, personId: IDS.owner, as: 'user' } as const
  await api.recordings.lifecycle.move(user, 'softDelete', { ids: [ONE], ownerIds: [IDS.owner] })
  const dead = await api.app.inject({ url: good })
  if (dead.statusCode < 400)
    faults.push(`in the recycle bin the owner's link still answers ${dead.statusCode}`)
  return faults
}

/** One change, or a few: a letter, a cut, two swapped, another's signature, another's recording, a longer life. */
function mutated(good: string, other: string, random: Random): string {
  const at = 1 + random.below(good.length - 1)
  const letter = LETTERS[random.below(LETTERS.length)] as string // Inside of it.
  switch (random.below(8)) {
    case 0:
      return good.slice(0, at) + letter + good.slice(at + 1)
    case 1:
      return good.slice(0, at) + letter + good.slice(at)
    case 2:
      return good.slice(0, at) + good.slice(at + 1 + random.below(4))
    case 3:
      return good.slice(0, at)
    case 4:
      return (
        good.slice(0, at) +
        good
          .slice(at, at + 2)
          .split('')
          .toReversed()
          .join('') +
        good.slice(at + 2)
      )
    case 5:
      return random.chance(0.5)
        ? good.replace(ONE, OTHER)
        : other.replace(/sig=.*/, /sig=.*/.exec(good)?.[0] ?? '')
    case 6:
      return good.replace(
        /exp=(\d+)/,
        (_, exp: string) => `exp=${Number(exp) + 1 + random.below(10_000_000)}`,
      )
    default:
      return mutated(good.slice(0, at) + letter + good.slice(at + 1), other, random)
  }
}

/** Case and hyphens of an id count for nothing (contract README §2), and neither does a slash at the end of a path. */
function sameTarget(bad: string, good: string): boolean {
  const normal = (url: string): string => {
    const [path = '', query = ''] = url.split('?', 2)
    const [, media, id = '', ...rest] = path.replace(/\/$/, '').split('/')
    return [media, id.replaceAll('-', '').toLowerCase(), ...rest, query].join('/')
  }
  return normal(bad) === normal(good)
}
