import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { ExitCode } from "../platform/errors.ts";
import { until } from "../platform/testing/until.ts";
import { recorder } from "./recorder.ts";
import { TcpListener } from "./tcp-listener.ts";
import type { Transport } from "./transport.ts";

const listeners: TcpListener[] = [];

function listener(onTransport: (transport: Transport) => void = () => {}, port = 0): TcpListener {
  const made = new TcpListener({
    host: "127.0.0.1",
    port,
    setting: "tcp.port",
    onTransport,
    onAcceptError() {},
  });
  listeners.push(made);
  return made;
}

afterEach(async () => {
  for (const one of listeners.splice(0)) await one.stop();
});

test("start() says where it listens, and each connection becomes a transport", async () => {
  const seen = recorder();
  const { host, port } = await listener((transport) => transport.start(seen)).start();
  expect(host).toBe("127.0.0.1");
  const client = connect(port, host);
  client.end(Uint8Array.of(1, 2));
  await seen.until(({ closings }) => closings.length === 1);
  expect(seen.bytes).toEqual([1, 2]);
});

test("stop() closes the transports it gave out, and frees the port", async () => {
  const seen = recorder();
  let accept = () => {};
  const accepted = new Promise<void>((resolve) => {
    accept = resolve;
  });
  const first = listener((transport) => {
    transport.start(seen);
    accept();
  });
  const { host, port } = await first.start();
  const ended = once(connect(port, host).resume(), "end");
  await accepted;
  await first.stop();
  await ended;
  expect(seen.closings).toEqual(["closed here"]);
  await expect(listener(() => {}, port).start()).resolves.toEqual({ host, port });
});

test("a busy port is an error that names port, holder and setting", async () => {
  const { port } = await listener().start();
  const refused = listener(() => {}, port).start();
  await expect(refused).rejects.toMatchObject({ code: "PORT_BUSY", exitCode: ExitCode.busy });
  await expect(refused).rejects.toThrow(
    `127.0.0.1:${port} (tcp.port): the port is held by pid ${process.pid} (node`,
  );
});

test("stop() before start() and twice is harmless", async () => {
  const one = listener();
  await one.stop();
  await one.start();
  await one.stop();
  await one.stop();
});

test("connections whose other end may be gone without a word are asked by the kernel", async (context) => {
  if (spawnSync("ss", ["-V"]).status !== 0) return context.skip("there is no ss");
  const timersOf = async (keepAliveMs?: number) => {
    const made = new TcpListener({
      ...{ host: "127.0.0.1", port: 0, setting: "tcp.port", onTransport: () => {}, onAcceptError() {} },
      ...(keepAliveMs !== undefined && { keepAliveMs }),
    });
    listeners.push(made);
    const { port } = await made.start();
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    let line = "";
    await until(() => {
      line = spawnSync("ss", ["-tnoH", `sport = :${port}`]).stdout.toString();
      return line.includes("ESTAB");
    });
    socket.destroy();
    return line;
  };
  expect(await timersOf(30_000)).toMatch(/timer:\(keepalive,(29|30)/);
  expect(await timersOf()).not.toContain("keepalive");
});
