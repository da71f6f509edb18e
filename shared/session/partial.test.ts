/** What it costs to put cut packets together. */
import { expect, test } from "vitest";
import { nodeEngine } from "../../host/platform/engine.ts";
import { Side } from "../testing/side.ts";
import { encodeVarint } from "../varint.ts";
import { attachSession } from "./lifecycle.ts";

/** A server that is open, and how many bytes it has copied since. */
function countingServer(): { server: Side; copied: () => number } {
  const server = new Side({ isClient: false });
  attachSession(server.session, true, 0);
  server.hear("00", 0);
  let bytes = 0;
  server.session.engine = {
    ...nodeEngine,
    copy: (target, at, source, start, end) => {
      bytes += end - start;
      nodeEngine.copy(target, at, source, start, end);
    },
  };
  return { server, copied: () => bytes };
}

function packets(count: number, size: number): Uint8Array {
  const stream = new Uint8Array(count * (size + 3));
  let at = 0;
  for (let i = 0; i < count; i++) at = encodeVarint(stream, at, size) + size;
  return stream.subarray(0, at);
}

test.each([
  { size: 65_536, chunk: 65_536 },
  { size: 65_536, chunk: 16_384 },
  { size: 40_000, chunk: 65_536 },
  { size: 4096, chunk: 65_536 },
])(
  "packets of $size bytes in chunks of $chunk are copied once at the most, and only when they are cut",
  ({ size, chunk }) => {
    const { server, copied } = countingServer();
    const stream = packets(32, size);
    for (let at = 0; at < stream.length; at += chunk) server.hear(stream.subarray(at, at + chunk), 0);
    expect(server.packets.length).toBe(32);
    const cuts = Math.ceil(stream.length / chunk) - 1;
    expect(copied()).toBeLessThanOrEqual(Math.min(stream.length, cuts * (size + 3)));
  },
);
