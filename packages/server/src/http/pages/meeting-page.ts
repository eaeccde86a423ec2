/**
 * The pages of a meeting recording (meeting-recordings §1, `playbackUrl` and `downloadUrl`): one asks for the password, one
 * plays. Before the password nothing of the recording is said, not even its topic.
 */
import { escaped, htmlPage } from './html-page.ts'

/** What a page is for. */
export type MeetingPage = 'play' | 'download'

/** Asks for the password; `fault` says what was wrong with the last one. */
export function passwordPage(page: MeetingPage, fault?: string): string {
  const title = page === 'play' ? 'Play a recording' : 'Download a recording'
  const button = page === 'play' ? 'Play' : 'Download'
  // The fault is part of the description of the field, so that a screen reader says it where the mistake is mended.
  const alert = fault === undefined ? '' : `<p class="fault" id="fault" role="alert">${escaped(fault)}</p>\n`
  const described = fault === undefined ? '' : ' aria-invalid="true" aria-describedby="fault"'
  return htmlPage(
    title,
    `<p>The password is with the recording, where its host sees it.</p>
${alert}<form method="post"><p><label for="password">Password</label><br>
<input id="password" name="password" type="password" autocomplete="off" required autofocus${described}></p>
<p><button type="submit">${button}</button></p></form>`,
  )
}

/** Plays a recording. Addresses are paths of this server. */
export function playerPage(recording: {
  readonly topic: string
  readonly media: { readonly kind: 'audio' | 'video'; readonly path: string; readonly contentType: string }
  readonly captionsPath?: string
}): string {
  const { topic, media, captionsPath } = recording
  const source = `<source src="${escaped(media.path)}" type="${escaped(media.contentType)}">`
  const captions =
    captionsPath === undefined
      ? ''
      : `<track kind="captions" label="Transcript" src="${escaped(captionsPath)}">`
  return htmlPage(
    topic,
    `<${media.kind} controls preload="metadata" aria-label="${escaped(topic)}">${source}${captions}
This browser plays no such recordings.</${media.kind}>`,
  )
}

/** There is nothing here, or nothing that may be shown: which of them is not said. */
export function missingPage(): string {
  return htmlPage(
    'No such recording',
    '<p>There is no recording at this address, or it may not be shown here. Ask whoever gave you the address.</p>',
  )
}

/** Too many wrong passwords. */
export function waitPage(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  return htmlPage(
    'Too many attempts',
    `<p role="alert">Too many wrong passwords came from your address. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.</p>`,
  )
}
