import { afterEach, beforeEach, expect, test } from "vitest";
import { deviceView, FakeGateway } from "../http/testing/fake-gateway.ts";
import { control, read, ServerUnderTest } from "../http/testing/server-under-test.ts";
import { until } from "../platform/testing/until.ts";
import { VerbRunner } from "./testing/run-verb.ts";

let gateway: FakeGateway;
let server: ServerUnderTest;
let verbs: VerbRunner;

beforeEach(async () => {
  gateway = new FakeGateway();
  server = await new ServerUnderTest(gateway).start();
  verbs = new VerbRunner(`${server.base}/?token=${control}`);
});
afterEach(() => server.stop());

test("send prints the reply as one line of JSON", async () => {
  gateway.answer = async (address, message, timeoutMs) => ({
    outcome: "delivered",
    reply: { re: 7, address, message, timeoutMs },
  });
  const { code, out, err } = await verbs.run("send", "sim-1", "l:led", '{"on":true}', "--timeout", "1.5m");
  expect([code, err]).toEqual([0, []]);
  expect(out.map((line) => JSON.parse(line))).toEqual([
    { re: 7, address: "sim-1", message: { ot: "l:led", on: true }, timeoutMs: 90_000 },
  ]);
});

test("a reply with err is printed, and ends with 8", async () => {
  gateway.answer = async () => ({ outcome: "delivered", reply: { re: 7, err: "no LED1\u001b[2J" } });
  const { code, out, err } = await verbs.run("send", "sim-1", "l:led");
  expect([code, out]).toEqual([8, ['{"re":7,"err":"no LED1\\u001b[2J"}']]);
  expect(err).toEqual([
    'bowline: sending l:led to sim-1: the board answered with the error "no LED1\\\\u001b[2J" [REQUEST_REFUSED]',
  ]);
});

test.each([
  ["l:inf", "; did you mean l:info? allowed: l:info, l:led"],
  ["l:thermostat", "; allowed: l:info, l:led"],
  ["l:led", ""],
])(
  "a board that answers %s with an error is told of with what it knows, if that is not it",
  async (type, words) => {
    gateway.devices = [{ ...deviceView("sim-1"), caps: ["l:info", "l:led"] }];
    gateway.answer = async () => ({ outcome: "delivered", reply: { re: 7, err: "no" } });
    const { code, err } = await verbs.run("send", "sim-1", type);
    expect([code, err]).toEqual([
      8,
      [`bowline: sending ${type} to sim-1: the board answered with the error "no"${words} [REQUEST_REFUSED]`],
    ]);
  },
);

test.each([
  [{ outcome: "expired" } as const, "REQUEST_EXPIRED"],
  [{ outcome: "unknown", reason: "no answer in time" } as const, "REQUEST_UNKNOWN"],
])("%j ends with 6", async (outcome, code) => {
  gateway.answer = async () => outcome;
  const run = await verbs.run("send", "sim-1", "l:info");
  expect([run.code, run.out, run.err[0]]).toEqual([6, [], expect.stringContaining(`[${code}]`)]);
});

test("a request that another gateway refused ends with 8, and why", async () => {
  gateway.answer = async () => ({
    outcome: "rejected",
    code: "NO_ROUTE",
    reason: "no way leads to gateway 43",
  });
  const { code, out, err } = await verbs.run("send", "gw3/sim-1", "l:info");
  expect([code, out]).toEqual([8, []]);
  expect(err.join("\n")).toContain(
    "bowline: l:info to gw3/sim-1: refused on the way there: no way leads to gateway 43 (NO_ROUTE) [REQUEST_REJECTED]",
  );
});

test("Ctrl-C takes the request back, and ends with 130", async () => {
  let cancelled = false;
  gateway.answer = (_address, _message, _timeoutMs, signal) => {
    verbs.terminal.interrupt();
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => {
        cancelled = true;
        resolve({ outcome: "cancelled" });
      });
    });
  };
  expect(await verbs.run("send", "sim-1", "l:info")).toEqual({
    code: 130,
    out: [],
    err: ["send: withdrawn; if the board had it already, it is told to stop, and may have done it"],
  });
  await until(() => expect(cancelled).toBe(true));
});

test("Ctrl-C while the gateway is gone does not claim that the request was withdrawn", async () => {
  gateway.answer = () => {
    const gone = server.stop();
    void gone.then(() => verbs.terminal.interrupt());
    return new Promise(() => {});
  };
  const { code, err } = await verbs.run("send", "sim-1", "l:info");
  expect([code, err[err.length - 1]]).toEqual([
    130,
    "send: the gateway could not be told: it may yet be done; `bowline queue` shows whether it waits",
  ]);
});

test.each([
  [['{"on":tru}'], 'reading JSON: unexpected "t" at position 7'],
  [["[1]"], "reading JSON: a list"],
  [['{"ot":"l:x"}'], 'its ot is "l:x", the type before it "l:led"'],
  [["--timeout", "soon"], 'reading --timeout: "soon"'],
  [["--timeout", "2h"], "allowed: up to 1h"],
  [['{"rq":1}'], "it has the field rq"],
])("%j is a usage error", async (args, text) => {
  const { code, err } = await verbs.run("send", "sim-1", "l:led", ...args);
  expect([code, err[0]]).toEqual([2, expect.stringContaining(text)]);
});

test("a token of role read may look and not send", async () => {
  const reader = new VerbRunner(`${server.base}/?token=${read}`);
  expect((await reader.run("devices")).code).toBe(0);
  const { code, err } = await reader.run("send", "sim-1", "l:info");
  expect([code, err[0]]).toEqual([4, expect.stringContaining("[ROLE_READ]")]);
});
