import { expect, test } from "vitest";
import type { LinkListener, LinkWatch } from "../router/link-listener.ts";
import { ChunkStream } from "./chunk-stream.ts";
import { SlowClient } from "./testing/slow-client.ts";

const greeting = { gateway: "pi", version: "0" };
const state = {
  link: null,
  board: { stage: "packets", index: 4, partial: "" },
  gateway: { stage: "packets", index: 2, partial: "" },
} as const;
const begin = { connection: 1, name: "tcp 10.0.0.7:1", t: 5, wall: 1000, state };

class FakeWatch implements LinkWatch {
  followed = 1;
  readonly calls: string[] = [];
  pause = () => void this.calls.push("pause");
  resume = () => void this.calls.push("resume");
  stop = () => void this.calls.push("stop");
}

function open() {
  const client = new SlowClient();
  const stream = new ChunkStream(client);
  const watch = new FakeWatch();
  let heard: LinkListener | undefined;
  stream.start(greeting, (listener) => {
    heard = listener;
    listener.onLink(begin);
    return watch;
  });
  if (heard === undefined) throw new Error("nobody subscribed");
  return { client, stream, watch, listener: heard };
}

test("the greeting comes before the links that are there already", async () => {
  const { client, listener } = open();
  listener.onChunk(1, 6.25, "board", Buffer.from([0, 0]));
  listener.onOver(1, 7, "closed");
  await client.readAll();
  expect(client.text).toBe(
    'event: watching\ndata: {"gateway":"pi","version":"0","links":1}\n\n' +
      `event: link\ndata: ${JSON.stringify(begin)}\n\n` +
      'event: chunk\ndata: {"connection":1,"t":6.25,"from":"board","data":"AAA="}\n\n' +
      'event: over\ndata: {"connection":1,"t":7,"reason":"closed"}\n\n',
  );
});

test("a client that does not read costs bounded memory; once it reads, the watch goes on", async () => {
  const { client, watch, listener } = open();
  const chunk = Buffer.alloc(10_000);
  for (let i = 0; i < 1000 && !watch.calls.includes("pause"); i++) listener.onChunk(1, i, "board", chunk);
  expect(watch.calls).toEqual(["pause"]);
  expect(client.writableLength).toBeLessThan(1_048_576 + 20_000);
  await client.readAll();
  expect(watch.calls).toEqual(["pause", "resume"]);
});

test("a client that takes nothing for three heartbeats is ended", () => {
  const { client, stream, listener } = open();
  for (let i = 0; i < 10; i++) listener.onChunk(1, i, "board", Buffer.alloc(10_000));
  stream.beat();
  stream.beat();
  expect(client.destroyed).toBe(false);
  stream.beat();
  expect(client.destroyed).toBe(true);
});

test("a client that has gone is listened for no longer", () => {
  const { stream, watch } = open();
  stream.release();
  stream.release();
  expect(watch.calls).toEqual(["stop"]);
});
