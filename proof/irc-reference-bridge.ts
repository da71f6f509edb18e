/**
 * The reference (PyIRCIoT) on a real IRC server beside a gateway with a board: it hears what the board says, asks the board,
 * and gets the replies, in one line and in several. It signs with its key, which the gateway has pinned.
 */
import { fileURLToPath } from "node:url";
import { isNgircdAvailable, ngircdNeeded, startNgircd } from "../host/irc/testing/ngircd.ts";
import { Person } from "../host/irc/testing/person.ts";
import type { Datum } from "../host/irc-iot/datum.ts";
import { formatDatumTime } from "../host/irc-iot/datum-time.ts";
import { lookupOf } from "../host/irc-iot/lookup.ts";
import { standardTypes } from "../host/irc-iot/standard-types.ts";
import { BowlineError, ExitCode } from "../host/platform/errors.ts";
import { SimulatedBoard } from "../host/simulator/simulated-board.ts";
import { startGateway, type TestGateway } from "../host/testing/gateway.ts";
import { hold, type Proof } from "./proof.ts";
import { BOT_PEER, SOCKET_PEER } from "./reference/peers.ts";
import { Python, referenceFolder } from "./reference/python.ts";

const FIRMWARE = fileURLToPath(new URL("device/firmware.js", import.meta.url));
const CHANNEL = "#lab";
const NICK = "refbot";
const GATEWAY = "kitchen";
const BOARD = `sim-1@${GATEWAY}`;
const ASKER = "ref@lab";
/** Lines of the reference: its default, and so short that a request needs several, which overlap by a signature each. */
const MTU = 440;
const SHORT_MTU = 280;
/** What no compression brings into one line of \`SHORT_MTU`, and a board takes all the same. */
const NOTE = "k3Jx9QvT2mZp7LwR8sYd4HcB6nGf1AeUoVi5XtCqPlMzKjWhSgDbEyFaNrOuIk";
/** The reference's bot joins after up to a minute, and says a line a second. */
const PATIENCE_MS = 90_000;

interface Told {
  heard?: Datum;
  error?: string;
  text?: string;
}

/** What the reference tells, kept until somebody waits for it. */
class Peer {
  readonly heard: Datum[] = [];
  private readonly python: Python;
  private readonly watchers = new Set<() => void>();

  constructor(program: string) {
    this.python = new Python(program);
  }

  /** The public key with which it signs, in hex. */
  async key(): Promise<string> {
    const { key } = (await this.python.next()) as { key: string | null };
    if (key !== null) return key;
    const text = "trying the reference: it cannot sign, for PyNaCl is not installed";
    throw new BowlineError("REFERENCE_NEEDED", text, ExitCode.notFound, "python3 -m pip install pynacl");
  }

  join(port: number): void {
    this.python.tell({ port, nick: NICK, channel: CHANNEL });
  }

  /** Rejects when it has ended, or could not read something. */
  async listen(): Promise<never> {
    for (;;) {
      const told = (await this.python.next()) as Told;
      hold(told.error === undefined, () => `the reference failed at ${told.text}: ${told.error}`);
      if (told.heard !== undefined) this.heard.push(told.heard);
      for (const watcher of this.watchers) watcher();
    }
  }

  say(datums: readonly Datum[], mtu: number): void {
    this.python.tell({ say: CHANNEL, datums, mtu });
  }

  until(what: string, find: () => Datum | undefined): Promise<Datum> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        this.watchers.delete(look);
      };
      const look = () => {
        const found = find();
        if (found === undefined) return;
        end();
        resolve(found);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`the reference heard no ${what} in ${PATIENCE_MS / 1000} s`));
      }, PATIENCE_MS);
      this.watchers.add(look);
      look();
    });
  }

  stop(): Promise<void> {
    return this.python.stop();
  }
}

interface Kind {
  program: string;
  /** Between two messages of the board: the bot loses lines of what comes faster than it reads. */
  intervalS: number;
}

const proofWith = (name: string, kind: Kind, who: string, scale: number): Proof => ({
  name,
  promise: `${who} hears a board over IRC, asks it and gets its replies, in one line and in several`,
  unit: "requests",
  scale,
  run: (_, requests) => tell(kind, requests),
});

export const ircReferenceBridge = proofWith(
  "irc-reference-bridge",
  { program: SOCKET_PEER, intervalS: 0.2 },
  "the reference's codec",
  60,
);
export const ircReferenceBot = proofWith(
  "irc-reference-bot",
  { program: BOT_PEER, intervalS: 2 },
  "the reference's bot",
  8,
);

