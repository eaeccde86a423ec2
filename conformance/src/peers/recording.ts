/** What the conformance suites ask of a recording: to be listed, to be downloaded, to be listened to. */
import { type ConvergedRecording, WebexClient } from '@tandem/sdk'
import { until } from '../../../tools/child.ts'
import { decodeMp3, type Heard } from '../../../tools/mp3.ts'
import type { Stage } from '../../../tools/stage.ts'

/** A client for one person of a stage. */
export async function clientFor(stage: Stage, email: string): Promise<WebexClient> {
  return new WebexClient({ token: await stage.token(email), baseUrl: `${stage.url}/v1` })
}

/** Waits until the person's list holds `count` recordings; newest first. */
export function recordingsOf(
  client: WebexClient,
  count: number,
  waitMs = 15_000,
): Promise<ConvergedRecording[]> {
  return until(
    `${count} recordings are listed`,
    async () => {
      const items = await client.convergedRecordings.list({ max: 100 }).toArray()
      return items.length >= count ? items : undefined
    },
    { waitMs, everyMs: 100 },
  )
}

/** Downloads a recording over its signed link and decodes it. */
export async function hear(client: WebexClient, id: string): Promise<Heard & { readonly bytes: Uint8Array }> {
  const download = await client.convergedRecordings.downloadAudio(id)
  const bytes = new Uint8Array(await new Response(download.stream).arrayBuffer())
  return { ...(await decodeMp3(bytes)), bytes }
}
