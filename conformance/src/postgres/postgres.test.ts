import { PostgresServer, postgresSkip } from '@tandem/testing'
import { recordingsSuite } from '../recordings/suite.ts'

recordingsSuite('PostgreSQL and a folder', {
  skip: postgresSkip(),
  async ground() {
    const postgres = await PostgresServer.start()
    return {
      settings: { TANDEM_DATABASE_URL: await postgres.createDatabase() },
      pagedRecordings: 1_000,
      close: () => postgres.stop(),
    }
  },
})
