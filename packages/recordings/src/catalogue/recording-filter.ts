/**
 * What a list asks for, taken apart: branches that one index answers each, and conditions in words that an index which
 * knows them recognises (converged-recordings §3, §4).
 */
import { sql } from '@tandem/store'
import { likePattern } from '../search/fold.ts'
import type { RecordingQuery } from './catalogue.ts'

/** A query whose rows stand together in one index: one status, and one owner or any. */
export type Branch = Omit<RecordingQuery, 'statuses' | 'ownerIds'>

/** A query as branches whose pages are merged; none of them when nothing can match. */
export function branchesOf(query: RecordingQuery): readonly Branch[] {
  const { statuses = [query.status], ownerIds, ownerId: asked, ...rest } = query
  const owners = ownerIds?.filter((id) => asked === undefined || id === asked) ?? [asked]
  return [...new Set(statuses)].flatMap((status) =>
    [...new Set(owners)].map((ownerId) => ({
      ...rest,
      status,
      ...(ownerId === undefined ? {} : { ownerId }),
    })),
  )
}

/** Says in plain words what a value implies, since no engine looks into a parameter when it chooses a partial index. */
export function impliedBy(column: string, usual: string, value: string): ReturnType<typeof sql<boolean>> {
  if (value === usual) return sql<boolean>`1 = 1`
  return sql<boolean>`${sql.ref(`recording.${column}`)} <> ${sql.lit(usual)}`
}

/** Whether the topic holds the folded text. */
export function topicHolds(folded: string): ReturnType<typeof sql<boolean>> {
  return sql<boolean>`recording.topic_key like ${likePattern(folded)} escape '\\'`
}
