/** What one packet holds that waits: in a session's send buffer, in a peer's queue, in the durable store. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appendPacket, createSendBuffer } from "../shared/session/send-buffer.ts";
import { bytesHeld } from "./far-end.ts";
import { LongQueue } from "./growth-queue.ts";
import { longSpool } from "./growth-spool.ts";
import type { Effort } from "./runner.ts";

const PACKETS = 100_000;
const PACKET_BYTES = 100;
/** Of a buffer of as many bytes as packets may be unacknowledged: twice as many, so that they move to the front seldom. */
const BUFFER_TIMES = 2;

/** Bytes a packet, a value a round. */
export interface HeldPackets {
  sendBuffer: number[];
  queue: number[];
  /** In memory and on disk, of one that is kept in the store. */
  spool: number[];
  disk: number[];
}

export async function probeHeldPackets(effort: Effort): Promise<HeldPackets> {
  const count = effort.roundMs > 0 ? PACKETS : 1000;
  const held: HeldPackets = { sendBuffer: [], queue: [], spool: [], disk: [] };
  for (let round = -1; round < Math.min(3, effort.rounds); round++) {
    const one = {
      sendBuffer: await grownBy(count, async () => filledBuffer(count)),
      queue: await grownBy(count, () => filledQueue(count)),
      ...(await kept(count)),
    };
    // What is loaded and compiled with the first of them is not theirs.
    if (round >= 0)
      for (const [what, bytes] of Object.entries(one)) held[what as keyof HeldPackets].push(bytes);
  }
  return held;
}

/** Heap and buffers of what `make` gives back, each of its `count` parts. */
async function grownBy(count: number, make: () => Promise<unknown>): Promise<number> {
  const before = bytesHeld();
  const made = await make();
  const bytes = bytesHeld() - before;
  if (made === undefined) throw new Error("held: nothing was made");
  return Math.max(1, bytes) / count;
}

function filledBuffer(count: number): object {
  const limit = count * (PACKET_BYTES + 1);
  const buffer = createSendBuffer(new Uint8Array(BUFFER_TIMES * limit), limit);
  const packet = new Uint8Array(PACKET_BYTES);
  while (appendPacket(buffer, packet, 0, PACKET_BYTES) > 0);
  return buffer;
}

async function filledQueue(count: number): Promise<object> {
  const queue = new LongQueue(count);
  await queue.start();
  return queue;
}

async function kept(count: number): Promise<{ spool: number; disk: number }> {
  const root = mkdtempSync(join(tmpdir(), "bench-held-"));
  const spool = longSpool(count, root);
  try {
    const memory = await grownBy(count, async () => {
      await spool.start!();
      return spool;
    });
    const files = await readdir(root, { recursive: true, withFileTypes: true });
    const sizes = files
      .filter((file) => file.isFile())
      .map((file) => statSync(join(file.parentPath, file.name)).size);
    return { spool: memory, disk: sizes.reduce((sum, size) => sum + size, 0) / count };
  } finally {
    await spool.stop();
    rmSync(root, { recursive: true, force: true });
  }
}
