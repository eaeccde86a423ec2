/** All migrations of this package, by key: four digits and a name, 02xx is the server's (store, migrations). */
import type { Migration } from '@tandem/store'
import { OAUTH_MIGRATIONS } from '../oauth/migrations.ts'
import { WEBHOOK_MIGRATIONS } from '../webhooks/migrations.ts'
import { CALL_CONTROL_MIGRATIONS } from './call-control-migrations.ts'
import { FIRST_MIGRATIONS } from './first-migrations.ts'

/** Hand them to `openDatabase`. */
export const SERVER_MIGRATIONS: Readonly<Record<string, Migration>> = {
  ...FIRST_MIGRATIONS,
  ...CALL_CONTROL_MIGRATIONS,
  ...OAUTH_MIGRATIONS,
  ...WEBHOOK_MIGRATIONS,
}
