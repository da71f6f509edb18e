/** The peer's side of the model: it puts fragments together and takes what is above its watermark (iotgw §9). */
import { LANES } from "../../host/queue/packet.ts";
import { hold } from "../proof.ts";
import type { Entry } from "./entry.ts";

export interface Frame {
  entry: Entry;
  start: number;
  end: number;
  isVoid: boolean;
}

export class Receiver {
  /** What it ever took; and since it began anew. */
  readonly taken = new Set<Entry>();
  private readonly remembered = new Set<Entry>();
  /** By lane; one stream has one. */
  private readonly watermarks = new Array<number>(LANES).fill(0);
  /** Of each lane, how much has come of the packet that is coming. */
  private readonly parts = new Map<number, { entry: Entry; end: number }>();

  constructor(private readonly isOneStream: boolean) {}

  /** Another session: what had come in part is dropped with the one before (iotgw §3). */
  begin(): void {
    this.parts.clear();
  }

  /** It has begun anew, and knows no number any more. */
  forget(): void {
    this.watermarks.fill(0);
    this.remembered.clear();
  }

  receive({ entry, start, end, isVoid }: Frame): void {
    const { lane, size } = entry;
    const part = this.parts.get(lane);
    if (start > 0 || part !== undefined)
      hold(part?.entry === entry && part.end === start, `${entry} from byte ${start} is not what goes on`);
    if (isVoid || end >= size) {
      this.parts.delete(lane);
      this.take(entry, isVoid);
    } else this.parts.set(lane, { entry, end });
  }

  private take(entry: Entry, isVoid: boolean): void {
    const at = this.isOneStream ? 0 : entry.lane;
    const watermark = this.watermarks[at];
    const number = this.isOneStream ? entry.packet.number : entry.seq;
    if (this.isOneStream)
      hold(number <= watermark + 1, `number ${number} after ${watermark}: one is skipped`);
    if (!isVoid) entry.isReceived = true;
    if (number <= watermark) return;
    this.watermarks[at] = number;
    if (isVoid) return;
    hold(!this.remembered.has(entry), `${entry} arrives twice`);
    this.remembered.add(entry);
    this.taken.add(entry);
  }
}
