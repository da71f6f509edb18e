/** Says when what is shown is not live, how old it is, and what to do about it. */
import { formatTime } from "../format.ts";
import type { Feed } from "../model.ts";
import { Ago } from "./times.tsx";

interface BannerProps {
  feed: Feed;
  heardAt: number;
  now: number;
}

export function Banner({ feed, heardAt, now }: BannerProps) {
  // Always there: a region that appears together with its text is not read out.
  return (
    <aside aria-label="Connection" class={`banner ${feed}`}>
      <p role="status">{wordsOf(feed)}</p>
      {feed === "lost" && heardAt > 0 && (
        <p>
          What you see is from {formatTime(heardAt, now)}, <Ago since={heardAt} now={now} /> old. Trying
          again… If it stays so: is this device on its network? On the gateway's machine{" "}
          <code>npx bowline check</code> tells whether it runs.
        </p>
      )}
    </aside>
  );
}

function wordsOf(feed: Feed) {
  if (feed === "lost") return <strong>Connection to the gateway lost.</strong>;
  if (feed === "refused" || feed === "tokenless") {
    return (
      <>
        <strong>
          {feed === "refused"
            ? "The token of this page is not valid (any more)."
            : "This page needs a token."}
        </strong>{" "}
        Open the address that <code>bowline up</code> or <code>npm start</code> printed: it ends in{" "}
        <code>/?token=…</code> The token is also in <code>tokens.json</code>, in the gateway's data folder.
      </>
    );
  }
  return feed === "connecting" ? "Connecting…" : null;
}
