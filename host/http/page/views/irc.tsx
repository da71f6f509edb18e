/** IRC: each network and its channels, what is told where, and the lines of all of it as they pass. */
import type { Desk } from "../desk.ts";
import { dayOf, formatDuration, formatNumber } from "../format.ts";
import { Heading, Section } from "../shell/heading.tsx";
import { memo } from "../shell/memo.tsx";
import { Badge, Command, Empty, Facts, Fault, type Look } from "../shell/parts.tsx";
import { type Column, Table } from "../shell/table.tsx";
import { Time } from "../shell/times.tsx";
import type { ViewProps } from "../views.tsx";
import type { IrcChannel, IrcLine, IrcNetwork, IrcRoute } from "../wire-shapes.ts";
import { wordsOfLine } from "./irc-line.ts";
import type { IrcModel } from "./irc-model.ts";

export function IrcView({ model: { irc }, desk, now }: ViewProps) {
  const { value, fault } = irc.status;
  return (
    <>
      <Heading note={value?.enabled && `as ${value.address}`}>IRC</Heading>
      <Fault text={fault} />
      {value?.enabled === false && (
        <Empty title="No IRC network is configured">
          <p>Boards' messages can be told in channels, and people there can ask boards. In bowline.yaml:</p>
          <Command
            text={'irc: { host: irc.example, port: 6697, tls: true, nick: gw-kitchen, channels: ["#lab"] }'}
          />
        </Empty>
      )}
      {value?.enabled && (
        <>
          <div class="cards networks">
            {value.networks.map((network) => (
              <Network key={network.name} network={network} />
            ))}
          </div>
          {value.routes.length > 0 && <Routes routes={value.routes} />}
          <Lines irc={irc} desk={desk} hasSeveral={value.networks.length > 1} now={now} />
        </>
      )}
    </>
  );
}

const networkLooks: Record<IrcNetwork["state"], Look> = {
  online: "good",
  registering: "warn",
  connecting: "warn",
  waiting: "bad",
};

function Network({ network }: { network: IrcNetwork }) {
  const { name, server, state, nick, account, channels, counts, queue, nextTryMs, lastError, silent } =
    network;
  const waiting = queue.control + queue.fresh + queue.again;
  return (
    <article class="card stack" aria-label={`network ${name}`}>
      <div class="board-head">
        <h2>{name}</h2>
        <Badge look={networkLooks[state]}>{state}</Badge>
      </div>
      <p class="kind">
        {server} · as {nick}
        {account !== null && `, logged in as ${account}`}
      </p>
      {state !== "online" && lastError !== null && (
        <div>
          <p class="bad">{lastError.text}</p>
          {lastError.mend !== "" && <p class="quiet">{lastError.mend}</p>}
        </div>
      )}
      {nextTryMs !== null && <p>next try in {formatDuration(Math.ceil(nextTryMs / 1000))}</p>}
      <ul class="channels">
        {channels.map((channel) => (
          <Channel key={channel.name} channel={channel} />
        ))}
      </ul>
      {silent.length > 0 && <p class="warn">no answer any more from {silent.join(", ")}</p>}
      <Facts
        facts={[
          ["lines in", formatNumber(counts.linesIn)],
          ["out", formatNumber(counts.linesOut)],
          ["waiting", formatNumber(waiting), "lines that leave as fast as the server bears"],
          ["not confirmed", formatNumber(queue.unconfirmed), "said, and the server has not answered yet"],
          ["lost", formatNumber(counts.lost), "", counts.lost > 0 ? "warn" : undefined],
          ["connections", formatNumber(counts.connections)],
        ]}
      />
    </article>
  );
}

function Channel({ channel: { name, state, reason, mend, members } }: { channel: IrcChannel }) {
  const isWell = state === "joined";
  return (
    <li class="row">
      <strong>{name}</strong>
      <Badge look={isWell ? "good" : state === "joining" ? "warn" : "bad"}>{state}</Badge>
      {isWell && <span class="quiet">{formatNumber(members)} members</span>}
      {!isWell && reason !== "" && <span>{reason}</span>}
      {!isWell && mend !== "" && <span class="quiet">{mend}</span>}
    </li>
  );
}

