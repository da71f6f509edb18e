/** Asking over IRC: what is not answered in time is not done later, and what is refused for its place is said again. */
import { afterEach, expect, test, vi } from "vitest";
import type { Datum } from "../irc-iot/datum.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { OwnAsks } from "./own-asks.ts";
import type { SayingWatch } from "./own-request.ts";

const WALL = 1_795_301_705_000;

afterEach(() => void vi.useRealTimers());

function make({ isOnline = true, isSigning = true, fields = {} } = {}) {
  const said: [Datum, SayingWatch][] = [];
  const network = {
    ...{ isOnline, isSigning, hasRoom: true, fault: null as Error | null },
    say: (...one: [Datum, SayingWatch]) => {
      if (network.fault !== null) throw network.fault;
      if (!network.hasRoom) throw new BowlineError("REQUEST_INVALID", "no line has room for it", 2);
      said.push(one);
    },
  };
  const asks = new OwnAsks("bowline@attic", { now: () => performance.now(), wall: () => WALL });
  const controller = new AbortController();
  const ask = (timeoutMs = 60_000, { signal } = controller) =>
    asks.ask(
      { to: "sim-1@kitchen", message: { ot: "l:led", on: true, ...fields }, timeoutMs },
      network,
      signal,
    );
  const reply = (n: number, fields: object) =>
    asks.take({ ot: "l:led", src: "sim-1@kitchen", dst: "bowline@attic", re: said[n][0].rq, ...fields });
  return { said, network, ask, reply, controller };
}

test("what waits for its turn when the time is over is not said any more", async () => {
  const { said, ask } = make();
  await expect(ask(5)).rejects.toThrow("it was not said, and is not done later");
  expect(said).toHaveLength(1);
  expect(said[0][1].isWanted?.()).toBe(false);
});

test("what was said, and is given up, is withdrawn", async () => {
  const { said, ask, controller } = make();
  const asked = ask();
  expect(said[0][1].isWanted?.()).toBe(true);
  said[0][1].onSaid?.();
  controller.abort();
  await expect(asked).rejects.toThrow("given up; it may or may not have been done");
  const { rq } = said[0][0];
  expect(said[1][0]).toEqual({
    ...{ ot: "l:led", src: "bowline@attic", dst: "sim-1@kitchen", t: "2026-11-21 22:55:05.000", kill: rq },
  });
});

const NOT_PROVED = { err: "only for operators", code: "NOT_PROVED" };

test("refused as not proved it is said again, once, as the same request, where we sign", async () => {
  const { said, ask, reply } = make();
  const asked = ask();
  reply(0, NOT_PROVED);
  const { rq } = said[0][0];
  expect(rq).toMatch(/^[\w-]{8}$/);
  // Whoever said that may be anybody in the channel: by its key it is not done again, were it done already.
  expect(said.map(([datum]) => datum)).toMatchObject(Array(2).fill({ ot: "l:led", on: true, rq, key: rq }));
  // What the second stands for, the first need not say any more, nor tell of.
  expect(said.map(([, watch]) => watch.isWanted?.())).toEqual([false, true]);
  said[0][1].onLost?.("lost");
  reply(1, NOT_PROVED);
  expect(said).toHaveLength(2);
  expect(await asked).toMatchObject({ code: "NOT_PROVED", re: rq });
});

test("refused as not proved it is the end of what is not signed, or what no key makes the same when said again", async () => {
  for (const made of [make({ isSigning: false }), make({ fields: { key: "short" } })]) {
    const asked = made.ask();
    made.reply(0, NOT_PROVED);
    expect(made.said).toHaveLength(1);
    expect(await asked).toMatchObject({ code: "NOT_PROVED" });
  }
  const { said, ask, reply } = make({ fields: { key: "my own key" } });
  const asked = ask();
  reply(0, {});
  await asked;
  expect(said[0][0].key).toBe("my own key");
});

test("said again it has the rest of the time; given up it is withdrawn, whichever of the two was said", async () => {
  vi.useFakeTimers();
  const { said, ask, reply } = make();
  const asked = ask(60_000);
  const end = expect(asked).rejects.toThrow("no answer in 60 s; it may or may not have been done");
  said[0][1].onSaid?.();
  vi.advanceTimersByTime(40_000);
  reply(0, NOT_PROVED);
  vi.advanceTimersByTime(19_999);
  expect(said).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(said.slice(2).map(([{ kill }]) => kill)).toEqual([said[0][0].rq]);
  await end;
});

