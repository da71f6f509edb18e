/** Bytes of strangers at the ports of components: to the decoder, beside its naive twin, and to whole servers. */

import type { Transport, TransportHandler } from "../../host/transports/transport.ts";
import { ZmtpDecoder } from "../../host/zmtp/decoder.ts";
import { encodeCommand, encodeMessage, encodeReady } from "../../host/zmtp/encoder.ts";
import type { ZmtpFault } from "../../host/zmtp/fault.ts";
import { greeting } from "../../host/zmtp/greeting.ts";
import { defaultLimits } from "../../host/zmtp/limits.ts";
import type { ZmtpPeer } from "../../host/zmtp/peer.ts";
import { PubServer } from "../../host/zmtp/pub-server.ts";
import { PullServer } from "../../host/zmtp/pull-server.ts";
import { PushServer } from "../../host/zmtp/push-server.ts";
import { hold } from "../proof.ts";
import type { FuzzTarget } from "./fuzz.ts";
import type { StreamSource } from "./stream-source.ts";
import { readWhole } from "./zmtp-twin.ts";

/** So small that each is reached. */
const limits = {
  ...defaultLimits,
  messageBytes: 96,
  parts: 3,
  commandBytes: 60,
  topicBytes: 8,
  topics: 6,
  unfinishedBytes: 400,
};
/** Flags and sizes of frames whose bodies are kept. */
const MOST_HEADERS = limits.parts * 9 + 9;

const text = (words: string) => Buffer.from(words, "latin1");
const topics = ["", "a", "ab", "abc", "b", "config:x:"];
const sorts = ["PUSH", "PULL", "SUB", "XSUB", "PUB"];
const readies = sorts.map((sort) => encodeReady(sort, { Identity: "" }));
const subscribing: readonly Uint8Array[] = [
  ...topics.map((topic) => encodeMessage([text(`\x01${topic}`)])),
  ...topics.map((topic) => encodeMessage([text(`\x00${topic}`)])),
  ...topics.map((topic) => encodeCommand("SUBSCRIBE", text(topic))),
  ...topics.map((topic) => encodeCommand("CANCEL", text(topic))),
];
const good: readonly Uint8Array[] = [
  ...subscribing,
  encodeCommand("PING", text("\x00\x0ahello")),
  encodeCommand("PONG", text("hello")),
  encodeCommand("ERROR", text("\x04nope")),
  encodeCommand("X", text("")),
  encodeMessage([text("ab:1"), text("body")]),
  encodeMessage([text("a"), text(""), text("c")]),
  encodeMessage([text("a"), text("b"), text("c"), text("d")]),
  Buffer.from("020000000000000003616263", "hex"), // LONG, though it is short
  Buffer.from("0200000000000000ff", "hex"),
];

/** Were there few, the fuzzing would see no more than the first look at a stream. */
export const seen = { streams: 0, messages: 0, commands: 0, faults: 0, published: 0 };

export const zmtpTarget: FuzzTarget = {
  name: "decoder",
  weight: 6,
  feed(source) {
    makeStream(source);
    const said: string[] = [];
    const decoder = new ZmtpDecoder(limits, {
      onGreeting: ({ major, minor }) => said.push(`greeting ${major}.${minor}`),
      onCommand: (name, body) => said.push(`command ${name} ${Buffer.from(body).toString("hex")}`),
      onMessage: (parts) =>
        said.push(`message ${parts.map((part) => Buffer.from(part).toString("hex")).join(" ")}`),
      onFault: ({ code }) => said.push(`fault ${code}`),
    });
    inPieces(source, (chunk) => {
      decoder.feed(chunk);
      chunk.fill(0xee); // it was the transport's
      hold(
        decoder.keptBytes <= limits.messageBytes + MOST_HEADERS,
        () => `${decoder.keptBytes} bytes are kept`,
      );
    });
    const expected = readWhole(source.bytes.subarray(0, source.length), limits);
    seen.streams++;
    for (const line of said) {
      if (line.startsWith("message")) seen.messages++;
      else if (line.startsWith("command")) seen.commands++;
      else if (line.startsWith("fault")) seen.faults++;
    }
    hold(
      said.join("\n") === expected.join("\n"),
      () => `${said.join(", ")}; expected ${expected.join(", ")}`,
    );
  },
};

