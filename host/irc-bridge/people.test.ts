/** People in words: who is answered, with what, and where nobody is. */
import { beforeEach, describe, expect, test } from "vitest";
import { Registry } from "../irc-iot/registry.ts";
import type { QueueView } from "../router/queue-view.ts";
import type { DeviceView } from "../router/views.ts";
import { Addresses } from "./addresses.ts";
import type { Refusal } from "./asks.ts";
import { type Asked, type CommandDesk, NOT_FOUND, NOT_PROVED } from "./command-desk.ts";
import type { KillDesk } from "./kill-desk.ts";
import { People } from "./people.ts";

const WALL = 1_795_301_705_000;
const from = { network: "n", nick: "ann", user: "~ann", host: "h", account: null };
const addresses = new Addresses("kitchen", "bowline@kitchen");
const registry = new Registry({
  boards: ["*@kitchen", "*@attic"],
  types: [],
  senderOf: (device) => addresses.ofBoard(device),
});

const board = (id: string, more: Partial<DeviceView> = {}): DeviceView => ({
  ...{
    id,
    gateway: "",
    connected: true,
    since: 0,
    hasLeft: false,
    via: "",
    epoch: "",
    watermark: 0,
    board: "",
    firmware: "bowline 0.1.0",
  },
  ...{
    caps: [],
    delivered: 14,
    repeats: 0,
    missing: 0,
    mayBeMissing: 0,
    lost: 0,
    sessions: 1,
    connections: 1,
  },
  ...{ queued: 0, lastAt: WALL - 2000, last: null, ...more },
});

const work = { components: () => [], task: () => undefined, tasks: () => [] };

let asked: Asked[];
/** In the audit. */
let refused: unknown[];
let cancelled: (string | number)[];
let killed: [channel: string | null, task: string][];
let killAnswer: string | null;
let isOperator: boolean;
let refusal: Refusal | null;
let devices: DeviceView[];
let readers: "anyone" | "operators";

beforeEach(() => {
  asked = [];
  refused = [];
  cancelled = [];
  killed = [];
  killAnswer = "EbQ5cBYA: killed, withdrawn from the queue";
  isOperator = true;
  refusal = null;
  readers = "anyone";
  const message = { ot: "l:telemetry", temp: 20.75 };
  const last = { n: 1, device: "sim-1", epoch: "e", seq: 1, at: WALL - 40_000, message };
  devices = [
    board("sim-1", { last, via: "tcp 1.2.3.4:5" }),
    board("attic/sim-2", { connected: false, lastAt: 0 }),
  ];
});

/** What is answered to a line; [] is silence. */
async function hear(text: string, channel: string | null = "#lab"): Promise<string[]> {
  const replies: string[] = [];
  const desk = {
    identify: async () => (isOperator ? { name: "ann" } : null),
    refused: ({ device }: Asked, ot: string, code: string) => refused.push([device, ot, code]),
    ask: async (one: Asked) => {
      asked.push(one);
      return refusal;
    },
    cancel: async (_: unknown, re: string | number) => {
      if (!isOperator) return NOT_PROVED;
      return cancelled.push(re) === 1 && re === "7" ? null : NOT_FOUND;
    },
  };
  const queue = { store: { messages: 3, fault: "" }, boards: [], peers: [] } as unknown as QueueView;
  const kills = {
    kill: async ({ channel: where }: { channel: string | null }, task: string) => {
      killed.push([where, task]);
      return killAnswer;
    },
  };
  const people = new People({
    ...{ desk: desk as unknown as CommandDesk, registry, addresses, readers },
    kills: kills as unknown as KillDesk,
    facts: {
      gateway: "kitchen",
      registry,
      addresses,
      devices: () => devices,
      queue: () => queue,
      work,
      wall: () => WALL,
    },
    ...{ devices: () => devices.map(({ id }) => id), number: () => 17, unique: () => "u" },
    reply: (_, texts) => {
      replies.push(...texts);
    },
  });
  await people.hear({ from, channel, text });
  return replies;
}

const seen = () => asked.map(({ device, message, style }) => [device, message, style]);

