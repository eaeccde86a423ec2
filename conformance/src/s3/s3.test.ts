import { describe } from 'node:test'
import { recordingsSuite } from '../recordings/suite.ts'
import { bucketSkip, openBucket } from './bucket.ts'
import { outageTests } from './outage.ts'

const skip = bucketSkip()

describe('a bucket', { skip }, outageTests)

recordingsSuite('SQLite and a bucket', {
  skip,
  async ground() {
    const bucket = await openBucket()
    return { settings: bucket.settings, pagedRecordings: 60, close: () => bucket.close() }
  },
})
