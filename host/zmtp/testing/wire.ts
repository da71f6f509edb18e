/** A connection in memory whose other end is bytes, for tests. */
import { MemoryPair } from "../../transports/memory-pair.ts";
import { recorder } from "../../transports/recorder.ts";
import type { Transport } from "../../transports/transport.ts";
import { encodeReady, type PropertyValues } from "../encoder.ts";
import { GREETING_BYTES, greeting } from "../greeting.ts";

export class Wire {
  private readonly pair: MemoryPair;
  private readonly far = recorder();
  private read = 0;

  /** `accept`: the end that is tried. */
  constructor(accept: (transport: Transport) => void, highWaterBytes?: number) {
    this.pair = new MemoryPair(highWaterBytes === undefined ? {} : { highWaterBytes });
    accept(this.pair.a);
    this.pair.b.start(this.far);
  }

  /** Why it is over, "" while it is not. */
  get end(): string {
    return this.far.closings.join();
  }

  /** What came since the last call, as hex, once all is delivered both ways. */
  async hear(): Promise<string> {
    await Promise.resolve(); // what a turn gathers leaves at its end
    this.pair.deliver();
    await Promise.resolve();
    this.pair.deliver();
    const bytes = Buffer.from(this.far.bytes.slice(this.read));
    this.read += bytes.length;
    return bytes.toString("hex");
  }

  async say(bytes: Uint8Array): Promise<string> {
    this.pair.b.write(bytes);
    return this.hear();
  }

  /** Greeting and READY of a socket of this sort; what the other side said. */
  async greet(socketType: string, properties?: PropertyValues): Promise<string> {
    return this.say(Buffer.concat([greeting, encodeReady(socketType, properties)]));
  }

  cut(): void {
    this.pair.cut("the cable is out");
  }
}

/** What each side says first. */
export const greetingHex = Buffer.from(greeting.subarray(0, GREETING_BYTES)).toString("hex");
