/** What the API sets for calls, through the whole server on loopback: on disk, refused where a file says it, there after a restart. */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { encodeWebexId } from '@tandem/contract'
import { readConfig } from '../config/read-config.ts'
import { createToken } from '../tokens/tokens.ts'
import { type RunningServer, startServer } from './start-server.ts'

const SCOPES = [
  'spark-admin:telephony_config_read',
  'spark-admin:telephony_config_write',
  'spark-admin:people_write',
  'spark-admin:calls_write',
  'spark:calls_read',
]

it('keeps announcements, the message lamp and preferred phones over a restart, and what a file says is the file’s', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-settings-'))
  const start = (): Promise<RunningServer> =>
    startServer(
      readConfig({
        flags: {
          dataFolder: folder,
          httpPort: '0',
          managementPort: '0',
          sipListen: 'udp:127.0.0.1:0',
          mediaPortMin: '31100',
          mediaPortMax: '31199',
          mediaWorkers: '1',
          drainSeconds: '0',
          logLevel: 'silent',
        },
      }),
    )
  let server = await start()
  try {
    const { token } = await createToken(server.data.db, { email: 'ada@radio.test', scopes: SCOPES })
    const send = (method: string, path: string, body?: Uint8Array | object): Promise<Response> =>
      fetch(`${server.httpUrl}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined
            ? {}
            : { 'content-type': body instanceof Uint8Array ? 'audio/basic' : 'application/json' }),
        },
        ...(body === undefined
          ? {}
          : { body: body instanceof Uint8Array ? body.slice() : JSON.stringify(body) }),
      })
    const uploaded = await send(
      'POST',
      '/tandem/v1/announcements?name=Welcome',
      new Uint8Array(8_000).fill(0xff),
    )
    assert.equal(uploaded.status, 201, await uploaded.clone().text())
    const sound = (await uploaded.json()) as { id: string; durationMs: number }
    assert.equal(sound.durationMs, 1_000)

    const line = await server.data.db.kysely
      .selectFrom('people')
      .innerJoin('devices', 'devices.line_id', 'people.id')
      .select(['people.id', 'devices.id as device'])
      .where('people.email', '=', 'ada@radio.test')
      .executeTakeFirstOrThrow()
    const ada = encodeWebexId('PEOPLE', line.id)
    const desk = encodeWebexId('DEVICE', line.device)
    const recording = await send('PUT', `/v1/people/${ada}/features/callRecording`, { enabled: false })
    assert.equal(recording.status, 409)
    assert.match(await recording.text(), /demo/)
    const preferred = `/v1/telephony/config/people/${ada}/preferredAnswerEndpoint`
    assert.equal((await send('PUT', preferred, { preferredAnswerEndpointId: desk })).status, 204)
    const lamp = await send('POST', `/v1/telephony/externalVoicemail/mwi?id=${ada}`, { action: 'SET' })
    assert.equal(lamp.status, 204, await lamp.text())

    await server.stop()
    server = await start()
    assert.deepEqual(
      ((await (await send('GET', '/tandem/v1/announcements')).json()) as { items: unknown[] }).items,
      [sound],
    )
    assert.deepEqual(await readdir(join(folder, 'clips', 'sounds')), [`${sound.id}.ulaw`])
    const chosen = (await (await send('GET', preferred)).json()) as { preferredAnswerEndpointId: string }
    assert.equal(chosen.preferredAnswerEndpointId, desk)
    assert.deepEqual(await (await send('GET', '/v1/telephony/calls/history')).json(), { items: [] })
    const lit = await server.data.db.kysely
      .selectFrom('lines')
      .select('id')
      .where('external_waiting', '=', 1)
      .execute()
    assert.deepEqual(lit, [{ id: line.id }])
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
})
