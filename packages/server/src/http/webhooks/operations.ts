/** The operations of this folder: Webhooks. */
import type { Operation } from '../operation.ts'
import { listWebhookDeliveries, redeliverWebhook } from './deliveries.ts'
import { createWebhook, deleteWebhook, getWebhook, listWebhooks, updateWebhook } from './webhooks.ts'

/** All of them. */
export const WEBHOOK_OPERATIONS: readonly Operation[] = [
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhookDeliveries,
  listWebhooks,
  redeliverWebhook,
  updateWebhook,
]
