/** P10 at work: a backlog of packets found again by a gateway that starts, beside LevelDB reading no more than its keys. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Effort } from "./runner.ts";
import { LevelSpool, PACKET_BYTES, packetKey, type Spool, StoreSpool } from "./spool-work.ts";

const PACKETS = 100_000;
/** With an effort of no time: whether everything runs. */
const FEW_PACKETS = 1000;
/** Packets that were added in one commit. */
const AT_ONCE = 256;
const PAGE = 500;

/** ms, a value a round. */
export interface Reopenings {
  packets: number;
  /** Until the first packet can leave: opened, checked, a page read. */
  first: number[];
  /** Until all of them are in memory. */
  all: number[];
  /** LevelDB alone: opened, the keys of all packets read. */
  keys: number[];
}

export async function probeBacklog(effort: Effort): Promise<Reopenings> {
  const packets = effort.roundMs === 0 ? FEW_PACKETS : PACKETS;
  const root = mkdtempSync(join(tmpdir(), "bench-backlog-"));
  const [ours, bare] = [join(root, "store"), join(root, "level")];
  const found: Reopenings = { packets, first: [], all: [], keys: [] };
  try {
    await fill(new StoreSpool(), ours, packets);
    await fill(new LevelSpool(), bare, packets);
    // The first openings put the newest packets into tables, and compile: they are not counted.
    for (let round = -2; round < effort.rounds; round++) {
      const store = await openStore(ours, packets);
      const keys = await readKeys(bare, packets);
      if (round < 0) continue;
      found.first.push(store.first);
      found.all.push(store.all);
      found.keys.push(keys);
    }
    return found;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function fill(spool: Spool, folder: string, packets: number): Promise<void> {
  await spool.start(folder);
  const value = Buffer.alloc(PACKET_BYTES, "a packet ");
  for (let seq = 1; seq <= packets; ) {
    const kept: Promise<void>[] = [];
    for (; kept.length < AT_ONCE && seq <= packets; seq++) {
      const key = packetKey(seq);
      kept.push(new Promise((onCommitted, onFailed) => spool.add(key, value, { onCommitted, onFailed })));
    }
    await Promise.all(kept);
  }
  await spool.stop();
}

async function openStore(folder: string, packets: number): Promise<{ first: number; all: number }> {
  const spool = new StoreSpool();
  const begin = performance.now();
  await spool.start(folder);
  let page = await spool.store.page<Uint8Array>("s/42/2/", "", PAGE);
  const first = performance.now() - begin;
  let count = page.length;
  for (; page.length === PAGE; count += page.length)
    page = await spool.store.page("s/42/2/", page[page.length - 1][0], PAGE);
  const all = performance.now() - begin;
  await spool.stop();
  if (count !== packets) throw new Error(`backlog: ${count} packets of ${packets}`);
  return { first, all };
}

async function readKeys(folder: string, packets: number): Promise<number> {
  const spool = new LevelSpool();
  const begin = performance.now();
  await spool.start(folder);
  const keys = await spool.level.keys({ highWaterMarkBytes: 1 << 20 }).all();
  const took = performance.now() - begin;
  await spool.stop();
  if (keys.length !== packets) throw new Error(`backlog: ${keys.length} keys of ${packets}`);
  return took;
}
