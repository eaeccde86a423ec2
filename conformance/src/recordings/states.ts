/**
 * Where recordings of a role table stand, whose they are, and a shelf of imported ones to try each cell on
 * (converged-recordings §1, §10; meeting-recordings §2-§5). A cell that changes its recording uses it up.
 */
import type { ImportRequest } from '@tandem/recordings'
import { ROLE_STATES, type RoleState } from '../../../packages/server/src/testing/role-tables.ts'
import { IDS } from './cast.ts'
import type { Seeder } from './house.ts'
import type { Media } from './media.ts'

/** In the order of the tables: status, and what keeps the recording. */
export const STATES = ROLE_STATES
/** Where a recording stands. */
export type StateName = RoleState

/** Who owns recordings of the tables. */
export const OWNERS = {
  owner: {
    id: IDS.owner,
    type: 'user',
    name: 'Tomas Lind',
    email: 'owner@alpha.test',
    locationId: IDS.berlin,
  },
  admin: { id: IDS.admin, type: 'user', name: 'Ines', email: 'admin@alpha.test', locationId: IDS.berlin },
  officer: {
    id: IDS.officer,
    type: 'user',
    name: 'Otto',
    email: 'officer@alpha.test',
    locationId: IDS.berlin,
  },
  colleague: {
    id: IDS.colleague,
    type: 'user',
    name: 'Mira',
    email: 'colleague@alpha.test',
    locationId: IDS.lisbon,
  },
  place: {
    id: IDS.place,
    type: 'place',
    name: 'Lobby',
    email: '105.place@alpha.test',
    locationId: IDS.lisbon,
  },
  virtualLine: {
    id: IDS.virtualLine,
    type: 'virtualLine',
    name: 'Orders',
    email: '106.virtualline@alpha.test',
    locationId: IDS.berlin,
  },
} as const satisfies Record<string, ImportRequest['owner']>
/** The name of one. */
export type OwnerName = keyof typeof OWNERS

/** A recording on the shelf. */
export interface Shelved {
  readonly id: string
  /** The only one of its second, within a day of `LONG_AGO`. */
  readonly createTime: number
  readonly owner: OwnerName
  /** Of a meeting recording; else empty. */
  readonly meetingId: string
}

const DAY_MS = 86_400_000
/** Recordings of the suites were made long before it runs, so that no list of the last week shows them. */
export const LONG_AGO: number = Math.floor(Date.now() / DAY_MS) * DAY_MS - 400 * DAY_MS
/** What keeps the recordings of the archive, in days. */
export const KEPT_DAYS = 3_650

/** How many recordings of which owner in which state. */
export type Needs = ReadonlyMap<string, number>

/** The key of `Needs`. */
export function needOf(owner: OwnerName, state: StateName): string {
  return `${owner}: ${state}`
}

/** Recordings in every state, made before the server starts. */
export class Shelf {
  readonly #kept = new Map<string, Shelved[]>()
  readonly #kind: 'calling' | 'meeting'

  constructor(kind: 'calling' | 'meeting') {
    this.#kind = kind
  }

  /** Imports what is needed and brings it where it is to stand. `first` numbers files and seconds. */
  async fill(seeder: Seeder, media: Media, needs: Needs, first: number): Promise<void> {
    let n = first
    const made = [...needs].flatMap(([need, count]) => {
      const [owner, state] = need.split(': ') as [OwnerName, StateName]
      return Array.from({ length: count }, () => ({ need, owner, state, n: n++ }))
    })
    await Promise.all(
      made.map(async ({ need, owner, state, n }) => {
        const createTime = LONG_AGO + n * 1_000
        const request = {
          owner: OWNERS[owner],
          topic: `Table ${n}`,
          createTime,
          ...this.#requestOf(n, state),
        }
        const file = this.#kind === 'meeting' ? await media.mp4(n) : media.mp3(n)
        const id = await seeder.add(file, request)
        if (this.#kind === 'meeting')
          await seeder.library.meetings.share(ADMIN, id, { add: ['Colleague@alpha.test'], remove: [] })
        await bring(seeder, id, state)
        const list = this.#kept.get(need) ?? []
        this.#kept.set(need, list)
        list.push({ id, createTime, owner, meetingId: this.#kind === 'meeting' ? meetingIdOf(n) : '' })
      }),
    )
  }

  /** One in a state; it stays on the shelf for all who leave it as it is. */
  look(owner: OwnerName, state: StateName): Shelved {
    return this.#found(this.#kept.get(needOf(owner, state))?.[0], owner, state)
  }

  /** One in a state, to be changed. */
  take(owner: OwnerName, state: StateName): Shelved {
    const list = this.#kept.get(needOf(owner, state)) ?? []
    return this.#found(list.length > 1 ? list.pop() : undefined, owner, state)
  }

  #found(found: Shelved | undefined, owner: OwnerName, state: StateName): Shelved {
    if (found === undefined) throw new Error(`the shelf has no more of ${needOf(owner, state)}`)
    return found
  }

  #requestOf(n: number, state: StateName): Pick<ImportRequest, 'serviceType' | 'locationId' | 'meeting'> {
    const locationId = state.endsWith('kept') ? IDS.archive : IDS.berlin
    if (this.#kind === 'calling') return { serviceType: 'calling', locationId }
    const meeting = {
      meetingId: meetingIdOf(n),
      siteUrl: 'alpha.test',
      password: `word-${n}`,
      serviceType: 'MeetingCenter',
      format: 'MP4',
      integrationTags: [],
    } as const
    return { serviceType: 'meeting', locationId, meeting }
  }
}

const ADMIN = { orgId: IDS.org, personId: IDS.admin, as: 'admin' } as const

function meetingIdOf(n: number): string {
  return `${String(n).padStart(32, '0')}_I_${n}`
}

async function bring({ library }: Seeder, id: string, state: StateName): Promise<void> {
  const { lifecycle, holds } = library
  const officer = { orgId: IDS.org, personId: IDS.officer, as: 'complianceOfficer' } as const
  const done = ({ kind }: { readonly kind: string }): void => {
    if (kind !== 'done') throw new Error(`a recording cannot be brought to ${state}: ${kind}`)
  }
  if (state.startsWith('deleted') || state === 'purged')
    done(await lifecycle.move(ADMIN, 'softDelete', { ids: [id] }))
  if (state === 'purged') done(await lifecycle.move(ADMIN, 'purge', { ids: [id] }))
  if (state === 'erased') done(await lifecycle.erase(officer, id, { reason: 'table' }))
  if (state.endsWith('held')) await holds.place(officer, { recordingIds: [id], reason: 'table' })
}