function Routes({ routes }: { routes: IrcRoute[] }) {
  const columns: Column<IrcRoute>[] = [
    { title: "told in", cell: ({ target, network }) => <span title={network}>{target}</span> },
    { title: "boards", cell: ({ devices }) => devices.join(", ") },
    { title: "types", isWide: true, cell: ({ types }) => types.join(", ") },
    { title: "as", cell: ({ detail }) => detail },
    { title: "told", isNumber: true, cell: ({ told }) => formatNumber(told) },
    {
      title: "behind",
      isNumber: true,
      hint: "messages not looked at yet",
      cell: ({ behind }) => formatNumber(behind),
    },
    {
      ...{ title: "not confirmed", isNumber: true, hint: "lines" },
      cell: ({ unconfirmed }) => formatNumber(unconfirmed),
    },
    {
      ...{ title: "again", isNumber: true, hint: "said twice, since they may have been lost" },
      cell: ({ again }) => formatNumber(again),
    },
  ];
  return (
    <Section title="What is told where">
      <Table
        caption="Routes"
        rows={routes}
        keyOf={({ network, target, detail, devices, types }) =>
          [network, target, detail, devices, types].join(" ")
        }
        columns={columns}
        lookOf={({ refusals }) => (refusals > 0 ? "bad" : "")}
      />
    </Section>
  );
}

interface LinesProps {
  irc: IrcModel;
  desk: Desk;
  hasSeveral: boolean;
  now: number;
}

function Lines({ irc, desk, hasSeveral, now }: LinesProps) {
  const { lines, held, filter, unseen } = irc;
  const shown = irc.shown;
  const change = (action: () => void) => {
    action();
    desk.changed();
  };
  return (
    <Section title="Lines" note="as they pass, the newest first; passwords and keys are masked">
      <search class="filter">
        <label>
          Filter
          <input
            type="search"
            spellcheck={false}
            autocapitalize="off"
            placeholder="a nick, a channel, a word"
            value={filter}
            onInput={(event) => {
              const { value } = event.currentTarget;
              change(() => {
                irc.filter = value;
              });
            }}
          />
        </label>
        <button
          type="button"
          aria-pressed={held !== null}
          onClick={() => change(() => irc.pause(held === null))}
        >
          {held === null ? "Pause" : "Go on"}
        </button>
        {unseen > 0 && <span class="quiet">{formatNumber(unseen)} more came</span>}
      </search>
      {lines !== null && shown.length === 0 && (
        <p class="quiet">{filter === "" ? "Nothing was said yet." : "No line has that in it."}</p>
      )}
      <ol class="irc-lines">
        {shown.map((line) => (
          <Line
            key={`${line.network} ${line.n} ${line.at}`}
            line={line}
            hasNetwork={hasSeveral}
            day={dayOf(now)}
          />
        ))}
      </ol>
    </Section>
  );
}

interface LineProps {
  line: IrcLine;
  hasNetwork: boolean;
  day: number;
}

const Line = memo(({ line: { network, at, way, text }, hasNetwork, day }: LineProps) => {
  const { who, command, target, text: said } = wordsOfLine(text);
  const isSpoken = target !== "";
  return (
    <li class={`irc-line ${way}`}>
      <Time at={at} now={day} />
      {hasNetwork && <span class="quiet">{network}</span>}
      <span class="irc-way" aria-hidden="true">
        {way === "in" ? "←" : "→"}
      </span>
      <span class="sr">{way === "in" ? "heard" : "said"}</span>
      <span class="irc-who">
        {isSpoken ? (
          <>
            <strong>{way === "in" ? who : "this gateway"}</strong> <span class="quiet">to {target}</span>
          </>
        ) : (
          <span class="quiet">
            {way === "in" ? `${who} ` : ""}
            {command}
          </span>
        )}
      </span>
      <span class={isSpoken ? "irc-said" : "irc-said quiet"}>{said}</span>
    </li>
  );
});
