/** Uploaded sounds and mailboxes of a data folder, recovered: after this nobody finds a row without its file in doubt. */
import type { Logger } from '@tandem/base'
import type { ServerData } from '../data/open-data.ts'
import { ClipFolder } from '../sounds/clip-folder.ts'
import { soundConverter } from '../sounds/convert-sound.ts'
import { Sounds } from '../sounds/sounds.ts'
import { Mailboxes } from '../voicemail/mailboxes.ts'

/** Opens both. Call it before recordings are recovered, which hand over messages. */
export async function openClips(
  data: ServerData,
  dataFolder: string,
  logger: Logger,
): Promise<{ readonly sounds: Sounds; readonly mailboxes: Mailboxes }> {
  const { db } = data
  const sounds = new Sounds({
    db,
    clips: await ClipFolder.open(dataFolder, 'sounds'),
    convert: soundConverter(),
    logger,
    now: Date.now,
  })
  const mailboxes = new Mailboxes({ db, clips: await ClipFolder.open(dataFolder, 'voicemail'), logger })
  await sounds.recover()
  await mailboxes.recover()
  return { sounds, mailboxes }
}
