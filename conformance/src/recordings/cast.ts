/**
 * The people of the suites of recordings, and what each of them may do: two organisations with the same extensions, owners
 * of every kind, every role (contract README §3.1; auth §2). Ids are given, so that failures can be read.
 */

/** Ids of the directory. */
export const IDS = {
  org: '1f7a4b9e-0d52-4b6b-9d35-5f2c8e17aa40',
  berlin: '7d5f0a9c-1f67-4a2e-bb1e-42f3a8e0c913',
  lisbon: '8e6a1bad-2a78-4b3f-8c2f-53a4b9f1da24',
  /** Where a policy keeps everything for years. */
  archive: '9f7b2cbe-3b89-4c40-9d3a-64b5caa2eb35',
  owner: '0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210',
  colleague: 'a4f0c9d2-52d1-4e8e-8f3b-6b7d3c1e9f05',
  admin: 'd81c5b2f-40a7-4d93-b0c6-2f7e9a3d1504',
  officer: 'c1d2e3f4-a5b6-4c7d-8e9f-0a1b2c3d4e5f',
  place: '61b3a1de-7b53-4d40-9d0a-8a3b8c1f7e02',
  virtualLine: '72c4b2ef-8c64-4e51-8e1b-9b4c9d208f13',
  foreignOrg: '2b7e91d4-1c3a-45d8-9e60-6f8d0a7c5b12',
  foreign: '3b9f6c1e-7d20-4a58-9c44-1e8a5f0d2b77',
} as const

/** The password of any phone. */
export function passwordOf(user: string): string {
  return `secret-of-${user}`
}

/** The directory. `officerRoles` are those of Otto, who may lose them. */
export function directory({ officerRoles = 'complianceOfficer' } = {}): string {
  const desk = (user: string, more = ''): string =>
    `[{ name: desk, sipUser: ${user}, sipPassword: "${passwordOf(user)}"${more} }]`
  return `organizations:
  - name: Alpha
    id: ${IDS.org}
    domains: [alpha.test]
    locations:
      - { name: Berlin, id: ${IDS.berlin} }
      - { name: Lisbon, id: ${IDS.lisbon} }
      - { name: Archive, id: ${IDS.archive} }
    people:
      - { id: ${IDS.owner}, email: owner@alpha.test, name: Tomas Lind, extension: "101", recording: Always, devices: ${desk('owner')} }
      - { id: ${IDS.colleague}, email: colleague@alpha.test, name: Mira, extension: "102", location: Lisbon, recording: Never, devices: ${desk('colleague', ', secondaryLines: ["106"]')} }
      - { id: ${IDS.admin}, email: admin@alpha.test, name: Ines, extension: "103", roles: [admin], recording: Never, devices: ${desk('ines')} }
      - { id: ${IDS.officer}, email: officer@alpha.test, name: Otto, extension: "104", roles: [${officerRoles}] }
    places:
      - { id: ${IDS.place}, name: Lobby, extension: "105", location: Lisbon, recording: Always, devices: ${desk('lobby')} }
    virtualLines:
      - { id: ${IDS.virtualLine}, name: Orders, extension: "106", recording: Always }
  - name: Beta
    id: ${IDS.foreignOrg}
    domains: [beta.test]
    people:
      - { id: ${IDS.foreign}, email: everything@beta.test, name: Bo, extension: "101", roles: [admin, complianceOfficer] }
`
}

const FAMILIES = {
  user: ['spark:recordings_read', 'spark:recordings_write', 'spark:people_read'],
  calls: ['spark:calls_read', 'spark:calls_write'],
  admin: ['spark-admin:recordings_read', 'spark-admin:recordings_write'],
  officer: ['spark-compliance:recordings_read', 'spark-compliance:recordings_write'],
  group: ['meeting:group_meeting_read'],
} as const

/** Who asks: a person with a token of some scopes. */
export const CALLERS = {
  owner: ['owner@alpha.test', [...FAMILIES.user, ...FAMILIES.calls]],
  colleague: ['colleague@alpha.test', [...FAMILIES.user, ...FAMILIES.calls]],
  admin: ['admin@alpha.test', FAMILIES.admin],
  officer: ['officer@alpha.test', FAMILIES.officer],
  'admin, own': ['admin@alpha.test', [...FAMILIES.admin, ...FAMILIES.user]],
  'officer, own': ['officer@alpha.test', [...FAMILIES.officer, ...FAMILIES.user]],
  group: ['admin@alpha.test', FAMILIES.group],
  foreign: ['everything@beta.test', [...FAMILIES.user, ...FAMILIES.admin, ...FAMILIES.officer]],
} as const satisfies Record<string, readonly [email: string, scopes: readonly string[]]>
/** The name of one. */
export type CallerName = keyof typeof CALLERS
