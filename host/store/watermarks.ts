/**
 * How far each board's numbers are durable: the last four epochs of each (session part 4).
 *
 *   w/DEVICE/EPOCH   {seq, delivered, order}
 *
 * A device named `~…` is a way through another gateway: kept also when that one is no peer, for it may be one again.
 */
import type { Change } from "./database.ts";
import type { CountedMark } from "./message-batch.ts";
import { seal, unseal } from "./sealed.ts";
import type { Watermark } from "./store.ts";

/** Epochs of one device whose watermark is kept (session part 4). */
const KEPT_EPOCHS = 4;
export const WATERMARKS = { gte: "w/", lt: "w0" };

/** As written: `order` tells which epoch of a device came first. */
interface Document {
  seq: number;
  delivered: number;
  order: number;
}

type Kept = Watermark & { order: number };

/** What a batch makes of the watermarks of its devices. */
export interface WatermarkPlan {
  changes: Change[];
  devices: ReadonlyMap<string, Kept[]>;
}

export class Watermarks {
  private readonly devices = new Map<string, Kept[]>();

  of(device: string): readonly Watermark[] {
    return this.devices.get(device) ?? [];
  }

  /** Takes one as it was written, whole. */
  add(key: string, value: Buffer): void {
    const document = unseal(key, value) as Document;
    const slash = key.lastIndexOf("/");
    const device = key.slice(WATERMARKS.gte.length, slash);
    const epoch = key.slice(slash + 1);
    const list = this.devices.get(device) ?? [];
    list.push({ epoch, ...document });
    list.sort((a, b) => a.order - b.order);
    this.devices.set(device, list);
  }

  /** What raising `marks`, in their order, changes. */
  plan(marks: readonly CountedMark[]): WatermarkPlan {
    const changes: Change[] = [];
    const devices = new Map<string, Kept[]>();
    for (const { device, epoch, seq, messages } of marks) {
      const list = devices.get(device) ?? [...(this.devices.get(device) ?? [])];
      devices.set(device, list);
      const delivered = list.reduce((most, mark) => Math.max(most, mark.delivered), 0) + messages;
      let at = list.findIndex((mark) => mark.epoch === epoch);
      const order = at >= 0 ? list[at].order : (list.at(-1)?.order ?? 0) + 1;
      if (at < 0) at = list.length;
      list[at] = { epoch, seq, delivered, order };
      const key = keyOf(device, epoch);
      changes.push({
        type: "put",
        key,
        value: seal(key, { seq, delivered, order } satisfies Document),
      });
      if (list.length > KEPT_EPOCHS) changes.push({ type: "del", key: keyOf(device, list.shift()!.epoch) });
    }
    return { changes, devices };
  }

  /** The changes of that plan are committed. */
  apply({ devices }: WatermarkPlan): void {
    for (const [device, list] of devices) this.devices.set(device, list);
  }
}

const keyOf = (device: string, epoch: string) => `w/${device}/${epoch}`;
