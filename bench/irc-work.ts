/** P11 at work: Datums that fit a line and one that does not, written and read by our codec, by JSON alone, by the reference. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { deflateSync, inflateSync } from "node:zlib";
import type { Datum } from "../host/irc-iot/datum.ts";
import { defaultLimits } from "../host/irc-iot/limits.ts";
import { decodeMessage } from "../host/irc-iot/message.ts";
import { Packer, type PackOptions } from "../host/irc-iot/pack.ts";
import { isFault, Reassembler } from "../host/irc-iot/reassembly.ts";
import { root } from "./root.ts";
import type { Workload } from "./workload.ts";

/** As the reference has it. */
export const LINE_BYTES = 440;
const SMALL = 1024;
/** Datums of many lines in a cycle: as many as bench/irc-peer.py does. */
const BIG = 16;
const strict: PackOptions = { scheme: "b85z", profile: "strict", checksum: "" };
const place = { channel: "#lab" };

export type IrcTask = "encode-small" | "decode-small" | "encode-fragmented" | "decode-fragmented";

/** The Datum of the first vector, with other values. */
function smallDatums(): Datum[] {
  return Array.from({ length: SMALL }, (_, i) => ({
    ...{ ot: "mainfo", t: `2026-01-02 03:04:05.${String(100_000 + i)}` },
    ...{ src: "MP714@Kitchen/co2", dst: "", d: 1000 + i },
  }));
}

/** A table of measurements, two kilobytes: three or four lines. */
function bigDatum(): Datum {
  const data = Array.from({ length: 60 }, (_, n) => ({ n, v: Math.sin(n) }));
  return { ot: "mainfo", t: "2026-01-02 03:04:05.000006", src: "MP714@Kitchen/co2", dst: "", data };
}

const newPacker = () => new Packer({ mid: 10_000, oid: 1000, did: 100 });
/** Where a text goes: what was put together is written out, as for a socket. */
const line = Buffer.alloc(65_536);

/** A text as a socket gives it: in one piece. */
const flat = (text: string) => Buffer.from(text).toString("latin1");

function textsOf(datums: readonly Datum[]): string[] {
  return newPacker()
    .pack(datums, LINE_BYTES, strict)
    .map(({ head, tail }, i) => flat(`${head}${10_001 + i}${tail}`));
}

class Counted implements Workload {
  private count = 0;

  constructor(
    readonly messages: number,
    private readonly work: () => number,
  ) {}

  cycle(): void {
    this.count += this.work();
  }

  delivered(): number {
    return this.count;
  }
}

const ours: Record<IrcTask, () => Workload> = {
  "encode-small"() {
    const calls = smallDatums().map((datum) => [datum]);
    const packer = newPacker();
    return new Counted(SMALL, () => {
      let lines = 0;
      for (const call of calls)
        for (const { head, tail } of packer.pack(call, LINE_BYTES, strict)) {
          line.write(head + (10_001 + lines) + tail, "latin1");
          lines++;
        }
      return lines;
    });
  },
  "decode-small"() {
    const texts = smallDatums().map((datum) => textsOf([datum])[0]);
    return new Counted(SMALL, () => {
      let datums = 0;
      for (const text of texts) {
        const decoded = decodeMessage(text, defaultLimits);
        if (!("code" in decoded)) datums += decoded.containers[0].datums.length;
      }
      return datums;
    });
  },
  "encode-fragmented"() {
    const datum = bigDatum();
    const packer = newPacker();
    return new Counted(BIG, () => {
      for (let i = 0; i < BIG; i++) {
        let mid = 10_000;
        for (const { head, tail } of packer.pack([datum], LINE_BYTES, strict))
          line.write(head + ++mid + tail, "latin1");
      }
      return BIG;
    });
  },
  "decode-fragmented"() {
    const texts = Array.from({ length: BIG }, (_, i) => {
      const packer = new Packer({ mid: 10_000, oid: 1000 + i, did: 100 + i });
      return packer.pack([bigDatum()], LINE_BYTES, strict).map(({ head, tail }) => flat(`${head}1${tail}`));
    }).flat();
    let now = 0;
    const reassembler = new Reassembler(defaultLimits, { scheme: "b85z" });
    return new Counted(BIG, () => {
      let datums = 0;
      for (const text of texts) {
        const decoded = decodeMessage(text, defaultLimits);
        if ("code" in decoded) continue;
        const result = reassembler.take(decoded.containers[0].fragments[0], "them", place, now);
        if (result !== null && !isFault(result)) datums++;
      }
      // The same ids come again: as after an hour.
      now += 2 * defaultLimits.keepMs;
      reassembler.collect(now);
      return datums;
    });
  },
};

/** What nobody who writes JSON can save: the limit. */
const jsonAlone: Record<IrcTask, () => Workload> = {
  "encode-small"() {
    const containers = smallDatums().map(({ ot, src, dst, ...d }, i) => ({
      mid: String(10_001 + i),
      o: { oid: "1000", ot, src, dst, d },
    }));
    return new Counted(SMALL, () => {
      for (const container of containers) line.write(JSON.stringify(container), "latin1");
      return SMALL;
    });
  },
  "decode-small"() {
    const texts = smallDatums().map((datum) => textsOf([datum])[0]);
    return new Counted(SMALL, () => {
      let datums = 0;
      for (const text of texts) if (JSON.parse(text).o.d.d > 0) datums++;
      return datums;
    });
  },
  "encode-fragmented"() {
    const datum = bigDatum();
    return new Counted(BIG, () => {
      let whole = 0;
      for (let i = 0; i < BIG; i++) if (deflateSync(JSON.stringify(datum)).length > 0) whole++;
      return whole;
    });
  },
  "decode-fragmented"() {
    const bytes = deflateSync(JSON.stringify(bigDatum()));
    return new Counted(BIG, () => {
      let whole = 0;
      for (let i = 0; i < BIG; i++) if (JSON.parse(inflateSync(bytes).toString()).data.length > 0) whole++;
      return whole;
    });
  },
};

export const ourIrcIot = (task: IrcTask): Workload => ours[task]();
export const jsonOnly = (task: IrcTask): Workload => jsonAlone[task]();

/** Where the reference is checked out, if anywhere. */
export const checkout = process.env.PYIRCIOT ?? "";

/** The reference in a process of its own; its CPU time is asked of it, without its start. */
export class Reference implements Workload {
  readonly messages: number;
  private count = 0;
  private cpuNs = 0;
  private child!: ChildProcess;
  private answers!: AsyncIterator<string>;

  constructor(private readonly task: IrcTask) {
    this.messages = task.endsWith("small") ? SMALL : BIG;
  }

  async start(): Promise<void> {
    const driver = join(root, "bench/irc-peer.py");
    this.child = spawn("python3", [driver, checkout], { stdio: ["pipe", "pipe", "inherit"] });
    this.answers = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
    await once(this.child, "spawn");
    this.say({ small: smallDatums(), big: bigDatum() });
  }

  async cycle(): Promise<void> {
    this.say({ do: this.task });
    const { value, done } = await this.answers.next();
    if (done) throw new Error(`${this.task}: the reference ended, see above`);
    const { messages, cpuNs } = JSON.parse(value) as { messages: number; cpuNs: number };
    this.count += messages;
    this.cpuNs = cpuNs;
  }

  delivered(): number {
    return this.count;
  }

  async farCpuNs(): Promise<number> {
    return this.cpuNs;
  }

  private say(order: object): void {
    this.child.stdin!.write(`${JSON.stringify(order)}\n`);
  }
}
