/** What waits: in the store, for boards and for other gateways, how full each is and when it will be; and what will not arrive. */
import { useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { formatBytes, formatDuration, formatNumber } from "../format.ts";
import { href } from "../router.ts";
import { Heading, Section } from "../shell/heading.tsx";
import { Command, Empty, Facts, Fault } from "../shell/parts.tsx";
import { type Column, Table } from "../shell/table.tsx";
import { Ago, Time } from "../shell/times.tsx";
import type { ViewProps } from "../views.tsx";
import type { BoardQueue, Letter, PeerQueue, StoreFill } from "../wire-shapes.ts";
import { Meter } from "./meter.tsx";
import { Upstreams } from "./upstreams.tsx";

/** Letters on the page; the others are listed by the verb. */
const MAX_LETTERS = 100;

interface Purged {
  withdrawn: number;
  maybeDelivered: number;
  left: number;
}

/** What a person does here, and where it is said what came of it. */
interface Hands {
  desk: Desk;
  say(text: string): void;
}

export function Queues({ model, desk, now }: ViewProps) {
  const { queues, upstreams, letters } = model;
  const beyond = upstreams.value?.northbound ?? [];
  const { value, fault } = queues;
  const [said, setSaid] = useState("");
  const hands: Hands = { desk, say: setSaid };
  const waiting = value?.peers.reduce((sum, { packets }) => sum + packets, 0) ?? 0;
  return (
    <>
      <Heading note={value && `${formatNumber(waiting)} ${waiting === 1 ? "packet waits" : "packets wait"}`}>
        Queues
      </Heading>
      <Fault text={fault} />
      <p role="status" class="warn">
        {said}
      </p>
      {value && (
        <>
          <Store store={value.store} now={now} />
          <Waiting peers={value.peers} hands={hands} />
          {value.boards.length > 0 && <Requests boards={value.boards} now={now} />}
        </>
      )}
      {beyond.length > 0 && <Upstreams upstreams={beyond} now={now} />}
      <Letters letters={letters.value?.dead ?? []} hands={hands} now={now} />
    </>
  );
}

function Store({ store, now }: { store: StoreFill; now: number }) {
  const { messages, bytes, maxBytes, bytesPerS, fullInS, oldestAt, dropped, refused, fault, low, isHeld } =
    store;
  return (
    <Section title="The store" note="every delivered message, until it is full">
      <div class="card stack">
        <Meter name="How full the store is" value={bytes} most={maxBytes}>
          {formatBytes(bytes)} of {formatBytes(maxBytes)}
        </Meter>
        <Facts
          facts={[
            ["messages", formatNumber(messages)],
            [
              "oldest",
              oldestAt === 0 ? "–" : <Ago key="oldest" since={oldestAt} now={now} />,
              "how far back it goes",
            ],
            ["coming in", `${formatBytes(bytesPerS)}/s`],
            ["full in", fullInS === null ? "over a year" : formatDuration(fullInS), "if it goes on so"],
            ["given up", formatNumber(dropped), "the oldest, to make room", dropped > 0 ? "warn" : undefined],
            ["refused", formatNumber(refused), "boards keep theirs", refused > 0 ? "warn" : undefined],
          ]}
        />
        {fault !== "" && <p class="bad">It takes nothing now: {fault}</p>}
        {isHeld && <p class="bad">It is full, and messages wait at their boards until there is room.</p>}
        {low !== "" && <p class="warn">It keeps nothing new for other gateways: {low}</p>}
      </div>
    </Section>
  );
}

function Waiting({ peers, hands }: { peers: PeerQueue[]; hands: Hands }) {
  const columns: Column<PeerQueue>[] = [
    {
      title: "for",
      cell: ({ kind, name }) => (
        <>
          <span class="quiet">{kind}</span>{" "}
          <a href={kind === "board" ? href("board", name) : href("peers")}>{name}</a>
        </>
      ),
    },
    {
      title: "waiting",
      isWide: true,
      cell: ({ name, packets, bytes, limits }) => (
        <Meter name={`How full the queue for ${name} is`} value={fillOf(packets, bytes, limits)} most={1}>
          {formatNumber(packets)} of {formatNumber(limits.maxPackets)}, {formatBytes(bytes)}
        </Meter>
      ),
    },
    {
      title: "by lane",
      isNumber: true,
      cell: ({ lanes }) => lanes.map(({ packets }) => formatNumber(packets)).join(" · "),
    },
    {
      ...{ title: "oldest", isNumber: true },
      cell: ({ oldestMs }) => (oldestMs === null ? "–" : formatDuration(Math.round(oldestMs / 1000))),
    },
    {
      title: "in",
      isNumber: true,
      hint: "packets a second",
      cell: ({ inPerS }) => `${formatNumber(inPerS)}/s`,
    },
    {
      title: "out",
      isNumber: true,
      hint: "packets a second",
      cell: ({ outPerS }) => `${formatNumber(outPerS)}/s`,
    },
    {
      ...{ title: "full in", isNumber: true, hint: "if it goes on so" },
      cell: ({ fullInS }) => (fullInS === null ? "–" : formatDuration(fullInS)),
    },
    {
      ...{ title: "refused", isNumber: true, hint: "there was no room" },
      cell: ({ refused }) => formatNumber(refused),
    },
  ];
  if (hands.desk.isControl)
    columns.push({
      title: "purge",
      cell: (queue) =>
        queue.packets > 0 ? (
          <button
            type="button"
            onClick={() => void purge(hands, queue)}
            aria-label={`Purge what waits for ${queue.name}`}
          >
            Purge…
          </button>
        ) : null,
    });
  return (
    <Section title="For boards and gateways">
      {peers.length === 0 ? (
        <Empty title="Nothing waits for anybody">
          <p>A request to a board waits here until the board has it; ask one for what it is:</p>
          <Command text="npx bowline send BOARD l:info" />
        </Empty>
      ) : (
        <Table
          caption="What waits for each board and gateway"
          rows={peers}
          keyOf={({ kind, id }) => `${kind} ${id}`}
          columns={columns}
          lookOf={({ packets, bytes, limits }) => (fillOf(packets, bytes, limits) >= 0.9 ? "bad" : "")}
        />
      )}
    </Section>
  );
}

/** The fuller of its two bounds, 0…1. */
function fillOf(packets: number, bytes: number, { maxPackets, maxBytes }: PeerQueue["limits"]): number {
  return Math.max(packets / maxPackets, maxBytes === null ? 0 : bytes / maxBytes);
}

async function purge({ desk, say }: Hands, { name, kind, packets }: PeerQueue): Promise<void> {
  const isYes = await desk.ask({
    title: `Purge what waits for ${name}?`,
    what: `${formatNumber(packets)} packets for the ${kind} ${name} are withdrawn, but for those that are on the wire.`,
    consequence: "They will not arrive, and whoever asked is told so. This cannot be undone.",
    action: "Purge",
    isDangerous: true,
  });
  if (!isYes) return;
  await tell(say, async () => {
    const path = `/api/v1/queue/${encodeURIComponent(name)}/purge`;
    const { withdrawn, maybeDelivered, left } = await desk.call<Purged>("POST", path, {});
    const gone = `${formatNumber(withdrawn + maybeDelivered)} packets for ${name} are withdrawn`;
    const late = left === 0 ? "" : `; ${formatNumber(left)} were on the wire already`;
    return `${gone}${late}${maybeDelivered === 0 ? "" : `; ${formatNumber(maybeDelivered)} may have arrived all the same`}`;
  });
}

function Requests({ boards, now }: { boards: BoardQueue[]; now: number }) {
  const columns: Column<BoardQueue>[] = [
    { title: "board", isWide: true, cell: ({ device }) => <a href={href("board", device)}>{device}</a> },
    { title: "not sent", isNumber: true, cell: ({ queued }) => formatNumber(queued) },
    { title: "not acknowledged", isNumber: true, cell: ({ unacknowledged }) => formatNumber(unacknowledged) },
    { title: "without an answer", isNumber: true, cell: ({ open }) => formatNumber(open) },
    {
      ...{ title: "to be answered by", isNumber: true },
      cell: ({ deadline }) => (deadline === 0 ? "–" : <Time at={deadline} now={now} />),
    },
  ];
  return (
    <Section title="Requests to boards">
      <Table caption="Requests to boards" rows={boards} keyOf={({ device }) => device} columns={columns} />
    </Section>
  );
}

function Letters({ letters, hands, now }: { letters: Letter[]; hands: Hands; now: number }) {
  if (letters.length === 0) return null;
  const columns: Column<Letter>[] = [
    { title: "at", cell: ({ at }) => <Time at={at} now={now} /> },
    { title: "for", cell: ({ name }) => name },
    { title: "what", cell: ({ command }) => command },
    {
      ...{ title: "why", isWide: true },
      cell: ({ outcome, maybeDelivered }) => (maybeDelivered ? `${outcome}; it may have arrived` : outcome),
    },
    { title: "lane", isNumber: true, cell: ({ lane }) => lane },
    { title: "bytes", isNumber: true, cell: ({ bytes }) => formatNumber(bytes) },
  ];
  const more = letters.length - MAX_LETTERS;
  return (
    <Section
      title="What will not arrive"
      note={
        hands.desk.isControl && (
          <button type="button" onClick={() => void forget(hands, letters.length)}>
            Forget them…
          </button>
        )
      }
    >
      <Table
        caption="What will not arrive"
        rows={letters.slice(0, MAX_LETTERS)}
        keyOf={({ n }) => `${n}`}
        columns={columns}
      />
      {more > 0 && (
        <p class="quiet">
          {formatNumber(more)} more: <code>npx bowline queue dead</code>
        </p>
      )}
    </Section>
  );
}

async function forget({ desk, say }: Hands, count: number): Promise<void> {
  const isYes = await desk.ask({
    title: "Forget what will not arrive?",
    what: `The list of ${formatNumber(count)} packets that could not be delivered is emptied.`,
    consequence: "Nobody can look up afterwards what was in them.",
    action: "Forget",
    isDangerous: true,
  });
  if (!isYes) return;
  await tell(say, async () => {
    const { cleared } = await desk.call<{ cleared: number }>("DELETE", "/api/v1/queue/dead");
    return `${formatNumber(cleared)} are forgotten`;
  });
}

/** What is done comes with words, also when it fails. */
async function tell(say: (text: string) => void, act: () => Promise<string>): Promise<void> {
  try {
    say(await act());
  } catch (error) {
    say((error as Error).message);
  }
}
