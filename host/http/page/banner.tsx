/** Says when what is shown is not live, and what to do about it. */
import { formatTime } from "./format.ts";
import type { Feed } from "./model.ts";

export function Banner({ feed, heardAt, now }: { feed: Feed; heardAt: number; now: number }) {
  // Always there: a region that appears together with its text is not read out.
  return (
    <div role="status" class={`banner ${feed}`}>
      {textOf(feed, heardAt, now)}
    </div>
  );
}

function textOf(feed: Feed, heardAt: number, now: number) {
  if (feed === "lost") {
    const since = heardAt === 0 ? "" : ` What you see is from ${formatTime(heardAt, now)}.`;
    return (
      <p>
        <strong>Connection to the gateway lost.</strong>
        {since} Trying again…
      </p>
    );
  }
  if (feed === "refused") {
    return (
      <p>
        <strong>This page needs a token.</strong> Open the address that <code>bowline up</code> printed: it
        ends in <code>/?token=…</code>
      </p>
    );
  }
  return feed === "connecting" ? <p>Connecting…</p> : null;
}
