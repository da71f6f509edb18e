/** Asking over IRC: what is not answered in time is not done later, and what is refused for its place is said again. */
import { expect, test } from "vitest";
import type { Datum } from "../irc-iot/datum.ts";
import { until } from "../platform/testing/until.ts";
import { OwnAsks, type SayingWatch } from "./own-asks.ts";

const WALL = 1_795_301_705_000;

function make({ isOnline = true, isSigning = true } = {}) {
  const said: [Datum, SayingWatch][] = [];
  const network = { isOnline, isSigning, say: (...one: [Datum, SayingWatch]) => said.push(one) };
  const asks = new OwnAsks("bowline@attic", { now: () => performance.now(), wall: () => WALL });
  const controller = new AbortController();
  const ask = (timeoutMs = 60_000) =>
    asks.ask(
      { to: "sim-1@kitchen", message: { ot: "l:led", on: true }, timeoutMs },
      network,
      controller.signal,
    );
  const reply = (n: number, fields: object) =>
    asks.take({ ot: "l:led", src: "sim-1@kitchen", dst: "bowline@attic", re: said[n][0].rq, ...fields });
  return { said, ask, reply, controller };
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

test("refused as not proved it is said again, once, as another request, where we sign", async () => {
  const { said, ask, reply } = make();
  const asked = ask();
  reply(0, { err: "only for operators", code: "NOT_PROVED" });
  await until(() => said.length === 2);
  expect(said[1][0]).toMatchObject({ ot: "l:led", on: true, rq: expect.any(String) });
  expect(said[1][0].rq).not.toBe(said[0][0].rq);
  reply(1, { err: "only for operators", code: "NOT_PROVED" });
  expect(await asked).toMatchObject({ code: "NOT_PROVED", re: said[1][0].rq });
  const unsigned = make({ isSigning: false });
  const once = unsigned.ask();
  unsigned.reply(0, { err: "only for operators", code: "NOT_PROVED" });
  expect(await once).toMatchObject({ code: "NOT_PROVED" });
  expect(unsigned.said).toHaveLength(1);
});

test("what the server refused is certain, and what was on its way when the connection ended is not", async () => {
  for (const [isOnline, seen] of [
    [true, "the server has not taken it"],
    [false, "the connection ended; it may have been done"],
  ] as const) {
    const { said, ask } = make({ isOnline });
    const asked = ask();
    said[0][1].onLost?.();
    await expect(asked).rejects.toThrow(seen);
  }
});
