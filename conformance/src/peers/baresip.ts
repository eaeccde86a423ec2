/** baresip as a phone without a sound card: a tone file for a microphone, a WAV file for an ear, JSON for fingers. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Child } from '../../../tools/child.ts'
import { writeToneWav } from './tone.ts'

/** One baresip and how it is to behave. */
export interface BaresipOptions {
  /** A folder of its own. */
  readonly folder: string
  readonly sipPort: number
  readonly controlPort: number
  readonly rtpPortMin: number
  readonly rtpPortMax: number
  readonly user: string
  readonly password: string
  readonly domain: string
  readonly proxyPort: number
  readonly toneHz: number
  readonly autoAnswer: boolean
}

const MODULES = '/usr/lib/baresip/modules'
/** Long enough for any call here, since the file is not repeated. */
const TONE_SECONDS = 60

/** A running baresip. */
export class Baresip {
  readonly child: Child
  readonly #controlPort: number

  constructor(options: BaresipOptions) {
    mkdirSync(options.folder, { recursive: true })
    writeToneWav(join(options.folder, 'tone.wav'), options.toneHz, TONE_SECONDS)
    writeFileSync(join(options.folder, 'config'), config(options))
    const answer = options.autoAnswer ? ';answermode=auto' : ''
    writeFileSync(
      join(options.folder, 'accounts'),
      `<sip:${options.user}@${options.domain}>;auth_user=${options.user};auth_pass=${options.password};outbound="sip:127.0.0.1:${options.proxyPort};transport=udp";regint=60${answer};audio_codecs=pcmu/8000/1\n`,
    )
    writeFileSync(join(options.folder, 'contacts'), '# none\n')
    this.#controlPort = options.controlPort
    this.child = new Child(`baresip ${options.user}`, 'baresip', ['-f', options.folder, '-t', '120'], {
      cwd: options.folder,
    })
  }

  /** Sends one command to the control port, e.g. `dial`, and resolves when baresip has taken it. */
  command(command: string, params?: string): Promise<void> {
    const text = JSON.stringify(params === undefined ? { command } : { command, params })
    return new Promise((resolve, reject) => {
      const socket = connect(this.#controlPort, '127.0.0.1', () =>
        socket.write(`${Buffer.byteLength(text)}:${text},`),
      )
      socket.once('data', () => {
        socket.end()
        resolve()
      })
      socket.once('error', reject)
    })
  }

  stop(): Promise<number> {
    return this.child.stop(3_000)
  }
}

function config(options: BaresipOptions): string {
  return `poll_method epoll
sip_listen 127.0.0.1:${options.sipPort}
call_local_timeout 120
call_max_calls 4
audio_player aubridge,sink
audio_source aufile,${options.folder}/tone.wav
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
audio_buffer 20-160
rtp_ports ${options.rtpPortMin}-${options.rtpPortMax}
rtcp_enable yes
rtcp_mux no
jitter_buffer_delay 5-10
rtp_stats yes
net_interface 127.0.0.1
module_path ${MODULES}
module g711.so
module aufile.so
module aubridge.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:${options.controlPort}
statmode_default off
`
}
