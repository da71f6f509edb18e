import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { recorder } from "./recorder.ts";
import { tcpTransport } from "./tcp-transport.ts";

let server: Server;
let here: Socket;
let there: Socket;

beforeEach(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const accepted = once(server, "connection");
  here = connect((server.address() as { port: number }).port, "127.0.0.1");
  [there] = await accepted;
});

afterEach(async () => {
  here.destroy();
  there.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test("bytes go both ways, and the other side's end is onClose", async () => {
  const transport = tcpTransport(there);
  const seen = recorder();
  transport.start(seen);
  here.write(Uint8Array.of(0, 17, 19, 255));
  await seen.until(({ bytes }) => bytes.length === 4);
  transport.write(Uint8Array.of(7));
  const [reply] = await once(here, "data");
  expect([...reply]).toEqual([7]);
  here.end();
  await seen.until(({ closings }) => closings.length === 1);
  expect(seen).toMatchObject({ bytes: [0, 17, 19, 255], closings: ["closed by the other side"] });
});

test("the loopback has no address that admission would count; the name has one", () => {
  const transport = tcpTransport(there);
  expect(transport.remoteAddress).toBe("");
  expect(transport.name).toBe(`tcp 127.0.0.1:${there.remotePort}`);
});

test.each([
  ["::ffff:192.0.2.7", "192.0.2.7", "tcp 192.0.2.7:50123"],
  ["2001:db8::7", "2001:db8::7", "tcp [2001:db8::7]:50123"],
  ["::1", "", "tcp [::1]:50123"],
  ["::ffff:127.0.0.2", "", "tcp 127.0.0.2:50123"],
])("a socket from %s counts as '%s'", (remoteAddress, counted, name) => {
  const socket = Object.defineProperties(there, {
    remoteAddress: { value: remoteAddress },
    remotePort: { value: 50123 },
  });
  expect(tcpTransport(socket)).toMatchObject({ remoteAddress: counted, name });
});

test("close() sends what was written and ends", async () => {
  const transport = tcpTransport(there);
  const seen = recorder();
  transport.start(seen);
  const received = recorder();
  here.on("data", (chunk) => received.onChunk(chunk));
  const ended = once(here, "end");
  transport.write(Uint8Array.of(1, 2, 3));
  transport.close();
  await ended;
  await expect(transport.closed).resolves.toBe("closed here");
  expect(received.bytes).toEqual([1, 2, 3]);
  expect(seen.closings).toEqual(["closed here"]);
});

test("a reader that stops makes write() say false; when it reads on, onDrain comes", async () => {
  const transport = tcpTransport(there);
  const seen = recorder();
  transport.start(seen);
  here.pause();
  while (transport.write(new Uint8Array(65_536)));
  expect(seen.drains).toBe(0);
  here.resume();
  await seen.until(({ drains }) => drains === 1);
});

test("a reset is onClose with its reason", async () => {
  const transport = tcpTransport(there);
  const seen = recorder();
  transport.start(seen);
  here.resetAndDestroy();
  await seen.until(({ closings }) => closings.length === 1);
  expect(seen.closings[0]).toContain("ECONNRESET");
});
