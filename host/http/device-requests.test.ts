import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Outcome } from "../peers/request-book.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { until } from "../platform/testing/until.ts";
import { MAX_BODY_BYTES } from "./body.ts";
import { deviceView, FakeGateway } from "./testing/fake-gateway.ts";
import { control, ServerUnderTest } from "./testing/server-under-test.ts";

let gateway: FakeGateway;
let http: ServerUnderTest;

beforeEach(async () => {
  gateway = new FakeGateway();
  http = await new ServerUnderTest(gateway).start();
});
afterEach(() => http.stop());

const path = "/api/v1/devices/sim-1/requests";
const led = { ot: "l:led", on: 1 };

function becomes(outcome: Outcome): void {
  gateway.answer = () => Promise.resolve(outcome);
}

test("a request goes to the board it names, with ten seconds or ?timeout", async () => {
  const seen: unknown[] = [];
  gateway.answer = (address, message, timeoutMs) => {
    seen.push([address, message, timeoutMs]);
    return Promise.resolve({ outcome: "delivered", reply: { re: 7, v: 1 } });
  };
  expect(await http.post(path, led)).toEqual([200, { re: 7, v: 1 }]);
  await http.post("/api/v1/devices/a%20b/requests?timeout=0.5", led);
  expect(seen).toEqual([
    ["sim-1", led, 10_000],
    ["a b", led, 500],
  ]);
});

test("a mistyped ?timeot sends nothing, and says what was meant", async () => {
  let sent = 0;
  gateway.answer = () => Promise.resolve({ outcome: "delivered", reply: { re: ++sent } });
  const [status, { error }] = await http.post(`${path}?timeot=5`, led);
  expect([status, error.code, sent]).toEqual([400, "QUERY_UNKNOWN", 0]);
  expect(error.message).toBe(
    'reading the address: unknown parameter "timeot", did you mean timeout?; allowed: timeout, async',
  );
});

test("a reply that carries err is a reply", async () => {
  becomes({ outcome: "delivered", reply: { re: 7, err: "no such pin" } });
  expect(await http.post(path, led)).toEqual([200, { re: 7, err: "no such pin" }]);
});

test("a request that never left has expired", async () => {
  becomes({ outcome: "expired" });
  const [status, { error }] = await http.post(`${path}?timeout=3`, led);
  expect([status, error.code]).toEqual([504, "REQUEST_EXPIRED"]);
  expect(error.message).toContain("l:led to sim-1: not sent within 3 s");
});

test("a request that may have been done says why nobody knows", async () => {
  becomes({ outcome: "unknown", reason: "no answer in time" });
  const [status, { error }] = await http.post(path, led);
  expect([status, error.code, error.reason]).toEqual([504, "REQUEST_UNKNOWN", "no answer in time"]);
});

test("a request that another gateway refused was not done, and its words are told", async () => {
  const reason = 'no board "nope"; known: sim-1';
  becomes({ outcome: "rejected", code: "DEVICE_UNKNOWN", reason });
  const [status, { error }] = await http.post("/api/v1/devices/gw2/nope/requests", led);
  expect([status, error.code, error.rejected, error.reason]).toEqual([
    502,
    "REQUEST_REJECTED",
    "DEVICE_UNKNOWN",
    reason,
  ]);
  expect(error.message).toBe(`l:led to gw2/nope: refused on the way there: ${reason} (DEVICE_UNKNOWN)`);
});

test.each(["gw2/sim-1", "gw2%2Fsim-1"])("devices/%s is a board behind another gateway", async (address) => {
  gateway.answer = async (to) => ({ outcome: "delivered", reply: { re: 7, to } });
  gateway.devices = [deviceView("gw2/sim-1")];
  expect(await http.post(`/api/v1/devices/${address}/requests`, led)).toEqual([
    200,
    { re: 7, to: "gw2/sim-1" },
  ]);
  expect(await http.get(`/api/v1/devices/${address}`)).toMatchObject([200, { id: "gw2/sim-1" }]);
});

