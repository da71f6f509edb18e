/** The peers at work: decoders of npm, each fed as its owner feeds it, in the way that is fastest for it. */
import { once } from "node:events";
import type { Writable } from "node:stream";
import { ByteLengthParser } from "@serialport/parser-byte-length";
import { SlipDecoder } from "@serialport/parser-slip-encoder";
import cobs from "cobs";
import { generate, parser } from "mqtt-packet";
import { Receiver, Sender } from "ws";
import { cut } from "./chunks.ts";
import { frameStream } from "./link-work.ts";
import { packetStream } from "./session-work.ts";
import type { Workload } from "./workload.ts";

type Messages = readonly Buffer[];

/** Six characters: 112 bytes for 100 of payload, the least a useful topic takes. */
const TOPIC = "lab/t1";

/** The limit of reading: every byte of the session's stream is looked at once, and nothing else is done. */
export function touchEveryByte(messages: Messages, chunkSize: number): Workload {
  const stream = packetStream(messages);
  const chunks = cut(stream, chunkSize);
  let bytes = 0;
  let sum = 0;
  return {
    messages: messages.length,
    cycle() {
      for (const chunk of chunks) {
        for (let i = 0; i < chunk.length; i++) sum = (sum + chunk[i]) | 0;
        bytes += chunk.length;
      }
    },
    // The sum is used, so that no compiler leaves the loop out.
    delivered: () => (sum === -1 ? -1 : (bytes / stream.length) * messages.length),
  };
}

/** QoS 1 publishes; decoded only, none is acknowledged. */
export function mqttPackets(messages: Messages, chunkSize: number): Workload {
  const packets = messages.map((payload, i) =>
    generate({ cmd: "publish", topic: TOPIC, payload, qos: 1, messageId: i + 1, dup: false, retain: false }),
  );
  const chunks = cut(Buffer.concat(packets), chunkSize);
  const reader = parser();
  let delivered = 0;
  reader.on("packet", () => delivered++);
  return {
    messages: messages.length,
    cycle() {
      for (const chunk of chunks) reader.parse(chunk);
    },
    delivered: () => delivered,
  };
}

/** Binary messages without a mask: what a client reads. A server's would have to be unmasked as well. */
export function wsFrames(messages: Messages, chunkSize: number): Workload {
  const options = { fin: true, opcode: 2, mask: false, readOnly: true, rsv1: false };
  const frames = messages.flatMap((message) => Sender.frame(message, options));
  const receiver = new Receiver({ isServer: false });
  return stream(receiver, "message", messages.length, cut(Buffer.concat(frames), chunkSize));
}

/** Our frames, taken apart and unescaped. It checks no CRC and no sequence. */
export function slipFrames(messages: Messages, chunkSize: number): Workload {
  return stream(
    new SlipDecoder(),
    "data",
    messages.length,
    cut(frameStream(messages).frames, chunkSize, 0xc0),
  );
}

/** Frames of consistent overhead byte stuffing. It checks nothing. */
export function cobsFrames(messages: Messages, chunkSize: number): Workload {
  const frames = messages.flatMap((message) => [cobs.encode(message), Buffer.from([0])]);
  return stream(cobs.decodeStream(), "data", messages.length, cut(Buffer.concat(frames), chunkSize, 0));
}

/** Messages of one length, told apart by counting. It checks nothing and never finds back. */
export function fixedLength(messages: Messages, chunkSize: number): Workload {
  const parts = new ByteLengthParser({ length: messages[0].length });
  return stream(parts, "data", messages.length, cut(Buffer.concat(messages), chunkSize));
}

/** A decoder that is a stream: written to as far as it wants, read by events. */
function stream(decoder: Writable, event: string, messages: number, chunks: readonly Buffer[]): Workload {
  let delivered = 0;
  let wanted = 0;
  decoder.on(event, () => delivered++);
  decoder.on("error", (error) => {
    throw error;
  });
  return {
    messages,
    async cycle() {
      wanted += messages;
      for (const chunk of chunks) if (!decoder.write(chunk)) await once(decoder, "drain");
      for (let turn = 0; delivered < wanted && turn < 100; turn++) await new Promise(setImmediate);
    },
    delivered: () => delivered,
  };
}
