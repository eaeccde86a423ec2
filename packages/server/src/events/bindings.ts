/** Registrations that survive a restart: the contacts of each device as one row, keyed by organisation and device. */
import type { Binding } from '@tandem/engine'
import type { ServerDatabase } from '../data/open-data.ts'

/** Puts a device's contacts in place of its old ones; on disk when it resolves. */
export async function storeBindings(
  db: ServerDatabase,
  device: { readonly orgId: string; readonly deviceId: string },
  bindings: readonly Binding[],
): Promise<void> {
  const { orgId, deviceId } = device
  if (bindings.length === 0) {
    const gone = db.kysely
      .deleteFrom('bindings')
      .where('org_id', '=', orgId)
      .where('device_id', '=', deviceId)
    await db.commit([gone])
    return
  }
  const text = JSON.stringify(bindings)
  await db.commit([
    db.kysely
      .insertInto('bindings')
      .values({ org_id: orgId, device_id: deviceId, bindings: text })
      .onConflict((conflict) => conflict.columns(['org_id', 'device_id']).doUpdateSet({ bindings: text })),
  ])
}

/** The contacts that still count at `now`, of devices that the directory still has. */
export async function loadBindings(db: ServerDatabase, now: number): Promise<Binding[]> {
  const rows = await db.kysely
    .selectFrom('bindings')
    .innerJoin('devices', (join) =>
      join.onRef('devices.org_id', '=', 'bindings.org_id').onRef('devices.id', '=', 'bindings.device_id'),
    )
    .select('bindings.bindings')
    .execute()
  return rows
    .flatMap((row) => JSON.parse(row.bindings) as Binding[]) // Written by `storeBindings`.
    .filter((binding) => binding.expiresAt > now)
}
