/** `GET /devices` and `/devices/{deviceId}`: the phones of the organisation for administrators, else those of the caller. */
import { type Device, encodeWebexId } from '@tandem/contract'
import type { Binding } from '@tandem/engine'
import { missing } from '../../directory/entry-change.ts'
import { checkOrganization } from '../lines/line.ts'
import type { ApiRequest, Operation, Services } from '../operation.ts'
import { filterId, namedIn, seesAll } from './acting-as.ts'
import { nameFilter } from './name-filter.ts'
import { directoryPage, pageAnswer } from './pages.ts'

const NAME_CHARS_MAX = 256
/** What every phone is to the API: anything that speaks SIP. */
const PRODUCT = 'SIP phone'

interface DeviceRow {
  readonly id: string
  readonly org_id: string
  readonly line_id: string
  readonly name: string
  readonly sip_user: string
  readonly kind: string
  readonly location_id: string
  readonly bindings: string | null
}

/** The phones that the caller may see, by id. */
function visible(request: ApiRequest, services: Services, isAdmin: boolean) {
  const query = services.db.kysely
    .selectFrom('devices')
    .innerJoin('lines', 'lines.id', 'devices.line_id')
    .leftJoin('bindings', (join) =>
      join.onRef('bindings.org_id', '=', 'devices.org_id').onRef('bindings.device_id', '=', 'devices.id'),
    )
    .select([
      'devices.id',
      'devices.org_id',
      'devices.line_id',
      'devices.name',
      'devices.sip_user',
      'lines.kind',
      'lines.location_id',
      'bindings.bindings',
    ])
    .where('devices.org_id', '=', request.caller.orgId)
    .orderBy('devices.id')
  return isAdmin ? query : query.where('devices.line_id', '=', request.caller.personId)
}

const listDevices: Operation = {
  id: 'listDevices',
  answer: 'DeviceList',
  async run(request, services) {
    checkOrganization(request)
    const { query: asked } = request
    const wanted = directoryPage(request)
    const status = asked.choice('connectionStatus', ['connected', 'disconnected'])
    let query = visible(request, services, seesAll(request, 'listDevices'))
    if (wanted.cursor !== undefined) query = query.where('devices.id', '>', wanted.cursor.id)
    for (const [name, kind] of [
      ['personId', 'person'],
      ['workspaceId', 'place'],
    ] as const) {
      const id = filterId(request, name, kind)
      if (id !== undefined) query = query.where('devices.line_id', '=', id).where('lines.kind', '=', kind)
    }
    const locationId = filterId(request, 'locationId', 'location')
    if (locationId !== undefined) query = query.where('lines.location_id', '=', locationId)
    const name = asked.text('displayName', NAME_CHARS_MAX)
    const byName = name === undefined ? undefined : nameFilter('devices.name', name)
    if (byName !== undefined) query = query.where(byName.where)
    // What is registered stands in a document, so the database cannot count the page then.
    const whole = status !== undefined || byName?.isPartial === true
    const found: readonly DeviceRow[] = await (whole ? query : query.limit(wanted.max + 1)).execute()
    const rows = found.filter(
      (row) =>
        (status === undefined || statusOf(row, services.now()) === status) &&
        (byName?.fits(row.name) ?? true),
    )
    return pageAnswer(request, services, {
      operation: 'listDevices',
      wanted,
      rows: rows.slice(0, wanted.max + 1),
      names: ['personId', 'workspaceId', 'locationId', 'displayName', 'connectionStatus'],
      view: (row) => viewOf(row, services.now()),
    })
  },
}

const getDevice: Operation = {
  id: 'getDevice',
  answer: 'Device',
  async run(request, services) {
    checkOrganization(request)
    const row = await visible(request, services, seesAll(request, 'getDevice'))
      .where('devices.id', '=', namedIn(request, 'deviceId', 'device'))
      .executeTakeFirst()
    if (row === undefined) throw missing('device')
    return { body: viewOf(row, services.now()) }
  },
}

function statusOf(row: DeviceRow, now: number): Device['connectionStatus'] {
  const bindings = JSON.parse(row.bindings ?? '[]') as Binding[] // Written by `storeBindings`.
  return bindings.some((binding) => binding.expiresAt > now) ? 'connected' : 'disconnected'
}

function viewOf(row: DeviceRow, now: number): Device {
  return {
    id: encodeWebexId('DEVICE', row.id),
    displayName: row.name,
    ...(row.kind === 'place'
      ? { workspaceId: encodeWebexId('PLACE', row.line_id) }
      : { personId: encodeWebexId('PEOPLE', row.line_id) }),
    orgId: encodeWebexId('ORGANIZATION', row.org_id),
    locationId: encodeWebexId('LOCATION', row.location_id),
    product: PRODUCT,
    type: 'phone',
    connectionStatus: statusOf(row, now),
    sipUserName: row.sip_user,
    tags: [],
  }
}

/** The reads of phones. */
export const DEVICE_OPERATIONS: readonly Operation[] = [listDevices, getDevice]
