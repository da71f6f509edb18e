/** What people ask by this gateway, and cannot be said: whose fault it is shows in what they are told. */
import { beforeEach, expect, test } from "vitest";
import type { Datum } from "../irc-iot/datum.ts";
import { FaultCode, IrcIotError } from "../irc-iot/fault-code.ts";
import { ExitCode } from "../platform/errors.ts";
import { Addresses } from "./addresses.ts";
import type { BridgeNetwork } from "./bridge-network.ts";
import { BridgeNetworks } from "./bridge-networks.ts";
import { OwnQuestions } from "./own-questions.ts";

let questions: OwnQuestions;
/** What is thrown where something is to be said. */
let fault: Error | null;
let refusal: { isAbsent: boolean; reason: string } | null;
let said: Datum[];
let again: [request: object, via: string][];

beforeEach(() => {
  fault = null;
  refusal = null;
  said = [];
  again = [];
  const networks = new BridgeNetworks();
  networks.all.push({
    name: "lab",
    edge: { state: "online", refusalOf: () => refusal },
    participant: {
      publicKey: null,
      askAgain: (request: object, via: string) => {
        if (fault !== null) throw fault;
        again.push([request, via]);
      },
    },
    sayDatumsOnce: (_: string, datums: Datum[]) => {
      if (fault !== null) throw fault;
      said.push(...datums);
    },
  } as unknown as BridgeNetwork);
  const clock = { now: () => 0, wall: () => 1_795_301_705_000 };
  questions = new OwnQuestions(networks, new Addresses("kitchen", "bowline@kitchen"), clock);
});

const ask = (to = "sim-1@attic") =>
  questions.ask(
    { to, via: "attic", message: { ot: "l:led" }, timeoutMs: 60_000 },
    new AbortController().signal,
  );

test("an answer is one that names the request, and is for us", async () => {
  const asked = ask();
  const [{ rq }] = said;
  const answer = { ot: "l:led", src: "sim-1@attic", dst: "bowline@kitchen", re: String(rq), on: true };
  const { re: _, ...unasked } = answer;
  expect(questions.take(unasked)).toBe(false);
  expect(questions.take({ ...answer, dst: "bowline@barn" })).toBe(false);
  expect(questions.take({ ...answer, re: "another" })).toBe(false);
  expect(questions.take({ ...answer, src: "sim-2@attic" })).toBe(false);
  expect(questions.take(answer)).toBe(true);
  expect(await asked).toEqual(answer);
});

test.each([
  ["no form", new IrcIotError(FaultCode.INVALID_MESSAGE, "a number that JSON cannot carry")],
  ["no room", new RangeError("no line has room for it")],
])("what IRC has %s for is the asker's fault", async (_, thrown) => {
  fault = thrown;
  await expect(ask()).rejects.toMatchObject({
    ...{ code: "REQUEST_INVALID", exitCode: ExitCode.usage },
    message: `asking sim-1@attic over IRC: ${thrown.message}`,
  });
});

test("a fault of ours is not told as the asker's", async () => {
  fault = new TypeError("x is undefined");
  await expect(ask()).rejects.toBe(fault);
  expect(() => questions.again({ kind: 10, id: "7", via: "attic" })).toThrow(fault);
});

test("a board of our own is not asked over IRC, and how it is asked is told", () => {
  expect(() => ask("sim-1@kitchen")).toThrow(
    expect.objectContaining({ code: "REQUEST_INVALID", mend: "bowline send sim-1 l:led" }),
  );
  expect(said).toEqual([]);
});

test.each([
  [true, "nobody there is called attic"],
  [false, "the server lets nothing of ours through to attic (+R)"],
])("who cannot be spoken to (absent: %s) is not asked", (isAbsent, seen) => {
  refusal = { isAbsent, reason: "+R" };
  const told = `asking sim-1@attic over IRC: ${seen}; nothing was said`;
  expect(() => ask()).toThrow(expect.objectContaining({ code: "NO_ANSWER", message: told }));
  expect(said).toEqual([]);
});

test("what was lost is asked for again, in a channel of who said it; what has no room is told", () => {
  questions.again({ kind: 10, id: "7", via: "attic" });
  questions.again({ kind: 10, id: "7", via: "#lab", owner: "attic" });
  expect(again).toEqual([
    [{ kind: 10, rid: "7" }, "attic"],
    [{ kind: 10, rid: "7", dst: "attic" }, "#lab"],
  ]);
  fault = new RangeError("no line has room for it");
  expect(() => questions.again({ kind: 10, id: "7", via: "attic" })).toThrow(
    expect.objectContaining({
      code: "REQUEST_INVALID",
      message: "asking attic over IRC: no line has room for it",
    }),
  );
});
