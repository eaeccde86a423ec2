/**
 * The directory of a simulated world: two organisations with the same extensions, so that nothing but the organisation
 * keeps them apart, and settings drawn from the seed: groups, forwardings (loops among them), mailboxes, workspaces, a
 * shared line, an executive with assistants.
 */
import { createHash } from 'node:crypto'
import type {
  DirectoryLine,
  DirectorySnapshot,
  Forwarding,
  RecordingMode,
  RecordingSettings,
} from '@tandem/engine'
import type { Random } from '@tandem/testing'

/** Of every organisation. */
export const EXTENSIONS: readonly string[] = [
  '101',
  '102',
  '103',
  '104',
  '105',
  '106',
  '107',
  '108',
  '109',
  '110',
]
const ORGS = ['north', 'south'] as const
/** Who has assistants. */
export const EXECUTIVE = '108'
/** A workspace, and a line that has no phone of its own. */
const PLACE = '109'
const SHARED = '110'
const ASSISTANTS = ['106', '107']
/** Whose phones show the shared line as well. */
const SHARERS = ['101', '102']
const MODES: readonly RecordingMode[] = [
  'Always',
  'Always with Pause/Resume',
  'On Demand with User Initiated Start',
  'Never',
]

/** What a phone of the directory logs in with. */
export function passwordOf(deviceId: string): string {
  return `pw-${deviceId}`
}

/** Makes the directory of one world. */
export function makeDirectory(random: Random): DirectorySnapshot {
  const lines = ORGS.flatMap((org) => EXTENSIONS.map((extension) => makeLine(random, org, extension)))
  const devices = lines.flatMap((line) => {
    if (line.extension === SHARED) return []
    const count = 1 + (Number(line.extension) % 2)
    return Array.from({ length: count }, (_, number) => {
      const id = `${line.id}-${number}`
      const secret = `${id}:${line.orgId}.test:${passwordOf(id)}`
      const shares = SHARERS.includes(line.extension) && number === 0
      return {
        id,
        orgId: line.orgId,
        lineId: line.id,
        ...(shares ? { secondaryLineIds: [`${line.orgId}-${SHARED}`] } : {}),
        name: `phone ${number}`,
        sipUser: id,
        ha1Md5: createHash('md5').update(secret).digest('hex'),
        ha1Sha256: createHash('sha256').update(secret).digest('hex'),
      }
    })
  })
  return {
    organizations: ORGS.map((org) => ({
      id: org,
      name: org,
      domains: [`${org}.test`],
      ...(org === 'north' ? { parkRecallSeconds: 5 } : {}),
    })),
    locations: ORGS.flatMap((org) => [
      {
        id: `${org}-office`,
        orgId: org,
        name: 'Office',
        services: [{ number: '112', kind: 'emergency' as const, destination: '105' }],
        recordingFailure: random.pick(['proceed', 'endCallWithAnnouncement'] as const),
      },
      { id: `${org}-annex`, orgId: org, name: 'Annex', holdMusic: 'annex-music' },
    ]),
    lines,
    devices,
    groups: ORGS.flatMap((org) => {
      const members = (...extensions: string[]): string[] => extensions.map((each) => `${org}-${each}`)
      return [
        {
          id: `${org}-pickup`,
          orgId: org,
          kind: 'pickup' as const,
          name: 'Pickup',
          lineIds: members('101', '102', '103', '104', '105'),
        },
        {
          id: `${org}-park`,
          orgId: org,
          kind: 'park' as const,
          name: 'Park',
          lineIds: members('101', '102', '103'),
        },
      ]
    }),
  }
}

/** The same directory after an administrator has changed what people may change: whom calls go to, and who is away. */
export function changeWishes(random: Random, directory: DirectorySnapshot): DirectorySnapshot {
  const lines = directory.lines.map((line) => {
    if (!random.chance(0.2)) return line
    const { forwarding: _, doNotDisturb: __, ...rest } = line
    return { ...rest, ...wishes(random) }
  })
  return { ...directory, lines }
}

function makeLine(random: Random, org: string, extension: string): DirectoryLine {
  const isPerson = extension !== PLACE && extension !== SHARED
  return {
    id: `${org}-${extension}`,
    kind: extension === PLACE ? 'place' : extension === SHARED ? 'virtualLine' : 'person',
    orgId: org,
    locationId: `${org}-${Number(extension) % 3 === 0 ? 'annex' : 'office'}`,
    displayName: `${extension} of ${org}`,
    email: isPerson ? `p${extension}@${org}.test` : '',
    extension,
    numbers: [`+4930555${extension}`],
    recording: recordingOf(random),
    ...wishes(random),
    ...(random.chance(0.5) ? { voicemail: { busy: true, noAnswer: true, always: random.chance(0.05) } } : {}),
    ...(random.chance(0.15) ? { callerIdBlocked: true } : {}),
    ...(random.chance(0.5) ? { ringSeconds: 4 + random.below(6) } : {}),
    ...(random.chance(0.1) ? { bargeIn: false } : {}),
    ...(extension === '103' ? { numberReach: ['+4930555104'] } : {}),
    ...(extension === '105' ? { preferredDeviceId: `${org}-105-1` } : {}),
    ...(extension === EXECUTIVE ? { assistants: ASSISTANTS.map((each) => `${org}-${each}`) } : {}),
  }
}

function wishes(random: Random): Pick<DirectoryLine, 'forwarding' | 'doNotDisturb'> {
  const somewhere = (chance: number): string | undefined =>
    random.chance(chance) ? random.pick([...EXTENSIONS, '999', '*86']) : undefined
  const wanted = {
    always: somewhere(0.04),
    busy: somewhere(0.2),
    noAnswer: somewhere(0.2),
    unavailable: somewhere(0.2),
  }
  const forwarding = Object.fromEntries(
    Object.entries(wanted).filter(([, destination]) => destination !== undefined),
  ) as Forwarding // Exactly those members that are wanted.
  return { forwarding, ...(random.chance(0.04) ? { doNotDisturb: true } : {}) }
}

function recordingOf(random: Random): RecordingSettings {
  return {
    mode: random.pick(MODES),
    voicemail: random.chance(0.3),
    announceInternal: random.chance(0.25),
    announceExternal: random.chance(0.25),
    notification: random.pick(['None', 'Beep', 'Play Announcement'] as const),
    ...(random.chance(0.2) ? { repeatSeconds: 10 } : {}),
  }
}
