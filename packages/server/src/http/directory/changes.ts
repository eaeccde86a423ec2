/**
 * Our own operations that change the directory (promise P11: one organisation, the caller's own). What a value must look like,
 * what must be unique and what a file keeps to itself is decided where files are read and planned (`directory/`).
 */
import { rawKey, type TokenOperationId } from '@tandem/contract'
import type { Actor } from '@tandem/recordings'
import type { EntryKind } from '../../directory/directory.ts'
import type { Document } from '../../directory/document-of.ts'
import {
  alteration,
  creation,
  type EntryPlan,
  missing,
  type NewEntry,
  newPassword,
  removal,
} from '../../directory/entry-change.ts'
import { type BodySchemaName, bodyReader } from '../body.ts'
import { invalid } from '../failure.ts'
import { acting, noted } from '../library/acting.ts'
import type { ApiAnswer, ApiRequest, Operation, Services } from '../operation.ts'
import { namedIn } from './acting-as.ts'
import { EntryView } from './entry-view.ts'

type Answer = NonNullable<Operation['answer']>

/** The operations of one kind of thing. */
interface Resource {
  readonly kind: EntryKind
  readonly parameter: string
  readonly answer: Answer
  readonly create: readonly [TokenOperationId, BodySchemaName]
  readonly update: readonly [TokenOperationId, BodySchemaName]
  readonly remove: TokenOperationId
}

const RESOURCES: readonly Resource[] = [
  {
    kind: 'person',
    parameter: 'personId',
    answer: 'DirectoryPerson',
    create: ['createPerson', 'CreatePersonRequest'],
    update: ['updatePerson', 'UpdatePersonRequest'],
    remove: 'deletePerson',
  },
  {
    kind: 'location',
    parameter: 'locationId',
    answer: 'DirectoryLocation',
    create: ['createLocation', 'CreateLocationRequest'],
    update: ['updateLocation', 'UpdateLocationRequest'],
    remove: 'deleteLocation',
  },
  {
    kind: 'place',
    parameter: 'workspaceId',
    answer: 'DirectoryWorkspace',
    create: ['createWorkspace', 'CreateWorkspaceRequest'],
    update: ['updateWorkspace', 'UpdateWorkspaceRequest'],
    remove: 'deleteWorkspace',
  },
  {
    kind: 'virtualLine',
    parameter: 'virtualLineId',
    answer: 'DirectoryVirtualLine',
    create: ['createVirtualLine', 'CreateVirtualLineRequest'],
    update: ['updateVirtualLine', 'UpdateVirtualLineRequest'],
    remove: 'deleteVirtualLine',
  },
  {
    kind: 'device',
    parameter: 'deviceId',
    answer: 'DirectoryDevice',
    create: ['createDevice', 'CreateDeviceRequest'],
    update: ['updateDevice', 'UpdateDeviceRequest'],
    remove: 'deleteDevice',
  },
  {
    kind: 'group',
    parameter: 'groupId',
    answer: 'DirectoryGroup',
    create: ['createGroup', 'CreateGroupRequest'],
    update: ['updateGroup', 'UpdateGroupRequest'],
    remove: 'deleteGroup',
  },
]

const updateOrganization: Operation = {
  id: 'updateOrganization',
  answer: 'DirectoryOrganization',
  run: updater(
    'updateOrganization',
    'organization',
    'UpdateOrganizationRequest',
    ({ caller }) => caller.orgId,
  ),
}

const resetDevicePassword: Operation = {
  id: 'resetDevicePassword',
  answer: 'DirectoryDevice',
  run: (request, services) =>
    carryOut(request, services, 'resetDevicePassword', 'device', async () =>
      newPassword(namedIn(request, 'deviceId', 'device')),
    ),
}

const listGroups: Operation = {
  id: 'listGroups',
  answer: 'DirectoryGroupList',
  async run({ caller }, services) {
    const rows = await services.directory.rows(caller.orgId)
    const view = new EntryView({ rows, passwords: [] }, { orgId: caller.orgId, servers: [] })
    const groups = rows.groups.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    return { body: { items: groups.map((group) => view.group(group.id)) } }
  },
}

/** All of them. */
export const CHANGE_OPERATIONS: readonly Operation[] = [
  updateOrganization,
  resetDevicePassword,
  listGroups,
  ...RESOURCES.flatMap((resource) => [creator(resource), changer(resource), remover(resource)]),
]

function creator({ kind, answer, create: [id, schema] }: Resource): Operation {
  const read = bodyReader(schema)
  return {
    id,
    answer,
    run: (request, services) =>
      carryOut(request, services, id, kind, async () => {
        const body: Document = await read(withoutNulls(request.body))
        return creation(kind, body, newEntry(kind, body))
      }),
  }
}

function changer({ kind, parameter, answer, update: [id, schema] }: Resource): Operation {
  return { id, answer, run: updater(id, kind, schema, (request) => namedIn(request, parameter, kind)) }
}

function updater(
  id: TokenOperationId,
  kind: EntryKind,
  schema: BodySchemaName,
  named: (request: ApiRequest) => string,
): Operation['run'] {
  const read = bodyReader(schema)
  return (request, services) =>
    carryOut(request, services, id, kind, async () => {
      const { unset, ...body }: Document & { readonly unset?: readonly string[] } = await read(
        withoutNulls(request.body),
      )
      return alteration(kind, named(request), body, unset)
    })
}

function remover({ kind, parameter, remove: id }: Resource): Operation {
  return {
    id,
    async run(request, services) {
      await carryOut(request, services, id, kind, async () =>
        removal(kind, namedIn(request, parameter, kind)),
      )
      return {}
    },
  }
}

/** Carries a change out and shows what it came to; a refusal is written down before it is thrown. */
async function carryOut(
  request: ApiRequest,
  services: Services,
  operation: TokenOperationId,
  kind: EntryKind,
  planned: () => Promise<EntryPlan>,
): Promise<ApiAnswer> {
  const actor: Actor = acting(request, operation)
  return noted(services, { actor, operation }, async () => {
    const { directory } = services
    const changed = await directory.change(actor, await planned())
    if (operation.startsWith('delete')) return {}
    const { orgId } = actor
    const view = new EntryView(changed, { orgId, servers: directory.sipAddresses })
    return { body: view.of(kind, changed.id) }
  })
}

/** Whose a phone is, and which kind of group. */
function newEntry(kind: EntryKind, body: Document): NewEntry {
  if (kind === 'group') return { groupKind: body['kind'] === 'park' ? 'park' : 'pickup' }
  if (kind !== 'device') return {}
  const { personId, workspaceId } = body as { personId?: string; workspaceId?: string } // By its schema.
  if ((personId === undefined) === (workspaceId === undefined))
    throw invalid('personId', 'or workspaceId must be given, one of them')
  const owner = personId === undefined ? 'place' : 'person'
  const lineId = rawKey(personId ?? workspaceId ?? '', personId === undefined ? ['PLACE'] : ['PEOPLE'])
  if (lineId === undefined) throw missing(owner)
  return { lineId, owner }
}

const DEPTH_MAX = 6 // An entry has four levels at most; what is deeper is no member of it.

/** The body without its `null` members, which are absent ones wherever they stand (contract README §1). */
function withoutNulls(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return value
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, depth + 1))
  const some = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(some.map(([name, member]) => [name, withoutNulls(member, depth + 1)]))
}
