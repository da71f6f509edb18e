/**
 * P10 at work: packets for another gateway, kept by many senders at once. Each waits until its packet is safe, has it
 * acknowledged, and adds the next; what was acknowledged is removed with a later commit.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { loadConfig } from "../host/config/load.ts";
import { systemClock } from "../host/platform/clock.ts";
import { diskStore } from "../host/store/open-store.ts";
import type { Store, Waiter } from "../host/store/store.ts";
import type { Workload } from "./workload.ts";

export const PACKET_BYTES = 100;
/** Packets each sender adds in one cycle, one after the other. */
const TURNS = 8;

/** Where packets are kept. */
export interface Spool {
  start(folder: string): Promise<void>;
  add(key: string, value: Uint8Array, waiter: Waiter): void;
  /** Rides with a later commit. */
  remove(key: string): void;
  stop(): Promise<void>;
}

export function packetKey(seq: number): string {
  return `s/42/2/${seq.toString(16).padStart(14, "0")}`;
}

/** The gateway's store as it is configured by default. */
export class StoreSpool implements Spool {
  store!: Store;
  private close = async () => {};

  async start(folder: string): Promise<void> {
    const { config } = loadConfig({ set: [`data=${folder}`], env: {}, cwd: "/", home: "/" });
    const nobody = {
      onFault() {},
      onReopened() {},
      onLow() {},
    };
    const { store, open, close } = diskStore(folder, config.store, systemClock, nobody);
    await open();
    this.store = store;
    this.close = close;
  }

  add(key: string, value: Uint8Array, waiter: Waiter): void {
    this.store.put([{ key, value }], waiter);
  }

  remove(key: string): void {
    this.store.putLater([{ key, value: null }]);
  }

  async stop(): Promise<void> {
    await this.close();
  }
}

/** LevelDB alone, with the same commits: one at a time, flushed, each of what came while the one before was written. */
export class LevelSpool implements Spool {
  level!: ClassicLevel<string, Uint8Array>;
  private puts: [key: string, value: Uint8Array][] = [];
  private removals: string[] = [];
  private waiters: Waiter[] = [];
  private isBusy = false;

  async start(folder: string): Promise<void> {
    this.level = new ClassicLevel(folder, { keyEncoding: "utf8", valueEncoding: "view" });
    await this.level.open();
  }

  add(key: string, value: Uint8Array, waiter: Waiter): void {
    this.puts.push([key, value]);
    this.waiters.push(waiter);
    if (this.isBusy) return;
    this.isBusy = true;
    setImmediate(() => void this.write());
  }

  remove(key: string): void {
    this.removals.push(key);
  }

  async stop(): Promise<void> {
    await this.level.close();
  }

  private async write(): Promise<void> {
    const { waiters } = this;
    const batch = this.level.batch();
    for (const [key, value] of this.puts) batch.put(key, value);
    for (const key of this.removals) batch.del(key);
    this.puts = [];
    this.removals = [];
    this.waiters = [];
    await batch.write({ sync: true });
    this.isBusy = false;
    for (const waiter of waiters) waiter.onCommitted();
  }
}

/** One of those who add. */
class Sender implements Waiter {
  private left = 0;
  private key = "";

  constructor(
    private readonly work: SpoolWork,
    private readonly value: Uint8Array,
  ) {}

  begin(turns: number): void {
    this.left = turns;
    this.add();
  }

  onCommitted(): void {
    this.work.kept(this.key);
    if (--this.left > 0) this.add();
    else this.work.ended();
  }

  onFailed(fault: Error): void {
    throw fault;
  }

  private add(): void {
    this.key = this.work.nextKey();
    this.work.spool.add(this.key, this.value, this);
  }
}

/** As many `senders` as told, over one spool in a folder of its own. */
export class SpoolWork implements Workload {
  readonly messages: number;
  private readonly folder = mkdtempSync(join(tmpdir(), "bench-spool-"));
  private readonly all: Sender[];
  private seq = 0;
  private count = 0;
  private working = 0;
  private end = () => {};

  constructor(
    senders: number,
    readonly spool: Spool,
  ) {
    this.messages = senders * TURNS;
    const value = Buffer.alloc(PACKET_BYTES, "a packet ");
    this.all = Array.from({ length: senders }, () => new Sender(this, value));
  }

  async start(): Promise<void> {
    process.on("exit", () => rmSync(this.folder, { recursive: true, force: true }));
    await this.spool.start(this.folder);
  }

  cycle(): Promise<void> {
    this.working = this.all.length;
    return new Promise((resolve) => {
      this.end = resolve;
      for (const sender of this.all) sender.begin(TURNS);
    });
  }

  delivered(): number {
    return this.count;
  }

  nextKey(): string {
    return packetKey(++this.seq);
  }

  /** That packet is safe, and acknowledged. */
  kept(key: string): void {
    this.count++;
    this.spool.remove(key);
  }

  ended(): void {
    if (--this.working === 0) this.end();
  }
}