describe("what stops a task", () => {
  test("is handed on with where it was said, and answered there", async () => {
    expect(await hear("!kill EbQ5cBYA")).toEqual([killAnswer]);
    expect(await hear("kill EbQ5cBYA", null)).toEqual([killAnswer]);
    expect(killed).toEqual([
      ["#lab", "EbQ5cBYA"],
      [null, "EbQ5cBYA"],
    ]);
  });

  test("of a task that may be another gateway's a channel is told nothing", async () => {
    killAnswer = null;
    expect(await hear("!kill EbQ5cBYA")).toEqual([]);
    expect(await hear("!kill EbQ5cBYA", null)).toEqual([
      "kill: no task EbQ5cBYA is known here; !tasks lists them",
    ]);
  });

  test("names one task", async () => {
    expect(await hear("!kill")).toEqual([
      "kill: which one is missing; allowed: kill TASK; !tasks lists them",
    ]);
    expect(await hear("!kill a b")).toEqual(['kill: "b" is a word too many; !help kill']);
    expect(killed).toEqual([]);
  });
});

describe("what is asked of a board", () => {
  test.each([
    ["!led sim-1 on", ["sim-1", { ot: "l:led", on: true }, "words"]],
    ["!led sim-1@kitchen off", ["sim-1", { ot: "l:led", on: false }, "words"]],
    ["!info attic/sim-2", ["attic/sim-2", { ot: "l:info" }, "words"]],
    ['!send sim-1 l:mine {"a":1}', ["sim-1", { ot: "l:mine", a: 1 }, "words"]],
    ["!raw led sim-1 on", ["sim-1", { ot: "l:led", on: true }, "raw"]],
  ])("%s is handed on, and answered when it is done", async (line, expected) => {
    expect(await hear(line)).toEqual([]);
    expect(seen()).toEqual([expected]);
    expect(asked[0]).toMatchObject({ channel: "#lab", key: null, re: 17, sameAs: ["words", "u"] });
  });

  test("in private the mark may be left out; in a channel only what has it is a command", async () => {
    expect(await hear("led sim-1 on", null)).toEqual([]);
    expect(await hear("led sim-1 on")).toEqual([]);
    expect(seen()).toHaveLength(1);
  });

  test("why it was refused is said", async () => {
    refusal = { refused: "NOT_ALLOWED", reason: "ann may not ask l:led of sim-1" };
    expect(await hear("!led sim-1 on")).toEqual(["ann may not ask l:led of sim-1 [NOT_ALLOWED]"]);
  });

  test("a board of another gateway, by its address, is that gateway's", async () => {
    expect(await hear("!led sim-2@attic on")).toEqual([]);
    expect(await hear("!status sim-2@attic")).toEqual([]);
    expect(await hear("led sim-2@attic on", null)).toEqual(["sim-2@attic is not a board of this gateway"]);
    expect(asked).toEqual([]);
  });

  test.each([
    ["!led sim-2 on", "no board sim-2; did you mean sim-1? known: sim-1, attic/sim-2"],
    ["!led sim-1", /^led: on is missing.*as in !led sim-1 on$/],
    ["!ldе sim-1 on", /^no command "ldе".*did you mean/],
    ["!statsu", 'no command "statsu"; did you mean !status? !help lists them'],
    ["!statsu there", 'no command "statsu"; did you mean !status? !help lists them'],
    ["!xyzzy there", 'no command "xyzzy"; !help lists them'],
    ["!raw sim-1 l:led", /^no command "sim-1"; !raw BOARD: .*as in !raw led sim-1 on; /],
    ["!raw led sim-1", /^led: on is missing.* typed !raw led BOARD on\|off, as in !raw led sim-1 on$/],
    ["!read sim-1", /^read: pin is missing[^?]*, as in !read sim-1 \S+$/],
    [
      "!led sim-1 maybe",
      'led: on is "maybe", allowed is on or off; typed !led BOARD on|off, as in !led sim-1 on',
    ],
  ])("%s is told with what would do", async (line, expected) => {
    expect(await hear(line)).toEqual([
      expected instanceof RegExp ? expect.stringMatching(expected) : expected,
    ]);
    expect(asked).toEqual([]);
  });

  test.each([
    "\x0304!led sim-1 on",
    "!led\x02 sim-1 on",
    "!led sim-1\u200b on",
    "!led sim-1 on\x0f",
    "!",
    "!!!",
    "! ",
    "hello",
  ])("%j is nothing", async (line) => {
    expect(await hear(line)).toEqual([]);
    expect(asked).toEqual([]);
  });

  test("in private, what resembles no command is not answered: two programs would never end", async () => {
    for (const text of ['no command "x"', "sim-1: temp 20.75 °C", "only for operators", "good morning"])
      expect(await hear(text, null)).toEqual([]);
    expect(await hear("!good morning", null)).toHaveLength(1);
    expect(await hear("statsu", null)).toHaveLength(1);
  });

  test("one's own request is withdrawn, silently, for its outcome tells", async () => {
    expect(await hear("!cancel 7")).toEqual([]);
    expect(await hear("!cancel 8")).toEqual(["cancel: no request 8 of yours waits"]);
    expect(await hear("!cancel")).toEqual([
      "cancel: which one is missing; allowed: cancel NUMBER; as in !cancel 17",
    ]);
    isOperator = false;
    expect(await hear("!cancel 7")).toEqual([expect.stringContaining("only for operators")]);
    expect(cancelled).toEqual(["7", "8"]);
  });
});

