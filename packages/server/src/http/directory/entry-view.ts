/** What our own changes answer: the entry as a directory file would have it, with the ids that the API knows it by. */
import { encodeWebexId } from '@tandem/contract'
import type { Changed, EntryKind } from '../../directory/directory.ts'
import { realmOf } from '../../directory/directory.ts'
import { DocumentView } from '../../directory/document-of.ts'
import { missing } from '../../directory/entry-change.ts'
import { kindOf } from '../../directory/planning.ts'
import { lineIdType } from '../lines/line.ts'

/** Makes the views of one organisation's rows, with the passwords that a change has made. */
export class EntryView {
  readonly #changed: Pick<Changed, 'rows' | 'passwords'>
  readonly #documents: DocumentView
  readonly #realm: string
  readonly #servers: readonly string[]

  constructor(
    changed: Pick<Changed, 'rows' | 'passwords'>,
    options: { readonly orgId: string; readonly servers: readonly string[] },
  ) {
    this.#changed = changed
    this.#documents = new DocumentView(changed.rows)
    this.#realm = realmOf(changed.rows, options.orgId)
    this.#servers = options.servers
  }

  /** The view of a thing by its raw id. */
  of(kind: EntryKind, id: string): object {
    switch (kind) {
      case 'organization':
        return this.#organization(id)
      case 'location':
        return this.#location(id)
      case 'person':
      case 'place':
      case 'virtualLine':
        return this.#line(id)
      case 'device':
        return this.#device(id)
      case 'group':
        return this.group(id)
    }
  }

  #organization(id: string): object {
    const row = this.#changed.rows.organizations.find((organization) => organization.id === id)
    if (row === undefined) throw missing('organization')
    return {
      id: encodeWebexId('ORGANIZATION', id),
      ...manager(row),
      ...this.#documents.organization(row),
    }
  }

  #location(id: string): object {
    const row = this.#changed.rows.locations.find((location) => location.id === id)
    if (row === undefined) throw missing('location')
    return { id: encodeWebexId('LOCATION', id), ...manager(row), ...this.#documents.location(row) }
  }

  #line(id: string): object {
    const { lines, devices } = this.#changed.rows
    const row = lines.find((line) => line.id === id)
    if (row === undefined) throw missing('person')
    const kind = kindOf(row)
    const recording = this.#documents.recording(row)
    const preferred = devices.find((device) => device.id === row.preferred_device_id)?.sip_user
    const own = devices.filter((device) => device.line_id === id).map((device) => this.#device(device.id))
    return {
      id: encodeWebexId(lineIdType(kind), id),
      ...manager(row),
      ...this.#documents.line(row),
      locationId: encodeWebexId('LOCATION', row.location_id),
      ...(recording === undefined ? {} : { recording }),
      ...(preferred === undefined ? {} : { preferredDevice: preferred }),
      ...(kind === 'virtualLine' ? {} : { devices: own }),
    }
  }

  #device(id: string): object {
    const { rows, passwords } = this.#changed
    const row = rows.devices.find((device) => device.id === id)
    if (row === undefined) throw missing('device')
    const line = rows.lines.find((candidate) => candidate.id === row.line_id)
    const owner = line?.kind === 'place' ? 'workspaceId' : 'personId'
    const password = passwords.findLast((made) => made.deviceId === id)?.password
    return {
      id: encodeWebexId('DEVICE', id),
      ...manager(row),
      [owner]: encodeWebexId(line?.kind === 'place' ? 'PLACE' : 'PEOPLE', row.line_id),
      ...this.#documents.device(row),
      ...(password === undefined ? {} : { sipPassword: password }),
      realm: this.#realm,
      servers: this.#servers,
    }
  }

  /** A group by its raw id. */
  group(id: string): object {
    const row = this.#changed.rows.groups.find((group) => group.id === id)
    if (row === undefined) throw missing('group')
    return { id, ...manager(row), kind: row.kind, ...this.#documents.group(row) }
  }
}

function manager(row: { readonly managed_by: string }): { readonly managedBy?: string } {
  return row.managed_by === '' ? {} : { managedBy: row.managed_by }
}
