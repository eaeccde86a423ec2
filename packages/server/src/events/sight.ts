/**
 * Who may see which event: the one rule that webhooks and the stream of live events share (contract, webhooks §2, §3).
 * Two steps. A subscription is opened by a read scope of its resource, which also says in which role it looks; then each
 * event is either in the sight of that subscription or does not exist for it. Nothing here knows a database or a token.
 *
 * One's own events are those whose `personId` is the subscriber. Organisation-wide subscriptions are for administrators
 * and compliance officers. What a recording's owner and the administrators cannot read any more, because it was purged,
 * they hear of once, as `deleted`, and then no more; compliance officers go on hearing.
 */
import type { Role, Scope } from '@tandem/contract'

/** The resources of webhooks that this server has (webhooks §3). */
export const WEBHOOK_RESOURCES = [
  'telephony_calls',
  'telephony_conference',
  'convergedRecordings',
  'recordings',
] as const
/** One of them. */
export type WebhookResource = (typeof WEBHOOK_RESOURCES)[number]

/** What a stream of live events may hold beside them: alarms of the server, for administrators. */
export const ALARM_RESOURCE = 'tandem_alarms'
/** Everything that the outbox can hold for somebody to see. */
export type SeenResource = WebhookResource | typeof ALARM_RESOURCE

/** Own events, or those of the whole organisation. */
export type OwnedBy = 'creator' | 'org'

/** Who looks, and as what: `as` is `user` for own events. */
export interface Viewer {
  readonly orgId: string
  /** Raw id. */
  readonly personId: string
  readonly ownedBy: OwnedBy
  readonly as: Role
}

/** What of an outbox event decides. */
export interface SeenEvent {
  /** Empty for events of the whole system. */
  readonly orgId: string
  readonly resource: string
  readonly event: string
  /** Whose it is; absent when the whole organisation's. */
  readonly personId?: string
  readonly payload: unknown
}

interface ReadScope {
  readonly scope: Scope
  readonly as: Role
}

const user = (scope: Scope): ReadScope => ({ scope, as: 'user' })
const admin = (scope: Scope): ReadScope => ({ scope, as: 'admin' })
const officer = (scope: Scope): ReadScope => ({ scope, as: 'complianceOfficer' })

/** By resource and reach, the widest role first. An empty list: nobody may (webhooks §2). */
const READ_SCOPES: Readonly<Record<SeenResource, Readonly<Record<OwnedBy, readonly ReadScope[]>>>> = {
  telephony_calls: { creator: [user('spark:calls_read')], org: [admin('spark-admin:calls_read')] },
  telephony_conference: { creator: [user('spark:calls_read')], org: [] },
  convergedRecordings: {
    creator: [user('spark:recordings_read')],
    org: [officer('spark-compliance:recordings_read'), admin('spark-admin:recordings_read')],
  },
  // Either family opens meeting recordings, as on their lists (README §3); any of their scopes opens one's own.
  recordings: {
    creator: [
      user('meeting:recordings_read'),
      user('spark:recordings_read'),
      user('meeting:admin_recordings_read'),
      user('spark-compliance:meetings_read'),
    ],
    org: [
      officer('spark-compliance:meetings_read'),
      officer('spark-compliance:recordings_read'),
      admin('meeting:admin_recordings_read'),
      admin('spark-admin:recordings_read'),
    ],
  },
  [ALARM_RESOURCE]: {
    creator: [],
    org: [admin('spark-admin:telephony_config_read'), admin('spark-admin:calls_read')],
  },
}

/** Whether a text names a resource of webhooks. */
export function isWebhookResource(name: string): name is WebhookResource {
  return (WEBHOOK_RESOURCES as readonly string[]).includes(name)
}

/** The scopes that open a resource, any of them; none when it is not offered with this reach. */
export function readScopesOf(resource: SeenResource, ownedBy: OwnedBy): readonly Scope[] {
  return READ_SCOPES[resource][ownedBy].map(({ scope }) => scope)
}

/** In which role these scopes look at a resource; `undefined` when they do not open it. */
export function roleFor(
  scopes: ReadonlySet<Scope>,
  resource: SeenResource,
  ownedBy: OwnedBy,
): Role | undefined {
  return READ_SCOPES[resource][ownedBy].find(({ scope }) => scopes.has(scope))?.as
}

/** Whether an event is in the sight of a subscription whose resource was opened with `roleFor`. */
export function sees(viewer: Viewer, event: SeenEvent): boolean {
  if (event.resource === ALARM_RESOURCE)
    return viewer.as === 'admin' && (event.orgId === '' || event.orgId === viewer.orgId)
  if (event.orgId !== viewer.orgId || !isWebhookResource(event.resource)) return false
  if (viewer.ownedBy === 'creator' ? event.personId !== viewer.personId : viewer.as === 'user') return false
  return (
    viewer.as === 'complianceOfficer' || event.event === 'deleted' || statusOf(event.payload) !== 'purged'
  )
}

/** The member names of webhook data that hold a recording's state; calls have none. */
function statusOf(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null) return undefined
  return 'status' in payload ? payload.status : undefined
}
