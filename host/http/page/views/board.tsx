/** One board: its values over time, what happened to it, its session, and requests to it. */
import { formatNumber } from "../format.ts";
import { href } from "../router.ts";
import type { Session } from "../shapes.ts";
import { Heading, Section } from "../shell/heading.tsx";
import { Empty, type Fact, Facts, Fault } from "../shell/parts.tsx";
import { Time } from "../shell/times.tsx";
import type { ViewProps } from "../views.tsx";
import { BoardCounts } from "./board-counts.tsx";
import { Presence } from "./boards.tsx";
import { Happenings } from "./happenings.tsx";
import { Values } from "./values.tsx";

export function Board({ model, argument: id, now }: ViewProps) {
  const board = model.boards.board(id);
  if (board === undefined) {
    return (
      <>
        <Heading>{id}</Heading>
        {model.boards.isKnown && (
          <Empty title="No board of this name is known">
            <p>
              <a href={href("boards")}>All boards</a>
            </p>
          </Empty>
        )}
      </>
    );
  }
  const { session, timeline } = model.board;
  const about: Fact[] = [
    ["board", board.board || "–"],
    ["firmware", board.firmware || "–"],
    ["speaks over", board.via || "–"],
    ...(board.gateway === "" ? [] : [["behind", board.gateway] as const]),
    ["heard", board.lastAt === 0 ? "nothing yet" : <Time at={board.lastAt} now={now} />],
    ...(session === undefined ? [] : sessionFacts(session)),
  ];
  return (
    <>
      <Heading note={<Presence board={board} />}>{id}</Heading>
      <div class="card about">
        <Facts facts={about} />
        <BoardCounts board={board} />
      </div>
      <Section title="Values">
        {model.boards.valuesOf(id).length === 0 && <p class="quiet">It has said no value yet.</p>}
        <div class="cards">
          {model.boards.valuesOf(id).map((value) => (
            <div key={value.type} class="card">
              <Values value={value} day={now} />
            </div>
          ))}
        </div>
      </Section>
      <Section title="What happened">
        <Fault text={timeline.fault} />
        <Happenings page={timeline.value} now={now} />
      </Section>
    </>
  );
}

function sessionFacts({ id, state, received, unacknowledged, skipped, connections }: Session): Fact[] {
  return [
    ["session", <code key="id">{id}</code>, "the first letters of its name"],
    ["state", state],
    ["connections", formatNumber(connections), "it went on over so many"],
    ["received", formatNumber(received), "packets of this session"],
    ["came again", formatNumber(skipped), "after a break, and were dropped"],
    ["not acknowledged", formatNumber(unacknowledged), "packets to the board"],
  ];
}
