/**
 * The timer values of RFC 3261 §17 (table 4) and RFC 6026, all in milliseconds.
 *
 * They are constants on purpose: a settable timer is a test that cannot run beside another one. Virtual time
 * makes thirty-two seconds pass in a microsecond instead.
 */

/** Round-trip estimate, RFC 3261 §17.1.1.1. */
export const T1_MS = 500
/** Longest interval between two copies of a non-INVITE request or of an INVITE response, RFC 3261 §17.1.2.2. */
export const T2_MS = 4_000
/** Longest time a message stays in the network, RFC 3261 §17.1.2.2. */
export const T4_MS = 5_000
/** 64*T1: Timers B, F, H, J, L and M, and how long a 2xx waits for its ACK (RFC 3261 §13.3.1.4). */
export const PATIENCE_MS: number = 64 * T1_MS
/** Timer D: how long a rejection of an INVITE may still be repeated to us over UDP, RFC 3261 §17.1.1.2. */
export const TIMER_D_MS = 32_000