test("what follows a board's name and is no request is a path that is not there, or not with this method", async () => {
  expect((await http.get("/api/v1/devices/sim-1/requests"))[0]).toBe(405);
  expect((await http.post("/api/v1/devices/gw2/sim-1/reqests", led))[0]).toBe(404);
});

test.each([
  ["DEVICE_UNKNOWN", ExitCode.notFound, 404],
  ["QUEUE_FULL", ExitCode.busy, 503],
])("the router's %s is passed on", async (code, exitCode, expected) => {
  gateway.answer = () => Promise.reject(new BowlineError(code, "what and why", exitCode, "bowline devices"));
  const answer = await http.post(path, led);
  expect(answer).toEqual([expected, { error: { code, message: "what and why", mend: "bowline devices" } }]);
});

test("who waits is not kept for ever when the store cannot take what became of it", async () => {
  const asked = new Promise<void>((resolve) => {
    gateway.answer = () => {
      resolve();
      return new Promise(() => {});
    };
  });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const answer = http.post(`${path}?timeout=3`, led);
    await asked;
    await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(8000);
    const [status, { error }] = await answer;
    expect([status, error.code, error.rq]).toEqual([503, "OUTCOME_PENDING", 1]);
  } finally {
    vi.useRealTimers();
  }
});

/** Requests then wait for their cancellation. -> resolves when one waits, and when it was cancelled. */
function untilCancelled() {
  let start = () => {};
  let end = () => {};
  const started = new Promise<void>((resolve) => (start = resolve));
  const cancelled = new Promise<void>((resolve) => (end = resolve));
  gateway.answer = (_address, _message, _timeoutMs, signal) =>
    new Promise((resolve) => {
      start();
      signal.addEventListener("abort", () => {
        end();
        resolve({ outcome: "cancelled" });
      });
    });
  return { started, cancelled };
}

test("a client that goes away cancels its request", async () => {
  const { started, cancelled } = untilCancelled();
  const client = new AbortController();
  const answer = http.post(path, led, { signal: client.signal });
  await started;
  client.abort();
  await expect(answer).rejects.toThrow("aborted");
  await cancelled;
});

test("a server that stops cancels what runs, and says so", async () => {
  const { started } = untilCancelled();
  const answer = http.post(path, led);
  await started;
  await http.stop();
  const [status, { error }] = await answer;
  expect([status, error.code]).toEqual([503, "REQUEST_CANCELLED"]);
});

test("?async=1 answers once the request is accepted; what becomes of it is looked up", async () => {
  let reply: (outcome: Outcome) => void = () => {};
  gateway.answer = () => new Promise((resolve) => (reply = resolve));
  const waiting = { rq: 1, device: "sim-1", ot: "l:led", state: "waiting" };
  expect(await http.post(`${path}?async=1`, led)).toEqual([202, waiting]);
  expect(await http.get("/api/v1/requests/1")).toEqual([200, waiting]);
  reply({ outcome: "delivered", reply: { re: 1, v: 5 } });
  const [, { requests }] = await http.get("/api/v1/requests");
  expect(requests).toMatchObject([{ rq: 1, state: "delivered", reply: { re: 1, v: 5 } }]);
  expect((await http.get("/api/v1/requests/2"))[1].error.code).toBe("REQUEST_NOT_FOUND");
  expect((await http.post(`${path}?async=maybe`, led))[1].error.code).toBe("QUERY_INVALID");
});

test("with a key it is the same request, however often it is asked and whoever goes away", async () => {
  const { started, cancelled } = untilCancelled();
  const headers = { authorization: `Bearer ${control}`, "idempotency-key": "a-key-of-mine" };
  const client = new AbortController();
  const first = http.post(path, led, { signal: client.signal, headers });
  await started;
  client.abort();
  await expect(first).rejects.toThrow("aborted");
  const again = http.post(path, led, { headers });
  const [, { requests }] = await http.get("/api/v1/requests");
  expect(requests).toMatchObject([{ rq: 1, state: "waiting" }]);
  const [status, { error }] = await http.post("/api/v1/devices/other/requests", led, { headers });
  expect([status, error.code]).toEqual([409, "KEY_REUSED"]);
  const [, other] = await http.post(path, { ...led, on: 0 }, { headers });
  expect(other.error.message).toContain("belongs to l:led to sim-1, with other fields");
  expect(await http.delete("/api/v1/requests/a-key-of-mine")).toMatchObject([200, { state: "cancelled" }]);
  await cancelled;
  expect((await again)[1].error.code).toBe("REQUEST_CANCELLED");
});

