/** What a gateway that has been at it for some days shows of its wires: breaks, queues, other gateways, IRC, kills. */
import type { UpstreamView } from "../../northbound/upstream.ts";
import type { Happening, HappeningKind, Subject } from "../../timeline/happening.ts";
import type { FakeGateway } from "./fake-gateway.ts";
import { serialView, upstreamView } from "./fake-gateway.ts";
import { componentView, killView, taskView } from "./fake-work.ts";

const HOUR_MS = 3_600_000;
export const cable = "serial /dev/serial/by-id/usb-Espruino_Pico_30003B-if00";

export const taskIds = {
  parent: "EbQ5cBYATSUuKnjgOPpnzIZkSmj4h45cCmhMrwot",
  child: "zzcpwCnnZW0q5q1IKiVAtaaNGCYSXKnz8NZcIX8I",
  done: "xhEQUwqb2DMgsBHzaVsKcUaHxsgo9kYWkuFAiIvV",
};

/** The newest first. */
export function happenings(now: number): Happening[] {
  const board = (name: string): Subject => ({ kind: "board", name });
  const port: Subject = { kind: "port", name: "/dev/ttyUSB7" };
  const rows: [
    hoursAgo: number,
    kind: HappeningKind,
    subject: Subject,
    text: string,
    extra?: Partial<Happening>,
  ][] = [
    [23, "up", board("pico-kitchen"), "pico-kitchen connected via serial /dev/ttyACM0"],
    [22.5, "up", board("pico-cellar"), "pico-cellar connected via tcp 192.168.1.31"],
    [22, "up", { kind: "gateway", name: "attic" }, "attic: connected"],
    [21.8, "up", { kind: "network", name: "lab" }, "IRC: online"],
    [19, "down", board("pico-kitchen"), "pico-kitchen disconnected: the port is gone"],
    [
      18.9,
      "resumed",
      board("pico-kitchen"),
      "pico-kitchen: session resumed",
      { fields: { sentAgain: 3, repeats: 2 } },
    ],
    [18.9, "repeats", board("pico-kitchen"), "2 packets came again and were dropped"],
    [14, "fault", port, "/dev/ttyUSB7: no such port", { level: "warn", mend: "plug the board in" }],
    [
      12,
      "loss",
      board("pico-cellar"),
      "3 messages may be missing",
      { level: "warn", fields: { missing: 3 } },
    ],
    [11, "down", { kind: "gateway", name: "attic" }, "attic: connection lost", { level: "warn" }],
    [9, "up", { kind: "gateway", name: "attic" }, "attic: connected"],
    [7, "down", board("pico-cellar"), "pico-cellar disconnected: no byte for 10 s"],
    [6, "reset", board("pico-cellar"), "pico-cellar began anew", { level: "warn" }],
    [6, "up", board("pico-cellar"), "pico-cellar connected via tcp 192.168.1.31"],
    [5, "moved", board("pico-kitchen"), "pico-kitchen is on another port: serial /dev/ttyACM1"],
    [
      3,
      "down",
      { kind: "network", name: "lab" },
      "IRC: offline: the server closed the connection",
      { level: "warn" },
    ],
    [2.9, "up", { kind: "network", name: "lab" }, "IRC: online"],
    [0.6, "down", board("pico-cellar"), "pico-cellar disconnected: no byte for 10 s"],
  ];
  return rows
    .map(([hoursAgo, kind, subject, text, extra = {}], i) => ({
      ...{ n: i + 1, at: now - hoursAgo * HOUR_MS, level: "info" as const, kind, subject, text },
      ...extra,
    }))
    .reverse();
}

export function fillWires(gateway: FakeGateway): void {
  fillLinks(gateway);
  fillPeers(gateway);
  fillIrc(gateway);
  fillWork(gateway);
  const fault = "posting to https://ops.example/bowline: answered 500 busy; expected 2xx";
  gateway.upstreams = [
    upstreamView("webhooks.home"),
    upstreamView("mqtt", {
      kind: "mqtt",
      target: "mqtts://broker.example",
      behind: 4130,
      aside: heldBoards(),
    }),
    upstreamView("webhooks.ops", { state: "away", behind: 1204, oldestAt: Date.now() - 4 * HOUR_MS, fault }),
  ];
}

function heldBoards(): UpstreamView["aside"] {
  const topic = "bowline/pi-kitchen/pico-cellar/l:temp";
  return [
    {
      ...{ device: "pico-cellar", behind: 4127, since: Date.now() - 3 * HOUR_MS },
      fault: `${topic}: Publish error: Not authorized`,
      mend: "mqtt.user and mqtt.passwordFile; or let it write bowline/pi-kitchen/# in the broker's rules",
    },
    { device: "garage/a-board-with-a-rather-long-name", behind: 0, since: Date.now(), fault: "", mend: "" },
  ];
}

