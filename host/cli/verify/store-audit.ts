/** Checks messages as the store gives them: numbered without a gap, and of each life of each board each number once, in order. */
import type { DeliveredMessage } from "../../http/api.ts";

/** One life of one board, as the store holds it. */
export interface LifeAudit {
  device: string;
  epoch: string;
  messages: number;
  /** Of these, with a number up to the one the board was asked at. */
  asked: number;
  /** Its first and its highest number. */
  first: number;
  last: number;
  /** Numbers that came again; that came after a higher one; between first and last that did not come. */
  repeated: number;
  reordered: number;
  absent: number;
}

interface Life extends LifeAudit {
  /** What did not come, as ranges, both ends included. */
  holes: [from: number, to: number][];
}

/** Ranges of a life that are remembered; of those beyond, what comes late counts as repeated: bad as well. */
const MOST_HOLES = 10_000;

export class StoreAudit {
  messages = 0;
  /** Places where `n` did not go on by one. */
  gaps = 0;
  first = 0;
  last = 0;
  private readonly lives = new Map<string, Life>();

  /** `askedAt`: the number up to which the board's own count of that life goes; Infinity where it was not asked. */
  constructor(private readonly askedAt: (device: string, epoch: string) => number) {}

  take({ n, device, epoch, seq }: DeliveredMessage): void {
    if (this.messages === 0) this.first = n;
    else if (n !== this.last + 1) this.gaps++;
    this.messages++;
    this.last = n;
    const life = this.life(device, epoch, seq);
    life.messages++;
    if (seq <= this.askedAt(device, epoch)) life.asked++;
    place(life, seq);
  }

  /** The store gave messages before `n` up while it was read: that is no gap. */
  skipTo(n: number): void {
    if (this.messages > 0) this.last = Math.max(this.last, n - 1);
  }

  all(): LifeAudit[] {
    return [...this.lives.values()].map(({ holes, ...life }) => life);
  }

  of(device: string, epoch: string): LifeAudit | undefined {
    return this.lives.get(keyOf(device, epoch));
  }

  private life(device: string, epoch: string, seq: number): Life {
    const key = keyOf(device, epoch);
    const found = this.lives.get(key);
    if (found !== undefined) return found;
    const counts = { messages: 0, asked: 0, repeated: 0, reordered: 0, absent: 0 };
    const life: Life = { device, epoch, ...counts, first: seq, last: seq - 1, holes: [] };
    this.lives.set(key, life);
    return life;
  }
}

function place(life: Life, seq: number): void {
  if (seq > life.last) {
    dig(life, life.last + 1, seq - 1);
    life.last = seq;
  } else if (seq < life.first) {
    dig(life, seq + 1, life.first - 1);
    life.first = seq;
    life.reordered++;
  } else if (fill(life, seq)) life.reordered++;
  else life.repeated++;
}

function dig(life: Life, from: number, to: number): void {
  if (to < from) return;
  life.absent += to - from + 1;
  if (life.holes.length < MOST_HOLES) life.holes.push([from, to]);
}

/** False: it was there already. */
function fill(life: Life, seq: number): boolean {
  const at = life.holes.findIndex(([from, to]) => from <= seq && seq <= to);
  if (at < 0) return false;
  const [[from, to]] = life.holes.splice(at, 1);
  life.absent -= to - from + 1;
  dig(life, from, seq - 1);
  dig(life, seq + 1, to);
  return true;
}

function keyOf(device: string, epoch: string): string {
  return `${device} ${epoch}`;
}
