/**
 * The call engine: sessions, call halves and legs of one call node, as one machine without I/O.
 *
 * Every input goes through `turn`: it is carried out, what the SIP endpoint says because of it is heard, and all that
 * was caused comes back in order. The work itself is in the folders beside this file; here is only who gets what.
 */
import { earlier, type Instant } from '@tandem/base'
import type { MediaEvent } from '@tandem/media'
import { Endpoint, type EndpointOptions, type Flow, type SipEndpoint, type SipMessage } from '@tandem/sip'
import { acknowledged, answered, answerOffer } from './bridge/offer.ts'
import type { CallCommand } from './commands.ts'
import type { DirectorySnapshot, Mailbox } from './directory.ts'
import type { CallEngine, EngineOptions, EngineOutput } from './engine-api.ts'
import { call } from './feature/calling.ts'
import { nextInfoDigit } from './feature/digits.ts'
import { requestedInCall } from './feature/in-call.ts'
import { invited } from './feature/incoming-call.ts'
import { keyPressed } from './feature/keys.ts'
import { machinePlayed, machineWaited } from './feature/machine.ts'
import { parkedTooLong } from './feature/park.ts'
import { ignoredLongEnough } from './feature/reject.ts'
import { phoneLate, phoneReplied } from './feature/remote-control.ts'
import { takePlace } from './feature/replaces.ts'
import { accepted, progressed, rangOut, refused, rejected } from './feature/ringing.ts'
import { runCommand } from './feature/run-command.ts'
import { codeForgotten } from './feature/star-codes.ts'
import type { CallHalf } from './half/half.ts'
import type { Leg } from './leg/leg.ts'
import { settle } from './leg/media.ts'
import { answerRequest } from './registrar/requests.ts'
import { DirectoryIndex } from './route/directory-index.ts'
import { FORKS_MAX, invitePhone } from './route/fork.ts'
import { Core, type Heard } from './session/core.ts'
import { dropLeg, finishIfSettled, finishLate, leaveCall, legOver } from './session/finish.ts'
import type { HalfWait, Timer } from './session/timers.ts'
import { beepDue } from './tap/beep.ts'
import { farewellOver, legHeard, legSilent, recordingFailed } from './tap/failure.ts'
import { noticeOver, noticePlayed } from './tap/notice.ts'
import { recordingClosed, recordingOpened } from './tap/record.ts'

/** SIP calls of the endpoint for each session of ours: the caller's phone and every phone that rings. */
const SIP_CALLS_PER_SESSION = FORKS_MAX + 1
/** SIP calls beyond those of sessions: INVITEs that are being refused, BYEs that are being answered. */
const SIP_CALLS_SPARE = 1_000
/** Session timer that is asked for (RFC 4028 §4.2 recommends it). */
const SESSION_EXPIRES_SECONDS = 1_800

/** The engine of one call node. */
export class Engine implements CallEngine {
  readonly #core: Core

  /** `makeEndpoint` stands in for the SIP endpoint in tests of the engine alone. */
  constructor(
    options: EngineOptions,
    makeEndpoint: (options: EndpointOptions) => SipEndpoint = (given) => new Endpoint(given),
  ) {
    const endpoint = makeEndpoint({
      crypto: options.crypto,
      product: options.product,
      advertised: (transport, remote) => options.advertised(transport, remote),
      methods: ['INFO', 'REFER', 'NOTIFY'],
      extensions: ['replaces'],
      sessionExpiresSeconds: options.limits.sessionExpiresSeconds ?? SESSION_EXPIRES_SECONDS,
      callsMax: options.limits.callsMax * SIP_CALLS_PER_SESSION + SIP_CALLS_SPARE,
    })
    this.#core = new Core(options, endpoint)
  }

  get deadline(): Instant {
    const core = this.#core
    const own = earlier(core.timers.next, earlier(core.registrar.deadline, core.messageWaiting.deadline))
    return earlier(core.endpoint.deadline, own)
  }

