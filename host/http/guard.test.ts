import { hostname } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeGateway } from "./testing/fake-gateway.ts";
import { control, ServerUnderTest } from "./testing/server-under-test.ts";

let http: ServerUnderTest;

beforeEach(async () => {
  http = await new ServerUnderTest(new FakeGateway()).start();
});
afterEach(() => http.stop());

test.each(["evil.example", "127.0.0.1.evil.example", "192.168.1.5:9080", "", "a b"])(
  "the host %j is not ours: no name may be bent to point here",
  async (host) => {
    expect(await http.raw("/api/v1/devices", host)).toMatch(/^HTTP\/1\.1 403 [\s\S]*HOST_REFUSED/);
  },
);

test.each(["localhost", "127.0.0.1:1", "[::1]:9080", "LOCALHOST:80"])("the host %j is ours", async (host) => {
  expect(await http.raw("/api/v1/devices", host)).toMatch(/^HTTP\/1\.1 200 /);
});

test("probes are answered under any name", async () => {
  expect(await http.raw("/healthz", "evil.example")).toMatch(/^HTTP\/1\.1 200 /);
});

test("a page of another origin is refused, even of another port", async () => {
  const from = (origin: string) =>
    http.get("/api/v1/devices", { headers: { origin, authorization: `Bearer ${control}` } });
  for (const origin of [
    "http://evil.example",
    "null",
    `http://127.0.0.1:${http.port + 1}`,
    `https://127.0.0.1:${http.port}`,
  ]) {
    const [status, { error }] = await from(origin);
    expect([status, error.code]).toEqual([403, "ORIGIN_REFUSED"]);
  }
  expect((await from(http.base))[0]).toBe(200);
});

test("a listener beyond loopback is warned of, and answers to addresses but not to names", async () => {
  const warnings: string[] = [];
  const nothing = () => {};
  const warn = (_: object, words: string) => void warnings.push(words);
  const log = { debug: nothing, info: nothing, warn, error: nothing };
  const open = await new ServerUnderTest(new FakeGateway(), { host: "0.0.0.0", log }).start();
  try {
    expect(warnings).toEqual(["http.host is beyond loopback: tokens travel in the clear"]);
    expect(await open.raw("/api/v1/devices", "192.168.1.5:9080")).toMatch(/^HTTP\/1\.1 200 /);
    expect(await open.raw("/api/v1/devices", hostname())).toMatch(/^HTTP\/1\.1 200 /);
    expect(await open.raw("/api/v1/devices", "evil.example")).toContain("HOST_REFUSED");
  } finally {
    await open.stop();
  }
});
