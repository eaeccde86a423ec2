/** Runs a suite about the life of recordings on SQLite and, where it is installed, on a PostgreSQL of the test's own. */
import { after, afterEach, before, describe } from 'node:test'
import { PostgresServer, postgresSkip } from '@tandem/testing'
import { TestLife } from './test-life.ts'

/** Declares `suite` once for each engine; what it opens is closed and removed after each test. */
export function onEachEngine(name: string, suite: (open: () => Promise<TestLife>) => void): void {
  const lives: TestLife[] = []
  const opened = (life: TestLife): Promise<TestLife> => {
    lives.push(life)
    return life.open()
  }
  const closeAll = async (): Promise<void> => {
    for (const life of lives.splice(0)) await life.close()
  }

  describe(`${name} on SQLite`, () => {
    afterEach(closeAll)
    suite(() => opened(new TestLife()))
  })

  const skip = postgresSkip()
  describe(`${name} on PostgreSQL`, { skip }, () => {
    let server: PostgresServer | undefined
    before(async () => {
      if (skip === false) server = await PostgresServer.start()
    })
    afterEach(closeAll)
    after(() => server?.stop())
    suite(async () => opened(new TestLife({ url: (await server?.createDatabase()) ?? '' })))
  })
}
