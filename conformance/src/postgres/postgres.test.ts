import { describe } from 'node:test'
import { PostgresServer, postgresSkip } from '@tandem/testing'
import { recordingsSuite } from '../recordings/suite.ts'
import { outageTests } from './outage.ts'

const skip = postgresSkip()

describe('PostgreSQL', { skip }, outageTests)

recordingsSuite('PostgreSQL and a folder', {
  skip,
  async ground() {
    const postgres = await PostgresServer.start()
    return {
      settings: { TANDEM_DATABASE_URL: await postgres.createDatabase() },
      pagedRecordings: 500,
      close: () => postgres.stop(),
    }
  },
})
