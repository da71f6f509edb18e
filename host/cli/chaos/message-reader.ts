/** Reads what the gateway's store holds as it grows, and at the end once more from the start, to see that it stayed. */
import { setTimeout } from "node:timers/promises";
import { crc32 } from "node:zlib";
import type { DeliveredMessage, MessagePage } from "../../http/api.ts";
import { BowlineError } from "../../platform/errors.ts";
import type { GatewayClient } from "../gateway/client.ts";
import { lossCodes } from "../gateway/http-call.ts";

/** The most the API gives at once. */
const PAGE = 1000;
/** ms between two looks at a store that had nothing new, or a gateway that was not there. */
const PAUSE_MS = 50;

/** What reading everything again showed. */
export interface ReadBack {
  /** Messages the store holds. */
  kept: number;
  /** Delivered before and not there any more; there, but not what was delivered. */
  vanished: number;
  changed: number;
  /** Numbers that do not go on from the one before. */
  gaps: number;
}

export class MessageReader {
  /** Fingerprints of the messages by their `n`, from 1. */
  private seen = new Uint32Array(1024);
  private last = 0;
  /** Read from a store that has begun anew since: they are there no more. */
  private forgotten = 0;
  private isDraining = false;
  private isStopped = false;

  constructor(
    /** Undefined while there is no gateway. */
    private readonly client: () => GatewayClient | undefined,
    private readonly onMessage: (message: DeliveredMessage) => void,
  ) {}

  /** Reads until drain() is called and nothing more comes, or stop(); what waiting does not mend rejects. */
  async run(): Promise<void> {
    while (!this.isStopped) {
      const page = await this.read(this.last + 1);
      for (const message of page?.messages ?? []) this.take(message);
      if (page !== undefined && page.messages.length === 0 && this.isDraining) return;
      if (page === undefined || page.messages.length < PAGE) await setTimeout(PAUSE_MS);
    }
  }

  /** Nothing new is to be expected. */
  drain(): void {
    this.isDraining = true;
  }

  stop(): void {
    this.isStopped = true;
  }

  /** Reads the whole store, and compares it with what was read while it grew. */
  async readBack(): Promise<ReadBack> {
    const result = { kept: 0, vanished: this.forgotten, changed: 0, gaps: 0 };
    let expected = 1;
    for (
      let page = await this.readSurely(1);
      page.messages.length > 0;
      page = await this.readSurely(expected)
    ) {
      for (const message of page.messages) {
        if (message.n !== expected) result.gaps++;
        if (message.n <= this.last && this.seen[message.n] !== fingerprint(message)) result.changed++;
        expected = message.n + 1;
        result.kept++;
      }
    }
    result.vanished += Math.max(0, this.last - result.kept);
    return result;
  }

  private take(message: DeliveredMessage): void {
    if (message.n >= this.seen.length) {
      const larger = new Uint32Array(2 * message.n);
      larger.set(this.seen);
      this.seen = larger;
    }
    this.seen[message.n] = fingerprint(message);
    this.last = message.n;
    this.onMessage(message);
  }

  /** A page from `n` on; undefined when the gateway is not there. */
  private async read(n: number): Promise<MessagePage | undefined> {
    try {
      const page = (await this.client()?.get(`api/v1/messages?from=${n}&limit=${PAGE}`)) as
        | MessagePage
        | undefined;
      if (page !== undefined && page.next < n) {
        this.forgotten += this.last;
        this.last = 0;
        return this.read(1);
      }
      return page;
    } catch (error) {
      if (error instanceof BowlineError && lossCodes.includes(error.code)) return undefined;
      throw error;
    }
  }

  private async readSurely(n: number): Promise<MessagePage> {
    const page = await this.read(n);
    if (page !== undefined) return page;
    throw new BowlineError("GATEWAY_LOST", "reading the store back: the gateway is not there any more");
  }
}

function fingerprint(message: DeliveredMessage): number {
  return crc32(JSON.stringify(message));
}
