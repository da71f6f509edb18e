/** How far each board's numbers are durable: the last four epochs of each (session part 4). */
import type { Change } from "./database.ts";
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

export class Watermarks {
  private readonly devices = new Map<string, (Watermark & { order: number })[]>();

  of(device: string): readonly Watermark[] {
    return this.devices.get(device) ?? [];
  }

  /** Fills itself from what was written. Returns the key of a damaged value, or "". */
  load(entries: readonly [key: string, value: Buffer][]): string {
    this.devices.clear();
    for (const [key, value] of entries) {
      const document = unseal(key, value) as Document | undefined;
      if (document === undefined) return key;
      const [, device, epoch] = key.split("/");
      this.listOf(device).push({ epoch, ...document });
    }
    for (const list of this.devices.values()) list.sort((a, b) => a.order - b.order);
    return "";
  }

  /** The changes that write (device, epoch) at `seq`, with `messages` more delivered. */
  changes(device: string, epoch: string, seq: number, messages: number, order: number): Change[] {
    const list = this.devices.get(device) ?? [];
    const known = list.find((mark) => mark.epoch === epoch);
    const delivered = deliveredOf(list) + messages;
    const key = keyOf(device, epoch);
    const written: Change[] = [
      {
        type: "put",
        key,
        value: seal(key, { seq, delivered, order: known?.order ?? order } satisfies Document),
      },
    ];
    if (known === undefined && list.length >= KEPT_EPOCHS)
      written.push({ type: "del", key: keyOf(device, list[0].epoch) });
    return written;
  }

  /** What changes() wrote is durable. */
  raise(device: string, epoch: string, seq: number, messages: number, order: number): void {
    const list = this.listOf(device);
    const delivered = deliveredOf(list) + messages;
    const known = list.find((mark) => mark.epoch === epoch);
    if (known !== undefined) Object.assign(known, { seq, delivered });
    else {
      list.push({ epoch, seq, delivered, order });
      if (list.length > KEPT_EPOCHS) list.shift();
    }
  }

  private listOf(device: string) {
    const list = this.devices.get(device) ?? [];
    this.devices.set(device, list);
    return list;
  }
}

const keyOf = (device: string, epoch: string) => `w/${device}/${epoch}`;

const deliveredOf = (list: readonly Watermark[]) =>
  list.reduce((most, mark) => Math.max(most, mark.delivered), 0);
