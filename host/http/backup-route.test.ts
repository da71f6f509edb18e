/** The backup over HTTP: for who may control, and for programs of this machine. */
import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { until } from "../platform/testing/until.ts";
import { stopAfterEach } from "../testing/stops.ts";
import type { Json } from "./testing/event-reader.ts";
import { read, ServerUnderTest } from "./testing/server-under-test.ts";

const stops = stopAfterEach();

async function serverWith(
  backup: (history: boolean) => AsyncIterable<Uint8Array>,
  host = "127.0.0.1",
): Promise<ServerUnderTest> {
  const server = await new ServerUnderTest(undefined, { backup, host }).start();
  stops.push(() => server.stop());
  return server;
}

const asked: boolean[] = [];
async function* some(history: boolean): AsyncGenerator<Uint8Array, undefined> {
  asked.push(history);
  yield Buffer.from("one");
  yield Buffer.from("two");
}

test("is what the gateway gives, with the history when that is asked for", async () => {
  asked.length = 0;
  const server = await serverWith(some);
  const response = await server.fetch("/api/v1/backup");
  expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
    ...[200, "application/gzip", "onetwo"],
  ]);
  await (await server.fetch("/api/v1/backup?history=1")).text();
  expect(asked).toEqual([false, true]);
  expect((await server.get("/api/v1/backup?history=yes"))[0]).toBe(400);
});

test("is refused to who may only look", async () => {
  const server = await serverWith(some);
  const [status, { error }] = await server.get("/api/v1/backup", {
    headers: { authorization: `Bearer ${read}` },
  });
  expect([status, error.code]).toEqual([403, "ROLE_READ"]);
});

const outer = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal);

test.skipIf(outer === undefined)("is refused to another machine, whatever it shows", async () => {
  const server = await serverWith(some, "0.0.0.0");
  const url = `http://${outer!.address}:${server.port}/api/v1/backup`;
  const response = await fetch(url, { headers: { authorization: "Bearer control-token-0123456789" } });
  expect([response.status, ((await response.json()) as Json).error.code]).toEqual([403, "BACKUP_ELSEWHERE"]);
});

test("what fails before the first byte is an answer; after it the connection breaks", async () => {
  const fault = new BowlineError("HISTORY_OFF", "looking into the history: none is kept", ExitCode.notFound);
  const failing = await serverWith(() => {
    throw fault;
  });
  const [status, { error }] = await failing.get("/api/v1/backup?history=1");
  expect([status, error.code]).toEqual([404, "HISTORY_OFF"]);
  async function* half() {
    yield Buffer.from("one");
    throw fault;
  }
  const breaking = await serverWith(half);
  const response = await breaking.fetch("/api/v1/backup");
  await expect(response.text()).rejects.toThrow(TypeError);
});

test("a client that goes in the middle leaves nothing open behind it", async () => {
  let isOver = false;
  async function* endless() {
    try {
      for (;;) yield Buffer.alloc(65_536);
    } finally {
      isOver = true;
    }
  }
  const server = await serverWith(endless);
  const end = new AbortController();
  const response = await server.fetch("/api/v1/backup", { signal: end.signal });
  await response.body!.getReader().read();
  end.abort();
  await until(() => isOver);
});
