/** What a board's messages came to: how many, how often again, and what may be missing. */
import type { Board } from "../boards-model.ts";
import { formatNumber } from "../format.ts";

/** The words of `bowline devices`. */
const counts = [
  ["messages", "delivered, each once", ({ delivered }: Board) => delivered],
  ["repeats", "came again and were dropped", ({ repeats }: Board) => repeats],
  ["waiting", "requests that wait for the board", ({ queued }: Board) => queued],
  ["missing", "may be lost, or the board had no room for them", ({ missing, lost }: Board) => missing + lost],
] as const;

export function BoardCounts({ board }: { board: Board }) {
  return (
    <>
      <dl class="counts">
        {counts.map(([name, meaning, count]) => (
          <div key={name} title={meaning} class={name === "missing" && count(board) > 0 ? "fault-count" : ""}>
            <dt>{name}</dt>
            <dd>{formatNumber(count(board))}</dd>
          </div>
        ))}
      </dl>
      {board.missing + board.lost > 0 && <p class="losses">{lossesOf(board)}</p>}
    </>
  );
}

function lossesOf({ missing, lost }: Board): string {
  const parts = [];
  if (missing > 0) parts.push(`${formatNumber(missing)} may be lost: their numbers never came`);
  if (lost > 0) parts.push(`${formatNumber(lost)} the board had no room for`);
  return parts.join("; ");
}
