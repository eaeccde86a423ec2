/**
 * The rest of the server behind HTTP, in memory: lines with their settings, history, call records, sounds, mailboxes. It
 * keeps to the contract of `http/ports.ts` and lets a test look at what was set.
 */
import { randomUUID } from 'node:crypto'
import type { HistoryEntry, SessionRecord } from '@tandem/engine'
import { Failure } from '../http/failure.ts'
import type { Services } from '../http/operation.ts'
import {
  DEFAULT_RECORDING_SETTINGS,
  type LineDevice,
  type LineRecordingSettings,
  type LineRow,
  type Sound,
  type VoicemailEntry,
} from '../http/ports.ts'

/** What one line has. */
export interface FakeLine extends LineRow {
  readonly orgId: string
  readonly devices?: readonly LineDevice[]
  readonly secondaryLines?: readonly string[]
  /** The directory file sets its settings. */
  readonly managed?: boolean
  preferred?: string
  recording?: LineRecordingSettings
}

/** The parts of `Services` that this stands in for. */
export type PortServices = Pick<
  Services,
  'lines' | 'history' | 'callRecords' | 'sounds' | 'voicemail' | 'mwi'
>

/** All of it, in the open. */
export class FakePorts implements PortServices {
  readonly allLines: FakeLine[] = []
  readonly locations: Map<string, { readonly orgId: string; holdMusic: string | null }> = new Map()
  readonly entries: { readonly orgId: string; readonly lineId: string; readonly entry: HistoryEntry }[] = []
  readonly records: SessionRecord[] = []
  readonly allSounds: (Sound & { readonly orgId: string; readonly bytes: Uint8Array })[] = []
  readonly messages: (VoicemailEntry & {
    readonly orgId: string
    readonly lineId: string
    readonly ulaw: Uint8Array
  })[] = []
  readonly lamps: { readonly orgId: string; readonly lineId: string; readonly on: boolean }[] = []

  readonly lines: Services['lines'] = {
    find: async (orgId, id) => this.#find(orgId, id),
    devicesOf: async (orgId, lineId) => this.#find(orgId, lineId)?.devices ?? [],
    secondaryLinesOf: async (orgId, personId) => this.#find(orgId, personId)?.secondaryLines ?? [],
    preferredEndpoint: async (orgId, lineId) => this.#find(orgId, lineId)?.preferred,
    setPreferredEndpoint: async (orgId, lineId, deviceId) => {
      const line = this.#settable(orgId, lineId)
      if (deviceId === null) delete line.preferred
      else line.preferred = deviceId
    },
    recordingSettings: async (orgId, lineId) =>
      this.#find(orgId, lineId)?.recording ?? DEFAULT_RECORDING_SETTINGS,
    recordingAccess: async (orgId, lineId) =>
      (this.#find(orgId, lineId)?.recording ?? DEFAULT_RECORDING_SETTINGS).callRecordingAccessSettings,
    setRecordingSettings: async (orgId, lineId, settings) => {
      this.#settable(orgId, lineId).recording = settings
    },
    setHoldMusic: async (orgId, locationId, soundId) => {
      const location = this.locations.get(locationId)
      if (location?.orgId !== orgId) return false
      location.holdMusic = soundId
      return true
    },
  }

  readonly history: Services['history'] = {
    list: async (owner, type) =>
      this.entries
        .filter(({ orgId, lineId }) => orgId === owner.orgId && lineId === owner.lineId)
        .map(({ entry }) => entry)
        .filter((entry) => type === undefined || entry.type === type)
        .toSorted((a, b) => b.time - a.time),
  }

  readonly callRecords: Services['callRecords'] = {
    csvHeader: 'callSessionId,cause',
    csvLines: (record) => [`${record.callSessionId},"${record.cause}"`],
    has: async (orgId, id) =>
      this.records.some((record) => record.orgId === orgId && record.callSessionId === id),
    stream: (orgId, from, to) => {
      const chosen = this.records.filter(
        (record) => record.orgId === orgId && record.startedAt >= from && record.startedAt < to,
      )
      return (async function* () {
        yield* chosen
      })()
    },
  }

  readonly sounds: Services['sounds'] = {
    list: async (orgId) => this.allSounds.filter((sound) => sound.orgId === orgId),
    add: async (orgId, { name, contentType, bytes }) => {
      if (contentType === 'audio/midi') throw new Failure('sound_unreadable', 'MIDI is not taken')
      const sizeBytes = bytes.length
      const sound = { id: randomUUID(), orgId, name, bytes, sizeBytes, durationMs: 1_000, createdAt: 0 }
      this.allSounds.push(sound)
      return sound
    },
    remove: async (orgId, id) => {
      const i = this.allSounds.findIndex((sound) => sound.orgId === orgId && sound.id === id)
      if (i >= 0) this.allSounds.splice(i, 1)
      return i >= 0
    },
  }

  readonly voicemail: Services['voicemail'] = {
    list: async (orgId, lineId) =>
      this.messages.filter((message) => message.orgId === orgId && message.lineId === lineId),
    audio: async (orgId, lineId, id) => this.#message(orgId, lineId, id)?.ulaw,
    remove: async (orgId, lineId, id) => {
      const message = this.#message(orgId, lineId, id)
      if (message !== undefined) this.messages.splice(this.messages.indexOf(message), 1)
      return message !== undefined
    },
  }

  readonly mwi: Services['mwi'] = {
    set: async (orgId, lineId, on) => void this.lamps.push({ orgId, lineId, on }),
  }

  #find(orgId: string, id: string): FakeLine | undefined {
    return this.allLines.find((line) => line.orgId === orgId && line.id === id)
  }

  #settable(orgId: string, id: string): FakeLine {
    const line = this.#find(orgId, id)
    if (line === undefined) throw new Failure('line_not_found')
    if (line.managed === true) throw new Failure('managed_by_file', 'office.yaml sets this; change it there')
    return line
  }

  #message(orgId: string, lineId: string, id: string): FakePorts['messages'][number] | undefined {
    return this.messages.find(
      (message) => message.orgId === orgId && message.lineId === lineId && message.id === id,
    )
  }
}
