/**
 * A bucket for a suite: of the S3 server that the tests start (OpenStack Swift), or of any endpoint that
 * `TANDEM_TEST_S3_ENDPOINT` names, with the credentials of `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.
 */
import { randomUUID } from 'node:crypto'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { s3Missing, startS3 } from '@tandem/testing'

const ENDPOINT = process.env['TANDEM_TEST_S3_ENDPOINT']

/** A bucket of its own. */
export interface Bucket {
  readonly name: string
  readonly endpoint: string
  readonly client: S3Client
  /** Settings of a server that keeps its files there. */
  readonly settings: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** Why there can be none here; false when there can. */
export function bucketSkip(): string | false {
  return ENDPOINT === undefined ? (s3Missing() ?? false) : false
}

/** Makes one. */
export async function openBucket(): Promise<Bucket> {
  const server = ENDPOINT === undefined ? await startS3() : undefined
  const endpoint = server?.endpoint ?? ENDPOINT ?? ''
  const region = server?.region ?? process.env['AWS_REGION'] ?? 'us-east-1'
  const accessKeyId = server?.accessKeyId ?? process.env['AWS_ACCESS_KEY_ID'] ?? ''
  const secretAccessKey = server?.secretAccessKey ?? process.env['AWS_SECRET_ACCESS_KEY'] ?? ''
  const client = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  })
  const name = `tandem-${randomUUID()}`
  await client.send(new CreateBucketCommand({ Bucket: name }))
  return {
    name,
    endpoint,
    client,
    settings: {
      TANDEM_VAULT_URL: vaultUrl(name, endpoint, region),
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
    async close() {
      client.destroy()
      await server?.stop()
    },
  }
}

/** The setting that names a bucket. */
export function vaultUrl(name: string, endpoint: string, region: string): string {
  return `s3://${name}/library?endpoint=${encodeURIComponent(endpoint)}&region=${region}&pathStyle=true`
}