  tick(now: Instant): EngineOutput[] {
    const core = this.#core
    return this.#turn(now, () => {
      if (core.endpoint.deadline <= now) core.sip(core.endpoint.tick(now))
      core.registrar.tick(core)
      core.messageWaiting.tick(core)
      for (;;) {
        const timer = core.timers.popDue(now)
        if (timer === undefined) break
        this.#timedOut(timer)
      }
    })
  }

  receive(now: Instant, message: SipMessage, flow: Flow): EngineOutput[] {
    const core = this.#core
    return this.#turn(now, () => {
      core.trace.note(core.wallNow, 'in', message)
      core.sip(core.endpoint.receive(now, message, flow))
    })
  }

  sendFailed(now: Instant, message: SipMessage): EngineOutput[] {
    return this.#turn(now, () => this.#core.sip(this.#core.endpoint.sendFailed(now, message)))
  }

  flowClosed(now: Instant, flow: Flow): EngineOutput[] {
    return this.#turn(now, () => this.#core.registrar.flowClosed(this.#core, flow))
  }

  registrationStored(now: Instant, token: number, stored: boolean): EngineOutput[] {
    return this.#turn(now, () => this.#core.registrar.stored(this.#core, token, stored))
  }

  setDirectory(now: Instant, directory: DirectorySnapshot): EngineOutput[] {
    const core = this.#core
    return this.#turn(now, () => {
      core.directory = new DirectoryIndex(directory)
      core.registrar.keepDevices(core)
    })
  }

  drain(now: Instant): EngineOutput[] {
    return this.#turn(now, () => {
      this.#core.draining = true
    })
  }

  setMailbox(now: Instant, mailbox: Mailbox): EngineOutput[] {
    const core = this.#core
    return this.#turn(now, () => {
      core.setMailbox(mailbox)
      const line = core.realmOf(mailbox.orgId)?.lines.get(mailbox.lineId)
      if (line !== undefined) core.messageWaiting.changed(core, line)
    })
  }

  command(now: Instant, id: number, command: CallCommand): EngineOutput[] {
    return this.#turn(now, () => runCommand(this.#core, id, command))
  }

  media(now: Instant, event: MediaEvent): EngineOutput[] {
    return this.#turn(now, () => this.#mediaSaid(event))
  }

  get counts(): CallEngine['counts'] {
    const core = this.#core
    return {
      sessions: core.sessions.size,
      halves: core.halves.size,
      legs: core.legs.size,
      recordings: core.recordings.size,
      transactions: core.endpoint.counts.transactions,
      registrations: core.registrar.size,
    }
  }

  #turn(now: Instant, input: () => void): EngineOutput[] {
    return this.#core.turn(now, input, (heard) => this.#hear(heard))
  }

  /** Something the endpoint says, about a call or outside of any. */
  #hear(heard: Heard): void {
    const core = this.#core
    switch (heard.kind) {
      case 'invited':
        invited(core, heard)
        return
      case 'request':
        answerRequest(core, heard)
        return
      case 'response':
        core.messageWaiting.answered(heard.transaction, heard.response)
        return
      case 'refused':
        core.notice('SIP message refused', { why: heard.why })
        return
      default:
        this.#callSaid(heard)
        return
    }
  }

  /** Something the endpoint says about a call: to whom it belongs is found by its name. */
  #callSaid(said: Exclude<Heard, { readonly kind: 'invited' | 'request' | 'response' | 'refused' }>): void {
    const core = this.#core
    const leg = core.calls.get(said.call)
    if (leg === undefined) {
      // Given up in the meantime; only a request that waits for its answer still needs one.
      if (said.kind === 'callRequest') core.sip(core.endpoint.respond(core.now, said.transaction, 481))
      return
    }
    switch (said.kind) {
      case 'progressed':
        progressed(core, leg, said)
        return
      case 'accepted':
        accepted(core, leg, said)
        return
      case 'rejected':
        rejected(core, leg, said)
        return
      case 'cancelled':
        legOver(core, leg)
        leaveCall(core, leg.half, { cause: 'cancelled', callerStatus: 487 })
        return
      case 'acknowledged':
        if (!acknowledged(core, leg, said.answer))
          leaveCall(core, leg.half, { cause: 'notAcceptable', callerStatus: 488 })
        return
      case 'offered':
        answerOffer(core, leg, said.offer)
        return
      case 'callRequest':
        requestedInCall(core, leg, said.transaction, said.request)
        return
      case 'ended':
        legOver(core, leg)
        leaveCall(core, leg.half, { cause: said.why === 'bye' ? 'normal' : 'lost', callerStatus: 480 })
        return
      case 'answered':
        answered(core, leg, said.answer)
        return
      case 'callResponse':
        phoneReplied(core, leg, { transaction: said.transaction, status: said.response.status })
        return
      case 'offerFailed':
        return // The engine makes no offers of its own; a session refresh that failed changed nothing.
    }
  }

  #mediaSaid(event: MediaEvent): void {
    const core = this.#core
    switch (event.kind) {
      case 'recordingOpened':
        recordingOpened(core, event.recording)
        return
      case 'recordingClosed':
        recordingClosed(core, event.recording)
        return
      case 'recordingFailed':
        recordingFailed(core, event.recording, event.why)
        return
      case 'digit': {
        const leg = core.legs.get(event.leg)
        if (leg !== undefined) keyPressed(core, leg, event.digit)
        return
      }
      case 'played': {
        const leg = core.legs.get(event.leg)
        if (leg !== undefined && !machinePlayed(core, leg, event.token)) noticePlayed(core, leg, event.token)
        return
      }
      case 'silent':
      case 'heard': {
        const leg = core.legs.get(event.leg)
        if (leg !== undefined) (event.kind === 'silent' ? legSilent : legHeard)(core, leg)
        return
      }
      case 'allocated':
      case 'failed':
      case 'released': {
        const leg = core.legs.get(event.leg)
        if (leg !== undefined) this.#legSaid(leg, event)
        return
      }
    }
  }

  #legSaid(
    leg: Leg,
    event: Extract<MediaEvent, { readonly kind: 'allocated' | 'failed' | 'released' }>,
  ): void {
    if (event.kind === 'allocated') this.#allocated(leg, event)
    else if (leg.state !== 'ended') this.#mediaLost(leg, event)
    else settle(this.#core, leg, event)
    finishIfSettled(this.#core, leg.session)
  }

  #allocated(
    leg: Leg,
    anchor: { readonly host: string; readonly port: number; readonly rtcpPort: number },
  ): void {
    const core = this.#core
    if (leg.state !== 'allocating') return
    core.disarm({ kind: 'allocation', owner: leg })
    leg.anchor = { host: anchor.host, port: anchor.port, rtcpPort: anchor.rtcpPort }
    if (leg.target !== undefined) {
      invitePhone(core, leg)
      return
    }
    leg.state = 'ready'
    const { half } = leg
    const { attempt } = half.session
    if (half.intent?.kind === 'replace') takePlace(core, half, half.intent.target)
    else if (attempt?.caller === half) call(core, attempt)
  }

  /** A leg that is in use has no media, or has lost it. */
  #mediaLost(leg: Leg, event: MediaEvent): void {
    const core = this.#core
    core.notice('media leg failed', { leg: leg.id, why: event.kind === 'failed' ? event.why : event.kind })
    const isNeeded = leg.half.leg === leg
    if (leg.anchor === undefined || event.kind === 'released') settle(core, leg, event)
    if (isNeeded) {
      leaveCall(core, leg.half, { cause: 'mediaFailed', callerStatus: 503 })
      return
    }
    dropLeg(core, leg, { status: 503 })
    refused(core, leg, 503)
  }

  #timedOut(timer: Timer): void {
    const core = this.#core
    switch (timer.kind) {
      case 'allocation':
        this.#mediaLate(timer.owner)
        return
      case 'half':
        this.#halfWaited(timer.owner, timer.wait)
        return
      case 'failureTone': {
        const { attempt } = timer.owner
        if (attempt?.failure !== undefined) leaveCall(core, attempt.caller, attempt.failure)
        return
      }
      case 'closing':
        finishLate(core, timer.owner)
        return
    }
  }

  #halfWaited(half: CallHalf, wait: HalfWait): void {
    const core = this.#core
    switch (wait) {
      case 'ring':
        rangOut(core, half)
        return
      case 'announcement':
        farewellOver(core, half)
        return
      case 'notice':
        noticeOver(core, half)
        return
      case 'beep':
        beepDue(core, half)
        return
      case 'phone':
        phoneLate(core, half)
        return
      case 'digits':
        nextInfoDigit(core, half)
        return
      case 'ignored':
        ignoredLongEnough(core, half)
        return
      case 'recall':
        parkedTooLong(core, half)
        return
      case 'voicemail':
        machineWaited(core, half)
        return
      case 'code':
        codeForgotten(half)
        return
      default:
        return
    }
  }

  /** The media port did not answer in time: the leg is given up, and freed in case it answers yet. */
  #mediaLate(leg: Leg): void {
    const core = this.#core
    if (leg.state !== 'allocating') return
    core.notice('media leg was not allocated in time', { leg: leg.id })
    if (leg.half.leg === leg) {
      leaveCall(core, leg.half, { cause: 'mediaFailed', callerStatus: 503 })
      return
    }
    refused(core, leg, 503)
  }
}
