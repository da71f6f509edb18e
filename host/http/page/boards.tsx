/** Every board: whether it is there, what it last said, and what may be missing. */
import { formatNumber, formatTime } from "./format.ts";
import type { Board, LastValue, Model } from "./model.ts";
import type { Status } from "./shapes.ts";
import { addressOf } from "./status-line.tsx";

/** Characters of a value that has others beside it. */
const MAX_NARROW = 10;

interface BoardsProps {
  model: Model;
  tcp: Status["tcp"];
  now: number;
}

export function Boards({ model, tcp, now }: BoardsProps) {
  const { boards, unshown } = model;
  return (
    <section aria-labelledby="boards">
      <h2 id="boards">Boards</h2>
      {boards.length === 0 ? <NoBoards tcp={tcp} /> : null}
      <ul class="boards">
        {boards.map((board) => (
          <BoardCard key={board.id} board={board} values={model.valuesOf(board.id)} now={now} />
        ))}
      </ul>
      {unshown > 0 && (
        <p>
          {formatNumber(unshown)} more: <code>npx bowline devices</code>
        </p>
      )}
    </section>
  );
}

function NoBoards({ tcp }: { tcp: Status["tcp"] }) {
  return (
    <div class="empty">
      <p>No board has said hello yet. Plug one in, or start a simulated one:</p>
      <pre>
        <code>npx bowline sim {tcp === null ? "--serial PATH" : `--tcp ${addressOf(tcp)}`}</code>
      </pre>
    </div>
  );
}

function BoardCard({ board, values, now }: { board: Board; values: LastValue[]; now: number }) {
  return (
    <li class={board.connected ? "board" : "board away"}>
      <h3>{board.id}</h3>
      <p class="presence">
        <span class={board.connected ? "badge live" : "badge lost"}>
          {board.connected ? "connected" : "away"}
        </span>{" "}
        <Seen board={board} now={now} />
      </p>
      <p class="kind">{[board.board, board.firmware, board.via].filter((text) => text !== "").join(" · ")}</p>
      {values.length === 0 ? <p class="quiet">no values yet</p> : null}
      {values.map((value) => (
        <Value key={value.type} value={value} now={now} />
      ))}
      <Counts board={board} />
    </li>
  );
}

function Seen({ board: { lastAt, connected }, now }: { board: Board; now: number }) {
  if (lastAt === 0) return <span class="quiet">nothing heard yet</span>;
  const time = <time dateTime={new Date(lastAt).toISOString()}>{formatTime(lastAt, now)}</time>;
  return connected ? <span class="quiet">heard {time}</span> : <span>last heard {time}</span>;
}

function Value({ value: { type, at, fields }, now }: { value: LastValue; now: number }) {
  return (
    <div class="value">
      <h4>
        {type} <time dateTime={new Date(at).toISOString()}>{formatTime(at, now)}</time>
      </h4>
      <dl>
        {fields.map(([name, text]) => (
          <div key={name} class={text.length > MAX_NARROW ? "wide" : ""}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** The words of `bowline devices`. */
const counts = [
  ["messages", "delivered, each once", ({ delivered }: Board) => delivered],
  ["repeats", "came again and were dropped", ({ repeats }: Board) => repeats],
  ["waiting", "requests that wait for the board", ({ queued }: Board) => queued],
  ["missing", "may be lost, or the board had no room for them", ({ missing, lost }: Board) => missing + lost],
] as const;

function Counts({ board }: { board: Board }) {
  return (
    <>
      <dl class="counts">
        {counts.map(([name, meaning, count]) => (
          <div key={name} title={meaning} class={name === "missing" && count(board) > 0 ? "fault" : ""}>
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