async function tell({ program, intervalS }: Kind, requests: number): Promise<string> {
  referenceFolder();
  if (!isNgircdAvailable)
    throw new BowlineError("SERVER_NEEDED", `trying the reference: ${ngircdNeeded}`, ExitCode.notFound);
  const stops: (() => unknown)[] = [];
  try {
    const peer = new Peer(program);
    stops.push(() => peer.stop());
    const key = await peer.key();
    const irc = await startNgircd({ patienceS: PATIENCE_MS / 1000 });
    stops.push(() => irc.stop());
    const gw = await startGateway(settings(irc.port, key));
    stops.push(() => gw.stop());
    const board = new SimulatedBoard({
      ...{ id: "sim-1", bundle: FIRMWARE },
      ...{
        transport: { kind: "tcp", host: "127.0.0.1", port: gw.tcpPort },
        config: { interval: intervalS, grace: 0 },
      },
    });
    board.start();
    stops.push(() => board.stop());
    const person = await Person.connect({ port: irc.port, nick: "ann", channels: [CHANNEL] });
    stops.push(() => person.quit());
    peer.join(irc.port);
    const failed = peer.listen();
    const story = (async () => {
      await person.line(
        (line) => new RegExp(`^:${NICK}!\\S+ JOIN :?${CHANNEL}|^:\\S+ 353 .*${NICK}`).test(line),
        0,
        PATIENCE_MS,
      );
      return play(peer, gw, board, requests);
    })();
    return await Promise.race([story, failed]);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

function settings(port: number, key: string): string[] {
  return [
    ...[
      `gateway.id=${GATEWAY}`,
      "irc.name=lab",
      "irc.host=127.0.0.1",
      `irc.port=${port}`,
      "irc.tls.enabled=false",
    ],
    ...[
      "irc.nick=gw-kitchen",
      `irc.channels.0=${CHANNEL}`,
      "irc.flood.burst=50",
      "irc.flood.linesPerMinute=6000",
    ],
    ...[`irc.routes.0.channel=${CHANNEL}`, "irc.routes.0.types.0=l:*", "irc.routes.0.profile=pyirciot"],
    ...["irc.operators.0.name=reference", `irc.operators.0.key=${key}`],
    ...["irc.peers.0.name=reference", `irc.peers.0.nick=${NICK}`, "irc.peers.0.profile=pyirciot"],
  ];
}

async function play(peer: Peer, gw: TestGateway, board: SimulatedBoard, requests: number): Promise<string> {
  await peer.until("telemetry", () => peer.heard.find(({ ot }) => ot === "l:telemetry"));
  let inParts = 0;
  for (let rq = 1; rq <= requests; rq++) {
    const isOn = rq % 2 === 1;
    const isLong = rq % 4 === 0;
    const t = formatDatumTime(Date.now());
    const asked: Datum = {
      ot: "l:led",
      src: ASKER,
      dst: BOARD,
      ...{ t, rq },
      on: isOn,
      ...(isLong ? { note: NOTE } : {}),
    };
    peer.say([asked], isLong ? SHORT_MTU : MTU);
    const reply = await peer.until(`reply ${rq}`, () => peer.heard.find(({ re }) => re === rq));
    hold(
      reply.on === isOn && reply.src === BOARD && reply.dst === ASKER,
      () => `reply ${rq}: ${JSON.stringify(reply)}`,
    );
    hold(board.pins.get("LED1") === (isOn ? 1 : 0), `after request ${rq} the LED is not what was asked`);
    if (isLong) inParts++;
  }
  const wanted = requests;
  await peer.until("more telemetry", () => peer.heard.filter(({ ot }) => ot === "l:telemetry")[wanted]);
  // What the board tells of itself does not fit a line.
  const info = requests + 1;
  peer.say([{ ot: "l:info", src: ASKER, dst: BOARD, rq: info, t: formatDatumTime(Date.now()) }], MTU);
  const told = await peer.until("l:info", () => peer.heard.find(({ re }) => re === info));
  hold(told.id === "sim-1" && Array.isArray(told.caps), () => `l:info came as ${JSON.stringify(told)}`);
  // A description travels as the robot has it (IRC-IoT S-15).
  const lookup = info + 1;
  peer.say(
    [
      {
        ...lookupOf(BOARD, "l:interval"),
        src: ASKER,
        dst: BOARD,
        rq: lookup,
        t: formatDatumTime(Date.now()),
      },
    ],
    MTU,
  );
  const answer = await peer.until("answer", () => peer.heard.find(({ re }) => re === lookup));
  const described = JSON.stringify([
    { a1: BOARD, ot: "l:interval", d: standardTypes.find(({ ot }) => ot === "l:interval") },
  ]);
  hold(JSON.stringify(answer.a) === described, () => `l:interval was described as ${JSON.stringify(answer)}`);
  return `${requests} requests of it and their replies, ${inParts} of these asked in fragments; l:info in fragments; a type looked up; ${compare(peer, gw)} messages of the board heard as they are in the store`;
}

/** Each message of the board that the reference heard is the one of the store, and none is missing between two. */
function compare(peer: Peer, gw: TestGateway): number {
  const heard = peer.heard.filter(({ ot, n }) => ot === "l:telemetry" && typeof n === "number");
  const numbers = heard.map(({ n }) => n as number);
  const stored = gw.messages.filter(({ message }) => message.ot === "l:telemetry");
  const expected = stored
    .map(({ n }) => n)
    .filter((n) => n >= numbers[0] && n <= numbers[numbers.length - 1]);
  hold(
    JSON.stringify(numbers) === JSON.stringify(expected),
    () => `heard ${numbers}, in the store ${expected}`,
  );
  for (const datum of heard) {
    const { message } = stored.find(({ n }) => n === datum.n)!;
    for (const name of ["temp", "supply", "free", "total", "uptime", "flags", "lost"])
      hold(
        JSON.stringify(datum[name]) === JSON.stringify(message[name]),
        () => `${name} of ${datum.n} was altered`,
      );
  }
  return heard.length;
}
