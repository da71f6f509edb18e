/** Every board: whether it is there, what it last said and how that went, and what may be missing. */
import type { Board, LastValue } from "../boards-model.ts";
import { dayOf, formatNumber } from "../format.ts";
import { href } from "../router.ts";
import type { Status } from "../shapes.ts";
import { addressOf } from "../shell/gateway-line.tsx";
import { Heading } from "../shell/heading.tsx";
import { memo } from "../shell/memo.tsx";
import { Badge, Command, Empty } from "../shell/parts.tsx";
import { Time } from "../shell/times.tsx";
import type { ViewProps } from "../views.tsx";
import { BoardCounts } from "./board-counts.tsx";
import { Values } from "./values.tsx";

/** Cards at once; the filter leads to the others. */
const MAX_CARDS = 200;

export function Boards({ model, desk, now }: ViewProps) {
  const { boards, unshown, filter, isKnown } = model.boards;
  const found = boards.filter((board) => isMeant(board, filter));
  const shown = found.slice(0, MAX_CARDS);
  const beyond = found.length - shown.length + unshown;
  // Times of day need no new look before the day is another one.
  const day = dayOf(now);
  return (
    <>
      <Heading note={isKnown ? <Summary boards={boards} /> : undefined}>Boards</Heading>
      {boards.length > 0 && (
        <Filter
          filter={filter}
          found={`${formatNumber(found.length)} of ${formatNumber(boards.length)}`}
          onFilter={(text) => {
            model.boards.filter = text;
            desk.changed();
          }}
        />
      )}
      {!isKnown && <p class="quiet">Asking for it…</p>}
      {isKnown && boards.length === 0 && <NoBoards tcp={model.status?.tcp ?? null} />}
      <ul class="cards">
        {shown.map((board) => (
          <BoardCard key={board.id} board={board} values={model.boards.valuesOf(board.id)} day={day} />
        ))}
      </ul>
      {beyond > 0 && (
        <p class="quiet">
          {formatNumber(beyond)} more: type a part of their names above, or <code>npx bowline devices</code>
        </p>
      )}
    </>
  );
}

function Summary({ boards }: { boards: readonly Board[] }) {
  const connected = boards.filter((board) => board.connected).length;
  return (
    <>
      {formatNumber(connected)} connected, {formatNumber(boards.length - connected)} away
    </>
  );
}

/** Every word must be in it: of its name, its kind, its way, or how it is. */
function isMeant(board: Board, filter: string): boolean {
  const { id, connected, via, firmware } = board;
  const text = [id, connected ? "connected" : "away", board.board, via, firmware].join(" ").toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

interface FilterProps {
  filter: string;
  found: string;
  onFilter(text: string): void;
}

function Filter({ filter, found, onFilter }: FilterProps) {
  return (
    <search class="filter">
      <label>
        Filter
        <input
          type="search"
          spellcheck={false}
          autocapitalize="off"
          placeholder="part of a name, away, tcp, …"
          value={filter}
          onInput={(event) => onFilter(event.currentTarget.value)}
        />
      </label>
      <p class="quiet" aria-live="polite">
        {filter !== "" && found}
      </p>
    </search>
  );
}

export function NoBoards({ tcp }: { tcp: Status["tcp"] }) {
  return (
    <Empty title="No board has said hello yet">
      <p>Plug one in and put the firmware on it:</p>
      <Command text="npx bowline flash" />
      <p>Or try it without one: a simulated board runs the same firmware.</p>
      <Command text={`npx bowline sim ${tcp === null ? "--serial PATH" : `--tcp ${addressOf(tcp)}`}`} />
    </Empty>
  );
}

interface CardProps {
  board: Board;
  values: readonly LastValue[];
  day: number;
}

const BoardCard = memo(({ board, values, day }: CardProps) => (
  <li class={board.connected ? "card board" : "card board away"}>
    <div class="board-head">
      <h2>
        <a href={href("board", board.id)}>{board.id}</a>
      </h2>
      <Presence board={board} />
    </div>
    <p class="kind">
      {[board.board, board.firmware, board.via].map((text) => (text === "" ? "" : `${text} · `))}
      <Seen board={board} day={day} />
    </p>
    {values.length === 0 ? <p class="quiet">no values yet</p> : null}
    {values.map((value) => (
      <Values key={value.type} value={value} day={day} />
    ))}
    <BoardCounts board={board} />
  </li>
));

export function Presence({ board: { connected } }: { board: Board }) {
  return <Badge look={connected ? "good" : "bad"}>{connected ? "connected" : "away"}</Badge>;
}

function Seen({ board: { lastAt, connected }, day }: { board: Board; day: number }) {
  if (lastAt === 0) return <span class="quiet">nothing heard yet</span>;
  return (
    <span class="seen">
      {connected ? "heard" : "last heard"} <Time at={lastAt} now={day} />
    </span>
  );
}
