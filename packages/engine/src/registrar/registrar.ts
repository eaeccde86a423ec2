/**
 * The registrar: RFC 3261 §10.3 with Path (RFC 3327), for devices of organisations that never meet.
 *
 * A change is computed at once, stored by whoever drives the engine, and answered 200 only when it is on disk
 * (promise R1). Until then the old contacts hold. A registration that runs out, or whose TCP or TLS connection is gone,
 * is dropped and the rest stored, without anybody waiting for it; also one that is only on its way to the disk.
 */
import { DeadlineHeap, type Instant } from '@tandem/base'
import { type Flow, isReliable, type ServerTransactionId, type SipRequest } from '@tandem/sip'
import type { Binding } from '../directory.ts'
import type { Core } from '../session/core.ts'
import { type RegisteredContact, register } from './contacts.ts'

/** How long a change may take to reach the disk, in milliseconds: past it the phone is told to try again. */
export const STORE_MS_MAX = 5_000
/** When a phone may try again after the store failed, in seconds. */
export const STORE_RETRY_AFTER_SECONDS = 30

/** Whose contacts: `orgId deviceId`. */
type DeviceKey = string

type Pending = {
  readonly key: DeviceKey
  readonly contacts: readonly RegisteredContact[]
  readonly transaction: ServerTransactionId
  readonly request: SipRequest
}

/** The contacts of all devices of one call node. */
export class Registrar {
  /** What calls go to: what is on disk. */
  readonly #stored = new Map<DeviceKey, readonly RegisteredContact[]>()
  /** The newest that was computed, while its storing is under way: the next REGISTER builds on it. */
  readonly #newest = new Map<DeviceKey, readonly RegisteredContact[]>()
  readonly #pending = new Map<number, Pending>()
  /** Devices of which the disk keeps a contact that was dropped while something of theirs was being stored. */
  readonly #behind = new Set<DeviceKey>()
  readonly #deadlines = new DeadlineHeap<DeviceKey | number>()
  #tokens = 0
  #size = 0

  /** Restores what was stored before the start; `wallOffsetMs` places its expiry on the monotonic clock. */
  constructor(bindings: readonly Binding[], wallOffsetMs: number) {
    const grouped = new Map<DeviceKey, RegisteredContact[]>()
    for (const binding of bindings) {
      const key = keyOf(binding.orgId, binding.deviceId)
      const contacts = grouped.get(key) ?? []
      contacts.push({ binding, flowId: undefined })
      grouped.set(key, contacts)
    }
    for (const [key, contacts] of grouped) this.#put(key, contacts, wallOffsetMs)
  }

  /** How many contacts are registered. */
  get size(): number {
    return this.#size
  }

  /** When `tick` is next due. */
  get deadline(): Instant {
    return this.#deadlines.next
  }

  /** The contacts that a device can be called at, oldest first. */
  contactsOf(orgId: string, deviceId: string): readonly RegisteredContact[] {
    return this.#stored.get(keyOf(orgId, deviceId)) ?? []
  }

  /** Takes a REGISTER of a device that has logged in. */
  register(
    core: Core,
    transaction: ServerTransactionId,
    request: SipRequest,
    place: { readonly orgId: string; readonly deviceId: string; readonly flow: Flow },
  ): void {
    const key = keyOf(place.orgId, place.deviceId)
    const current = this.#newest.get(key) ?? this.#stored.get(key) ?? []
    const ours = core.options.advertised(place.flow.transport, place.flow.remote)
    const result = register(current, request, {
      ...place,
      wallNow: core.wallNow,
      limits: core.limits,
      isOurAddress: (host, port) => host === ours.host && port === ours.port,
    })
    if (result.kind === 'refused') {
      const min = result.minExpiresSeconds
      const headers: [string, string][] = min === undefined ? [] : [['Min-Expires', String(min)]]
      core.sip(core.endpoint.respond(core.now, transaction, result.status, { headers }))
      return
    }
    if (result.isQuery) {
      this.#accept(core, { transaction, request, contacts: result.contacts })
      return
    }
    const token = this.#store(core, key, result.contacts)
    this.#newest.set(key, result.contacts)
    this.#pending.set(token, { key, contacts: result.contacts, transaction, request })
    this.#deadlines.set(token, core.now + STORE_MS_MAX)
  }

