/**
 * Declares tests once for each database: SQLite always, PostgreSQL where it is installed. A test takes a place for a
 * database of its own and may open it again, as after a crash.
 */
import { after, before, describe } from 'node:test'
import { PostgresServer, postgresSkip } from '@tandem/testing'

/** The address of a fresh PostgreSQL database; undefined for SQLite, which needs none. */
export type Address = () => Promise<string | undefined>

/** Declares what `tests` declares, under the name of each engine. */
export function onEngines(tests: (address: Address) => void): void {
  describe('on SQLite', () => tests(async () => undefined))
  const skip = postgresSkip()
  describe('on PostgreSQL', { skip }, () => {
    let server: PostgresServer | undefined
    before(async () => {
      if (skip === false) server = await PostgresServer.start()
    })
    after(() => server?.stop())
    tests(async () => await server?.createDatabase())
  })
}
