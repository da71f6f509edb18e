/**
 * What a power cut may leave of a store's files, between any two acknowledgements: the newest log cut at any byte, with
 * sectors that never reached the disk, or without the name of a new file. Each such image opens, shows all that was
 * acknowledged before, and nothing that was never handed over.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TailMark } from "../host/store/tail-mark.ts";
import { seededRandom } from "../host/transports/random.ts";
import { hold, type Proof } from "./proof.ts";
import { type Disk, type Moment, type Run, recordRun, type Weakness } from "./store/recorded-run.ts";
import { checkPrefix, storeIn } from "./store/truth.ts";

const MESSAGES = 150;
const SECTOR = 512;
const FORMAT = '{"format":1}\n';

/** How what was being written when power went is left. */
const kinds = ["cut", "zeros", "noise", "nothing"] as const;
type Kind = (typeof kinds)[number];

export interface Tried {
  images: Record<Kind, number>;
  /** Images in which a log, or the name of one, was new. */
  newLogs: number;
  logs: number;
}

/** Writes `scale` images of one run and opens each. */
export async function cutPower(seed: number, scale: number, weakness: Weakness = {}): Promise<Tried> {
  const random = seededRandom(seed);
  const root = mkdtempSync(join(tmpdir(), "bowline-power-cut-"));
  const tried: Tried = { images: { cut: 0, zeros: 0, noise: 0, nothing: 0 }, newLogs: 0, logs: 0 };
  try {
    const run = await recordRun(join(root, "run"), seed, MESSAGES, weakness);
    tried.logs = [...run.contents.keys()].filter((name) => name.endsWith(".log")).length;
    for (let i = 0; i < scale; i++) {
      const at = Math.floor(random() * (run.moments.length - 1));
      const kind = kinds[Math.floor(random() * kinds.length)];
      const [before, after] = [run.moments[at], run.moments[at + 1]];
      const image = new Image(run, before, after, kind, random);
      const folder = join(root, "image");
      image.writeTo(folder);
      tried.images[kind]++;
      if (image.hasNewLog) tried.newLogs++;
      const what = () => `image ${i}, ${kind} after commit ${before.commit} (seed ${seed})`;
      await checkImage(folder, what, before, run.epoch);
      rmSync(folder, { recursive: true });
    }
    return tried;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function checkImage(folder: string, what: () => string, before: Moment, epoch: string): Promise<void> {
  const opening = storeIn(folder);
  try {
    await opening.open();
  } catch (error) {
    hold(false, `${what()}: not opened: ${(error as Error).message}`);
  }
  hold(opening.store.epoch === epoch, () => `${what()}: another store`);
  await checkPrefix(opening.store, before.acknowledged, what);
  await opening.close();
}

class Image {
  hasNewLog = false;

  constructor(
    private readonly run: Run,
    private readonly before: Moment,
    private readonly after: Moment,
    private readonly kind: Kind,
    private readonly random: () => number,
  ) {}

  writeTo(data: string): void {
    const folder = join(data, "store");
    mkdirSync(folder, { recursive: true });
    const { durable } = this.before;
    for (const name of this.names()) {
      const size = durable.get(name) ?? 0;
      const more = this.more(name, durable);
      writeFileSync(
        join(folder, name),
        Buffer.concat([this.run.contents.get(name)!.subarray(0, size), more]),
      );
    }
    writeFileSync(join(data, "store.json"), FORMAT);
    this.writeMark(data);
  }

  /** Durable files, and the logs that are new: each is there or is not. */
  private names(): string[] {
    const { durable } = this.before;
    const logs = [...this.after.written.keys()].filter((name) => name.endsWith(".log") && !durable.has(name));
    this.hasNewLog = logs.length > 0;
    return [...durable.keys(), ...logs.filter(() => this.kind !== "nothing" && this.random() < 0.7)];
  }

  /** What was being written beyond what is durable, as far as it came. */
  private more(name: string, durable: Disk): Buffer {
    const size = durable.get(name) ?? 0;
    const end = this.after.written.get(name) ?? size;
    if (!name.endsWith(".log") || end <= size) return Buffer.alloc(0);
    const bytes = Buffer.from(this.run.contents.get(name)!.subarray(size, end));
    if (this.kind === "nothing") return Buffer.alloc(0);
    if (this.kind === "cut") return bytes.subarray(0, Math.floor(this.random() * (bytes.length + 1)));
    // Sectors of what is durable stay as they are; of the others each came or did not.
    for (let from = 0; from < bytes.length; ) {
      const to = Math.min(bytes.length, from + SECTOR - ((size + from) % SECTOR));
      if (this.random() < 0.5) this.spoil(bytes, from, to);
      from = to;
    }
    return bytes;
  }

  private spoil(bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to; at++)
      bytes[at] = this.kind === "zeros" ? 0 : Math.floor(this.random() * 256);
  }

  /** Never flushed: any earlier one, none, or zeros. */
  private writeMark(data: string): void {
    const path = join(data, "last-commit");
    const choice = this.random();
    if (choice < 0.2) return;
    if (choice < 0.3) return writeFileSync(path, Buffer.alloc(24));
    const mark = new TailMark(path);
    mark.open();
    mark.write(choice < 0.6 ? this.before.commit : Math.floor(this.random() * this.before.commit));
    mark.close();
  }
}

async function runPowerCut(seed: number, scale: number): Promise<string> {
  const { images, newLogs, logs } = await cutPower(seed, scale);
  const counts = [...Object.values(images), newLogs];
  hold(
    scale < 1000 || counts.every((count) => count > 0),
    () => `nothing was tried: ${JSON.stringify(images)}`,
  );
  const kindsText = Object.entries(images).map(([kind, count]) => `${count} ${kind}`);
  return (
    `${scale} images of ${MESSAGES} commits over ${logs} logs: ${kindsText.join(", ")}, ${newLogs} with a new log; ` +
    `all opened, 0 acknowledged lost, 0 wrong`
  );
}

export const powerCut: Proof = {
  name: "power-cut",
  promise: "whatever a power cut leaves of the files opens again with all that was acknowledged",
  unit: "images",
  scale: 120,
  run: runPowerCut,
};
