/** Who pushes messages of components to a hub, and who hears them there: libzmq through its npm package, each in a process. */
import { encodeMessage } from "../host/monique/body.ts";
import type { MessageType } from "../host/monique/message.ts";
import { formatTag } from "../host/monique/tag.ts";
import type { FarEnd } from "./far-end.ts";

/** At most so many messages are on their way: less than either hub may keep for a reader. */
const WINDOW = 16_384;
/** The reader tells its count so often. */
export const TOLD_EVERY = 256;
const TYPES: readonly MessageType[] = ["data", "config"];
const SPEC = "bench_load";
const ID_LETTERS = 40;

/**
 * Is told "probe" until the reader says "ready", then "TYPE COUNT" how much to send; the reader says "heard COUNT". Says
 * "ready", and "done" each time all was heard.
 */
export async function startProducer(argument: string): Promise<FarEnd> {
  const { Pull, Push } = await import("zeromq");
  const [into, done] = argument.split(",").map((port) => connected(new Push(), port));
  const orders = new Pull();
  await orders.bind("tcp://127.0.0.1:*");
  const templates = TYPES.map((type) => new Template(type));
  let [wanted, sent, heard] = [0, 0, 0];
  let type = 0;
  let isReady = false;
  let isSending = false;
  const send = async () => {
    if (isSending) return;
    isSending = true;
    while (sent < wanted && sent - heard < WINDOW) await into.send(templates[type].make(++sent));
    isSending = false;
    if (heard === wanted && wanted > 0) await done.send("done");
  };
  void (async () => {
    for await (const [order] of orders) {
      const [word, count] = order.toString().split(" ");
      if (word === "probe") await into.send(templates[0].make(0));
      else if (word === "heard") heard = Number(count);
      else if (word === "ready") {
        if (!isReady) await done.send("ready");
        isReady = true;
      } else {
        type = TYPES.indexOf(word as MessageType);
        wanted += Number(count);
      }
      void send();
    }
  })();
  return { port: portOf(orders.lastEndpoint), delivered: () => sent };
}

/** Counts what it hears, and tells the producer. */
export async function startReader(argument: string): Promise<FarEnd> {
  const { Push, Subscriber } = await import("zeromq");
  const [out, producer] = argument.split(",");
  // The limit is the hub's, and the window's.
  const reader = connected(new Subscriber({ receiveHighWaterMark: 0 }), out);
  for (const type of TYPES) reader.subscribe(`${type}:${SPEC}:`);
  const tell = connected(new Push(), producer);
  let heard = 0;
  void (async () => {
    for await (const [tag] of reader) {
      if (tag.includes(NO_MESSAGE)) await tell.send("ready");
      else if (++heard % TOLD_EVERY === 0) await tell.send(`heard ${heard}`);
    }
  })();
  return { port: 0, delivered: () => heard };
}

const NO_MESSAGE = Buffer.from(":".padEnd(ID_LETTERS + 1, "0").concat(":"));

/** Messages that differ in their ids. */
class Template {
  private readonly tag: Buffer;
  private readonly body: Buffer;
  private readonly places: number[];

  constructor(type: MessageType) {
    const id = "0".repeat(ID_LETTERS);
    const data = Buffer.from(JSON.stringify({ message: "Hello! It's me.", first: 12, second: 42 }));
    const fields = { type, spec: SPEC, id, pid: "", creator: "0000-0000-0000-bench" };
    const rest = { created_at: Date.now(), expires_at: 0, encoding: "JSON" as const, data };
    this.tag = Buffer.from(formatTag(fields));
    this.body = Buffer.from(encodeMessage({ ...fields, ...rest }));
    this.places = [this.tag, this.body].map((bytes) => bytes.indexOf(id) + ID_LETTERS);
  }

  /** Its id ends in `number`. */
  make(number: number): Buffer[] {
    const copies = [Buffer.from(this.tag), Buffer.from(this.body)];
    for (let at = 1, left = number; left > 0; at++, left = Math.floor(left / 10))
      for (let i = 0; i < 2; i++) copies[i][this.places[i] - at] = 0x30 + (left % 10);
    return copies;
  }
}

export function connected<T extends { connect(address: string): void; linger: number }>(
  socket: T,
  port: number | string,
): T {
  socket.linger = 0;
  socket.connect(`tcp://127.0.0.1:${port}`);
  return socket;
}

export function portOf(endpoint: string | null): number {
  return Number(endpoint!.slice(endpoint!.lastIndexOf(":") + 1));
}
