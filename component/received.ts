/** A message as the work has it: its data is read when it is asked for, and its signal is known to be used when it is. */
import { readData } from "../host/monique/data.ts";
import { isFault } from "../host/monique/fault.ts";
import type { Message } from "../host/monique/message.ts";
import type { Received } from "./api.d.ts";

export class ReceivedMessage implements Received {
  readonly id: string;
  readonly pid: string;
  readonly creator: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly spec: string;
  readonly type: Message["type"];
  readonly encoding: Message["encoding"];
  readonly bytes: Uint8Array;
  private readonly aborting = new AbortController();
  private value: { read: unknown } | undefined;
  private isHeeded = false;

  constructor(
    message: Message,
    private readonly onHeeded: (id: string) => void,
  ) {
    this.id = message.id;
    this.pid = message.pid;
    this.creator = message.creator;
    this.created_at = message.created_at;
    this.expires_at = message.expires_at;
    this.spec = message.spec;
    this.type = message.type;
    this.encoding = message.encoding;
    this.bytes = message.data;
  }

  get data(): unknown {
    if (this.value === undefined) {
      const read = readData({ data: this.bytes, encoding: this.encoding });
      if (isFault(read)) throw new TypeError(`reading message ${this.id} of ${this.creator}: ${read.text}`);
      this.value = { read: read.value };
    }
    return this.value.read;
  }

  get signal(): AbortSignal {
    if (!this.isHeeded) this.onHeeded(this.id);
    this.isHeeded = true;
    return this.aborting.signal;
  }

  get isKilled(): boolean {
    return this.aborting.signal.aborted;
  }

  kill(): void {
    this.aborting.abort(new DOMException(`message ${this.id} was killed`, "AbortError"));
  }
}
