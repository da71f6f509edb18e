import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeGateway } from "./testing/fake-gateway.ts";
import { control, ServerUnderTest } from "./testing/server-under-test.ts";

let gateway: FakeGateway;
let http: ServerUnderTest;

beforeEach(async () => {
  gateway = new FakeGateway();
  http = await new ServerUnderTest(gateway).start();
});
afterEach(() => http.stop());

test("probes need no token", async () => {
  expect(await http.get("/healthz", { headers: {} })).toEqual([200, { status: "ok" }]);
  expect(await http.get("/readyz", { headers: {} })).toEqual([200, { status: "ready" }]);
});

test("while the store takes nothing it is not ready, says no more of it to strangers, and is healthy all the same", async () => {
  const { fill } = gateway.store;
  Object.defineProperty(gateway.store, "fill", {
    value: { ...fill, fault: "writing to /home/pi/data: ENOSPC" },
  });
  const [status, { error }] = await http.get("/readyz", { headers: {} });
  expect([status, error.code, error.mend]).toEqual([503, "NOT_READY", "bowline check"]);
  expect(JSON.stringify(error)).not.toContain("/home");
  expect((await http.get("/healthz", { headers: {} }))[0]).toBe(200);
});

test("an unknown path lists what there is", async () => {
  const [status, { error }] = await http.get("/api/v2/devices");
  expect([status, error.code]).toEqual([404, "PATH_UNKNOWN"]);
  expect(error.paths).toEqual([
    "GET /api/v1/status",
    "GET /api/v1/devices",
    "GET /api/v1/devices/ID",
    "DELETE /api/v1/devices/ID",
    "GET /api/v1/peers",
    "GET /api/v1/northbound",
    "GET /api/v1/sessions",
    "GET /api/v1/ports",
    "GET /api/v1/messages",
    "GET /api/v1/queue",
    "GET /api/v1/queue/dead",
    "DELETE /api/v1/queue/dead",
    "GET /api/v1/queue/ID",
    "GET /api/v1/queue/ID/packets",
    "POST /api/v1/queue/ID/purge",
    "GET /api/v1/timeline",
    "GET /api/v1/problems",
    "GET /api/v1/events",
    "POST /api/v1/devices/ID/requests",
    "GET /api/v1/requests",
    "GET /api/v1/requests/ID",
    "DELETE /api/v1/requests/ID",
    "GET /api/v1/links/ID/chunks",
    "GET /api/v1/devices/ID/chunks",
    "POST /api/v1/ports/lend",
    "GET /api/v1/pairing",
    "POST /api/v1/pairing",
    "DELETE /api/v1/keys/ID",
    "POST /api/v1/peers/reload",
    "DELETE /api/v1/peers/ID/key",
    "GET /api/v1/history/series",
    "GET /api/v1/history",
    "GET /api/v1/history/csv",
    "GET /api/v1/irc",
    "GET /api/v1/irc/lines",
    "POST /api/v1/irc/ask",
    "POST /api/v1/irc/again",
    "GET /api/v1/components",
    "GET /api/v1/hub",
    "GET /api/v1/components/ID",
    "DELETE /api/v1/components/ID",
    "GET /v1/monitoring",
    "GET /api/v1/tasks",
    "GET /api/v1/tasks/ID",
    "POST /api/v1/tasks",
    "DELETE /api/v1/tasks/ID",
    "GET /api/v1/kills",
    "GET /metrics",
    "GET /",
    "GET /page.js",
    "GET /uplot.js",
    "GET /page.css",
    "GET /healthz",
    "GET /readyz",
  ]);
});

test("a wrong method names the right ones", async () => {
  const response = await http.fetch("/api/v1/devices", { method: "DELETE" });
  expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  expect(await response.json()).toMatchObject({ error: { code: "METHOD_UNKNOWN" } });
  const other = await http.fetch("/api/v1/devices/sim-1/requests");
  expect([other.status, other.headers.get("allow")]).toEqual([405, "POST"]);
});

test("HEAD answers as GET without a body", async () => {
  for (const path of ["/api/v1/devices", "/api/v1/events"]) {
    const response = await http.fetch(path, { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  }
});

test.each(["/%zz", "/api/v1/devices/%zz", "//", "http://evil.example/"])(
  "GET %s is answered without falling over",
  async (target) => {
    const answer = await http.raw(target, "localhost");
    expect(answer).toMatch(/^HTTP\/1\.1 40[04] [\s\S]*(PATH_INVALID|PATH_UNKNOWN)/);
  },
);

test("every answer forbids a browser what it need not do", async () => {
  const { headers } = await http.fetch("/nowhere");
  expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; script-src 'self'; /);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("access-control-allow-origin")).toBeNull();
});

test("a fault of ours is logged with neither token nor query, and tells the client nothing", async () => {
  const lines: object[] = [];
  const add = (fields: object) => void lines.push(fields);
  const log = { debug: add, info: add, warn: add, error: add };
  gateway.devicesView = () => {
    throw new Error("the secret of the house");
  };
  const other = await new ServerUnderTest(gateway, { log }).start();
  try {
    const [status, { error }] = await other.get(`/api/v1/devices?token=${control}`, { headers: {} });
    expect([status, error.code]).toEqual([500, "INTERNAL"]);
    expect(JSON.stringify(error)).not.toMatch(/secret|\.ts|at /);
    expect(lines).toEqual([
      { method: "GET", path: "/api/v1/devices", error: expect.stringContaining("the secret of the house") },
    ]);
    expect(JSON.stringify(lines)).not.toContain(control);
  } finally {
    await other.stop();
  }
});

test("a busy port is an error that names the port and the setting", async () => {
  const second = new ServerUnderTest(gateway, { port: http.port });
  await expect(second.start()).rejects.toMatchObject({
    code: "PORT_BUSY",
    exitCode: 5,
    message: expect.stringContaining(`127.0.0.1:${http.port} (http.port)`),
    mend: `bowline up --set http.port=${http.port + 1}`,
  });
  await second.stop();
});

test("stop() is over when nobody listens any more, and may be called twice", async () => {
  await http.get("/healthz");
  await http.stop();
  await http.stop();
  await expect(http.get("/healthz")).rejects.toThrow("fetch failed");
});
