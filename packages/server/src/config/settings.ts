/**
 * Every setting of the server in one table: name, type, default, unit and meaning. File, environment, flags and
 * docs/settings.md are all read from it, so a setting exists in all of them or nowhere.
 *
 * Defaults are loopback-first: a server started without thought is reachable from its own machine only.
 */
import type { Secret } from '@tandem/base'
import { STORAGE_REGIONS } from '@tandem/contract'

/** What the server is started with. Times and sizes carry their unit in the name. */
export interface Config {
  readonly dataFolder: string
  readonly directoryFile: string
  readonly httpHost: string
  readonly httpPort: number
  readonly tlsCertificateFile: string
  readonly tlsKeyFile: string
  readonly tlsMinVersion: string
  readonly managementHost: string
  readonly managementPort: number
  readonly publicUrl: string
  readonly sipListen: readonly string[]
  readonly sipAdvertisedHost: string
  readonly mediaHost: string
  readonly mediaAdvertisedHost: string
  readonly mediaOtherHost: string
  readonly mediaOtherAdvertisedHost: string
  readonly mediaPortMin: number
  readonly mediaPortMax: number
  readonly mediaWorkers: number
  readonly node: number
  readonly storageRegion: string
  readonly recordingFailure: string
  readonly callsMax: number
  readonly callsPerPersonMax: number
  readonly bindingsPerDeviceMax: number
  readonly registerExpiresMinSeconds: number
  readonly registerExpiresMaxSeconds: number
  readonly ringSecondsMax: number
  readonly clickToDialRingSecondsMax: number
  readonly phoneCommandSecondsMax: number
  readonly parkRecallSeconds: number
  readonly voicemailSecondsMax: number
  readonly forwardsMax: number
  readonly sessionExpiresSeconds: number
  readonly drainSeconds: number
  readonly logLevel: string
  readonly otlpUrl: string
  readonly key: Secret<string> | undefined
  readonly keyCommand: string
  readonly databaseUrl: Secret<string> | undefined
  readonly vaultUrl: string
  readonly encryption: string
  readonly binDays: number
  readonly deleteErases: string
  readonly reasonOptional: string
  readonly adminsWithoutLinks: string
  readonly auditHeadsFile: string
  readonly transcriberUrl: string
  readonly transcriberKey: Secret<string> | undefined
  readonly transcriberModel: string
  readonly transcriberLanguage: string
  readonly transcriberPricePerMinute: string
  readonly transcriberMonthlyCap: string
  readonly transcriberConcurrency: number
  readonly transcriptSearch: string
  readonly limits: string
  readonly requestsMax: number
  readonly requestsPerTokenMax: number
  readonly eventListenersMax: number
  readonly trustedProxies: readonly string[]
  readonly chaos: string
  readonly oidcIssuer: string
  readonly oidcClientId: string
  readonly oidcClientSecret: Secret<string> | undefined
  readonly oidcName: string
  readonly oidcDomains: readonly string[]
  readonly webhookAllowedNetworks: readonly string[]
  readonly webhookDisableFailures: number
}

/** How a setting is written. */
export type SettingType =
  | { readonly kind: 'text'; readonly default: string }
  | { readonly kind: 'list'; readonly default: readonly string[] }
  | {
      readonly kind: 'integer'
      readonly default: number
      readonly min: number
      readonly max: number
      readonly unit?: string
    }
  | { readonly kind: 'choice'; readonly default: string; readonly choices: readonly string[] }
  /** Never printed, and readable from a file named by the same variable with `_FILE` behind it. */
  | { readonly kind: 'secret' }

/** One row of the table. */
export interface Setting {
  readonly name: keyof Config
  readonly type: SettingType
  readonly meaning: string
}

const port = (fallback: number): SettingType => ({ kind: 'integer', default: fallback, min: 0, max: 65_535 })

