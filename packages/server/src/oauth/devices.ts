/**
 * The device grant (RFC 8628; contract, auth §4): a device shows a short code, a person enters it in a browser and consents,
 * and the device, asking again and again, gets its tokens.
 */
import { randomBytes, randomInt } from 'node:crypto'
import type { Scope } from '@tandem/contract'
import type { ServerDatabase } from '../data/open-data.ts'
import { hashOf } from '../tokens/token-text.ts'
import { clientOf, type OAuthClient } from './clients.ts'
import { giveTokens, makeGrant, type TokenAnswer } from './grants.ts'
import { storedScopes } from './scope-list.ts'

/** How long a device's codes work. */
export const DEVICE_MS: number = 10 * 60_000
/** How often a device may ask at first, in seconds; asking sooner makes it longer by the same. */
export const INTERVAL_SECONDS = 5
/** Longest wait that is asked of a device. */
const INTERVAL_SECONDS_MAX = 60
/** Letters that are not mistaken for one another, and make no words. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'
const USER_CODE_LETTERS = 8

/** What a device begins with. */
export interface DeviceCodes {
  readonly deviceCode: string
  /** As it is shown: two groups of four letters. */
  readonly userCode: string
}

/** Begins a device authorization. */
export async function beginDevice(
  db: ServerDatabase,
  { client, scopes }: { readonly client: OAuthClient; readonly scopes: readonly Scope[] },
  now: number,
): Promise<DeviceCodes> {
  const deviceCode = randomBytes(32).toString('base64url')
  const letters = Array.from({ length: USER_CODE_LETTERS }, () => LETTERS[randomInt(LETTERS.length)]).join('')
  await db.commit([
    db.kysely.deleteFrom('oauth_devices').where('expires_at', '<', now - DEVICE_MS),
    db.kysely.insertInto('oauth_devices').values({
      hash: hashOf(deviceCode),
      user_code_hash: hashOf(letters),
      org_id: client.orgId,
      client_id: client.id,
      person_id: null,
      scopes: JSON.stringify(scopes),
      state: 'pending',
      interval_seconds: INTERVAL_SECONDS,
      polled_at: null,
      expires_at: now + DEVICE_MS,
    }),
  ])
  return { deviceCode, userCode: `${letters.slice(0, 4)}-${letters.slice(4)}` }
}

/** A device that waits for somebody of an organisation. */
export interface WaitingDevice {
  readonly hash: string
  readonly client: OAuthClient
  readonly scopes: readonly Scope[]
}

/** The device that shows a user code; `undefined` for a wrong code, or one of another organisation. */
export async function waitingDevice(
  db: ServerDatabase,
  { userCode, orgId }: { readonly userCode: string; readonly orgId: string },
  now: number,
): Promise<WaitingDevice | undefined> {
  const letters = userCode.toUpperCase().replace(/[^A-Z]/g, '')
  if (letters.length !== USER_CODE_LETTERS) return undefined
  const device = await db.kysely
    .selectFrom('oauth_devices')
    .select(['hash', 'client_id', 'scopes'])
    .where('user_code_hash', '=', hashOf(letters))
    .where('org_id', '=', orgId)
    .where('state', '=', 'pending')
    .where('expires_at', '>', now)
    .executeTakeFirst()
  if (device === undefined) return undefined
  const row = await db.kysely
    .selectFrom('oauth_clients')
    .selectAll()
    .where('id', '=', device.client_id)
    .executeTakeFirst()
  if (row === undefined) return undefined
  return { hash: device.hash, client: clientOf(row), scopes: storedScopes(device.scopes) }
}

/** Writes down what a person decided; false when the device waits no longer. */
export async function decideDevice(
  db: ServerDatabase,
  device: WaitingDevice,
  decision: { readonly personId: string; readonly isAllowed: boolean; readonly now: number },
): Promise<boolean> {
  const [result] = await db.commit([
    db.kysely
      .updateTable('oauth_devices')
      .set({ state: decision.isAllowed ? 'allowed' : 'denied', person_id: decision.personId })
      .where('hash', '=', device.hash)
      .where('state', '=', 'pending')
      .where('expires_at', '>', decision.now),
  ])
  return result?.changes === 1
}

/** What a device that asks is told. */
export type DeviceUse =
  | { readonly kind: 'given'; readonly answer: TokenAnswer; readonly personId: string }
  | { readonly kind: 'pending' | 'slowDown'; readonly intervalSeconds: number }
  | { readonly kind: 'denied' | 'expired' | 'refused' }

/** A device asks for its tokens. */
export async function useDeviceCode(
  db: ServerDatabase,
  { client, deviceCode }: { readonly client: OAuthClient; readonly deviceCode: string },
  now: number,
): Promise<DeviceUse> {
  const hash = hashOf(deviceCode)
  return db.transaction(async (tx): Promise<DeviceUse> => {
    const row = await tx
      .selectFrom('oauth_devices')
      .selectAll()
      .where('hash', '=', hash)
      .where('client_id', '=', client.id)
      .executeTakeFirst()
    if (row === undefined || row.state === 'used') return { kind: 'refused' }
    if (now >= row.expires_at) return { kind: 'expired' }
    if (row.state === 'denied') return { kind: 'denied' }
    if (row.state === 'pending') {
      const isEarly = row.polled_at !== null && now - row.polled_at < row.interval_seconds * 1_000
      const longer = Math.min(INTERVAL_SECONDS_MAX, row.interval_seconds + INTERVAL_SECONDS)
      const intervalSeconds = isEarly ? longer : row.interval_seconds
      await tx
        .updateTable('oauth_devices')
        .set({ polled_at: now, interval_seconds: intervalSeconds })
        .where('hash', '=', hash)
        .execute()
      return { kind: isEarly ? 'slowDown' : 'pending', intervalSeconds }
    }
    if (row.person_id === null) return { kind: 'refused' }
    await tx.updateTable('oauth_devices').set({ state: 'used' }).where('hash', '=', hash).execute()
    const [personId, scopes] = [row.person_id, storedScopes(row.scopes)]
    const grant = await makeGrant(tx, { client, orgId: row.org_id, personId, scopes, now })
    return { kind: 'given', answer: await giveTokens(tx, { grant, client, scopes, now }), personId }
  })
}
