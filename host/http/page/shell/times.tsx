/** Moments as people read them: when, and for how long. */
import { formatDuration, formatTime } from "../format.ts";

interface AtProps {
  /** ms since 1970. */
  at: number;
  now: number;
}

/** The time of day, with the date unless it is today's. */
export function Time({ at, now }: AtProps) {
  return <time dateTime={new Date(at).toISOString()}>{formatTime(at, now)}</time>;
}

/** "2 min 10 s". */
export function Ago({ since, now }: { since: number; now: number }) {
  return (
    <time dateTime={new Date(since).toISOString()} title={formatTime(since, now)}>
      {formatDuration(Math.max(0, Math.floor((now - since) / 1000)))}
    </time>
  );
}
