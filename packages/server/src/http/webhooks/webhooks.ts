/** `/v1/webhooks`: list, register, look at, change, delete (contract, webhooks §1, §2). */
import { CURSOR_CHARS_MAX, decodeCursor, type UpdateWebhookRequest } from '@tandem/contract'
import { bodyReader } from '../body.ts'
import { Failure, invalid } from '../failure.ts'
import { acting } from '../library/acting.ts'
import { pageLink } from '../library/list-page.ts'
import type { Operation } from '../operation.ts'
import { checkReach, checkTarget, clash, registrationOf, secretOf } from './registration.ts'
import { isOwn, mustSeeAsMuch, seesWide, viewOf, visibleWebhook } from './visible.ts'
import { webhookView } from './webhook-view.ts'

/** Page size, usual and largest; more is capped (Ruling 12). */
const PER_PAGE_MAX = 100
/** Largest `max` that is read at all. */
const MAX_MAX = 999_999_999

const readCreate = bodyReader('CreateWebhookRequest')
const readUpdate = bodyReader('UpdateWebhookRequest')

/** `GET /v1/webhooks`. */
export const listWebhooks: Operation = {
  id: 'listWebhooks',
  answer: 'WebhookList',
  async run(request, services) {
    const { query } = request
    const ownedBy = query.choice('ownedBy', ['org', 'creator'])
    if (ownedBy === 'org' && !seesWide(request, 'listWebhooks')) throw new Failure('scope_missing')
    const text = query.text('cursor', CURSOR_CHARS_MAX)
    const cursor = text === undefined ? undefined : decodeCursor(text)
    if (text !== undefined && cursor === undefined)
      throw invalid('cursor', 'is not one that this server made')
    const { own, wide, orgId } = viewOf(request, 'listWebhooks')
    const view = ownedBy === 'org' ? { orgId, wide } : { orgId, own, wide: ownedBy === undefined && wide }
    const max = Math.min(query.integer('max', { min: 1, max: MAX_MAX }) ?? PER_PAGE_MAX, PER_PAGE_MAX)
    const page = await services.webhooks.list(view, { max, ...(cursor === undefined ? {} : { cursor }) })
    const headers = pageLink(request, services, { operation: 'listWebhooks', page, names: ['ownedBy'] })
    const items = page.items.map((each) => webhookView(each, { withSecret: isOwn(each, request) }))
    return { body: { items }, headers }
  },
}

/** `POST /v1/webhooks`. The answer is 200, not 201 (Ruling 30). */
export const createWebhook: Operation = {
  id: 'createWebhook',
  answer: 'Webhook',
  async run(request, services) {
    const made = registrationOf(await readCreate(request.body), request)
    await checkReach(made.targetUrl, services)
    const webhook = await services.webhooks.create(made, acting(request, 'createWebhook'))
    if (typeof webhook === 'string') throw clash(webhook)
    return { body: webhookView(webhook, { withSecret: true }) }
  },
}

/** `GET /v1/webhooks/{webhookId}`. */
export const getWebhook: Operation = {
  id: 'getWebhook',
  answer: 'Webhook',
  async run(request, services) {
    const webhook = await visibleWebhook(request, services, 'getWebhook')
    return { body: webhookView(webhook, { withSecret: isOwn(webhook, request) }) }
  },
}

/** `PUT /v1/webhooks/{webhookId}`: JSON, or the form that a known client sends (Ruling 40). */
export const updateWebhook: Operation = {
  id: 'updateWebhook',
  answer: 'Webhook',
  takes: 'jsonOrForm',
  async run(request, services) {
    const body: UpdateWebhookRequest = await readUpdate(membersOf(request.body))
    checkTarget(body.targetUrl)
    const webhook = await visibleWebhook(request, services, 'updateWebhook')
    if (body.status === 'inactive' && webhook.status === 'active')
      throw invalid('status', 'cannot be set to inactive; delete the webhook instead')
    mustSeeAsMuch(webhook, request)
    await checkReach(body.targetUrl, services)
    const updated = await services.webhooks.update(
      webhook,
      {
        name: body.name,
        targetUrl: body.targetUrl,
        revive: body.status === 'active',
        ...(body.secret === undefined ? {} : { secret: { value: secretOf(body.secret) } }),
      },
      acting(request, 'updateWebhook'),
    )
    if (updated === undefined) throw new Failure('webhook_not_found')
    if (typeof updated === 'string') throw clash(updated)
    return { body: webhookView(updated, { withSecret: isOwn(updated, request) }) }
  },
}

/** `DELETE /v1/webhooks/{webhookId}`. */
export const deleteWebhook: Operation = {
  id: 'deleteWebhook',
  async run(request, services) {
    const webhook = await visibleWebhook(request, services, 'deleteWebhook')
    if (!(await services.webhooks.remove(webhook, acting(request, 'deleteWebhook'))))
      throw new Failure('webhook_not_found')
    return {}
  },
}

/** The members of a form by their JSON names, each once; a JSON body as it is. */
function membersOf(body: unknown): unknown {
  if (!(body instanceof URLSearchParams)) return body
  const members = new Map<string, string>()
  for (const [name, value] of body) {
    const member = name === 'target_url' ? 'targetUrl' : name === 'owned_by' ? 'ownedBy' : name
    if (members.has(member))
      throw invalid(member.slice(0, 40).replace(/[^\w.-]/g, '?'), 'is given more than once')
    members.set(member, value)
  }
  return Object.fromEntries(members)
}
