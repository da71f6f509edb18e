/** A backup that is broken off, wherever, leaves no snapshot of the store or the history open. */
import { once } from "node:events";
import { join } from "node:path";
import { Readable } from "node:stream";
import { ClassicLevel } from "classic-level";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ServerUnderTest } from "./http/testing/server-under-test.ts";
import { until } from "./platform/testing/until.ts";
import { folderForEach } from "./testing/folders.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";

const folder = folderForEach("backup-snapshots");
let gw: TestGateway;
let http: ServerUnderTest;
/** Every iterator over everything that there is which was made since. */
let made: { close(): Promise<void>; nextv(size: number): Promise<unknown> }[];

/** All but the first one of the next backup. */
let isFailing: boolean;

beforeEach(async () => {
  isFailing = false;
  gw = await startGateway([`data=${join(folder(), "data")}`]);
  const board = await gw.board({ id: "b-1" });
  for (let i = 1; i <= 20; i++) board.send(`{"ot":"l:n","i":${i}}`);
  await gw.until("its messages", () => gw.messages.length === 20);
  board.detach();
  // It opens a moment after the gateway.
  await until(() => gw.gateway.history.all().close());
  http = await new ServerUnderTest(gw.gateway, {
    backup: (history) => gw.gateway.backup({ history }),
  }).start();
  made = [];
  const iterator = ClassicLevel.prototype.iterator;
  vi.spyOn(ClassicLevel.prototype, "iterator").mockImplementation(function (this: never, ...options) {
    const [{ highWaterMarkBytes = 0 } = {}] = options as { highWaterMarkBytes?: number }[];
    if (highWaterMarkBytes > 0 && isFailing && made.length > 0) throw new Error("the store is not open");
    const one = iterator.apply(this, options as never);
    if (highWaterMarkBytes > 0) made.push(one);
    return one as never;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await http.stop();
  await gw.stop();
});

/** Of those that were made, how many still answer. */
async function open(): Promise<number> {
  const answers = await Promise.allSettled(made.map((one) => one.nextv(1)));
  return answers.filter(({ status }) => status === "fulfilled").length;
}

/** Of the store and of the history. */
async function expectClosed(count: number): Promise<void> {
  expect(made).toHaveLength(count);
  await until(async () => expect(await open()).toBe(0));
}

test("read to its end", async () => {
  expect((await (await http.fetch("/api/v1/backup?history=1")).arrayBuffer()).byteLength).toBeGreaterThan(
    100,
  );
  await expectClosed(2);
});

test("only asked about (HEAD), with the history and without", async () => {
  for (const query of ["?history=1", ""])
    expect((await http.fetch(`/api/v1/backup${query}`, { method: "HEAD" })).status).toBe(200);
  await expectClosed(3);
});

test("broken off before its first byte, and after it", async () => {
  const unread = gw.gateway.backup({ history: true });
  expect([unread instanceof Readable, await open()]).toEqual([true, 2]);
  const end = unread as Readable;
  end.on("error", () => {});
  end.destroy();
  await once(end, "close");
  await expectClosed(2);
  for await (const _ of gw.gateway.backup({ history: true })) break;
  await expectClosed(4);
});

test("of a store that cannot be read, with the history", async () => {
  isFailing = true;
  expect(() => gw.gateway.backup({ history: true })).toThrow("the store is not open");
  await expectClosed(1);
});