test("a board that nobody knows is asked for in the audit as well", async () => {
  await hear("!led sim-2 on");
  isOperator = false;
  await hear("!led sim-2 on");
  expect(refused).toEqual([
    ["sim-2", "l:led", "DEVICE_UNKNOWN"],
    ["sim-2", "l:led", "DEVICE_UNKNOWN"],
  ]);
});

test("with readers: operators, strangers find out of no board whether there is one, and have help all the same", async () => {
  readers = "operators";
  isOperator = false;
  for (const line of [
    "!led nope on",
    "!send nope l:led",
    "!raw nope",
    "!raw sim-1",
    "!raw led nope on",
    "!last sim-1",
  ]) {
    const [text] = await hear(line);
    expect(text, line).toMatch(/^only for operators/);
    expect(text).not.toContain("sim-1");
  }
  expect(refused[0]).toEqual(["nope", "l:led", "NOT_PROVED"]);
  expect(refused).toHaveLength(6);
  expect((await hear("!help led"))[0]).toMatch(/^!led BOARD on/);
});

describe("what only tells", () => {
  test.each([
    ["!status", "kitchen: 1 of 2 boards connected, 3 messages kept"],
    ["!status sim-1", "sim-1: connected via tcp 1.2.3.4:5, heard 2 s ago, bowline 0.1.0, 14 messages"],
    ["!status attic/sim-2", "attic/sim-2: away, never heard, bowline 0.1.0, 14 messages"],
    ["!status sim-3", "no board sim-3; did you mean sim-1? known: sim-1, attic/sim-2"],
    ["!devices", "kitchen: sim-1, attic/sim-2 (away)"],
    ["!last", "sim-1: temp 20.75 °C (40 s ago)"],
    ["!last attic/sim-2", "attic/sim-2: has said nothing yet"],
    [
      "!raw sim-1",
      'sim-1: {"ot":"l:telemetry","src":"sim-1@kitchen","dst":"","t":"2026-11-21 22:54:25.000","temp":20.75,"n":1}',
    ],
    ["!raw attic/sim-2", "attic/sim-2: has said nothing yet"],
    ["!devices foo bar", 'devices: "foo" is a word too many; !devices: the boards of this gateway'],
    ["!last sim-1 l:foo", 'last: "l:foo" is a word too many; !last [BOARD]: what was said last'],
    ["!help raw", /as in !raw led sim-1 on; asking is for operators$/],
    ["!queue", "kitchen: nothing waits"],
    ["!version", "kitchen: a Bowline gateway, IRC-IoT 0.3.33"],
    ["!help led", /^!led BOARD on\|off: .*as in !led sim-1 on; for operators$/],
    ["!help !status", "!status [BOARD]: how the gateway is, or one of its boards"],
  ])("%s", async (line, expected) => {
    isOperator = false;
    expect(await hear(line)).toEqual([
      expected instanceof RegExp ? expect.stringMatching(expected) : expected,
    ]);
  });

  test("!help lists all there is", async () => {
    const [first] = await hear("!help");
    for (const word of [
      "status",
      "devices",
      "last",
      "queue",
      "tasks",
      "components",
      "kill",
      "version",
      "led",
      "info",
      "reboot",
      "send",
      "cancel",
    ])
      expect(first).toContain(`!${word}`);
  });

  test("with readers: operators, strangers are told that alone", async () => {
    readers = "operators";
    expect(await hear("!status")).toEqual(["kitchen: 1 of 2 boards connected, 3 messages kept"]);
    isOperator = false;
    expect(await hear("!status")).toEqual([expect.stringContaining("only for operators")]);
  });
});

test("before any board has said hello, whoever asks one is told so", async () => {
  devices = [];
  expect(await hear("!led pump on")).toEqual(["no board pump; no board has said hello yet"]);
});

test("a board of another gateway is told of in private alone: in a channel that one answers", async () => {
  expect(await hear("!status sim-2@attic")).toEqual([]);
  expect(await hear("status sim-2@attic", null)).toEqual(["sim-2@attic is not a board of this gateway"]);
});
