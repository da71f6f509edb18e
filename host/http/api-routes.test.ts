import { afterEach, beforeEach, expect, test } from "vitest";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { deviceView, FakeGateway, serialView } from "./testing/fake-gateway.ts";
import { control, read, ServerUnderTest } from "./testing/server-under-test.ts";

let gateway: FakeGateway;
let http: ServerUnderTest;

beforeEach(async () => {
  gateway = new FakeGateway();
  http = await new ServerUnderTest(gateway).start();
});
afterEach(() => http.stop());

test("devices are listed, and each is found by its name", async () => {
  gateway.devices = [deviceView("a/b"), deviceView("sim-1")];
  expect(await http.get("/api/v1/devices")).toEqual([200, { devices: gateway.devices }]);
  expect(await http.get("/api/v1/devices/a%2Fb")).toEqual([200, gateway.devices[0]]);
});

test("an unknown device is told from a known one", async () => {
  const before = await http.get("/api/v1/devices/pico");
  expect(before[1].error.message).toBe("looking for pico: no such board; no board has said hello yet");
  gateway.devices = [deviceView("sim-1")];
  const [status, { error }] = await http.get("/api/v1/devices/pico");
  expect([status, error.code]).toEqual([404, "DEVICE_UNKNOWN"]);
  expect(error.message).toBe("looking for pico: no such board; known: sim-1");
});

test("a board is forgotten by who may control; one that is busy stays, and why is told", async () => {
  gateway.devices = [deviceView("a/b"), deviceView("sim-1")];
  const forget = (id: string, init: RequestInit = {}) =>
    http.get(`/api/v1/devices/${id}`, { method: "DELETE", ...init });
  expect((await forget("a%2Fb", { headers: { authorization: `Bearer ${read}` } }))[0]).toBe(403);
  expect(await forget("a%2Fb")).toEqual([200, { id: "a/b" }]);
  expect((await forget("a%2Fb"))[1].error.code).toBe("DEVICE_UNKNOWN");
  gateway.forgetDevice = () =>
    Promise.reject(new BowlineError("DEVICE_BUSY", "what and why", ExitCode.busy, "bowline devices"));
  const [status, { error }] = await forget("sim-1");
  expect([status, error.code, error.message]).toEqual([503, "DEVICE_BUSY", "what and why"]);
  expect(gateway.devices.map(({ id }) => id)).toEqual(["sim-1"]);
});

test("sessions and ports are the gateway's own views", async () => {
  gateway.links = [{ name: "/dev/ttyACM0", open: true, stalled: false, frames: 12, noise: 3, stale: 0 }];
  gateway.serial = [serialView("/dev/ttyACM0", { open: true, state: "open" })];
  expect(await http.get("/api/v1/sessions")).toEqual([200, { sessions: [] }]);
  expect(await http.get("/api/v1/ports")).toEqual([200, { serial: gateway.serial, links: gateway.links }]);
});

test("the status says who answers and what the store holds", async () => {
  for (let i = 0; i < 5; i++) gateway.deliver({ ot: "l:temp", v: i });
  gateway.store.dropBefore(3);
  const [status, body] = await http.get("/api/v1/status");
  expect(status).toBe(200);
  expect(body).toEqual({
    gateway: "pi-kitchen",
    version: "0.1.0",
    problems: { warning: 0, critical: 0 },
    epoch: expect.stringMatching(/^[0-9a-f]{16}$/),
    at: expect.any(Number),
    uptimeS: expect.any(Number),
    role: "control",
    store: { ...gateway.store.fill, kind: "memory", messages: 3, bytes: 300, oldest: 3, next: 6, dropped: 2 },
    tcp: { host: "127.0.0.1", port: 7700 },
  });
});

test("the status says what its token may", async () => {
  const headers = { authorization: `Bearer ${read}` };
  expect((await http.get("/api/v1/status", { headers }))[1].role).toBe("read");
});

const numbers = (body: { messages: { n: number }[] }) => body.messages.map(({ n }) => n);

test("messages come a page at a time, whole and in order", async () => {
  for (let i = 1; i <= 5; i++) gateway.deliver({ ot: "l:temp", v: i }, i % 2 === 0 ? "even" : "odd");
  const [, first] = await http.get("/api/v1/messages?limit=2");
  expect(first).toEqual({ messages: await gateway.store.read(1, 2), next: 3, oldest: 1 });
  const [, second] = await http.get(`/api/v1/messages?from=${first.next}&limit=2`);
  const [, third] = await http.get(`/api/v1/messages?from=${second.next}&limit=2`);
  expect([numbers(second), numbers(third), third.next]).toEqual([[3, 4], [5], 6]);
  expect(await http.get("/api/v1/messages?from=6")).toEqual([200, { messages: [], next: 6, oldest: 1 }]);
});

