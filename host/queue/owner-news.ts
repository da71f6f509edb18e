/** Packets that have come to their outcome, until their owners are told, once the lists are in order: they may add and withdraw. */
import type { Packet } from "./packet.ts";

export class OwnerNews {
  /** An owner is being told: what it brings about is told after it. */
  isTelling = false;
  private finished: Packet[] = [];

  add(packet: Packet): void {
    this.finished.push(packet);
  }

  tell(): void {
    const { finished } = this;
    if (finished.length === 0) return;
    let told = 0;
    this.isTelling = true;
    try {
      while (told < finished.length) {
        const packet = finished[told++];
        packet.owner.onOutcome(packet, packet.outcome!);
      }
    } finally {
      // An owner that throws is a fault of the program; the others are told by the next call.
      this.finished = finished.slice(told);
      this.isTelling = false;
    }
  }
}
