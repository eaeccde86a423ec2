/**
 * A line as a directory file describes it: the members that people, workspaces and virtual lines have in common, and
 * the phones. Whom a reference names (a line, a phone) is found out by `plan.ts`.
 */
import type { Forwarding, VoicemailSettings } from '@tandem/engine'
import type { Entry, Path } from './entry-reader.ts'
import { type RecordingDocument, readRecording } from './recording-document.ts'
import { DESTINATION, EXTENSION, ID, LINE, NAME, NUMBER, PASSWORD, PIN, SIP_USER } from './text-rules.ts'

/** Most phones of one line: all of them ring at once. */
export const DEVICES_MAX = 16
const NUMBERS_MAX = 16
const NUMBER_REACH_MAX = 10 // Each rings as one more leg of every call.
const SECONDARY_LINES_MAX = 32 // As many as a large phone has keys.
const ASSISTANTS_MAX = 5 // All of them ring at once; the engine rings no more.

/** Shortest and longest ringing of one line, in seconds; the bounds of the setting `ringSecondsMax`. */
export const RING_SECONDS_MIN = 5
/** See `RING_SECONDS_MIN`. */
export const RING_SECONDS_MAX = 600

/** What is stored of a line as one document: everything that only the engine looks at. */
export interface LineFeatures {
  readonly forwarding?: Forwarding
  /** `greeting` is the name of a sound; the PIN has a column of its own. Absent: switched off. */
  readonly voicemail?: Omit<VoicemailSettings, 'pin'>
  readonly doNotDisturb?: boolean
  readonly callerIdBlocked?: boolean
  readonly ringSeconds?: number
  readonly bargeIn?: boolean
  readonly numberReach?: readonly string[]
}

/** A line of any kind. Each entry knows where it stood (`path`), for errors that only the database can find. */
export interface LineEntry {
  readonly path: Path
  readonly id?: string
  readonly displayName: string
  readonly extension: string
  readonly numbers: readonly string[]
  /** Name of the location; the organisation's first when absent. */
  readonly location?: string
  readonly features: LineFeatures
  /** Absent: the API may set it. */
  readonly recording?: RecordingDocument
  /** Absent keeps the PIN that the mailbox has; `none` takes it away. */
  readonly pin?: string
  /** SIP user of one of its phones. Absent: the API may set it. */
  readonly preferredDevice?: string
  /** Lines that answer for it. */
  readonly assistants: readonly string[]
  readonly devices: readonly DeviceEntry[]
}

/** A phone of a line. */
export interface DeviceEntry {
  readonly path: Path
  readonly id?: string
  readonly name: string
  readonly sipUser: string
  /** Absent keeps the password that the device has. */
  readonly sipPassword?: string
  /** Further lines that appear on it. */
  readonly secondaryLines: readonly string[]
}

/** Reads what every line has; the caller reads the rest and calls `finish`. */
export function readLine(entry: Entry): LineEntry {
  const recording = readRecording(entry, 'recording')
  const location = entry.optionalText('location', NAME)
  const preferredDevice = entry.optionalText('preferredDevice', SIP_USER)
  const { voicemail, pin } = readVoicemail(entry)
  return {
    path: entry.path,
    ...idOf(entry),
    displayName: entry.text('name', NAME),
    extension: entry.text('extension', EXTENSION),
    numbers: entry.texts('numbers', { ...NUMBER, itemsMax: NUMBERS_MAX }),
    ...(location === undefined ? {} : { location }),
    features: readFeatures(entry, voicemail),
    ...(recording === undefined ? {} : { recording }),
    ...(pin === undefined ? {} : { pin }),
    ...(preferredDevice === undefined ? {} : { preferredDevice }),
    assistants: entry.texts('assistants', { ...LINE, itemsMax: ASSISTANTS_MAX }),
    devices: entry.entries('devices', { itemsMax: DEVICES_MAX }).map(readDevice),
  }
}

/** The id that an entry gives, as a member to spread. */
export function idOf(entry: Entry): { id?: string } {
  const id = entry.optionalText('id', ID)
  return id === undefined ? {} : { id }
}

function readFeatures(entry: Entry, voicemail: LineFeatures['voicemail']): LineFeatures {
  const forwarding = readForwarding(entry)
  const doNotDisturb = entry.optionalBoolean('doNotDisturb') ?? false
  const callerIdBlocked = entry.optionalBoolean('callerIdBlocked') ?? false
  const ringSeconds = entry.optionalInteger('ringSeconds', { min: RING_SECONDS_MIN, max: RING_SECONDS_MAX })
  const bargeIn = entry.optionalBoolean('bargeIn') ?? true
  const numberReach = entry.texts('numberReach', { ...NUMBER, itemsMax: NUMBER_REACH_MAX })
  return {
    ...(forwarding === undefined ? {} : { forwarding }),
    ...(voicemail === undefined ? {} : { voicemail }),
    ...(doNotDisturb ? { doNotDisturb } : {}),
    ...(callerIdBlocked ? { callerIdBlocked } : {}),
    ...(ringSeconds === undefined ? {} : { ringSeconds }),
    ...(bargeIn ? {} : { bargeIn }),
    ...(numberReach.length === 0 ? {} : { numberReach }),
  }
}

function readForwarding(entry: Entry): Forwarding | undefined {
  const inner = entry.entry('forwarding')
  if (inner === undefined) return undefined
  const found = (['always', 'busy', 'noAnswer', 'unavailable'] as const).flatMap((when) => {
    const destination = inner.optionalText(when, DESTINATION)
    return destination === undefined ? [] : [[when, destination] as const]
  })
  inner.finish()
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

/** `voicemail: true` for the usual mailbox, a mapping for another, `false` or nothing for none. */
function readVoicemail(entry: Entry): Pick<LineFeatures, 'voicemail'> & { readonly pin?: string } {
  if (!entry.isMapping('voicemail')) {
    const on = entry.optionalBoolean('voicemail') ?? false
    return on ? { voicemail: { busy: true, noAnswer: true } } : {}
  }
  const inner = entry.entry('voicemail')
  if (inner === undefined) return {}
  const enabled = inner.optionalBoolean('enabled') ?? true
  const always = inner.optionalBoolean('always') ?? false
  const greeting = inner.optionalText('greeting', NAME)
  const pin = inner.optionalText('pin', PIN)
  const voicemail = {
    busy: inner.optionalBoolean('busy') ?? true,
    noAnswer: inner.optionalBoolean('noAnswer') ?? true,
    ...(always ? { always } : {}),
    ...(greeting === undefined ? {} : { greeting }),
  }
  inner.finish()
  return { ...(enabled ? { voicemail } : {}), ...(pin === undefined ? {} : { pin }) }
}

/** Reads a phone. */
export function readDevice(entry: Entry): DeviceEntry {
  const sipPassword = entry.optionalText('sipPassword', PASSWORD)
  const device: DeviceEntry = {
    path: entry.path,
    ...idOf(entry),
    name: entry.text('name', NAME),
    sipUser: entry.text('sipUser', SIP_USER),
    ...(sipPassword === undefined ? {} : { sipPassword }),
    secondaryLines: entry.texts('secondaryLines', { ...LINE, itemsMax: SECONDARY_LINES_MAX }),
  }
  entry.finish()
  return device
}
