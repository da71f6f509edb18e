/** The other gateways: who is there, what waits for each, and why one is away; and what they have to know of this one. */
import { formatBytes, formatDuration, formatNumber } from "../format.ts";
import { href } from "../router.ts";
import { addressOf } from "../shell/gateway-line.tsx";
import { Heading, Section } from "../shell/heading.tsx";
import { Badge, Command, Empty, Facts, Fault, type Look } from "../shell/parts.tsx";
import { type Column, Table } from "../shell/table.tsx";
import type { ViewProps } from "../views.tsx";
import type { OtherGateway, Peers as PeersAnswer } from "../wire-shapes.ts";

const DEFAULT_PORT = 12_002;

const looks: Record<OtherGateway["state"], [Look, string]> = {
  open: ["good", "open"],
  suspended: ["bad", "session waits"],
  connecting: ["warn", "connecting"],
  absent: ["bad", "away"],
};

export function Peers({ model }: ViewProps) {
  const { value, fault } = model.peers;
  return (
    <>
      <Heading
        note={
          value && `${formatNumber(value.peers.filter(({ state }) => state === "open").length)} connected`
        }
      >
        Other gateways
      </Heading>
      <Fault text={fault} />
      {value && (
        <>
          <Self gateway={value.gateway} />
          {value.peers.length === 0 ? <FirstSteps gateway={value.gateway} /> : <Others peers={value.peers} />}
        </>
      )}
    </>
  );
}

function Self({ gateway: { id, name, listen } }: { gateway: PeersAnswer["gateway"] }) {
  const where = listen === null ? "not at all" : addressOf(listen);
  return (
    <div class="card">
      <Facts
        facts={[
          ["this gateway", name],
          ["host id", <code key="id">{id}</code>, "what the others have to be told"],
          ["listens", listen?.isOpen === false ? `will on ${where}, once another is configured` : where],
        ]}
      />
    </div>
  );
}

function Others({ peers }: { peers: OtherGateway[] }) {
  const columns: Column<OtherGateway>[] = [
    {
      title: "gateway",
      cell: ({ name, id }) => (
        <>
          {name} {name !== id && <code class="quiet">{id}</code>}
        </>
      ),
    },
    { title: "state", cell: ({ state }) => <Badge look={looks[state][0]}>{looks[state][1]}</Badge> },
    { title: "over", isWide: true, cell: (peer) => <Way peer={peer} /> },
    {
      ...{ title: "waiting", isNumber: true, hint: "packets that it has not acknowledged" },
      cell: ({ waiting }) => (
        <a href={href("queues")}>
          {formatNumber(waiting.packets)}, {formatBytes(waiting.bytes)}
        </a>
      ),
    },
    {
      ...{ title: "oldest", isNumber: true },
      cell: ({ waiting: { oldestMs } }) =>
        oldestMs === null ? "–" : formatDuration(Math.round(oldestMs / 1000)),
    },
    {
      ...{ title: "received", isNumber: true, hint: "frames · came again and were dropped · not understood" },
      cell: ({ received, repeats, faults }) => [received, repeats, faults].map(formatNumber).join(" · "),
    },
    {
      ...{ title: "connections", isNumber: true, hint: "in so many sessions" },
      cell: ({ connections, sessions }) => `${formatNumber(connections)} in ${formatNumber(sessions)}`,
    },
    { title: "leads to", cell: ({ leadsTo }) => leadsTo.join(", ") || "–" },
    { title: "boards heard", cell: ({ subscribe }) => subscribe.join(", ") || "–" },
  ];
  return (
    <Section title="Gateways">
      <Table
        caption="Other gateways"
        rows={peers}
        keyOf={({ id }) => id}
        columns={columns}
        lookOf={({ state }) => (looks[state][0] === "bad" ? "bad" : "")}
      />
    </Section>
  );
}

function Way({ peer: { state, via, isDialled, fault, nextTryMs } }: { peer: OtherGateway }) {
  if (state === "open") return <>{`${via}, ${isDialled ? "dialled by this one" : "dialled by it"}`}</>;
  const next =
    nextTryMs !== null
      ? `next try in ${formatDuration(Math.ceil(nextTryMs / 1000))}`
      : state === "connecting"
        ? "it is tried just now"
        : "waits for it to connect";
  return <>{[fault, next].filter(Boolean).join("; ")}</>;
}

function FirstSteps({ gateway: { id, name, listen } }: { gateway: PeersAnswer["gateway"] }) {
  const port = listen === null || listen.port === 0 ? DEFAULT_PORT : listen.port;
  const here = [
    "peers:",
    "  listen: { host: 0.0.0.0 }",
    "  connect:",
    '    - { id: "ID-OF-THE-OTHER", name: other, host: ADDRESS-OF-THE-OTHER }',
  ];
  const there = [
    ...here.slice(0, 3),
    `    - { id: "${id}", name: ${name}, host: ADDRESS-OF-THIS-ONE, port: ${port} }`,
  ];
  return (
    <Empty title="No other gateway is configured">
      <p>Each of the two is told of the other in its bowline.yaml. Here, with the id that it shows there:</p>
      <Command text={here.join("\n")} />
      <p>There:</p>
      <Command text={there.join("\n")} />
      <p>Between machines both need the same key, made on one of the two and copied to the other:</p>
      <Command text="npx bowline key add ID-OF-THE-OTHER --peer --out for-other.key" />
      <Command text={`npx bowline key add ${id} --peer --in for-other.key`} />
    </Empty>
  );
}
