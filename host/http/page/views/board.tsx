/** One board: its values over time, what happened to it, its session, and requests to it. */
import { useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { formatNumber } from "../format.ts";
import { href } from "../router.ts";
import type { Session } from "../shapes.ts";
import { Heading, Section } from "../shell/heading.tsx";
import { Empty, type Fact, Facts, Fault } from "../shell/parts.tsx";
import { Time } from "../shell/times.tsx";
import type { ViewProps } from "../views.tsx";
import { BoardCounts } from "./board-counts.tsx";
import { Presence } from "./boards.tsx";
import { Charts } from "./charts.tsx";
import { Happenings } from "./happenings.tsx";
import { RequestForm } from "./request-form.tsx";
import { Values } from "./values.tsx";

export function Board({ model, argument: id, desk, now }: ViewProps) {
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
  ];
  return (
    <>
      <Heading note={<Presence board={board} />}>{id}</Heading>
      <div class="card about">
        <Facts facts={about} />
        {session !== undefined && (
          <>
            <p class="of-when">In this session</p>
            <Facts facts={sessionFacts(session)} />
          </>
        )}
        <p class="of-when">In all sessions</p>
        <BoardCounts board={board} />
      </div>
      <Section title="Last values">
        {model.boards.valuesOf(id).length === 0 && <p class="quiet">It has said no value yet.</p>}
        <div class="cards">
          {model.boards.valuesOf(id).map((value) => (
            <div key={value.type} class="card">
              <Values value={value} day={now} />
            </div>
          ))}
        </div>
      </Section>
      <Charts board={model.board} boards={model.boards} desk={desk} now={now} />
      {desk.isControl && (
        <Section title="Ask it something">
          <RequestForm id={id} desk={desk} />
        </Section>
      )}
      <Section title="What happened">
        <Fault text={timeline.fault} />
        <Happenings page={timeline.value} now={now} />
      </Section>
      {desk.isControl && !board.connected && board.gateway === "" && <Forget id={id} desk={desk} />}
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

/** A board that will not come back need not be shown for ever. */
function Forget({ id, desk }: { id: string; desk: Desk }) {
  const [fault, setFault] = useState("");
  const forget = async () => {
    const isSure = await desk.ask({
      title: `Forget ${id}?`,
      what: "It is shown no more, until it speaks again.",
      consequence: "Its messages and its history stay; what waits for it is given up.",
      action: "Forget",
      isDangerous: true,
    });
    if (!isSure) return;
    try {
      await desk.call("DELETE", `/api/v1/devices/${encodeURIComponent(id)}`);
      location.hash = href("boards");
    } catch (error) {
      setFault((error as Error).message);
    }
  };
  return (
    <Section title="It is away">
      <div class="row">
        <button type="button" onClick={() => void forget()}>
          Forget it
        </button>
        <span role="status" class="bad">
          {fault}
        </span>
      </div>
    </Section>
  );
}
