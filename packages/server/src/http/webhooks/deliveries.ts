/** The log of a webhook's deliveries, and sending one again by hand (contract README §11). */
import { ID_CHARS_MAX, LIBRARY_PER_PAGE_MAX, ROUTES } from '@tandem/contract'
import { Failure, invalid } from '../failure.ts'
import { acting } from '../library/acting.ts'
import { pageLink, wantedPage } from '../library/list-page.ts'
import type { Operation } from '../operation.ts'
import { visibleWebhook } from './visible.ts'
import { deliveryView } from './webhook-view.ts'

/** `GET /tandem/v1/webhooks/{webhookId}/deliveries`. */
export const listWebhookDeliveries: Operation = {
  id: 'listWebhookDeliveries',
  answer: 'WebhookDeliveryList',
  async run(request, services) {
    const wanted = wantedPage(request.query, { usual: LIBRARY_PER_PAGE_MAX, most: LIBRARY_PER_PAGE_MAX })
    const webhook = await visibleWebhook(request, services, 'listWebhookDeliveries')
    const page = await services.webhooks.log.list(webhook, wanted)
    const headers = pageLink(request, services, { operation: 'listWebhookDeliveries', page, names: [] })
    const template = ROUTES.listWebhookDeliveries.path
    const path = template.replace('{webhookId}', encodeURIComponent(request.params['webhookId'] ?? ''))
    return {
      body: { items: page.items.map(deliveryView) },
      headers: headers['link'] === undefined ? {} : { link: headers['link'].replace(template, path) },
    }
  },
}

/** `POST …/deliveries/{deliveryId}/redelivery`: the same event under the same `webhook-id`. */
export const redeliverWebhook: Operation = {
  id: 'redeliverWebhook',
  async run(request, services) {
    const webhook = await visibleWebhook(request, services, 'redeliverWebhook')
    if (webhook.status !== 'active')
      throw invalid('the webhook', 'is inactive; PUT it with status active to revive it first')
    const deliveryId = (request.params['deliveryId'] ?? '').slice(0, ID_CHARS_MAX)
    const outcome = await services.webhooks.log.redeliver(
      webhook,
      deliveryId,
      acting(request, 'redeliverWebhook'),
    )
    if (outcome === 'missing') throw new Failure('delivery_not_found')
    if (outcome === 'eventGone')
      throw new Failure('delivery_not_found', 'The event of this delivery is too old to be sent again')
    return {}
  },
}
