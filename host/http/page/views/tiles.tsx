/** What there is, in counts, each the way to its view. */
import type { ComponentChildren } from "preact";
import { formatBytes, formatNumber } from "../format.ts";
import type { Model } from "../model.ts";
import { href } from "../router.ts";
import { findView } from "../views.tsx";
import { isOpen, unwellWords } from "../work-model.ts";

export function Tiles({ model }: { model: Model }) {
  const { boards, work, ports, status } = model;
  const connected = boards.boards.filter((board) => board.connected).length;
  const delivered = boards.boards.reduce((sum, board) => sum + board.delivered, 0);
  const waiting = boards.boards.reduce((sum, board) => sum + board.queued, 0);
  const open = work.rows.filter(({ task }) => isOpen(task)).length;
  return (
    <ul class="tiles" aria-label="What there is">
      <Tile to="boards" title="Boards" count={boards.boards.length + boards.unshown}>
        {formatNumber(connected)} connected
      </Tile>
      <Tile to="" title="Messages" count={delivered}>
        {status === null ? "" : `${formatBytes(status.store.bytes)} kept`}
      </Tile>
      <Tile to="links" title="Links" count={ports.value?.links.length ?? 0}>
        {countOf(ports.value?.serial.length ?? 0, "serial port")}
      </Tile>
      <Tile to="queues" title="Requests waiting" count={waiting}>
        for boards
      </Tile>
      <Tile to="components" title="Components" count={work.all.length}>
        {unwellWords(work.all)}
      </Tile>
      <Tile to="tasks" title="Tasks" count={open}>
        open now
      </Tile>
    </ul>
  );
}

const countOf = (count: number, name: string) => `${formatNumber(count)} ${name}${count === 1 ? "" : "s"}`;

interface TileProps {
  /** "" for none. */
  to: string;
  title: string;
  count: number;
  children: ComponentChildren;
}

function Tile({ to, title, count, children }: TileProps) {
  const hasView = to !== "" && findView(to) !== undefined;
  return (
    <li class="tile">
      <p class="tile-title">{hasView ? <a href={href(to)}>{title}</a> : title}</p>
      <p class="tile-count">{formatNumber(count)}</p>
      <p class="quiet">{children}</p>
    </li>
  );
}
