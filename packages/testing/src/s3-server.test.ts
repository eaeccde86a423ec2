import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { s3Missing, startS3 } from './s3-server.ts'

describe('startS3', { skip: s3Missing() ?? false }, () => {
  it('starts a server that refuses a wrong signature, and leaves nothing running', async () => {
    const server = await startS3()
    try {
      const day = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
      const scope = `${day.slice(0, 8)}/${server.region}/s3/aws4_request`
      const headers = {
        'x-amz-date': day,
        'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
        authorization: `AWS4-HMAC-SHA256 Credential=${server.accessKeyId}/${scope}, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
      }
      const answer = await fetch(`${server.endpoint}/bucket`, { headers })
      assert.equal(answer.status, 403)
      assert.match(await answer.text(), /<Code>SignatureDoesNotMatch<\/Code>/)
    } finally {
      await server.stop()
    }
    await assert.rejects(fetch(server.endpoint))
  })
})
