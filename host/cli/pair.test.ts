import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeGateway } from "../http/testing/fake-gateway.ts";
import { control, ServerUnderTest } from "../http/testing/server-under-test.ts";
import { VerbRunner } from "./testing/run-verb.ts";

/** Pairing that ends when it has been looked at so often. */
class PairingGateway extends FakeGateway {
  looks = 0;
  readonly opened: number[] = [];
  onLook = (_: number): void => {};

  override openPairing(ms: number): void {
    this.opened.push(ms);
    super.openPairing(ms);
  }
  override pairingView = () => {
    this.onLook(++this.looks);
    return this.pairing;
  };
}

let gateway: PairingGateway;
let server: ServerUnderTest;
let verbs: VerbRunner;

beforeEach(async () => {
  gateway = new PairingGateway();
  server = await new ServerUnderTest(gateway).start();
  verbs = new VerbRunner(`${server.base}/?token=${control}`);
});
afterEach(() => server.stop());

test("pair names each board once as it is given its key, until the time is over", async () => {
  gateway.onLook = (look) => {
    if (look === 2) gateway.pairing.paired.push("b-1");
    if (look === 3) gateway.pairing = { remainingMs: 0, paired: ["b-1", "b-2"] };
  };
  const { code, out, err } = await verbs.run("pair", "--for", "90s");
  expect(gateway.opened).toEqual([90_000]);
  expect(err).toEqual([
    "pairing is open for 90 s; Ctrl-C closes it",
    "pairing is closed: 2 boards were given their keys",
  ]);
  expect([code, out]).toEqual([0, ["b-1 has its key", "b-2 has its key"]]);
  expect(verbs.terminal.progressed).toEqual([
    "pairing is open for another 90 s; no boards were given their keys so far",
    "pairing is open for another 90 s; 1 board was given its key so far",
  ]);
});

test("nobody came: that is a time-out", async () => {
  gateway.onLook = (look) => {
    if (look === 2) gateway.pairing = { remainingMs: 0, paired: [] };
  };
  const { code, err } = await verbs.run("pair");
  expect([code, err[1]]).toEqual([6, expect.stringContaining("[NOBODY_PAIRED]")]);
});

test("Ctrl-C closes it", async () => {
  gateway.onLook = (look) => {
    if (look === 2) verbs.terminal.interrupt();
  };
  const { code, err } = await verbs.run("pair");
  expect(code).toBe(130);
  expect(gateway.opened).toEqual([60_000, 0]);
  expect(err.slice(1)).toEqual(["pairing is closed: no boards were given their keys"]);
});

test("a gateway that goes takes its pairing along: that is told, not that it may be open", async () => {
  gateway.onLook = (look) => {
    if (look === 2) void server.stop();
  };
  const { code, err } = await verbs.run("pair");
  expect(code).not.toBe(0);
  expect(err.join("\n")).not.toContain("may still be open");
  expect(err[1]).toBe("pairing is closed: no boards were given their keys");
  expect(err[2]).toMatch(/^bowline: talking to the gateway at .*\[(NOT_RUNNING|GATEWAY_LOST)\]/);
});

test.each(["2h", "0s", "soon"])("--for %s is refused", async (text) => {
  const { code } = await verbs.run("pair", "--for", text);
  expect([code, gateway.opened]).toEqual([2, []]);
});