function fillLinks(gateway: FakeGateway): void {
  gateway.links = [
    { name: cable, open: true, stalled: false, frames: 5321, noise: 17, stale: 1 },
    { name: "tcp 192.168.1.31:50412", open: true, stalled: true },
  ];
  const waitingFor = "opening /dev/ttyUSB7: no such port; plug the board in";
  gateway.serial = [
    serialView(cable.slice("serial ".length), { open: true, state: "speaking", openings: 4 }),
    serialView("/dev/ttyUSB7", { waitingFor, mend: "bowline ports", reopened: 2, reset: 1 }),
    serialView("/dev/ttyUSB8", { state: "lent", lent: { to: "bowline flash, pid 812", since: Date.now() } }),
  ];
  const session = { confirmed: true, acknowledged: 112, unacknowledged: 0, skipped: 0, connections: 1 };
  gateway.sessions = [
    {
      ...session,
      id: "9f3c21d0",
      device: "pico-kitchen",
      state: "open",
      via: cable,
      received: 20_411,
      skipped: 2,
      connections: 3,
    },
    {
      ...session,
      id: "c0ffee01",
      device: "pico-cellar",
      state: "detached",
      via: "tcp 192.168.1.31:50412",
      received: 811,
      unacknowledged: 2,
    },
  ];
}

function fillPeers(gateway: FakeGateway): void {
  const peer = {
    generation: 1,
    epoch: "",
    says: "",
    received: 0,
    repeats: 0,
    faults: 0,
    sessions: 1,
    connections: 1,
  };
  gateway.peers = {
    gateway: { id: "4211", name: "pi-kitchen", listen: { host: "0.0.0.0", port: 12_002, isOpen: true } },
    peers: [
      {
        ...{ ...peer, id: "42", name: "attic", state: "open", via: "tcp 192.168.1.9:12002", isDialled: true },
        ...{ nextTryMs: null, fault: "", waiting: { packets: 0, bytes: 0, oldestMs: null } },
        ...{ received: 5311, repeats: 12, connections: 4, leadsTo: ["garage"], subscribe: ["*"] },
      },
      {
        ...{
          ...peer,
          id: "43",
          name: "garage",
          state: "absent",
          via: "",
          isDialled: false,
          nextTryMs: 12_000,
        },
        ...{ fault: "connecting to garage.example:12002: nobody listens there", leadsTo: [], subscribe: [] },
        waiting: { packets: 7412, bytes: 911_000, oldestMs: 11_520_000 },
      },
    ],
  };
  const amount = (packets: number) => ({ packets, bytes: packets * 120 });
  const outcomes = {
    delivered: 812,
    expired: 2,
    cancelled: 1,
    "peer-removed": 0,
    "dropped-by-policy": 0,
    rejected: 0,
    unknown: 0,
  };
  gateway.queueFill = [
    {
      ...{ kind: "gateway", id: "43", name: "garage", packets: 7412, bytes: 911_000, oldestMs: 11_520_000 },
      places: { new: amount(12), working: amount(7400), session: amount(0), wire: amount(0) },
      lanes: [amount(2), amount(10), amount(0), amount(7400)],
      ...{ limits: { maxPackets: 10_000, maxBytes: 16_777_216 }, added: 8227, refused: 0, outcomes },
      ...{ inPerS: 2.4, outPerS: 0, fullInS: 1078 },
    },
    {
      ...{ kind: "board", id: "pico-cellar", name: "pico-cellar", packets: 2, bytes: 96, oldestMs: 41_000 },
      places: { new: amount(0), working: amount(0), session: amount(2), wire: amount(0) },
      lanes: [amount(0), amount(2), amount(0), amount(0)],
      ...{ limits: { maxPackets: 1000, maxBytes: null }, added: 14, refused: 1, outcomes },
      ...{ inPerS: 0.03, outPerS: 0.01, fullInS: null },
    },
  ];
  gateway.dead = [
    {
      ...{
        n: 3,
        at: Date.now() - HOUR_MS,
        peer: "43",
        name: "garage",
        outcome: "expired",
        maybeDelivered: true,
      },
      ...{ lane: 3, command: "EVENT", origin: "4211", seq: 811, dst: "43", bytes: 212, frame: "" },
    },
  ];
}

