/** Packets in a row, linked through themselves: any of them is put at either end, or taken out, at the same cost. */
import type { Packet } from "./packet.ts";

export class PacketList {
  first: Packet | null = null;
  last: Packet | null = null;
  count = 0;
  bytes = 0;

  push(packet: Packet): void {
    this.enter(packet);
    packet.before = this.last;
    packet.after = null;
    if (this.last === null) this.first = packet;
    else this.last.after = packet;
    this.last = packet;
  }

  unshift(packet: Packet): void {
    this.enter(packet);
    packet.after = this.first;
    packet.before = null;
    if (this.first === null) this.last = packet;
    else this.first.before = packet;
    this.first = packet;
  }

  shift(): Packet | null {
    const { first } = this;
    if (first !== null) this.remove(first);
    return first;
  }

  pop(): Packet | null {
    const { last } = this;
    if (last !== null) this.remove(last);
    return last;
  }

  remove(packet: Packet): void {
    if (packet.list !== this) throw new RangeError("a packet is taken from a list that it is not in");
    const { before, after } = packet;
    if (before === null) this.first = after;
    else before.after = after;
    if (after === null) this.last = before;
    else after.before = before;
    packet.list = packet.before = packet.after = null;
    this.count--;
    this.bytes -= packet.size;
  }

  /** Tolerates that the packet it gave last is taken out. */
  *[Symbol.iterator](): Generator<Packet> {
    for (let packet = this.first; packet !== null; ) {
      const { after } = packet;
      yield packet;
      packet = after;
    }
  }

  private enter(packet: Packet): void {
    if (packet.list !== null) throw new RangeError("a packet is put into a second list");
    packet.list = this;
    this.count++;
    this.bytes += packet.size;
  }
}
