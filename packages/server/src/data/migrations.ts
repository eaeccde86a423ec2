/** All migrations of this package, by key: four digits and a name, 02xx is the server's (store, migrations). */
import type { Migration } from '@tandem/store'
import { CALL_CONTROL_MIGRATIONS } from './call-control-migrations.ts'
import { FIRST_MIGRATIONS } from './first-migrations.ts'

/** Hand them to `openDatabase`. */
export const SERVER_MIGRATIONS: Readonly<Record<string, Migration>> = {
  ...FIRST_MIGRATIONS,
  ...CALL_CONTROL_MIGRATIONS,
}