const onOff = (fallback: 'on' | 'off'): SettingType => ({
  kind: 'choice',
  default: fallback,
  choices: ['on', 'off'],
})

/** The table, in the order in which the documentation shows it. */
export const SETTINGS: readonly Setting[] = [
  {
    name: 'dataFolder',
    type: { kind: 'text', default: './data' },
    meaning: 'Folder of the database, journals, recordings and keys; made when absent.',
  },
  {
    name: 'directoryFile',
    type: { kind: 'text', default: '' },
    meaning:
      'YAML file of organisations, people and devices, applied at first start and on SIGHUP. Empty: a demo directory is applied to an empty data folder.',
  },
  {
    name: 'httpHost',
    type: { kind: 'text', default: '127.0.0.1' },
    meaning: 'Address that the REST API listens on. The default is reachable from this machine only.',
  },
  {
    name: 'httpPort',
    type: port(8080),
    meaning: 'Port of the REST API; 0 takes a free one.',
  },
  {
    name: 'tlsCertificateFile',
    type: { kind: 'text', default: '' },
    meaning:
      'PEM file of the certificate and those that vouch for it; the port of the REST API then speaks https only. Read again within seconds of a change. Empty: plain http.',
  },
  {
    name: 'tlsKeyFile',
    type: { kind: 'text', default: '' },
    meaning: 'PEM file of the private key of tlsCertificateFile, without a passphrase.',
  },
  {
    name: 'tlsMinVersion',
    type: { kind: 'choice', default: 'TLSv1.2', choices: ['TLSv1.2', 'TLSv1.3'] },
    meaning: 'Oldest version of TLS that clients may speak.',
  },
  {
    name: 'managementHost',
    type: { kind: 'text', default: '127.0.0.1' },
    meaning:
      'Address of the port with /healthz, /readyz and /metrics, without a token: let only your own monitoring reach it.',
  },
  {
    name: 'managementPort',
    type: port(8081),
    meaning: 'Port of /healthz, /readyz and /metrics, always plain http; 0 takes a free one.',
  },
  {
    name: 'publicUrl',
    type: { kind: 'text', default: '' },
    meaning:
      'Origin under which clients reach the REST API, e.g. https://pbx.example.com; part of every link. Empty: http:// (https:// with a certificate), httpHost and httpPort.',
  },
  {
    name: 'sipListen',
    type: { kind: 'list', default: ['udp:127.0.0.1:5060', 'tcp:127.0.0.1:5060'] },
    meaning:
      'Where SIP phones are heard: transport:host:port, IPv6 hosts in brackets. The default is reachable from this machine only.',
  },
  {
    name: 'sipAdvertisedHost',
    type: { kind: 'text', default: '' },
    meaning: 'Address that phones are told to reach SIP at, when it is not the one listened on (NAT).',
  },
  {
    name: 'mediaHost',
    type: { kind: 'text', default: '127.0.0.1' },
    meaning: 'Address that RTP is received on.',
  },
  {
    name: 'mediaAdvertisedHost',
    type: { kind: 'text', default: '' },
    meaning: 'Address that phones are told to send RTP to, when it is not the one received on (NAT).',
  },
  {
    name: 'mediaOtherHost',
    type: { kind: 'text', default: '' },
    meaning: 'A second address for RTP, of the other family (IPv4 and IPv6), for phones that speak it.',
  },
  {
    name: 'mediaOtherAdvertisedHost',
    type: { kind: 'text', default: '' },
    meaning: 'Address that phones of the other family are told to send RTP to, when it is another one (NAT).',
  },
  {
    name: 'mediaPortMin',
    type: { kind: 'integer', default: 20_000, min: 1_024, max: 65_534 },
    meaning: 'First port for RTP and RTCP; legs share ports, so a few hundred are plenty.',
  },
  {
    name: 'mediaPortMax',
    type: { kind: 'integer', default: 20_999, min: 1_025, max: 65_535 },
    meaning: 'Last port for RTP and RTCP.',
  },
  {
    name: 'mediaWorkers',
    type: { kind: 'integer', default: 0, min: 0, max: 64, unit: 'threads' },
    meaning: 'Media threads; 0 chooses by the number of cores.',
  },
  {
    name: 'node',
    type: { kind: 'integer', default: 0, min: 0, max: 9_999 },
    meaning: 'Number of this call node, part of every call id. Two nodes never share one.',
  },
  {
    name: 'storageRegion',
    type: { kind: 'choice', default: 'DE', choices: STORAGE_REGIONS },
    meaning: 'Region that recordings show as the place where their file is kept.',
  },
  {
    name: 'recordingFailure',
    type: {
      kind: 'choice',
      default: 'proceedWithAnnouncement',
      choices: ['proceed', 'proceedWithAnnouncement', 'endCallWithAnnouncement'],
    },
    meaning: 'What happens to a call that cannot be recorded although it should be.',
  },
  {
    name: 'callsMax',
    type: { kind: 'integer', default: 2_000, min: 1, max: 100_000, unit: 'calls' },
    meaning: 'Calls at the same time; more are answered 503.',
  },
  {
    name: 'callsPerPersonMax',
    type: { kind: 'integer', default: 20, min: 1, max: 1_000, unit: 'calls' },
    meaning: 'Calls of one person at the same time; a stolen login stops here.',
  },
  {
    name: 'bindingsPerDeviceMax',
    type: { kind: 'integer', default: 8, min: 1, max: 64, unit: 'contacts' },
    meaning:
      'Contacts that one device may have registered at the same time; one more takes the place of the longest unrefreshed.',
  },
  {
    name: 'registerExpiresMinSeconds',
    type: { kind: 'integer', default: 60, min: 10, max: 3_600, unit: 'seconds' },
    meaning: 'Shortest registration; a shorter wish is answered 423.',
  },
  {
    name: 'registerExpiresMaxSeconds',
    type: { kind: 'integer', default: 3_600, min: 60, max: 86_400, unit: 'seconds' },
    meaning: 'Longest registration; a longer wish is cut to it.',
  },
  {
    name: 'ringSecondsMax',
    type: { kind: 'integer', default: 60, min: 5, max: 600, unit: 'seconds' },
    meaning: 'How long phones ring before the call counts as not answered.',
  },
  {
    name: 'clickToDialRingSecondsMax',
    type: { kind: 'integer', default: 30, min: 5, max: 600, unit: 'seconds' },
    meaning: 'How long the own phones ring for a call placed through the API.',
  },
  // Below the 10 s in which the calls thread must answer any command, so that the phone's own answer goes out.
  {
    name: 'phoneCommandSecondsMax',
    type: { kind: 'integer', default: 5, min: 1, max: 9, unit: 'seconds' },
    meaning:
      'How long a command of the API waits for what only the phone can do (answer, its own hold); then it is answered 504.',
  },
  {
    name: 'parkRecallSeconds',
    type: { kind: 'integer', default: 60, min: 10, max: 3_600, unit: 'seconds' },
    meaning:
      'After how long a parked call rings back to who parked it, where the organisation says nothing else.',
  },
  {
    name: 'voicemailSecondsMax',
    type: { kind: 'integer', default: 180, min: 10, max: 1_800, unit: 'seconds' },
    meaning: 'How long one voicemail message may be.',
  },
  {
    name: 'forwardsMax',
    type: { kind: 'integer', default: 5, min: 0, max: 20, unit: 'forwardings' },
    meaning: 'Forwardings that one call may go through; a circle ends here.',
  },
  {
    name: 'sessionExpiresSeconds',
    type: { kind: 'integer', default: 1_800, min: 90, max: 86_400, unit: 'seconds' },
    meaning:
      'Session timer that is asked for (RFC 4028): a call whose phone has gone away without a word ends by then.',
  },
  {
    name: 'drainSeconds',
    type: { kind: 'integer', default: 30, min: 0, max: 86_400, unit: 'seconds' },
    meaning: 'How long calls may go on after SIGTERM before they are ended.',
  },
  {
    name: 'logLevel',
    type: { kind: 'choice', default: 'info', choices: ['debug', 'info', 'warn', 'error', 'silent'] },
    meaning: 'Least severe line that is logged, as JSON on stderr.',
  },
  {
    name: 'otlpUrl',
    type: { kind: 'text', default: '' },
    meaning:
      'Collector of OpenTelemetry that gets a span for each request and each command to a call, e.g. http://127.0.0.1:4318/v1/traces. Empty: none.',
  },
  {
    name: 'key',
    type: { kind: 'secret' },
    meaning:
      'Master key, 32 bytes in base64: opens recordings and SIP secrets. Empty: keys/master.key in the data folder, made at first start. Back it up apart from the data.',
  },
  {
    name: 'keyCommand',
    type: { kind: 'text', default: '' },
    meaning:
      'Command that prints the master key, run once at start instead of reading keys/master.key: a program and its parameters, or sh: and a line for the shell. It has 30 seconds. Empty: none.',
  },
  {
    name: 'databaseUrl',
    type: { kind: 'secret' },
    meaning:
      'PostgreSQL database, 14 or later, in UTF-8: postgres://user:password@host:5432/database. The user must own it. Empty: SQLite in the data folder.',
  },
  {
    name: 'vaultUrl',
    type: { kind: 'text', default: 'file:vault' },
    meaning:
      'Where the files of recordings live: file:FOLDER (below the data folder unless it begins with /), or s3://BUCKET/PREFIX?endpoint=URL&region=NAME&pathStyle=true with the credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  },
  {
    name: 'encryption',
    type: onOff('on'),
    meaning:
      'Whether files of recordings are sealed, each recording under a key of its own. Off: they are stored as they are, beside a list of hashes. What is there stays as it is.',
  },
  {
    name: 'binDays',
    type: { kind: 'integer', default: 30, min: 1, max: 3_650, unit: 'days' },
    meaning: 'How long a deleted recording stays in the recycle bin before it is purged.',
  },
  {
    name: 'deleteErases',
    type: onOff('off'),
    meaning:
      'Whether DELETE by an owner or administrator erases a recording instead of moving it to the recycle bin.',
  },
  {
    name: 'reasonOptional',
    type: onOff('off'),
    meaning: 'Whether a compliance officer may erase the recording of somebody else without giving a reason.',
  },
  {
    name: 'adminsWithoutLinks',
    type: onOff('off'),
    meaning: 'Whether an administrator gets no download links to the own recordings either, as in Webex.',
  },
  {
    name: 'auditHeadsFile',
    type: { kind: 'text', default: '' },
    meaning:
      'File that every signed head of the audit log is appended to, one JSON a line; on another machine it shows a log that was written anew. Empty: none.',
  },
  {
    name: 'transcriberUrl',
    type: { kind: 'text', default: '' },
    meaning:
      'Endpoint that speaks /v1/audio/transcriptions, e.g. https://api.openai.com/v1 or one of your own. Empty: no transcripts are made; imported ones are kept all the same.',
  },
  {
    name: 'transcriberKey',
    type: { kind: 'secret' },
    meaning: 'Sent to the transcriber as a bearer token.',
  },
  {
    name: 'transcriberModel',
    type: { kind: 'text', default: 'whisper-1' },
    meaning: 'Model that the transcriber is asked for.',
  },
  {
    name: 'transcriberLanguage',
    type: { kind: 'text', default: '' },
    meaning: 'Language that is spoken, e.g. de. Empty: the transcriber hears it.',
  },
  {
    name: 'transcriberPricePerMinute',
    type: { kind: 'text', default: '0' },
    meaning: 'What a minute of audio costs there, in any currency, e.g. 0.006.',
  },
  {
    name: 'transcriberMonthlyCap',
    type: { kind: 'text', default: '' },
    meaning:
      'Most that the transcripts of one organisation may cost in a month, in the same currency. Empty: no cap.',
  },
  {
    name: 'transcriberConcurrency',
    type: { kind: 'integer', default: 1, min: 1, max: 32, unit: 'recordings' },
    meaning: 'Recordings that are transcribed at the same time.',
  },
  {
    name: 'transcriptSearch',
    type: onOff('on'),
    meaning:
      'Whether the words of transcripts stand in the database, where search finds them. Off: they are only in their sealed files.',
  },
  {
    name: 'limits',
    type: { kind: 'text', default: '' },
    meaning:
      'Changes to how many requests a second, and at once, each token may make: callReads=20/100,downloads=off and so on (guide: limits). off: none are limited.',
  },
  {
    name: 'requestsMax',
    type: { kind: 'integer', default: 1_000, min: 10, max: 100_000, unit: 'requests' },
    meaning: 'Requests answered at the same time; more are answered 503. Streams of events do not count.',
  },
  {
    name: 'requestsPerTokenMax',
    type: { kind: 'integer', default: 200, min: 1, max: 100_000, unit: 'requests' },
    meaning:
      'Of those, from one token, or from one address without a token; more are answered 429. Downloads count while they last.',
  },
  {
    name: 'eventListenersMax',
    type: { kind: 'integer', default: 2_000, min: 1, max: 100_000, unit: 'streams' },
    meaning: 'Streams of live events at the same time; more are answered 503. One token has eight at most.',
  },
  {
    name: 'trustedProxies',
    type: { kind: 'list', default: [] },
    meaning:
      'Addresses or networks (CIDR) of reverse proxies whose X-Forwarded-For says where a request comes from; limits by address need it behind one.',
  },
  {
    name: 'chaos',
    type: { kind: 'text', default: '' },
    meaning:
      'Simulated trouble for testing clients, e.g. 429=0.05,500=0.01,latency=200ms,reset=0.01,seed=7: shares of the requests to the API. Never in production.',
  },
  {
    name: 'oidcIssuer',
    type: { kind: 'text', default: '' },
    meaning:
      'Issuer of an OpenID Connect provider that people may sign in through, e.g. https://login.example.com. Its redirect URI is publicUrl and /signin/provider/callback. Empty: passwords alone.',
  },
  {
    name: 'oidcClientId',
    type: { kind: 'text', default: '' },
    meaning: 'Client id that the provider gave this server.',
  },
  {
    name: 'oidcClientSecret',
    type: { kind: 'secret' },
    meaning: 'Client secret that the provider gave this server; empty for a public client.',
  },
  {
    name: 'oidcName',
    type: { kind: 'text', default: '' },
    meaning: 'Name of the provider on the sign-in page. Empty: its host.',
  },
  {
    name: 'oidcDomains',
    type: { kind: 'list', default: [] },
    meaning:
      'Email domains that the provider is believed about. Empty: the SIP domains of the person’s organisation.',
  },
  {
    name: 'webhookAllowedNetworks',
    type: { kind: 'list', default: [] },
    meaning:
      'Networks inside yours that webhooks may be sent to, as CIDRs such as 10.1.2.0/24. Empty: only addresses of the public internet.',
  },
  {
    name: 'webhookDisableFailures',
    type: { kind: 'integer', default: 100, min: 1, max: 1_000_000, unit: 'attempts' },
    meaning: 'Failed attempts of one webhook within five minutes that take it out of service.',
  },
]

/** The environment variable of a setting: `dataFolder` is `TANDEM_DATA_FOLDER`. */
export function variableOf(name: string): string {
  return `TANDEM_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/** The flag of a setting: `dataFolder` is `--data-folder`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
