/**
 * The people of a theatre: tables of seven with the same roles, so that several scenes play at once in one server and none
 * hears another. What a role can do is the same at every table; numbers, tones and addresses differ.
 */

/** Who sits at each table. */
export const ROLES = ['ada', 'ben', 'cyd', 'dee', 'eli', 'fay', 'gus'] as const

/** One of them. */
export type Role = (typeof ROLES)[number]

/** The organisation of the tables, and its SIP domain. */
export const DOMAIN = 'theatre.test'
/** A stranger's organisation, whose extensions are the same. */
export const FOREIGN_DOMAIN = 'elsewhere.test'
/** An administrator who has no phone. */
export const BOSS = 'boss@theatre.test'
/** The PIN of every mailbox that has one. */
export const PIN = '471100'

/** The directory's shortest: a recall within a test (contract: configurable). */
const PARK_RECALL_SECONDS = 10
const TONE_HZ_MIN = 431
const TONE_STEP_HZ = 53

/** Where somebody sits. */
export interface Seat {
  readonly role: Role
  /** From 1. */
  readonly table: number
}

/** The extension of a seat. */
export function numberOf({ role, table }: Seat): string {
  return `${table}0${ROLES.indexOf(role) + 1}`
}

/** The extension of the virtual line of a table, which appears on the phone of `cyd`. */
export function supportOf(table: number): string {
  return `${table}09`
}

/** A number outside of the extensions that leads to a seat. */
export function outsideNumberOf(seat: Seat): string {
  return `+4930${numberOf(seat)}`
}

/** Lines without a phone whose calls go elsewhere at once: to `ben`, to themselves, and round in a circle. */
export function forwarderOf(table: number, where: 'ben' | 'itself' | 'circle' | 'circle back'): string {
  return `${table}1${['ben', 'itself', 'circle', 'circle back'].indexOf(where)}`
}

/** The user name of a phone; `soft` is the second one of `ada`. */
export function userOf({ role, table }: Seat, device: 'desk' | 'soft' = 'desk'): string {
  return device === 'desk' ? `${role}${table}` : `${role}${table}-soft`
}

/** The address that a person signs in with. */
export function emailOf(seat: Seat): string {
  return `${userOf(seat)}@${DOMAIN}`
}

/** The password of any phone. */
export function passwordOf(user: string): string {
  return `secret-of-${user}`
}

/** What somebody says in calls; nobody of any table says the same. */
export function toneOf({ role, table }: Seat): number {
  return TONE_HZ_MIN + TONE_STEP_HZ * (ROLES.length * (table - 1) + ROLES.indexOf(role))
}

/** The YAML of the directory for that many tables. */
export function directoryFor(tables: number): string {
  const numbers = Array.from({ length: tables }, (_, index) => index + 1)
  const people = numbers.flatMap((table) => [
    ...ROLES.map((role) => personOf({ role, table })),
    ...forwardersOf(table),
  ])
  const lines = numbers.map((table) => `      - { name: Support ${table}, extension: "${supportOf(table)}" }`)
  return `organizations:
  - name: Theatre
    domains: [${DOMAIN}]
    parkRecallSeconds: ${PARK_RECALL_SECONDS}
    locations:
      - name: Berlin
        services:
          - { number: "112", kind: emergency, destination: "${numberOf({ role: 'fay', table: 1 })}" }
      - name: Lisbon
    people:
      - { email: ${BOSS}, name: Boss, extension: "9000", roles: [admin, complianceOfficer] }
${people.join('\n')}
    virtualLines:
${lines.join('\n')}
    pickupGroups:
${groups(numbers, ['ben', 'cyd', 'dee'])}
    parkGroups:
${groups(numbers, ['ada', 'ben', 'cyd'])}
  - name: Elsewhere
    domains: [${FOREIGN_DOMAIN}]
    locations: [{ name: Oslo }]
    people:
      - email: zoe@${FOREIGN_DOMAIN}
        name: Zoe
        extension: "${numberOf({ role: 'ada', table: 1 })}"
        devices: [{ name: desk, sipUser: zoe, sipPassword: "${passwordOf('zoe')}" }]
      - email: yan@${FOREIGN_DOMAIN}
        name: Yan
        extension: "${numberOf({ role: 'ben', table: 1 })}"
        devices: [{ name: desk, sipUser: yan, sipPassword: "${passwordOf('yan')}" }]
`
}

/** What each role has beside a phone. */
const TRAITS: Readonly<Record<Role, (table: number) => readonly string[]>> = {
  ada: () => ['recording: On Demand'],
  ben: (table) => ['recording: Never', `numbers: ["${outsideNumberOf({ role: 'ben', table })}"]`],
  cyd: () => ['location: Lisbon'],
  dee: () => [`voicemail: { enabled: true, busy: true, noAnswer: true, pin: "${PIN}" }`, 'ringSeconds: 5'],
  eli: (table) => [`assistants: ["${numberOf({ role: 'dee', table })}"]`],
  gus: (table) => [`numberReach: ["${outsideNumberOf({ role: 'ben', table })}"]`],
  fay: () => ['recording: Always with Pause/Resume', 'bargeIn: false'],
}

function personOf(seat: Seat): string {
  const { role, table } = seat
  const devices = [deviceOf(userOf(seat), 'desk', role === 'cyd' ? [supportOf(table)] : [])]
  if (role === 'ada') devices.push(deviceOf(userOf(seat, 'soft'), 'soft', []))
  const traits = TRAITS[role](table)
  return [
    `      - email: ${emailOf(seat)}`,
    `        name: ${role} ${table}`,
    `        extension: "${numberOf(seat)}"`,
    ...traits.map((trait) => `        ${trait}`),
    '        devices:',
    ...devices.map((device) => `          - ${device}`),
  ].join('\n')
}

function forwardersOf(table: number): string[] {
  const target = {
    ben: numberOf({ role: 'ben', table }),
    itself: forwarderOf(table, 'itself'),
    circle: forwarderOf(table, 'circle back'),
    'circle back': forwarderOf(table, 'circle'),
  }
  return (['ben', 'itself', 'circle', 'circle back'] as const).map((where) => {
    const extension = forwarderOf(table, where)
    return `      - { email: to${extension}@${DOMAIN}, name: to ${where} ${table}, extension: "${extension}", forwarding: { always: "${target[where]}" } }`
  })
}

function deviceOf(user: string, name: string, secondary: readonly string[]): string {
  const lines =
    secondary.length === 0 ? '' : `, secondaryLines: [${secondary.map((each) => `"${each}"`).join(', ')}]`
  return `{ name: ${name}, sipUser: ${user}, sipPassword: "${passwordOf(user)}"${lines} }`
}

function groups(tables: readonly number[], roles: readonly Role[]): string {
  return tables
    .map((table) => {
      const lines = roles.map((role) => `"${numberOf({ role, table })}"`).join(', ')
      return `      - { name: Table ${table}, lines: [${lines}] }`
    })
    .join('\n')
}
