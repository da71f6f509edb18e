/** A session that sends all it is given, and never hears whether it arrived. */
import { packetEnd, type SendBuffer } from "../../shared/session/send-buffer.ts";
import { varintLength } from "../../shared/varint.ts";
import type { SendingSession } from "../peers/board-port.ts";

export class OpenSession implements SendingSession {
  readonly carrier = {};
  readonly isHeard = true;
  private buffer: SendBuffer | null = null;

  bind(buffer: SendBuffer): void {
    this.buffer = buffer;
  }

  canSend(): boolean {
    return true;
  }

  pump(): void {}

  /** The packets it was given, as text. */
  get sent(): string[] {
    const { bytes, head, tail } = this.buffer ?? { bytes: new Uint8Array(0), head: 0, tail: 0 };
    const packets: string[] = [];
    for (let at = head; at < tail; at = packetEnd(bytes, at)) {
      const data = bytes.subarray(at + varintLength(bytes[at]), packetEnd(bytes, at));
      packets.push(Buffer.from(data).toString());
    }
    return packets;
  }
}
