/** Sessions with boards and with other gateways: how many, how they go on after a break, and what that costs. */
import type { ResumeResult, SessionTally } from "../session/session-tally.ts";
import { counter, type Family, gauge, histogram, sample } from "./family.ts";
import type { Reading } from "./reading.ts";

export function sessionFamilies(): Family[] {
  return [
    gauge(
      "session_active",
      "Sessions, with and without a connection.",
      per(({ standing }) => standing.sessions),
    ),
    gauge(
      "session_connected",
      "Sessions that have a connection.",
      per(({ standing }) => standing.connected),
    ),
    counter(
      "session_resumes_total",
      "Requests to go on with a session: unknown here or there, another version, a proof that is wrong, packets that are gone.",
      (reading) =>
        both(reading).flatMap(({ kind, tally }) =>
          (Object.keys(tally.resumes) as ResumeResult[]).map((result) =>
            sample(tally.resumes[result], { kind, result }),
          ),
        ),
    ),
    histogram("session_resume_seconds", "From the request until packets flow again.", (reading) =>
      both(reading).map(({ kind, tally }) => ({ labels: { kind }, spread: tally.resumeSeconds })),
    ),
    counter(
      "session_resent_packets_total",
      "Packets sent again after a resume.",
      per((tally) => tally.resentPackets),
    ),
    counter(
      "session_resent_bytes_total",
      "Their bytes.",
      per((tally) => tally.resentBytes),
    ),
    counter(
      "session_resume_without_progress_total",
      "Connections of resumed sessions that ended before any of what was outstanding was acknowledged.",
      per((tally) => tally.resumesWithoutProgress),
    ),
    counter(
      "session_dup_suppressed_total",
      "Packets that came again after a resume, and were skipped.",
      per((tally) => tally.skipped),
    ),
    gauge(
      "session_unacked_packets",
      "Packets that the other sides have not acknowledged.",
      per(({ standing }) => standing.packets),
    ),
    gauge(
      "session_unacked_bytes",
      "Their bytes.",
      per(({ standing }) => standing.bytes),
    ),
    histogram(
      "session_rtt_seconds",
      "From a packet that leaves to its acknowledgement, which may wait for a flush.",
      (reading) => both(reading).map(({ kind, tally }) => ({ labels: { kind }, spread: tally.rttSeconds })),
    ),
    counter(
      "session_heartbeat_misses_total",
      "Connections given up because nothing was heard for two heartbeats.",
      per((tally) => tally.heartbeatMisses),
    ),
  ];
}

const per = (value: (tally: SessionTally) => number) => (reading: Reading) =>
  both(reading).map(({ kind, tally }) => sample(value(tally), { kind }));

function both({ sources: { tallies } }: Reading): { kind: string; tally: SessionTally }[] {
  return [
    { kind: "board", tally: tallies.boards },
    { kind: "gateway", tally: tallies.gateways },
  ];
}
