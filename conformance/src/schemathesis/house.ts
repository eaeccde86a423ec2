/** A server with something of everything: people of every role, recordings of calls and of
 * meetings, a legal hold, an import that waits. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SCOPES } from '@tandem/contract'
import { Stage } from '../../../tools/stage.ts'
import { directory, IDS } from '../recordings/cast.ts'
import { Media } from '../recordings/media.ts'
import type { KnownValues } from './document.ts'

/** Recordings of each kind: enough that some are left when others were erased. */
const RECORDINGS = 4
const OFFICER = 'officer@alpha.test'
const ADMIN = 'admin@alpha.test'
const OWNER = 'owner@alpha.test'

/** Who asks, and with what. */
export interface Asker {
  readonly name: 'everything' | 'admin' | 'user'
  readonly token: string
  /** A line of their own: everybody acts for the own one. */
  readonly personId: string
}

/** One server for a trial. */
export class House {
  readonly stage: Stage
  readonly folder: string
  readonly askers: readonly Asker[]
  readonly known: KnownValues

  private constructor(stage: Stage, folder: string, askers: readonly Asker[], known: KnownValues) {
    this.stage = stage
    this.folder = folder
    this.askers = askers
    this.known = known
  }

  static async open(): Promise<House> {
    const stage = await Stage.open({
      directory: directory({ officerRoles: 'admin, complianceOfficer' }),
    })
    const scopes = Object.keys(SCOPES)
    const [everything, admin, user] = await Promise.all([
      stage.token(OFFICER, scopes),
      stage.token(ADMIN, scopes),
      stage.token(OWNER, scopes),
    ])
    const folder = mkdtempSync(join(tmpdir(), 'tandem-schemathesis-run-'))
    const known = await fill(stage, everything)
    const askers = [
      { name: 'everything', token: everything, personId: IDS.officer },
      { name: 'admin', token: admin, personId: IDS.admin },
      { name: 'user', token: user, personId: IDS.owner },
    ] as const
    return new House(stage, folder, askers, known)
  }

  /** Operations that have answered with a success so far, by the server's own count. */
  async succeeded(): Promise<ReadonlySet<string>> {
    const metrics = await (await fetch(`${this.stage.managementUrl}/metrics`)).text()
    const lines = metrics.matchAll(/^tandem_http_requests_total\{([^}]*)\}/gm)
    const done = new Set<string>()
    for (const [, labels = ''] of lines)
      if (/status="2\d\d"/.test(labels)) done.add(/operation="(\w+)"/.exec(labels)?.[1] ?? '')
    return done
  }

  /** Ends the server; its exit code. */
  async close(): Promise<number> {
    const code = await this.stage.stop()
    await this.stage.close()
    rmSync(this.folder, { recursive: true, force: true })
    return code
  }
}

/** Fills the library and makes a call; the ids of what there is. */
async function fill(stage: Stage, token: string): Promise<KnownValues> {
  const media = await Media.load()
  const ask = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const isMedia = body instanceof Uint8Array
    const answer = await fetch(stage.url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': isMedia ? 'application/octet-stream' : 'application/json',
      },
      ...(body === undefined ? {} : { body: isMedia ? Buffer.from(body) : JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.status === 204 ? {} : ((await answer.json()) as Record<string, unknown>) // Always an object.
  }
  const recording = async (n: number, content: Uint8Array, more: object): Promise<string> => {
    const wanted = { ownerEmail: OWNER, topic: `Trial ${n}`, createTime: new Date().toISOString(), ...more }
    const { id } = await ask('POST', '/tandem/v1/imports', wanted)
    const done = await ask('PUT', `/tandem/v1/imports/${id}/media`, content)
    if (typeof done['recordingId'] !== 'string') throw new Error(`an import is ${JSON.stringify(done)}`)
    return done['recordingId']
  }
  const calls: string[] = []
  const meetings: string[] = []
  for (let n = 1; n <= RECORDINGS; n++) {
    calls.push(await recording(n, media.mp3(n), {}))
    meetings.push(await recording(100 + n, await media.mp4(n), { serviceType: 'meeting', meeting: {} }))
  }
  const hold = await ask('POST', '/tandem/v1/holds', { recordingIds: [calls[0]], reason: 'Trial' })
  const waiting = await ask('POST', '/tandem/v1/imports', { ownerEmail: OWNER, topic: 'Waiting' })
  const client = await ask('POST', '/tandem/v1/clients', {
    name: 'Trial',
    redirectUris: ['https://app.example/back'],
    scopes: ['spark:calls_read'],
  })
  return {
    clientId: [String(client['id'])],
    client_id: [String(client['id'])],
    client_secret: [String(client['secret'])],
    redirect_uri: ['https://app.example/back'],
    recordingId: calls,
    recordingIds: calls,
    meetingRecordingId: meetings,
    holdId: [String(hold['id'])],
    importId: [String(waiting['id'])],
    personId: [IDS.owner, IDS.colleague, IDS.foreign],
    memberId: [IDS.owner, IDS.place, IDS.virtualLine],
    ownerId: [IDS.owner, IDS.place],
    workspaceId: [IDS.place],
    virtualLineId: [IDS.virtualLine],
    locationId: [IDS.berlin, IDS.lisbon],
    organizationId: [IDS.org],
    orgId: [IDS.org],
    scopeId: [IDS.org, IDS.berlin, IDS.owner],
    destination: ['102', '105', '+4930555'],
    target: ['102', '105'],
    ownerEmail: [OWNER, 'nobody@alpha.test'],
    hostEmail: [OWNER, 'nobody@alpha.test'],
    reassignOwnerEmail: ['colleague@alpha.test'],
    timezone: ['Europe/Berlin', 'Asia/Tokyo'],
    q: ['trial'],
  }
}
