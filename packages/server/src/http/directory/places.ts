/** `GET /organizations`, `/locations`, `/workspaces` and `/telephony/config/virtualLines`, in the shapes of Webex. */
import {
  encodeWebexId,
  type Location,
  type Organization,
  printMilliseconds,
  type VirtualLine,
  type Workspace,
} from '@tandem/contract'
import { missing } from '../../directory/entry-change.ts'
import { checkOrganization } from '../lines/line.ts'
import type { ApiRequest, Operation, Services } from '../operation.ts'
import { filterId, namedIn } from './acting-as.ts'
import { type LineView, ONE, readLines } from './line-rows.ts'
import { directoryPage, pageAnswer } from './pages.ts'

const NAME_CHARS_MAX = 256

async function organizationOf({ caller }: ApiRequest, services: Services): Promise<Organization> {
  const row = await services.db.kysely
    .selectFrom('organizations')
    .select(['id', 'name', 'created_at'])
    .where('id', '=', caller.orgId)
    .executeTakeFirst()
  if (row === undefined) throw missing('organization')
  return {
    id: encodeWebexId('ORGANIZATION', row.id),
    displayName: row.name,
    created: printMilliseconds(row.created_at),
  }
}

const listOrganizations: Operation = {
  id: 'listOrganizations',
  answer: 'OrganizationList',
  async run(request, services) {
    return { body: { items: [await organizationOf(request, services)] } }
  },
}

const getOrganization: Operation = {
  id: 'getOrganization',
  answer: 'Organization',
  async run(request, services) {
    if (namedIn(request, 'organizationId', 'organization') !== request.caller.orgId)
      throw missing('organization')
    return { body: await organizationOf(request, services) }
  },
}

interface LocationRow {
  readonly id: string
  readonly org_id: string
  readonly name: string
}

function locationView(row: LocationRow): Location {
  return {
    id: encodeWebexId('LOCATION', row.id),
    name: row.name,
    orgId: encodeWebexId('ORGANIZATION', row.org_id),
  }
}

const listLocations: Operation = {
  id: 'listLocations',
  answer: 'LocationList',
  async run(request, services) {
    checkOrganization(request)
    const wanted = directoryPage(request)
    let query = services.db.kysely
      .selectFrom('locations')
      .select(['id', 'org_id', 'name'])
      .where('org_id', '=', request.caller.orgId)
      .orderBy('id')
      .limit(wanted.max + 1)
    if (wanted.cursor !== undefined) query = query.where('id', '>', wanted.cursor.id)
    const name = request.query.text('name', NAME_CHARS_MAX)
    if (name !== undefined) query = query.where('name', '=', name)
    const id = filterId(request, 'id', 'location')
    if (id !== undefined) query = query.where('id', '=', id)
    return pageAnswer(request, services, {
      operation: 'listLocations',
      wanted,
      rows: await query.execute(),
      names: ['name', 'id'],
      view: locationView,
    })
  },
}

const getLocation: Operation = {
  id: 'getLocation',
  answer: 'Location',
  async run(request, services) {
    checkOrganization(request)
    const row = await services.db.kysely
      .selectFrom('locations')
      .select(['id', 'org_id', 'name'])
      .where('org_id', '=', request.caller.orgId)
      .where('id', '=', namedIn(request, 'locationId', 'location'))
      .executeTakeFirst()
    if (row === undefined) throw missing('location')
    return { body: locationView(row) }
  },
}

function workspaceView(row: LineView): Workspace {
  const [phoneNumber] = row.numbers
  const locationId = encodeWebexId('LOCATION', row.location_id)
  return {
    id: encodeWebexId('PLACE', row.id),
    orgId: encodeWebexId('ORGANIZATION', row.org_id),
    locationId,
    displayName: row.display_name,
    type: 'notSet',
    sipAddress: `${row.extension}@${row.domain}`,
    calling: {
      type: 'webexCalling',
      webexCalling: {
        ...(phoneNumber === undefined ? {} : { phoneNumber }),
        extension: row.extension,
        locationId,
      },
    },
  }
}

const listWorkspaces: Operation = {
  id: 'listWorkspaces',
  answer: 'WorkspaceList',
  async run(request, services) {
    checkOrganization(request)
    const wanted = directoryPage(request)
    const filters = { displayName: 'displayName' }
    const rows = await readLines(request, services, { kind: 'place', filters, wanted })
    const names = ['displayName', 'locationId']
    return pageAnswer(request, services, {
      operation: 'listWorkspaces',
      wanted,
      rows,
      names,
      view: workspaceView,
    })
  },
}

const getWorkspace: Operation = {
  id: 'getWorkspace',
  answer: 'Workspace',
  async run(request, services) {
    checkOrganization(request)
    const id = namedIn(request, 'workspaceId', 'place')
    const [row] = await readLines(request, services, { kind: 'place', filters: {}, wanted: ONE, id })
    if (row === undefined) throw missing('place')
    return { body: workspaceView(row) }
  },
}

/** A virtual line; `devices` are the phones on which each appears. */
function virtualLineView(row: LineView, devices: ReadonlyMap<string, number>): VirtualLine {
  const [firstName = '', ...rest] = row.display_name.split(' ')
  const [external] = row.numbers
  return {
    id: encodeWebexId('VIRTUAL_LINE', row.id),
    firstName,
    lastName: rest.join(' '),
    displayName: row.display_name,
    extension: row.extension,
    number: {
      ...(external === undefined ? {} : { external }),
      extension: row.extension,
      primary: true,
    },
    location: { id: encodeWebexId('LOCATION', row.location_id), name: row.location },
    numberOfDevicesAssigned: devices.get(row.id) ?? 0,
  }
}

async function devicesOf({ caller }: ApiRequest, services: Services): Promise<ReadonlyMap<string, number>> {
  const rows = await services.db.kysely
    .selectFrom('device_lines')
    .select(['line_id', (eb) => eb.fn.countAll<number>().as('count')])
    .where('org_id', '=', caller.orgId)
    .groupBy('line_id')
    .execute()
  return new Map(rows.map((row) => [row.line_id, Number(row.count)]))
}

const listVirtualLines: Operation = {
  id: 'listVirtualLines',
  answer: 'VirtualLineList',
  async run(request, services) {
    checkOrganization(request)
    const wanted = directoryPage(request)
    const filters = { displayName: 'ownerName', extension: 'extension', phoneNumber: 'phoneNumber' }
    const rows = await readLines(request, services, { kind: 'virtualLine', filters, wanted })
    const devices = await devicesOf(request, services)
    return pageAnswer(request, services, {
      operation: 'listVirtualLines',
      wanted,
      rows,
      names: ['locationId', ...Object.values(filters)],
      as: 'virtualLines',
      view: (row) => virtualLineView(row, devices),
    })
  },
}

const getVirtualLine: Operation = {
  id: 'getVirtualLine',
  answer: 'VirtualLine',
  async run(request, services) {
    checkOrganization(request)
    const id = namedIn(request, 'virtualLineId', 'virtualLine')
    const [row] = await readLines(request, services, { kind: 'virtualLine', filters: {}, wanted: ONE, id })
    if (row === undefined) throw missing('virtualLine')
    return { body: virtualLineView(row, await devicesOf(request, services)) }
  },
}

/** The reads of this file. */
export const PLACE_OPERATIONS: readonly Operation[] = [
  listOrganizations,
  getOrganization,
  listLocations,
  getLocation,
  listWorkspaces,
  getWorkspace,
  listVirtualLines,
  getVirtualLine,
]
