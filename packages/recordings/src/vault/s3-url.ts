/**
 * The address of an S3 vault: `s3://bucket/prefix?endpoint=https://…&region=…&pathStyle=true`. Credentials come from the
 * environment and never from the URL, which stands in settings and logs.
 */
import { VaultUnusable } from './vault-unusable.ts'

/** Where an S3 vault is. */
export interface S3Address {
  readonly bucket: string
  /** Empty, or ends in a slash. */
  readonly prefix: string
  /** Absent: Amazon's own of the region. */
  readonly endpoint?: string
  readonly region: string
  /** The bucket stands in the path and not in the host's name, as most servers other than Amazon's need it. */
  readonly pathStyle: boolean
  readonly credentials: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  }
}

type Environment = Readonly<Record<string, string | undefined>>

/** Amazon's name for "wherever"; servers of others take any. */
const REGION_DEFAULT = 'us-east-1'
const PARAMETERS: readonly string[] = ['endpoint', 'region', 'pathStyle']

/** Reads an address; fails with a `VaultUnusable` that says what is wrong and shows no secret. */
export function parseS3Url(url: string, env: Environment): S3Address {
  const parsed = URL.parse(url)
  if (parsed === null || parsed.hostname === '')
    throw new VaultUnusable('The vault needs a bucket: s3://bucket/prefix?endpoint=…')
  if (parsed.username !== '' || parsed.password !== '') {
    throw new VaultUnusable(
      "The vault's URL holds credentials: put them into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    )
  }
  const unknown = [...parsed.searchParams.keys()].find((name) => !PARAMETERS.includes(name))
  if (unknown !== undefined)
    throw new VaultUnusable(`The vault's URL has ${unknown}: it may have ${PARAMETERS.join(', ')}.`)
  const endpoint = parsed.searchParams.get('endpoint') ?? undefined
  if (endpoint !== undefined && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ''))
    throw new VaultUnusable("The endpoint of the vault's URL must begin with https:// or http://.")
  const path = decodeURIComponent(parsed.pathname).replace(/^\/+|\/+$/g, '')
  return {
    bucket: parsed.hostname,
    prefix: path === '' ? '' : `${path}/`,
    ...(endpoint === undefined ? {} : { endpoint }),
    region: parsed.searchParams.get('region') ?? env['AWS_REGION'] ?? REGION_DEFAULT,
    pathStyle: parsed.searchParams.get('pathStyle') === 'true',
    credentials: credentialsOf(env),
  }
}

function credentialsOf(env: Environment): S3Address['credentials'] {
  const accessKeyId = env['AWS_ACCESS_KEY_ID'] ?? ''
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'] ?? ''
  if (accessKeyId === '' || secretAccessKey === '') {
    throw new VaultUnusable(
      'The vault needs credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.',
    )
  }
  const sessionToken = env['AWS_SESSION_TOKEN'] ?? ''
  return { accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) }
}
