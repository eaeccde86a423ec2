/**
 * Seals the small secrets of the server's own tables anew, from one key to another: what digests are checked against, and
 * the PINs of mailboxes. Those of the library are sealed under a data key, which a rotation wraps anew like any other.
 */
import type { Compilable } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import { openHa1, openPin, sealHa1, sealPin } from '../directory/secrets.ts'
import { StartFailure } from '../start-failure.ts'

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
}

/** Works it out; what is sealed with `to` already is passed over. Throws `StartFailure` when a secret opens with neither. */
export async function resealing(db: ServerDatabase, keys: ResealKeys): Promise<Resealing> {
  const devices = await deviceStatements(db, keys)
  const mailboxes = await mailboxStatements(db, keys)
  return {
    statements: [...devices, ...mailboxes],
    devices: devices.length,
    mailboxes: mailboxes.length,
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

function unopened(what: string): StartFailure {
  return new StartFailure(
    `The ${what} does not open with the present key: set it anew with tandem directory apply, then rotate again.`,
  )
}
