/**
 * A day in the life of a gateway that hands messages on, in half a minute: in each of its hours something goes wrong with
 * the clock of the machine, the gateway itself, the lines of its boards, or who is to be told. Then what was said is held
 * against what was handed on: nothing left out, each board's in order, and what came twice came under its id.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { loadConfig } from "../host/config/load.ts";
import { Gateway } from "../host/gateway.ts";
import { silentLog } from "../host/platform/log.ts";
import { BoardClient } from "../host/testing/board-client.ts";
import { randomInteger, seededRandom } from "../host/transports/random.ts";
import { tcpTransport } from "../host/transports/tcp-transport.ts";
import { Receiver } from "./day/receiver.ts";
import { Stream, type Taken } from "./day/stream.ts";
import { Disproof, hold, type Proof } from "./proof.ts";

const BOARDS = 4;
const SAID_AN_HOUR = 25;
/** Of an hour, ms; so often each hour a board says something and looks whether its line stands. */
const STEP_MS = 8;
const PATIENCE_MS = 60_000;
const YEAR_MS = 365 * 86_400_000;

const events = [
  "clock",
  "receiver down",
  "receiver slow",
  "gateway restarted",
  "board cut",
  "nothing",
] as const;
type Event = (typeof events)[number];

class House {
  gateway: Gateway | null = null;
  /** What the machine's clock is wrong by, ms. */
  offset = 0;
  private readonly clock = { now: () => performance.now(), wall: () => Date.now() + this.offset };

  constructor(
    private readonly folder: string,
    private readonly receiver: Receiver,
    private readonly stream: Stream | null,
  ) {}

  async begin(): Promise<void> {
    const webhook = {
      name: "day",
      url: `http://127.0.0.1:${this.receiver.port}/`,
      timeoutS: 1,
      from: "oldest",
    };
    const set = [
      ...["tcp.port=0", "http.enabled=false", "monique.enabled=false", `data=${join(this.folder, "data")}`],
      ...["gateway.id=day", "store.keepFreeBytes=0"],
      ...(this.stream === null ? [] : [`nats.servers.0=${this.stream.url}`, "nats.create.enabled=true"]),
      ...["nats.from=oldest"],
      ...Object.entries(webhook).map(([key, value]) => `webhooks.0.${key}=${value}`),
    ];
    const { config } = loadConfig({ set, env: {}, cwd: "/", home: "/" });
    const gateway = new Gateway(config, silentLog, this.clock);
    await gateway.open();
    await gateway.start();
    this.gateway = gateway;
  }

  async end(): Promise<void> {
    const { gateway } = this;
    this.gateway = null;
    await gateway?.stop();
    await gateway?.close();
  }

  get behind(): number {
    const views = this.gateway?.northbound.views() ?? [];
    return views.length === 0 ? Infinity : Math.max(...views.map(({ behind }) => behind));
  }
}

/** A board on the network, which dials as often as it has to. */
class Caller {
  readonly board: BoardClient;
  private socket: Socket | null = null;
  said = 0;

  constructor(readonly id: string) {
    this.board = new BoardClient({ id, hasLink: false, bufferBytes: 65_536 });
  }

  say(): void {
    this.board.send(JSON.stringify({ ot: "l:n", i: ++this.said }));
  }

  look({ gateway }: House): void {
    if (gateway?.tcpAddress == null || (this.socket !== null && !this.socket.destroyed)) return;
    const socket = connect(gateway.tcpAddress.port, "127.0.0.1");
    this.socket = socket;
    socket.on("error", () => {});
    socket.once("connect", () => this.board.attach(tcpTransport(socket)));
  }

  cut(): void {
    this.socket?.destroy();
  }

  stop(): void {
    this.board.detach();
    this.cut();
  }
}

