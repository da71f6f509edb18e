/** The wires: serial ports and what they wait for, links with what they counted, and the sessions that go on over them. */
import type { Desk } from "../desk.ts";
import { formatBytes, formatNumber } from "../format.ts";
import { href } from "../router.ts";
import type { Link, SerialPort, Session } from "../shapes.ts";
import { Heading, Section } from "../shell/heading.tsx";
import { Mend } from "../shell/mend.tsx";
import { Badge, Command, Empty, Fault, type Look } from "../shell/parts.tsx";
import { type Column, Table } from "../shell/table.tsx";
import { Time } from "../shell/times.tsx";
import type { ViewProps } from "../views.tsx";

export function Links({ model, desk, now }: ViewProps) {
  const { ports, sessions } = model;
  const { serial, links } = ports.value ?? { serial: [], links: [] };
  const count = serial.length + links.length;
  return (
    <>
      <Heading note={ports.value && <Summary serial={serial} links={links} />}>Links</Heading>
      <Fault text={ports.fault} />
      {ports.value !== null && count === 0 && (
        <Empty title="No line is open, and no port waits">
          <p>
            A board that is plugged in, or connects over the network, appears here. Which ports there are:
          </p>
          <Command text="npx bowline ports" />
        </Empty>
      )}
      {serial.length > 0 && <Ports serial={serial} now={now} />}
      {links.length > 0 && <Lines links={links} desk={desk} />}
      <Fault text={sessions.fault} />
      {(sessions.value?.sessions.length ?? 0) > 0 && <Sessions sessions={sessions.value!.sessions} />}
    </>
  );
}

function Summary({ serial, links }: { serial: SerialPort[]; links: Link[] }) {
  const waiting = serial.filter(({ open, lent }) => !open && lent === null).length;
  return (
    <>
      {formatNumber(links.filter(({ open }) => open).length)} open
      {waiting > 0 && <>, {waiting === 1 ? "a port waits" : `${formatNumber(waiting)} ports wait`}</>}
    </>
  );
}

const portLooks: Record<SerialPort["state"], Look> = {
  waiting: "bad",
  open: "warn",
  speaking: "good",
  silent: "bad",
  stalled: "bad",
  lent: "warn",
};

function Ports({ serial, now }: { serial: SerialPort[]; now: number }) {
  const columns: Column<SerialPort>[] = [
    { title: "port", cell: ({ path }) => <code>{path}</code> },
    { title: "state", cell: ({ state }) => <Badge look={portLooks[state]}>{state}</Badge> },
    { title: "why", isWide: true, cell: (port) => <Why port={port} now={now} /> },
    { title: "opened", isNumber: true, hint: "so often", cell: ({ openings }) => formatNumber(openings) },
    {
      ...{ title: "against silence", isNumber: true, hint: "what was tried when no board spoke" },
      cell: againstSilence,
    },
  ];
  return (
    <Section title="Serial ports">
      <Table
        caption="Serial ports"
        rows={serial}
        keyOf={({ path }) => path}
        columns={columns}
        lookOf={({ state }) => (portLooks[state] === "bad" ? "bad" : "")}
      />
    </Section>
  );
}

/** What was done so often: "reopened 2, board reset 1". */
function againstSilence({ reopened, reset, rebound }: SerialPort): string {
  const deeds = [
    ["reopened", reopened],
    ["board reset", reset],
    ["device rebound", rebound],
  ] as const;
  const done = deeds.filter(([, count]) => count > 0);
  return done.map(([name, count]) => `${name} ${formatNumber(count)}`).join(", ") || "–";
}

function Why({ port: { waitingFor, lent, mend = "", state }, now }: { port: SerialPort; now: number }) {
  if (lent !== null) {
    return (
      <>
        to {lent.to} since <Time at={lent.since} now={now} />
      </>
    );
  }
  if (waitingFor === "") return <span class="quiet">{state === "open" ? "nothing was heard yet" : "–"}</span>;
  return (
    <>
      {waitingFor}
      {mend !== "" && <Mend text={mend} />}
    </>
  );
}

function Lines({ links, desk }: { links: Link[]; desk: Desk }) {
  const counted = (value: number | undefined) => (value === undefined ? "–" : formatNumber(value));
  const columns: Column<Link>[] = [
    { title: "link", isWide: true, cell: ({ name }) => <code>{name}</code> },
    {
      title: "state",
      cell: ({ open, stalled }) => (
        <Badge look={stalled ? "bad" : open ? "good" : "warn"}>
          {stalled ? "stalled" : open ? "open" : "opening"}
        </Badge>
      ),
    },
    {
      title: "frames",
      isNumber: true,
      hint: "read; a socket has none",
      cell: ({ frames }) => counted(frames),
    },
    {
      ...{ title: "noise", isNumber: true, hint: "bytes that were no frame" },
      cell: ({ noise }) => (noise === undefined ? "–" : formatBytes(noise)),
    },
    {
      title: "stale",
      isNumber: true,
      hint: "frames of an earlier opening",
      cell: ({ stale }) => counted(stale),
    },
  ];
  if (desk.isControl)
    columns.push({
      title: "bytes",
      cell: ({ name }) => (
        <a href={href("frames", name)} aria-label={`Frames of ${name}`}>
          frames
        </a>
      ),
    });
  return (
    <Section title="Links" note="a connection each, over a cable or a socket">
      <Table
        caption="Links"
        rows={links}
        keyOf={({ name }) => name}
        columns={columns}
        lookOf={({ stalled }) => (stalled ? "bad" : "")}
      />
    </Section>
  );
}

const sessionLooks: Record<Session["state"], Look> = {
  open: "good",
  opening: "warn",
  closing: "warn",
  detached: "bad",
  ended: "quiet",
};

function Sessions({ sessions }: { sessions: Session[] }) {
  const columns: Column<Session>[] = [
    {
      title: "session",
      hint: "the first letters of its name; one that waits has no connection now",
      cell: ({ id }) => <code>{id}</code>,
    },
    {
      title: "board",
      cell: ({ device }) => (device === "" ? "–" : <a href={href("board", device)}>{device}</a>),
    },
    {
      title: "state",
      cell: ({ state }) => <Badge look={sessionLooks[state]}>{state === "detached" ? "waits" : state}</Badge>,
    },
    { title: "over", isWide: true, cell: ({ via }) => via || "–" },
    {
      ...{ title: "connections", isNumber: true, hint: "it went on over so many" },
      cell: ({ connections }) => formatNumber(connections),
    },
    { title: "received", isNumber: true, hint: "packets", cell: ({ received }) => formatNumber(received) },
    {
      ...{ title: "came again", isNumber: true, hint: "after a break, and were dropped" },
      cell: ({ skipped }) => formatNumber(skipped),
    },
    {
      ...{ title: "sent", isNumber: true, hint: "packets that the other side has acknowledged" },
      cell: ({ acknowledged }) => formatNumber(acknowledged),
    },
    {
      ...{ title: "on the way", isNumber: true, hint: "packets not acknowledged yet" },
      cell: ({ unacknowledged }) => formatNumber(unacknowledged),
    },
  ];
  return (
    <Section
      title="Sessions"
      note={
        <>
          each outlives its connections; what broke and went on: <a href={href("timeline")}>timeline</a>
        </>
      }
    >
      <Table caption="Sessions" rows={[...sessions].sort(byBoard)} keyOf={({ id }) => id} columns={columns} />
    </Section>
  );
}

const byBoard = (a: Session, b: Session) => (a.device + a.id < b.device + b.id ? -1 : 1);
