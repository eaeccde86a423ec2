/**
 * Seals the small secrets of the server's own tables anew, from one key to another: what digests are checked against, and
 * the PINs of mailboxes and the secrets of webhooks. Those of the library are sealed under a data key, which a rotation wraps anew like any other.
 */
import type { Compilable } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import { openHa1, openPin, sealHa1, sealPin } from '../directory/secrets.ts'
import { StartFailure } from '../start-failure.ts'
import { resealSecret } from '../webhooks/webhook.ts'

/** From which key to which. */
export interface ResealKeys {
  readonly from: Uint8Array
  readonly to: Uint8Array
}

/** What to commit so that everything is sealed with `to`. */
export interface Resealing {
  readonly statements: readonly Compilable[]
  readonly devices: number
  readonly mailboxes: number
  readonly webhooks: number
}

/** Works it out; what is sealed with `to` already is passed over. Throws `StartFailure` when a secret opens with neither. */
export async function resealing(db: ServerDatabase, keys: ResealKeys): Promise<Resealing> {
  const devices = await deviceStatements(db, keys)
  const mailboxes = await mailboxStatements(db, keys)
  const webhooks = await webhookStatements(db, keys)
  return {
    statements: [...devices, ...mailboxes, ...webhooks],
    devices: devices.length,
    mailboxes: mailboxes.length,
    webhooks: webhooks.length,
  }
}

async function deviceStatements(db: ServerDatabase, { from, to }: ResealKeys): Promise<Compilable[]> {
  const rows = await db.kysely.selectFrom('devices').select(['org_id', 'id', 'secret']).execute()
  return rows.flatMap(({ org_id, id, secret }) => {
    const device = { orgId: org_id, id }
    if (openHa1(to, device, secret) !== undefined) return []
    const ha1 = openHa1(from, device, secret)
    if (ha1 === undefined) throw unopened(`password of device ${id}`)
    const update = db.kysely.updateTable('devices').set({ secret: sealHa1(to, device, ha1) })
    // Only if it is still what was read: an operator may change it meanwhile.
    return [update.where('org_id', '=', org_id).where('id', '=', id).where('secret', '=', secret)]
  })
}

async function mailboxStatements(db: ServerDatabase, { from, to }: ResealKeys): Promise<Compilable[]> {
  const rows = await db.kysely
    .selectFrom('lines')
    .select(['org_id', 'id', 'voicemail_pin'])
    .where('voicemail_pin', 'is not', null)
    .execute()
  return rows.flatMap(({ org_id, id, voicemail_pin: sealed }) => {
    const line = { orgId: org_id, id }
    if (sealed === null || openPin(to, line, sealed) !== undefined) return []
    const pin = openPin(from, line, sealed)
    if (pin === undefined) throw unopened(`PIN of mailbox ${id}`)
    const update = db.kysely.updateTable('lines').set({ voicemail_pin: sealPin(to, line, pin) })
    return [update.where('org_id', '=', org_id).where('id', '=', id).where('voicemail_pin', '=', sealed)]
  })
}

async function webhookStatements(db: ServerDatabase, keys: ResealKeys): Promise<Compilable[]> {
  const rows = await db.kysely
    .selectFrom('webhooks')
    .select(['id', 'secret'])
    .where('secret', 'is not', null)
    .execute()
  return rows.flatMap(({ id, secret: sealed }) => {
    if (sealed === null) return []
    const secret = resealSecret(id, sealed, keys)
    if (secret === sealed) return []
    if (secret === undefined)
      throw unopened(`secret of webhook ${id}`, 'delete the webhook or give it a new secret')
    const update = db.kysely.updateTable('webhooks').set({ secret })
    return [update.where('id', '=', id).where('secret', '=', sealed)]
  })
}

function unopened(what: string, cure = 'set it anew with tandem directory apply'): StartFailure {
  return new StartFailure(`The ${what} does not open with the present key: ${cure}, then rotate again.`)
}
