/**
 * Recordings of real calls (converged-recordings §2; recording-metadata): a person's, a workspace's and a virtual line's,
 * by phones that say a tone each. Row, file, metadata, event and audit row of each agree on what happened.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { openPhone, type Phone } from '@tandem/phone'
import { until } from '../../../tools/child.ts'
import { decodeMp3, loudestFrequency } from '../../../tools/mp3.ts'
import { IDS, passwordOf } from './cast.ts'
import { curl } from './curl.ts'
import type { House } from './house.ts'

const TALK_MS = 1_500
/** Connecting, hanging up and the frames of an MP3 at both ends. */
const LENGTH_MS_MAX = 800
const AVAILABLE_MS_MAX = 15_000
const TONES = { owner: 440, colleague: 620, ines: 880, lobby: 1_100 } as const

type User = keyof typeof TONES

/** Takes out a phone that answers by itself. */
export async function phoneOf(house: House, user: User): Promise<Phone> {
  const phone = await openPhone({
    user,
    password: passwordOf(user),
    domain: 'alpha.test',
    proxy: { host: '127.0.0.1', port: house.stage.sipPort },
    source: { kind: 'tone', frequencyHz: TONES[user] },
    autoAnswer: true,
  })
  await phone.register()
  return phone
}

/** The recordings of an owner that were made just now, newest first, once there are so many. */
export async function recordedOf(
  house: House,
  ownerId: string,
  count = 1,
  // biome-ignore lint/suspicious/noExplicitAny: items are looked into by the tests.
): Promise<any[]> {
  return await until(
    `${count} recordings of ${ownerId}`,
    async () => {
      const { json } = await house.ask('officer', 'GET', `/v1/admin/convergedRecordings?ownerId=${ownerId}`)
      return json?.items?.length >= count ? json.items : undefined
    },
    { waitMs: AVAILABLE_MS_MAX, everyMs: 100 },
  )
}

/** A call that is recorded. */
interface Recorded {
  readonly name: string
  readonly caller: User
  readonly dials: string
  readonly ownerId: string
  readonly ownerType: string
  readonly locationId: string
  /** Of the owner, and of who was on the other side. */
  readonly tones: readonly [own: number, other: number]
  /** Addresses of record. */
  readonly parties: readonly string[]
  /** What the topic calls the other side. */
  readonly with: string
}

const CALLS: readonly Recorded[] = [
  {
    name: 'a person',
    caller: 'owner',
    dials: '102',
    ownerId: IDS.owner,
    ownerType: 'user',
    locationId: IDS.berlin,
    tones: [TONES.owner, TONES.colleague],
    parties: ['sip:101@alpha.test', 'sip:102@alpha.test'],
    with: 'Mira',
  },
  {
    name: 'a workspace',
    caller: 'lobby',
    dials: '103',
    ownerId: IDS.place,
    ownerType: 'place',
    locationId: IDS.lisbon,
    tones: [TONES.lobby, TONES.ines],
    parties: ['sip:103@alpha.test', 'sip:105@alpha.test'],
    with: 'Ines',
  },
  {
    name: 'a virtual line',
    caller: 'ines',
    dials: '106',
    ownerId: IDS.virtualLine,
    ownerType: 'virtualLine',
    locationId: IDS.berlin,
    tones: [TONES.colleague, TONES.ines],
    parties: ['sip:103@alpha.test', 'sip:106@alpha.test'],
    with: 'Ines',
  },
]

/** The tests. */
export function callTests(house: () => House): void {
  it('of calls of a person, a workspace and a virtual line hold what was said, and say so', async () => {
    const phones = new Map<User, Phone>()
    const lastEvent = await house().lastEvent()
    try {
      for (const user of Object.keys(TONES) as User[]) phones.set(user, await phoneOf(house(), user))
      const talk = async ({ caller, dials }: Recorded): Promise<void> => {
        const call = await phones.get(caller)?.dial(dials)
        await call?.waitFor('established', { since: 0, timeoutMs: AVAILABLE_MS_MAX }) // Connecting takes its time on a busy machine.
        await wait(TALK_MS)
        await call?.hangup()
      }
      const [first, second, third] = CALLS as [Recorded, Recorded, Recorded]
      await Promise.all([talk(first), talk(second)])
      await talk(third)
    } finally {
      await Promise.all([...phones.values()].map((phone) => phone.close()))
    }
    for (const call of CALLS) await checkRecorded(house(), call, lastEvent)
  })
}

async function checkRecorded(house: House, call: Recorded, lastEvent: number): Promise<void> {
  const [item] = await recordedOf(house, call.ownerId)
  const details = await house.ask('officer', 'GET', `/v1/convergedRecordings/${item.id}`)
  const {
    temporaryDirectDownloadLinks: links,
    downloadUrl,
    playbackUrl,
    hostEmail,
    hostDisplayName,
    ...rest
  } = details.json
  assert.deepEqual(rest, item, 'details say what the list says')
  assert.deepEqual(
    [downloadUrl, playbackUrl, hostEmail],
    [links.audioDownloadLink, links.audioDownloadLink, item.ownerEmail],
  )
  const { ownerType, format, serviceType, status, serviceData } = item
  assert.deepEqual(
    [ownerType, format, serviceType, status, serviceData.locationId],
    [call.ownerType, 'MP3', 'calling', 'available', call.locationId],
    call.name,
  )
  assert.match(item.topic, new RegExp(`^Call with ${call.with}-\\d{8} \\d{4}$`))

  const { bytes } = await curl(links.audioDownloadLink)
  assert.equal(bytes.length, item.sizeBytes, call.name)
  const { channels, sampleRateHz, seconds } = await decodeMp3(bytes)
  const heard = channels.map((channel) => Math.round(loudestFrequency(channel, sampleRateHz) / 20) * 20)
  assert.deepEqual(heard, [...call.tones], `${call.name}: who was heard`)
  assert.ok(Math.abs(seconds * 1_000 - TALK_MS) < LENGTH_MS_MAX, `${call.name}: ${seconds} s`)

  const path = `/v1/convergedRecordings/${item.id}/metadata`
  const { json: metadata } = await house.ask('admin', 'GET', `${path}?showAllTypes=true`)
  assert.deepEqual(
    [metadata.id, metadata.ownerId, metadata.ownerName, metadata.serviceData.callSessionId],
    [item.id, call.ownerId, hostDisplayName, serviceData.callSessionId],
  )
  const [connected] = metadata.serviceData.callActivity
  assert.deepEqual(
    connected?.participants.map(({ aor }: { aor: string }) => aor).toSorted(),
    [...call.parties].toSorted(),
    `${call.name}: who was in the call, from the moment it was connected`,
  )
  const events = await house.eventsOf(item.id, lastEvent)
  assert.deepEqual(
    events.map(({ resource, event }) => `${resource} ${event}`),
    ['convergedRecordings created'],
  )
}
