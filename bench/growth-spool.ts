/** P9 at work: packets kept in the store for another gateway, of which each adds one and removes the oldest. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PACKET_BYTES, packetKey, StoreSpool } from "./spool-work.ts";
import type { Workload } from "./workload.ts";

/** Packets of one commit. */
const AT_ONCE = 250;
const COMMITS = 8;
/** Of one commit before it begins. */
const AT_FIRST = 10_000;
const POOL_BYTES = 1 << 20;

/** `waiting` packets are there always, in a folder within `root`. */
export function longSpool(waiting: number, root = tmpdir()): Workload & { stop(): Promise<void> } {
  const folder = mkdtempSync(join(root, "bench-spool-"));
  const spool = new StoreSpool();
  // LevelDB compresses: bytes that say nothing show what they take.
  const bytes = randomBytes(POOL_BYTES);
  const bodyOf = (seq: number) => {
    const at = (seq * PACKET_BYTES) % (POOL_BYTES - PACKET_BYTES);
    return bytes.subarray(at, at + PACKET_BYTES);
  };
  let added = 0;
  const commit = (packets: number) => {
    const kept: Promise<void>[] = [];
    for (let i = 0; i < packets; i++) {
      const seq = ++added;
      kept.push(
        new Promise((onCommitted, onFailed) =>
          spool.add(packetKey(seq), bodyOf(seq), { onCommitted, onFailed }),
        ),
      );
      if (seq > waiting) spool.remove(packetKey(seq - waiting));
    }
    return Promise.all(kept);
  };
  return {
    messages: AT_ONCE * COMMITS,
    async start() {
      process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
      await spool.start(folder);
      while (added < waiting) await commit(Math.min(AT_FIRST, waiting - added));
    },
    async cycle() {
      for (let i = 0; i < COMMITS; i++) await commit(AT_ONCE);
    },
    delivered: () => added - waiting,
    stop: () => spool.stop(),
  };
}