  /** The store has answered: the registration holds, or the phone is told to come again. */
  stored(core: Core, token: number, stored: boolean): void {
    const pending = this.#pending.get(token)
    if (pending === undefined) return
    this.#pending.delete(token)
    this.#deadlines.delete(token)
    const { key, contacts } = pending
    if (this.#newest.get(key) === contacts) this.#newest.delete(key)
    const before = this.#stored.get(key) ?? []
    if (stored) this.#put(key, contacts, core.options.wallOffsetMs)
    if (!this.#newest.has(key) && this.#behind.delete(key))
      this.#store(core, key, this.#stored.get(key) ?? [])
    if (stored) {
      this.#accept(core, pending)
      for (const contact of contacts)
        if (isNew(contact, before)) core.messageWaiting.registered(core, contact)
      return
    }
    core.notice('registration could not be stored')
    const headers: [string, string][] = [['Retry-After', String(STORE_RETRY_AFTER_SECONDS)]]
    core.sip(core.endpoint.respond(core.now, pending.transaction, 503, { headers }))
  }

  /** A connection is gone, and with it the way back to the phones behind it (RFC 5626 §4.2.1). */
  flowClosed(core: Core, flow: Flow): void {
    if (!isReliable(flow.transport)) return
    this.#drop(core, (contact) => contact.flowId === flow.id)
  }

  /** The directory has changed: devices that it no longer has cannot be called. */
  keepDevices(core: Core): void {
    this.#drop(core, ({ binding }) => {
      const realm = core.realmOf(binding.orgId)
      return realm === undefined || !realm.devices.has(binding.deviceId)
    })
  }

  /** Drops what has run out, and gives up on a store that does not answer. */
  tick(core: Core): void {
    for (;;) {
      const due = this.#deadlines.popDue(core.now)
      if (due === undefined) return
      if (typeof due === 'number') {
        this.stored(core, due, false)
        continue
      }
      const contacts = this.#stored.get(due) ?? []
      const alive = contacts.filter((contact) => contact.binding.expiresAt > core.wallNow)
      this.#put(due, alive, core.options.wallOffsetMs)
      if (alive.length < contacts.length && !this.#newest.has(due)) this.#store(core, due, alive)
    }
  }

  #drop(core: Core, isLost: (contact: RegisteredContact) => boolean): void {
    for (const [key, contacts] of [...this.#stored]) {
      const kept = contacts.filter((contact) => !isLost(contact))
      if (kept.length === contacts.length) continue
      this.#put(key, kept, core.options.wallOffsetMs)
      if (this.#newest.has(key)) this.#behind.add(key)
      else this.#store(core, key, kept)
    }
    for (const [token, pending] of this.#pending) {
      const { key, contacts } = pending
      const kept = contacts.filter((contact) => !isLost(contact))
      if (kept.length === contacts.length) continue
      this.#pending.set(token, { ...pending, contacts: kept })
      if (this.#newest.get(key) === contacts) this.#newest.set(key, kept)
      this.#behind.add(key)
    }
  }

  #put(key: DeviceKey, contacts: readonly RegisteredContact[], wallOffsetMs: number): void {
    this.#size += contacts.length - (this.#stored.get(key)?.length ?? 0)
    if (contacts.length === 0) {
      this.#stored.delete(key)
      this.#deadlines.delete(key)
      return
    }
    this.#stored.set(key, contacts)
    const firstExpiresAt = Math.min(...contacts.map((contact) => contact.binding.expiresAt))
    this.#deadlines.set(key, firstExpiresAt - wallOffsetMs)
  }

  #store(core: Core, key: DeviceKey, contacts: readonly RegisteredContact[]): number {
    this.#tokens += 1
    const [orgId = '', deviceId = ''] = key.split(' ')
    const bindings = contacts.map((contact) => contact.binding)
    core.emit({ kind: 'storeBindings', token: this.#tokens, orgId, deviceId, bindings })
    return this.#tokens
  }

  /** 200 with every contact and the seconds it has left (RFC 3261 §10.3 step 8), and the Path (RFC 3327 §5.3). */
  #accept(
    core: Core,
    answer: {
      readonly transaction: ServerTransactionId
      readonly request: SipRequest
      readonly contacts: readonly RegisteredContact[]
    },
  ): void {
    const headers: [string, string][] = answer.contacts.map(({ binding }) => {
      const seconds = Math.max(0, Math.round((binding.expiresAt - core.wallNow) / 1_000))
      return ['Contact', `<${binding.contact}>;expires=${seconds}`]
    })
    for (const path of answer.request.headers.all('Path')) headers.push(['Path', path])
    core.sip(core.endpoint.respond(core.now, answer.transaction, 200, { headers }))
  }
}

/** Whether a contact is not only refreshed: a phone that has started again has a new Call-ID. */
function isNew({ binding }: RegisteredContact, before: readonly RegisteredContact[]): boolean {
  return !before.some(
    (known) => known.binding.contact === binding.contact && known.binding.callId === binding.callId,
  )
}

function keyOf(orgId: string, deviceId: string): DeviceKey {
  return `${orgId} ${deviceId}`
}
