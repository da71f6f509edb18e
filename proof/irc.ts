/**
 * A gateway on IRC, as users run it, with a real server. Boards speak, a robot in the channel hears what the routes tell
 * and asks a board; meanwhile, by the seed, the gateway's line is cut, the server is killed and comes back, the gateway is
 * killed with -9 or restarted. Lines to the robot come twice now and then. What the boards sent and did is the truth.
 */
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { GatewayChild } from "../host/cli/chaos/gateway-child.ts";
import type { IrcView } from "../host/http/api.ts";
import { LossyRelay } from "../host/irc/testing/lossy-relay.ts";
import { type Ngircd, startNgircd } from "../host/irc/testing/ngircd.ts";
import { Robot } from "../host/irc/testing/robot.ts";
import type { Datum } from "../host/irc-iot/datum.ts";
import { publicHexOf } from "../host/irc-iot/signing.ts";
import { seededRandom } from "../host/transports/random.ts";
import { LoadBoard } from "./gateway/load-board.ts";
import { Asker } from "./irc/asker.ts";
import { hold, type Proof } from "./proof.ts";

/** Beside this program. */
const PROGRAM = fileURLToPath(new URL("bowline.mjs", import.meta.url));
/** Messages a second of each board. The second's need several lines each, since nothing compresses them. */
const boards = [
  { id: "short", bytes: 20, perSecond: 40 },
  { id: "long", bytes: 700, perSecond: 4 },
];
const BLOW_EVERY_MS = 700;
const ASKS_PER_BLOW = 2;
/** ms that the gateway speaks to nobody before a cut or a kill; that the robot comes late to a new server. */
const MOST_DEAF_MS = 150;
/** ms that nothing comes to the robot before it is cut off: long enough for lines that the server has taken. */
const HELD_MS = 250;
const MOST_LATE_MS = 500;
/** ms that a board takes for what it is asked. */
const ANSWER_MS = 150;
const REPEAT_RATE = 0.1;
const LOOK_MS = 5;
const STALL_MS = 30_000;
const blows = ["ear", "cut", "server", "kill", "restart"] as const;

class IrcRun {
  readonly done = { cut: 0, server: 0, kill: 0, restart: 0, ear: 0 };
  private readonly random: () => number;
  private readonly signing = generateKeyPairSync("ed25519").privateKey;
  private readonly stops: (() => unknown)[] = [];
  private server!: Ngircd;
  private line!: LossyRelay;
  private ears!: LossyRelay;
  private robot!: Robot;
  private child!: GatewayChild;
  private died = "";
  /** What the gateway says goes nowhere, and it does not know. */
  private isDeaf = false;
  /** What the server says to the robot goes nowhere. */
  private isHeld = false;

  constructor(
    private readonly seed: number,
    private readonly folder: string,
  ) {
    this.random = seededRandom(seed);
  }

  async run(count: number): Promise<string> {
    try {
      await this.start();
      const load = boards.map(
        (board) => new LoadBoard({ ...board, answerAfterMs: ANSWER_MS, target: () => this.child.tcp }),
      );
      const asker = new Asker(this.robot, "short@kitchen", `run-${this.seed}`, count * ASKS_PER_BLOW);
      for (const one of [...load, asker]) {
        this.stops.push(() => one.stop());
        one.start();
      }
      for (let i = 0; i < count; i++) {
        await setTimeout(this.random() * BLOW_EVERY_MS);
        await this.strike(blows[i % blows.length]);
        await this.until(() => this.robot.person.isClosed === false, "the robot is back");
      }
      for (const board of load) board.quiet();
      await this.until(
        () => load.every(({ sent, acknowledged }) => sent === acknowledged),
        "all is acknowledged",
      );
      await this.until(() => asker.isDone, "all is answered");
      await this.until(() => load.every(({ id, told }) => this.heard(id).at(-1) === told), "all is heard");
      return await this.count(load, asker);
    } finally {
      for (const stop of this.stops.splice(0).reverse()) await stop();
    }
  }

  private async start(): Promise<void> {
    this.server = await startNgircd();
    this.stops.push(() => this.server.stop());
    this.line = await LossyRelay.start({
      port: this.server.port,
      seed: this.seed,
      hits: (_, way) => this.isDeaf && way === "toServer",
      dropRate: 1,
    });
    this.stops.push(() => this.line.stop());
    const hold = await LossyRelay.start({
      ...{ port: this.server.port, seed: this.seed, dropRate: 1 },
      hits: (_, way) => this.isHeld && way === "toClient",
    });
    this.stops.push(() => hold.stop());
    this.ears = await LossyRelay.start({
      ...{ port: hold.port, seed: this.seed + 1, repeatRate: REPEAT_RATE },
      hits: (line, direction) => direction === "toClient" && line.includes(" PRIVMSG "),
    });
    this.stops.push(() => this.ears.stop());
    this.robot = await Robot.connect({
      ...{ port: this.ears.port, nick: "robot", channels: ["#lab"], sign: this.signing },
    });
    this.stops.push(() => this.robot.quit());
    await writeFile(join(this.folder, "bowline.yaml"), JSON.stringify(this.configuration()));
    this.child = new GatewayChild({
      ...{
        program: PROGRAM,
        configFile: join(this.folder, "bowline.yaml"),
        cwd: this.folder,
        env: process.env,
        set: [],
      },
      signal: new AbortController().signal,
      onDied: (text) => {
        this.died = text;
      },
    });
    this.stops.push(() => this.child.stop());
    await this.child.start();
  }

