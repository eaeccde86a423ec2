/**
 * Whom the body of a change names: lines by extension or email as in a file, or by id; locations by name or by id. Ids
 * become what a file would say, so that everything behind this reads one kind of document (contract README §2).
 */
import { rawKey } from '@tandem/contract'
import type { Document } from './document-of.ts'
import type { DirectoryRows } from './rows.ts'

/** Members that list lines. */
const LINES: readonly string[] = ['assistants', 'lines', 'secondaryLines']

/** The body with names in place of ids; what names nothing stays, and is refused by the reader or the plan. */
export function withNames(body: Document, rows: DirectoryRows): Document {
  const line = (value: unknown): unknown => {
    const id = typeof value === 'string' ? rawKey(value, ['PEOPLE', 'PLACE', 'VIRTUAL_LINE']) : undefined
    return rows.lines.find((row) => row.id === id)?.extension ?? value
  }
  const location = (value: unknown): unknown => {
    const id = typeof value === 'string' ? rawKey(value, ['LOCATION']) : undefined
    return rows.locations.find((row) => row.id === id)?.name ?? value
  }
  const named: Record<string, unknown> = { ...body }
  for (const member of LINES) {
    const value = body[member]
    if (Array.isArray(value)) named[member] = value.map(line)
  }
  const { devices, locationId } = body as { devices?: unknown; locationId?: unknown } // Any JSON may be looked at so.
  if (Array.isArray(devices))
    named['devices'] = devices.map((device: unknown) =>
      typeof device === 'object' && device !== null ? withNames(device as Document, rows) : device,
    )
  const place = locationId ?? body['location'] ?? undefined
  if (place !== undefined) named['location'] = location(place)
  return named
}
