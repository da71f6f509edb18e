/** The audit has a line of every command and of every refusal, whoever refuses it and why. */
import { beforeEach, expect, test } from "vitest";
import { formatDatumTime } from "../irc-iot/datum-time.ts";
import type { Log } from "../platform/log.ts";
import { Addresses } from "./addresses.ts";
import type { Asks, Refusal } from "./asks.ts";
import { Audit } from "./audit.ts";
import { CommandDesk } from "./command-desk.ts";
import { DatumRequests } from "./datum-requests.ts";
import { Operators } from "./operators.ts";

const WALL = 1_795_301_705_000;
const HOUR_MS = 3_600_000;
const KEY = "ab".repeat(32);
const speaker = { network: "n", nick: "ann", user: "a", host: "h", account: null };

let lines: string[];
let account: string | null;
/** Why a request is not taken. */
let refusal: Refusal | null;

beforeEach(() => {
  lines = [];
  account = "ann";
  refusal = null;
});

function make() {
  const log = { info: (_: object, text: string) => lines.push(text) } as unknown as Log;
  const anyone = { devices: ["sim-*"], commands: ["l:*"] };
  const asks = {
    accept: async () => refusal,
    cancel: (_: string, re: unknown) => re === 7,
  } as unknown as Asks;
  const desk = new CommandDesk({
    operators: new Operators([
      { name: "ann", account: "ann", ...anyone },
      { name: "robot", key: KEY, ...anyone },
    ]),
    ...{ asks, audit: new Audit(log, { now: () => 0, wall: () => WALL }, null), timeoutMs: 1000 },
    ...{ wall: () => WALL, prove: async () => ({ account, certfp: null }) },
  });
  const requests = new DatumRequests({
    ...{ addresses: new Addresses("kitchen", "bowline@kitchen"), desk, commandAgeMs: 300_000 },
    ...{ wall: () => WALL, knows: (device: string) => device === "sim-1", refuse() {} },
  });
  const take = (fields: object, key: string | null = null) =>
    requests.take(
      { ot: "l:led", src: "", dst: "sim-1@kitchen", ...fields },
      { speaker, channel: null, mid: "1", containerText: "", identity: { key } },
    );
  return { desk, take };
}

test.each<[string, object, string | null, string]>([
  ["accepted", {}, null, "accepted"],
  ["of a type that is not allowed", { ot: "mainfo" }, null, "refused: NOT_ALLOWED"],
  ["to a board that is not there", { dst: "sim-9@kitchen" }, null, "refused: DEVICE_UNKNOWN"],
  ["signed without a time", {}, KEY, "refused: STALE"],
  ["signed an hour ago", { t: formatDatumTime(WALL - HOUR_MS) }, KEY, "refused: STALE"],
  ["signed now", { t: formatDatumTime(WALL) }, KEY, "accepted"],
  ["withdrawn", { kill: 7 }, null, "accepted"],
  ["withdrawn, of nobody", { kill: 8 }, null, "refused: REQUEST_NOT_FOUND"],
  [
    "withdrawn by what was signed an hour ago",
    { kill: 7, t: formatDatumTime(WALL - HOUR_MS) },
    KEY,
    "refused: STALE",
  ],
])("a command %s has one line", async (_, fields, key, expected) => {
  await make().take(fields, key);
  expect(lines).toEqual([`IRC command ${expected}`]);
});

test("so has what somebody asks who is nobody, also to withdraw", async () => {
  const { desk, take } = make();
  account = null;
  await take({});
  await take({ kill: 7 });
  await desk.cancel({ speaker, channel: "#lab", key: null, device: "" }, "7");
  expect(lines).toEqual(Array(3).fill("IRC command refused: NOT_PROVED"));
});

test("so has one that there is no room for", async () => {
  refusal = { refused: "QUEUE_FULL", reason: "100 requests of ann wait, 100 allowed" };
  await make().take({});
  expect(lines).toEqual(["IRC command refused: QUEUE_FULL"]);
});