function fillIrc(gateway: FakeGateway): void {
  const counts = { linesIn: 812, linesOut: 511, bytesIn: 0, bytesOut: 0, tooLong: 0, faults: 0, ignored: 0 };
  const network = {
    ...{
      account: "gw",
      mask: null,
      peers: [],
      chains: [],
      pendingKeys: [],
      answers: { waiting: 0, tooOld: 0 },
    },
    counts: { ...counts, confirmed: 510, withdrawn: 0, dropped: 0, lost: 0, throttledMs: 0, connections: 2 },
    queue: { control: 0, fresh: 3, again: 0, unconfirmed: 1 },
    participant: {} as never,
  };
  const channel = { reason: "", mend: "", members: 0, nextTryMs: null };
  gateway.ircView = {
    ...gateway.ircView,
    enabled: true,
    networks: [
      {
        ...{
          ...network,
          name: "lab",
          server: "irc.example:6697",
          state: "online",
          nick: "gw-kitchen",
          silent: ["gw-attic"],
        },
        ...{ lastError: null, nextTryMs: null },
        channels: [
          { ...channel, name: "#lab", state: "joined", members: 4 },
          {
            ...channel,
            name: "#ops",
            state: "refused",
            reason: "Cannot join channel (+i)",
            mend: "/invite gw-kitchen #ops",
          },
        ],
      },
      {
        ...{
          ...network,
          name: "home",
          server: "10.0.0.2:6667",
          state: "waiting",
          nick: "gw",
          account: null,
          silent: [],
        },
        ...{ nextTryMs: 8000, channels: [] },
        lastError: {
          code: "IRC_UNREACHABLE",
          text: "connecting to 10.0.0.2:6667: nobody listens there",
          mend: "start the server, or mend irc.host",
        },
      },
    ],
    routes: [
      {
        ...{
          network: "lab",
          target: "#lab",
          devices: ["*"],
          types: ["l:telemetry", "garden:*"],
          detail: "words",
        },
        ...{ told: 401, behind: 0, unconfirmed: 1, again: 2, unsure: 0, refusals: 0, skipped: {} as never },
      },
    ],
  };
  gateway.hearIrc("out", "PASS ***");
  gateway.hearIrc("in", ":irc.example 001 gw-kitchen :Welcome to the lab network");
  gateway.hearIrc("out", "JOIN #lab");
  gateway.hearIrc("in", ":ann!ann@host PRIVMSG #lab :!led pico-kitchen on");
  gateway.hearIrc("out", "PRIVMSG #lab :ann: pico-kitchen led on, after 41 ms");
  gateway.hearIrc(
    "in",
    ':gw-attic!gw@host PRIVMSG #lab :{"mid":"71501","ver":"0.3.33","src":"sim-1@attic","o":{"ot":"temp"}}',
  );
}

function fillWork(gateway: FakeGateway): void {
  const { work } = gateway;
  const at = Date.now();
  work.componentViews = [
    componentView("bowline_pico-kitchen", {
      address: "here",
      creator: "pi-kitchen",
      message: "temp 21.5 °C",
      heardAt: at - 4000,
      rhythmMs: 10_000,
    }),
    componentView("example_bank", {
      state: "dead",
      message: "closing for the night",
      heardAt: at - 8_000_000,
      rhythmMs: 60_000,
    }),
    componentView("example_calculator", {
      message: "Processed message from 0000-jobcontrol",
      heardAt: at - 20_000,
      rhythmMs: 60_000,
    }),
    componentView("example_clock", {
      state: "late",
      isSilent: true,
      invalid: 2,
      address: "127.0.0.1:53124",
      heardAt: at - 110_000,
      rhythmMs: 60_000,
    }),
  ];
  work.historyLines = [
    { at: at - HOUR_MS, name: "example_clock", creator: "0000-clock-py", state: "alive", message: "ticking" },
    {
      at: at - HOUR_MS / 2,
      name: "example_clock",
      creator: "0000-clock-py",
      state: "silent",
      message: "has not answered a task",
    },
    {
      at: at - HOUR_MS / 6,
      name: "example_clock",
      creator: "0000-clock-py",
      state: "late",
      message: "ticking",
    },
  ];
  work.taskViews = [
    taskView({ id: taskIds.child, parent: taskIds.parent, at, spec: "example_bank", kill: "unconfirmed" }),
    taskView({ id: taskIds.parent, at, state: "running", on: "0000-calculator-py", listeners: 2 }),
    taskView({ id: taskIds.done, at, state: "result", result: { answer: 54 } }),
  ];
  work.killViews = [
    killView({
      ...{ at: at - 60_000, task: taskIds.child, spec: "example_bank", outcome: "unconfirmed", ms: 10_000 },
      by: { via: "http", who: "control at 127.0.0.1" },
    }),
    killView({
      ...{
        at: at - HOUR_MS,
        task: "q",
        spec: "example_clock",
        outcome: "confirmed",
        how: "its worker ended",
        ms: 412,
      },
      by: { via: "irc", who: "ann" },
    }),
  ];
}