test("messages of one device are found, and the cursor passes over the others", async () => {
  for (let i = 1; i <= 5; i++) gateway.deliver({ ot: "l:temp", v: i }, i % 2 === 0 ? "even" : "odd");
  const [, page] = await http.get("/api/v1/messages?device=even");
  expect([numbers(page), page.next]).toEqual([[2, 4], 6]);
  const [, part] = await http.get("/api/v1/messages?device=odd&limit=1");
  expect([numbers(part), part.next]).toEqual([[1], 2]);
});

test("a page of large messages ends early, with at least one", async () => {
  for (let i = 0; i < 3; i++) gateway.deliver({ ot: "l:blob", blob: "x".repeat(600_000) });
  const [, first] = await http.get("/api/v1/messages");
  expect([numbers(first), first.next]).toEqual([[1], 2]);
  gateway.deliver({ ot: "l:blob", blob: "x".repeat(2_000_000) });
  const [, last] = await http.get("/api/v1/messages?from=4");
  expect([numbers(last), last.next]).toEqual([[4], 5]);
});

test("a page is not older than the oldest it names, also when that is given up while it is read", async () => {
  for (let i = 1; i <= 4; i++) gateway.deliver({ v: i });
  const { store } = gateway;
  const read = store.read.bind(store);
  store.read = async (...wanted) => {
    const found = await read(...wanted);
    store.dropBefore(4);
    return found;
  };
  const [, page] = await http.get("/api/v1/messages?from=2");
  expect([numbers(page), page.oldest]).toEqual([[2, 3, 4], 2]);
});

test("a message that is committed while a page is read is on the next one", async () => {
  for (let i = 1; i <= 2; i++) gateway.deliver({ v: i });
  const { store } = gateway;
  const read = store.read.bind(store);
  store.read = async (...wanted) => {
    const found = await read(...wanted);
    if (store.next === 3) gateway.deliver({ v: 3 });
    return found;
  };
  const [, first] = await http.get("/api/v1/messages?from=1");
  const [, second] = await http.get(`/api/v1/messages?from=${first.next}`);
  expect([numbers(first), numbers(second), second.next]).toEqual([[1, 2], [3], 4]);
});

test.each(["from=x", "from=-1", "from=1.5", "from=", "limit=0", "limit=1001", "limit=1e3"])(
  "?%s is refused with what is allowed",
  async (query) => {
    const [status, { error }] = await http.get(`/api/v1/messages?${query}`);
    expect([status, error.code]).toEqual([400, "QUERY_INVALID"]);
    expect(error.message).toMatch(/allowed: a whole number from [01] to \d+$/);
  },
);

test.each([
  ["/api/v1/messages?form=3", '"form", did you mean from?; allowed: from, device, limit'],
  ["/api/v1/messages?from=3&LIMITS=1", '"LIMITS", did you mean limit?; allowed: from, device, limit'],
  ["/api/v1/devices?x=1", '"x"; allowed: no parameter'],
  ["/api/v1/devices/sim-1?timeout=5", '"timeout"; allowed: no parameter'],
  ["/api/v1/events?limit=5", '"limit"; allowed: from'],
  ["/api/v1/devices/sim-1/chunks?from=1", '"from"; allowed: no parameter'],
])("a parameter that nobody reads is refused: %s", async (path, words) => {
  gateway.devices = [deviceView("sim-1")];
  const [status, { error }] = await http.get(path);
  expect([status, error.code]).toEqual([400, "QUERY_UNKNOWN"]);
  expect(error.message).toBe(`reading the address: unknown parameter ${words}`);
});

test.each(["device=a&device=b", "from=1&limit=2&from=%33"])(
  "a parameter that is given twice is refused: %s",
  async (query) => {
    const [status, { error }] = await http.get(`/api/v1/messages?${query}`);
    expect([status, error.code]).toEqual([400, "QUERY_INVALID"]);
    expect(error.message).toMatch(/^reading (device|from): given twice; allowed: once$/);
  },
);

test("who shows no token learns nothing of parameters, and ?token= is one everywhere", async () => {
  expect((await http.get("/api/v1/devices?x=1", { headers: {} }))[0]).toBe(401);
  expect((await http.get(`/api/v1/devices?token=${control}`, { headers: {} }))[0]).toBe(200);
  expect((await http.get("/healthz?cache=1"))[0]).toBe(200);
});
