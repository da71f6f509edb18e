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
  if (feed === "refused" || feed === "tokenless") {
    return (
      <p>
        <strong>
          {feed === "refused"
            ? "The token of this page is not valid (any more)."
            : "This page needs a token."}
        </strong>{" "}
        Open the address that <code>bowline up</code> or <code>npm start</code> printed: it ends in{" "}
        <code>/?token=…</code> The token is also in <code>tokens.json</code>, in the gateway's data folder.
      </p>
    );
  }
  return feed === "connecting" ? <p>Connecting…</p> : null;
}