test("said again and not taken by the server it may have been done all the same", async () => {
  const { said, ask, reply } = make();
  const asked = ask();
  said[0][1].onSaid?.();
  reply(0, NOT_PROVED);
  said[1][1].onLost?.("lost");
  await expect(asked).rejects.toThrow("said before, it may have been done");
});

test("what no line has room for any more is not said again, and not withdrawn, which is told", async () => {
  const refused = make();
  const first = refused.ask();
  refused.network.hasRoom = false;
  refused.reply(0, NOT_PROVED);
  expect(await first).toMatchObject(NOT_PROVED);

  vi.useFakeTimers();
  const { said, network, ask } = make();
  const second = ask(1000);
  const seen =
    "no answer in 1 s; it may or may not have been done, and is not withdrawn: no line has room for it";
  const end = expect(second).rejects.toThrow(seen);
  said[0][1].onSaid?.();
  network.hasRoom = false;
  vi.advanceTimersByTime(1000);
  await end;
});

test("what is answered, or cannot be said whole, is said no further", async () => {
  const { said, ask, reply } = make();
  const answered = ask();
  reply(0, NOT_PROVED);
  reply(0, { on: true });
  expect(await answered).toMatchObject({ on: true });
  const lost = ask();
  said[2][1].onLost?.("lost");
  await expect(lost).rejects.toThrow("it was not said");
  expect(said.map(([, watch]) => watch.isWanted?.())).toEqual([false, false, false]);
});

test.each([
  [true, true, "lost", "the server has not taken it: nobody there has that nick, or we may not speak there"],
  [false, true, "lost", "the connection ended; it may have been done"],
  [false, false, "lost", "it was not said: this gateway ends"],
  [true, false, "dropped", "it was not said: too much waits to be said there"],
  // Of several lines the first may have left.
  [true, true, "outgrown", "it was not said whole: others see us by a longer name since"],
  [false, true, "outgrown", "it was not said whole: others see us by a longer name since"],
  [true, true, "withdrawn", "it was not said: its text could not be had"],
] as const)(
  "online: %s, said: %s, %s: what became of it is told",
  async (isOnline, isSaid, outcome, seen) => {
    const { said, ask } = make({ isOnline });
    const asked = ask();
    if (isSaid) said[0][1].onSaid?.();
    said[0][1].onLost?.(outcome);
    await expect(asked).rejects.toThrow(`asking sim-1@kitchen over IRC: ${seen}`);
  },
);

test("given up before it was asked it is not said at all", async () => {
  const { said, ask, controller } = make();
  controller.abort();
  await expect(ask()).rejects.toThrow("given up; it was not said, and is not done later");
  expect(said).toEqual([]);
});

test("a hundred wait at once; one more is refused, and is asked once one of them has its answer", async () => {
  const { said, ask, reply } = make();
  const asked = Array.from({ length: 100 }, () => ask(60_000, new AbortController()));
  await expect(ask()).rejects.toMatchObject({ code: "QUEUE_FULL", exitCode: ExitCode.busy });
  expect(said).toHaveLength(100);
  reply(0, {});
  await asked[0];
  asked.push(ask());
  expect(said).toHaveLength(101);
  for (let n = 1; n <= 100; n++) expect(reply(n, {})).toBe(true);
  await Promise.all(asked);
});

test("an answer to something else, or of somebody else, is none", async () => {
  const { ask, reply } = make();
  const asked = ask();
  expect([reply(0, { re: "another" }), reply(0, { src: "sim-2@kitchen" })]).toEqual([false, false]);
  expect(reply(0, { on: true })).toBe(true);
  expect(await asked).toMatchObject({ on: true });
});

test("a fault of ours where it is to be said again is not taken for a lack of room", async () => {
  const { network, ask, reply } = make();
  const asked = ask();
  network.fault = new TypeError("x is undefined");
  expect(() => reply(0, NOT_PROVED)).toThrow(network.fault);
  // It was said as often as it may be.
  reply(0, NOT_PROVED);
  expect(await asked).toMatchObject(NOT_PROVED);
});
