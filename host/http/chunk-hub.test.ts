import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import type { EventReader } from "./testing/event-reader.ts";
import { deviceView, FakeGateway, serialView } from "./testing/fake-gateway.ts";
import { read, ServerUnderTest } from "./testing/server-under-test.ts";

let gateway: FakeGateway;
let http: ServerUnderTest;
const readers: EventReader[] = [];

beforeEach(async () => {
  gateway = new FakeGateway();
  gateway.serial = [serialView("/dev/ttyACM0")];
  gateway.links = [{ name: "tcp 10.0.0.7:1", open: true, stalled: false }];
  gateway.devices = [deviceView("sim-1")];
  http = await new ServerUnderTest(gateway).start();
});
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close();
  await http.stop();
});

async function listen(path: string): Promise<EventReader> {
  const reader = await http.events(path);
  readers.push(reader);
  return reader;
}

test("a link by its name, also a port that is closed, and a board by its id are listened to", async () => {
  for (const path of ["links/serial%20%2Fdev%2FttyACM0", "links/tcp%2010.0.0.7:1", "devices/sim-1"])
    await (await listen(`/api/v1/${path}/chunks`)).next();
  expect(gateway.watches.map(({ target }) => target)).toEqual([
    { link: "serial /dev/ttyACM0" },
    { link: "tcp 10.0.0.7:1" },
    { device: "sim-1" },
  ]);
});

test("the stream begins with who answers, and ends the watch when the client goes", async () => {
  const reader = await listen("/api/v1/devices/sim-1/chunks");
  expect(await reader.next()).toEqual({
    event: "watching",
    data: { gateway: "pi-kitchen", version: "0.1.0", links: 0 },
  });
  reader.close();
  await until(() => expect(gateway.watches[0].calls).toEqual(["stop"]));
});

test("what is unknown is told from what is known", async () => {
  const [status, { error }] = await http.get("/api/v1/links/tty/chunks");
  expect([status, error.code]).toEqual([404, "LINK_UNKNOWN"]);
  expect(error.message).toBe("listening to tty: no such link; known: serial /dev/ttyACM0, tcp 10.0.0.7:1");
  const [, { error: board }] = await http.get("/api/v1/devices/nobody/chunks");
  expect(board.message).toBe("listening to nobody: no such board; known: sim-1");
});

test("the read token may not listen: session ids pass here", async () => {
  const headers = { authorization: `Bearer ${read}` };
  const [status, { error }] = await http.get("/api/v1/devices/sim-1/chunks", { headers });
  expect([status, error.code]).toEqual([403, "ROLE_READ"]);
  expect(gateway.watches).toEqual([]);
});

test("an eleventh client is refused", async () => {
  for (let i = 0; i < 10; i++) await listen("/api/v1/devices/sim-1/chunks");
  const [status, { error }] = await http.get("/api/v1/devices/sim-1/chunks");
  expect([status, error.code]).toEqual([503, "STREAMS_FULL"]);
});

test("a HEAD listens to nothing", async () => {
  expect((await http.fetch("/api/v1/devices/sim-1/chunks", { method: "HEAD" })).status).toBe(200);
  expect(gateway.watches).toEqual([]);
});