async function run(seed: number, hours: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bowline-day-"));
  const receiver = new Receiver();
  await receiver.open();
  const stream = Stream.isAvailable ? await Stream.in(folder) : null;
  await stream?.open();
  const house = new House(folder, receiver, stream);
  const callers = Array.from({ length: BOARDS }, (_, i) => new Caller(`board-${i}`));
  const met = new Map<Event, number>();
  const random = seededRandom(seed);
  try {
    await house.begin();
    for (let hour = 0; hour < hours; hour++) {
      // Each of them once before any comes twice, so that a short day has them all.
      const event = hour < events.length ? events[hour] : events[randomInteger(random, 0, events.length - 1)];
      met.set(event, (met.get(event) ?? 0) + 1);
      const over = await begin(event, { house, receiver, stream, callers, random });
      for (let i = 0; i < SAID_AN_HOUR; i++) {
        callers[randomInteger(random, 0, BOARDS - 1)].say();
        for (const caller of callers) caller.look(house);
        await setTimeout(STEP_MS);
      }
      await over();
    }
    await settle(house, callers);
    judge("the receiver", receiver.taken, callers);
    if (stream !== null) judge("the stream", await stream.taken(), callers);
    hold(
      hours < events.length || met.size === events.length,
      () => `nothing was tried: ${[...met.keys()].join(", ")}`,
    );
    const what = [...met].map(([event, count]) => `${count} × ${event}`).join(", ");
    const said = callers.reduce((sum, caller) => sum + caller.said, 0);
    const where =
      stream === null ? "to a webhook (nats-server is not installed)" : "to a webhook and a stream";
    return (
      `${hours} hours of ${what}; ${said} messages of ${BOARDS} boards handed on ${where}, each once and in order; ` +
      `${receiver.repeats} came again and were known by their ids`
    );
  } finally {
    for (const caller of callers) caller.stop();
    await house.end();
    await receiver.close();
    await stream?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Scene {
  house: House;
  receiver: Receiver;
  stream: Stream | null;
  callers: readonly Caller[];
  random: () => number;
}

/** Something goes wrong -> what mends it at the end of the hour. */
async function begin(
  event: Event,
  { house, receiver, stream, callers, random }: Scene,
): Promise<() => Promise<void>> {
  switch (event) {
    case "clock":
      house.offset = Math.floor((random() - 0.5) * (random() < 0.5 ? 20 * YEAR_MS : 7_200_000));
      break;
    case "receiver down":
      await Promise.all([receiver.close(), stream?.close()]);
      return async () => void (await Promise.all([receiver.open(), stream?.open()]));
    case "receiver slow":
      receiver.delayMs = randomInteger(random, 10, 200);
      receiver.faults = random;
      return async () => {
        receiver.delayMs = 0;
        receiver.faults = null;
      };
    case "gateway restarted":
      await house.end();
      await house.begin();
      break;
    case "board cut":
      for (const caller of callers) if (random() < 0.7) caller.cut();
      break;
    case "nothing":
  }
  return async () => {};
}

/** Resolves once all that was said is handed on. */
async function settle(house: House, callers: readonly Caller[]): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  const said = callers.reduce((sum, caller) => sum + caller.said, 0);
  for (;;) {
    const waiting = callers.reduce((sum, { board }) => sum + board.unacknowledged, 0);
    if (waiting === 0 && house.behind === 0) return;
    if (performance.now() > end)
      throw new Disproof(
        `of ${said} messages ${waiting} are at their boards and ${house.behind} wait to be handed on`,
      );
    for (const caller of callers) caller.look(house);
    await setTimeout(20);
  }
}

/** Each board's messages, all of them, in their order. */
function judge(who: string, taken: readonly Taken[], callers: readonly Caller[]): void {
  for (const { id, said } of callers) {
    const heard = taken.filter(({ device }) => device === id).map(({ i }) => i);
    hold(
      heard.length === said && heard.every((i, at) => i === at + 1),
      () => `${id} said 1…${said}, handed on to ${who}: ${heard.join(" ")}`,
    );
  }
}

export const day: Proof = {
  name: "day",
  promise:
    "a day of clock jumps, outages and restarts: all that boards said is handed on, once by its id, each board's in order",
  unit: "hours",
  scale: 24,
  run,
};