  private async strike(blow: (typeof blows)[number]): Promise<void> {
    this.done[blow]++;
    if (blow === "server") {
      await this.server.restart();
      // Who is not there yet hears nothing of what is said.
      await setTimeout(this.random() * MOST_LATE_MS);
      await this.robot.again();
      return;
    }
    if (blow === "ear") {
      // What the server has taken for the robot goes with its connection.
      this.isHeld = true;
      await setTimeout(HELD_MS);
      this.ears.cut();
      this.isHeld = false;
      await this.untilMissed();
      await setTimeout(this.random() * MOST_LATE_MS);
      await this.robot.again();
      return;
    }
    this.isDeaf = blow !== "restart";
    await setTimeout(this.random() * MOST_DEAF_MS);
    if (blow === "cut") this.line.cut();
    else await (blow === "kill" ? this.child.kill() : this.child.close());
    this.isDeaf = false;
    if (blow !== "cut") await this.child.start();
  }

  /**
   * The gateway has been told that the robot is gone. Until then it speaks on, and who is back before that hears what was on its
   * way first, and then what they missed: nobody can call a line back.
   */
  private async untilMissed(): Promise<void> {
    for (let isMissed = false; !isMissed; await setTimeout(LOOK_MS)) {
      const { networks } = (await this.child.client!.get("api/v1/irc")) as IrcView;
      const [{ state, channels }] = networks;
      isMissed = state !== "online" || channels[0].members < 2;
    }
  }

  /** The numbers of what was heard of a board, in the order in which it was. */
  private heard(board: string): number[] {
    const theirs = (datum: Datum) => datum.src === `${board}@kitchen` && datum.ot === "l:load";
    return this.robot.datums.filter(theirs).map(({ i }) => i as number);
  }

  private async count(load: readonly LoadBoard[], asker: Asker): Promise<string> {
    const irc = (await this.child.client!.get("api/v1/irc")) as IrcView;
    const rows = load.map(({ id, told, asked }) => {
      const heard = this.heard(id);
      const lost = told - new Set(heard).size;
      const repeated = heard.length - new Set(heard).size;
      const disordered = heard.filter((i, at) => at > 0 && i < heard[at - 1]).length;
      return { id, told, heard: heard.length, lost, repeated, disordered, asked: asked.length };
    });
    const done = load[0].asked.map(({ i }) => i);
    const twice = done.length - new Set(done).size;
    const { repeats, givenUp } = this.robot.participant.counts;
    const table = [
      "board   sent  heard  lost  repeated  reordered",
      ...rows.map(({ id, told, heard, lost, repeated, disordered }) =>
        [id.padEnd(5), pad(told, 6), pad(heard, 6), pad(lost, 5), pad(repeated, 9), pad(disordered, 10)].join(
          " ",
        ),
      ),
      `asked ${asker.asked}, done ${new Set(done).size}, twice ${twice}, answered ${asker.answered.size}, refused ${asker.refused.length}`,
    ];
    const isWhole = rows.every(({ lost, repeated, disordered }) => lost + repeated + disordered === 0);
    const isDone = twice === 0 && done.length === asker.asked && asker.refused.length === 0;
    hold(isWhole && isDone, () => `${table.join("\n")}\n${asker.refused.join("\n")}`);
    hold(
      irc.routes.every(({ unsure }) => unsure === 0),
      "a line was given up",
    );
    const sent = rows.reduce((sum, { told }) => sum + told, 0);
    return (
      `${this.done.cut} cuts, ${this.done.server} ends of the server, ${this.done.kill} kills, ${this.done.restart} restarts, ${this.done.ear} cuts of who hears: ` +
      `${sent} messages heard, 0 lost, 0 repeated, in order, ${repeats} repeated lines passed over, ${givenUp} chains given up; ` +
      `${asker.asked} requests said ${asker.said} times, each done once and answered\n${table.join("\n")}\n`
    );
  }

  private async until(isTrue: () => boolean, what: string): Promise<void> {
    let seen = -1;
    let seenAt = performance.now();
    while (!isTrue()) {
      hold(this.died === "", () => this.died);
      const { length } = this.robot.datums;
      if (length !== seen) [seen, seenAt] = [length, performance.now()];
      hold(
        performance.now() - seenAt < STALL_MS,
        () => `waiting until ${what}: nothing was heard after ${seen} Datums; ${this.state()}`,
      );
      await setTimeout(LOOK_MS);
    }
  }

  private state(): string {
    return boards.map(({ id }) => `${id} ${this.heard(id).length}`).join(", ");
  }

  private configuration(): object {
    return {
      gateway: { id: "kitchen" },
      data: join(this.folder, "data"),
      tcp: { port: 0 },
      http: { port: 0 },
      monique: { enabled: false },
      session: { syncIntervalMinMs: 5, syncIntervalMaxMs: 500 },
      irc: {
        ...{ host: "127.0.0.1", port: this.line.port, tls: false, nick: "kitchen", channels: ["#lab"] },
        ...{ retryMinMs: 50, retryMaxMs: 300, scheme: "b85p", requestTimeoutS: 60 },
        flood: { burst: 20, linesPerMinute: 12_000 },
        operators: [{ name: "robot", key: publicHexOf(this.signing) }],
        routes: [{ channel: "#lab", types: ["l:load"], waitFor: ["robot"], sayAgainS: 2 }],
      },
      log: { level: "silent" },
    };
  }
}

const pad = (value: number, width: number) => String(value).padStart(width);

async function runIrc(seed: number, scale: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bowline-irc-"));
  try {
    return await new IrcRun(seed, folder).run(scale);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const irc: Proof = {
  name: "irc",
  promise:
    "over cuts of both ends, ends of the IRC server and kills of the gateway what a route tells is heard once, in order, and a request is done once",
  unit: "blows",
  scale: 10,
  run: runIrc,
};
