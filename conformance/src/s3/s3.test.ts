import { recordingsSuite } from '../recordings/suite.ts'
import { bucketSkip, openBucket } from './bucket.ts'

recordingsSuite('SQLite and a bucket', {
  skip: bucketSkip(),
  async ground() {
    const bucket = await openBucket()
    return { settings: bucket.settings, pagedRecordings: 200, close: () => bucket.close() }
  },
})
