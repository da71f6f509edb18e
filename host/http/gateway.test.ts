import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { afterEach, expect, expectTypeOf, test } from "vitest";
import { loadConfig } from "../config/load.ts";
import { Gateway } from "../gateway.ts";
import { silentLog } from "../platform/log.ts";
import type { DeviceList, GapEvent, PortList, StatusView } from "./api.ts";
import type { GatewayApi } from "./gateway-api.ts";
import type * as page from "./page/shapes.ts";
import { ServerUnderTest } from "./testing/server-under-test.ts";

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of started.splice(0).reverse()) await one.stop();
});

async function serve(): Promise<{ gateway: Gateway; http: ServerUnderTest }> {
  const places = { env: {}, cwd: tmpdir(), home: tmpdir() };
  const { config } = loadConfig({
    ...places,
    set: ["tcp.port=0", "data=memory", "http.enabled=false", "monique.enabled=false"],
  });
  const gateway = new Gateway(config, silentLog);
  await gateway.open();
  started.push({ stop: () => gateway.close() });
  await gateway.start();
  started.push(gateway);
  const http = await new ServerUnderTest(gateway).start();
  started.push(http);
  return { gateway, http };
}

test("a Gateway is what the server needs, and its answers are what the page reads", () => {
  expectTypeOf<Gateway>().toExtend<GatewayApi>();
  expectTypeOf<StatusView>().toExtend<page.Status>();
  expectTypeOf<DeviceList["devices"][number]>().toExtend<page.Device>();
  expectTypeOf<PortList>().toExtend<page.Ports>();
  expectTypeOf<GapEvent>().toExtend<page.Gap>();
});

test("a real gateway without boards answers everything", async () => {
  const { gateway, http } = await serve();
  expect(await http.get("/api/v1/devices")).toEqual([200, { devices: [] }]);
  expect(await http.get("/api/v1/sessions")).toEqual([200, { sessions: [] }]);
  expect(await http.get("/api/v1/ports")).toEqual([200, { serial: [], links: [] }]);
  const [, { store, tcp }] = await http.get("/api/v1/status");
  expect(tcp).toEqual(gateway.tcpAddress);
  expect(store).toMatchObject({
    kind: "memory",
    messages: 0,
    oldest: 1,
    oldestAt: 0,
    next: 1,
    dropped: 0,
    fault: "",
  });
  const [status, { error }] = await http.post("/api/v1/devices/pico/requests", { ot: "l:info" });
  expect([status, error.code]).toEqual([404, "DEVICE_UNKNOWN"]);
});

test("what a real gateway delivers is streamed and paged", async () => {
  const { gateway, http } = await serve();
  const reader = await http.events("/api/v1/events?from=1");
  for (let seq = 1; seq <= 3; seq++) {
    const message = { ot: "l:temp", v: seq };
    const payload = Buffer.from(JSON.stringify(message));
    const delivered = { n: 0, device: "sim-1", epoch: "e", seq, at: 5, message };
    gateway.store.append(delivered, payload, 0, payload.length, {
      onCommitted: () => gateway.router.messages.publish(delivered),
      onFailed: (fault) => expect.fail(fault.message),
    });
  }
  const events = await reader.take(3);
  reader.close();
  const [, { messages, next }] = await http.get("/api/v1/messages");
  expect(events.map(({ data }) => data)).toEqual(messages);
  expect(next).toBe(4);
});

test("a port that is held by somebody else is named", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as { port: number };
  const { gateway } = await serve();
  const failure = new ServerUnderTest(gateway, { port }).start();
  await expect(failure).rejects.toMatchObject({
    code: "PORT_BUSY",
    message: expect.stringContaining("http.port"),
  });
  holder.close();
});