test("a withdrawal that is not written yet is answered by no stopping gateway", async () => {
  gateway.answer = () => new Promise(() => {});
  await http.post(`${path}?async=1`, led);
  const answer = http.delete("/api/v1/requests/1");
  await until(() => expect(gateway.cancelled).toEqual([1]));
  await http.stop();
  const [status, { error }] = await answer;
  expect([status, error.code]).toEqual([503, "GATEWAY_STOPPING"]);
});

test("a gateway that stops leaves a request with a key to the next one", async () => {
  const { started } = untilCancelled();
  const answer = http.post(path, led, {
    headers: { authorization: `Bearer ${control}`, "idempotency-key": "a-key-of-mine" },
  });
  await started;
  await http.stop();
  const [status, { error }] = await answer;
  expect([status, error.code]).toEqual([503, "GATEWAY_STOPPING"]);
});

test.each(["short", "12345678", "with a space", "x".repeat(65)])("the key %j is refused", async (key) => {
  const [status, { error }] = await http.post(path, led, {
    headers: { authorization: `Bearer ${control}`, "idempotency-key": key },
  });
  expect([status, error.code]).toEqual([400, "KEY_INVALID"]);
});

test.each(["0", "-1", "x", "3601", ""])("?timeout=%s is refused", async (timeout) => {
  const [status, { error }] = await http.post(`${path}?timeout=${timeout}`, led);
  expect([status, error.code]).toEqual([400, "QUERY_INVALID"]);
});

test.each(["", "{", "[]", "null", "7", '"l:led"', '{"ot":1}x'])("the body %j is refused", async (body) => {
  const [status, { error }] = await http.post(path, body);
  expect([status, error.code]).toEqual([400, "BODY_INVALID"]);
});

test("a body that is nested deeper than anything can be written again is refused", async () => {
  const [status, { error }] = await http.post(
    path,
    `{"ot":"l:led","a":${"[".repeat(9000)}${"]".repeat(9000)}}`,
  );
  expect([status, error.code]).toEqual([400, "BODY_INVALID"]);
});

test("a body that is no UTF-8 is refused", async () => {
  const body = Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d);
  const [status, { error }] = await http.get(path, { method: "POST", body });
  expect([status, error.code]).toEqual([400, "BODY_INVALID"]);
});

test.each([{}, { ot: "" }, { ot: 7 }, { ...led, rq: 1 }, { ...led, kill: 1 }, { ...led, hello: {} }])(
  "%j is no request",
  async (body) => {
    const [status, { error }] = await http.post(path, body);
    expect([status, error.code]).toEqual([400, "REQUEST_INVALID"]);
  },
);

test("a body of the largest size is read, one byte more is not", async () => {
  becomes({ outcome: "delivered", reply: { re: 1 } });
  const padded = (size: number) => `{"ot":"l:led"${" ".repeat(size - 14)}}`;
  expect(await http.post(path, padded(MAX_BODY_BYTES))).toEqual([200, { re: 1 }]);
  const [status, { error }] = await http.post(path, padded(MAX_BODY_BYTES + 1));
  expect([status, error.code]).toEqual([413, "BODY_TOO_LARGE"]);
});

test("a body of unknown size is read to the bound and no further", async () => {
  const body = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 40; i++) controller.enqueue(new Uint8Array(50_000));
      controller.close();
    },
  });
  const init = { method: "POST", body, duplex: "half", headers: { authorization: `Bearer ${control}` } };
  const [status, { error }] = await http.get(path, init as RequestInit);
  expect([status, error.code]).toEqual([413, "BODY_TOO_LARGE"]);
});