export const zmtpServerTarget: FuzzTarget = {
  name: "servers",
  weight: 4,
  feed(source) {
    const server = source.pick(servers);
    makeStream(source, server === pub ? subscribing : good);
    const line = new Line();
    server.accept(line);
    inPieces(source, (chunk) => {
      line.say(chunk);
      if (server === pub) checkPublishing(source);
    });
    line.end();
    hold(server.peers().length === 0, "a peer stays after its connection");
    if (server === pub)
      for (const topic of topics) hold(pub.subscribers(text(topic)).length === 0, "a topic stays");
    const isTold = line.isClosedHere === told.hasFault;
    hold(isTold, () => `closed here: ${line.isClosedHere}, a fault was told: ${told.hasFault}`);
    told.hasFault = false;
  },
};

/** What servers told of the connection that is tried. */
const told = { hasFault: false };
const options = {
  ...{ host: "127.0.0.1", port: 0, setting: "fuzz", limits },
  onFault({ code, text }: ZmtpFault, peer: ZmtpPeer): void {
    hold(!told.hasFault, "two faults of one connection");
    told.hasFault = true;
    hold(/^[A-Z_]+$/.test(code) && text.length > 0 && text.length < 300, () => `fault ${code}: ${text}`);
    hold(peer.address === "fuzz", "another's fault");
  },
};
const pub = new PubServer(options);
const pull = new PullServer({
  ...options,
  onMessage: (_, parts) => hold(parts.length >= 1 && parts.length <= limits.parts, "parts"),
});
const servers = [pub, pub, pull, new PushServer(options)];

/** A message goes to a peer exactly when it begins with one of its topics. */
function checkPublishing(source: StreamSource): void {
  const tag = source.pick(topics) + source.pick(topics);
  const readers = pub.peers();
  const expected = readers.filter((peer) => pub.topics(peer).some((topic) => tag.startsWith(topic)));
  const sent = pub.publish([text(tag), text("x")]);
  hold(sent === expected.length, () => `${tag} went to ${sent}; expected ${expected.length}`);
  seen.published += sent;
  for (const peer of readers) hold(pub.topics(peer).length <= limits.topics, "too many topics");
}

/** The other end of a connection, in memory. */
class Line implements Transport {
  readonly name = "fuzz";
  readonly remoteAddress = "";
  readonly unsent = 0;
  isClosedHere = false;
  private handler: TransportHandler | undefined;

  start(handler: TransportHandler): void {
    this.handler = handler;
  }

  write(): boolean {
    return true;
  }

  close(): void {
    this.isClosedHere = true;
  }

  say(chunk: Uint8Array): void {
    if (!this.isClosedHere) this.handler?.onChunk(chunk);
  }

  end(): void {
    this.handler?.onClose("fuzz");
  }
}

/** Mostly as it should begin. */
function makeStream(source: StreamSource, likely = good): void {
  source.length = 0;
  const kind = source.below(10);
  if (kind === 0) return source.make([greeting, ...readies, ...good]);
  source.addAll(greeting);
  source.bytes[11] = source.below(3);
  if (kind === 1) source.spoil();
  source.addAll(source.pick(likely === subscribing ? readies.slice(2, 4) : readies));
  for (let n = source.below(8); n > 0; n--) source.addAll(source.pick(source.below(8) === 0 ? good : likely));
  if (kind < 6) source.spoil();
}

function inPieces(source: StreamSource, take: (chunk: Uint8Array) => void): void {
  for (let at = 0; at < source.length; ) {
    const size = source.below(4) === 0 ? source.length : 1 + source.below(40);
    const end = Math.min(source.length, at + size);
    take(source.bytes.slice(at, end));
    at = end;
  }
}
