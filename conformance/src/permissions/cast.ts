/**
 * Who knocks at every route, and the things of Alpha that they knock for: two organisations, every role, tokens that are
 * worth nothing for every reason there is (case A01).
 */
import { SCOPES } from '@tandem/contract'

/** Ids of the directory. */
export const IDS = {
  org: '1f7a4b9e-0d52-4b6b-9d35-5f2c8e17aa40',
  location: '7d5f0a9c-1f67-4a2e-bb1e-42f3a8e0c913',
  owner: '0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210',
  device: '4d6c1686-0a5b-44e2-9144-a1f0b6e97d21',
  place: '61b3a1de-7b53-4d40-9d0a-8a3b8c1f7e02',
  virtualLine: '72c4b2ef-8c64-4e51-8e1b-9b4c9d208f13',
  group: '5c7e9d10-34ab-4f6e-8b21-90a1c2d3e4f5',
} as const

/** The directory. */
export const DIRECTORY = `organizations:
  - name: Alpha
    id: ${IDS.org}
    domains: [alpha.test]
    locations: [{ name: Berlin, id: ${IDS.location} }]
    people:
      - { id: ${IDS.owner}, email: owner@alpha.test, name: Tomas Lind, extension: "101",
          devices: [{ name: desk, id: ${IDS.device}, sipUser: owner, sipPassword: secret-owner }] }
      - { email: colleague@alpha.test, name: Mira, extension: "102" }
      - { email: admin@alpha.test, name: Ines, extension: "103", roles: [admin] }
      - { email: officer@alpha.test, name: Otto, extension: "104", roles: [complianceOfficer] }
    places: [{ id: ${IDS.place}, name: Lobby, extension: "105" }]
    virtualLines: [{ id: ${IDS.virtualLine}, name: Orders, extension: "106" }]
    pickupGroups: [{ id: ${IDS.group}, name: Front, lines: ["101", "102"] }]
  - name: Beta
    domains: [beta.test]
    people:
      - { email: everything@beta.test, name: Bo, extension: "101", roles: [admin, complianceOfficer] }
`

const scopesOf = (role: string): string[] =>
  Object.entries(SCOPES).flatMap(([scope, holder]) =>
    holder === role && scope !== 'spark:all' ? [scope] : [],
  )
const USER = scopesOf('user')
const ADMIN = scopesOf('admin')
const OFFICER = scopesOf('complianceOfficer')

/** A caller whose token is worth something. */
export interface Cast {
  readonly email: string
  readonly roles: readonly ('user' | 'admin' | 'complianceOfficer')[]
  readonly scopes: readonly string[]
  /** Of another organisation: nothing of Alpha's may ever be done. */
  readonly isForeign?: true
}

/** Who has a token that works. */
export const CAST = {
  scopeless: { email: 'owner@alpha.test', roles: ['user'], scopes: ['spark:kms'] },
  owner: { email: 'owner@alpha.test', roles: ['user'], scopes: USER },
  reader: {
    email: 'owner@alpha.test',
    roles: ['user'],
    scopes: USER.filter((scope) => scope.endsWith('_read')),
  },
  everythingOfAUser: { email: 'owner@alpha.test', roles: ['user'], scopes: ['spark:all'] },
  colleague: { email: 'colleague@alpha.test', roles: ['user'], scopes: USER },
  pretender: { email: 'colleague@alpha.test', roles: ['user'], scopes: [...ADMIN, ...OFFICER] },
  admin: { email: 'admin@alpha.test', roles: ['user', 'admin'], scopes: ADMIN },
  adminWithAll: { email: 'admin@alpha.test', roles: ['user', 'admin'], scopes: ['spark:all'] },
  officer: { email: 'officer@alpha.test', roles: ['user', 'complianceOfficer'], scopes: OFFICER },
  foreign: {
    email: 'everything@beta.test',
    roles: ['user', 'admin', 'complianceOfficer'],
    scopes: [...USER, ...ADMIN, ...OFFICER],
    isForeign: true,
  },
} as const satisfies Record<string, Cast>
/** Their names. */
export type CastName = keyof typeof CAST

/** Whose token is worth nothing. */
export const DEAD = ['none', 'malformed', 'unknown', 'expired', 'revoked', 'inTheQuery'] as const
/** Their names. */
export type DeadName = (typeof DEAD)[number]
