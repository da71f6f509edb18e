/**
 * What sessions did so far, for metrics: plain numbers that are added to where it happens, and the sessions there are.
 * Nothing here is allocated for a packet, and no clock is asked for one.
 */
import { Code } from "../../shared/session/codes.ts";
import { inFlight } from "../../shared/session/pump.ts";
import { Phase, type Session } from "../../shared/session/state.ts";
import { Spread } from "../platform/spread.ts";

/** s; on the loopback a resume takes 1 ms, over a slow cable some tenths. */
const RESUME_BOUNDS_S = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
/** s; an acknowledgement waits for a flush, and for the syncIntervalMin of who sends it. */
const RTT_BOUNDS_S = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type ResumeResult = "ok" | "unknown" | "version" | "auth" | "gap";

/** Endings that say: whoever it is, it may not speak. */
const refusals: readonly Code[] = [Code.KEY_NEEDED, Code.PROOF_INVALID, Code.INTRODUCTION_REFUSED];

export class SessionTally {
  /** What became of requests to go on with a session. */
  readonly resumes: Record<ResumeResult, number> = { ok: 0, unknown: 0, version: 0, auth: 0, gap: 0 };
  /** From the request until packets flow again. */
  readonly resumeSeconds = new Spread(RESUME_BOUNDS_S);
  /** From a packet that leaves until it is acknowledged; one at a time is measured. */
  readonly rttSeconds = new Spread(RTT_BOUNDS_S);
  /** Packets, and their bytes, that left once more over another connection. */
  resentPackets = 0;
  resentBytes = 0;
  /** Connections of sessions that went on, lost again before any of what was outstanding was acknowledged. */
  resumesWithoutProgress = 0;
  /** Connections given up because nothing came for two heartbeats. */
  heartbeatMisses = 0;
  /** Who may not speak, or could not prove to be who it says. */
  authFailures = 0;
  private endedSkipped = 0;
  private readonly sessions = new Set<Session>();

  begun(session: Session): void {
    this.sessions.add(session);
  }

  ended(session: Session, code: Code): void {
    if (!this.sessions.delete(session)) return;
    this.endedSkipped += session.skipped;
    if (code === Code.PACKET_GAP) this.resumes.gap++;
    else if (refusals.includes(code)) this.authFailures++;
  }

  /** A session whose id was shown was not gone on with. */
  notResumed(result: Exclude<ResumeResult, "ok">): void {
    this.resumes[result]++;
    if (result === "auth") this.authFailures++;
  }

  /** Packets that came again after a resume and were skipped (D1). */
  get skipped(): number {
    let skipped = this.endedSkipped;
    for (const session of this.sessions) skipped += session.skipped;
    return skipped;
  }

  /** As it is now: sessions, how many of them have a connection, and what the other side has not acknowledged. */
  get standing(): { sessions: number; connected: number; packets: number; bytes: number } {
    const standing = { sessions: this.sessions.size, connected: 0, packets: 0, bytes: 0 };
    for (const { phase, slot, main } of this.sessions) {
      if (phase >= Phase.OPEN) standing.connected++;
      standing.packets += slot.count + (main?.count ?? 0);
      standing.bytes += slot.tail - slot.head + (main === null ? 0 : main.tail - main.head);
    }
    return standing;
  }

  /** Its connection is gone. */
  lost(session: Session): void {
    if (session.opened > 1 && session.ackedHere === 0 && inFlight(session) > 0) this.resumesWithoutProgress++;
  }
}
