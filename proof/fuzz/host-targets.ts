/** What the host reads of strangers: hellos, payloads, its configuration, and bytes to be put in words. */

import { decode } from "../../host/cli/decode.ts";
import { parseConfigText } from "../../host/config/document.ts";
import { validate } from "../../host/config/validate.ts";
import { parseHello } from "../../host/peers/hello.ts";
import { formatPayload, parsePayload } from "../../host/platform/payload.ts";
import { Slip } from "../../shared/link/frame.ts";
import { hold } from "../proof.ts";
import type { FuzzTarget } from "./fuzz.ts";
import { goodRequests, goodSessions } from "./good-bytes.ts";
import type { StreamSource } from "./stream-source.ts";
import { makeText, setStream } from "./text-source.ts";

const hello = { id: "b-1", epoch: "0123456789abcdef", seq: 1, rx: 512, max: 256 };
const helloTexts = [
  JSON.stringify({ hello }),
  JSON.stringify({ hello: { ...hello, epoch: "", fw: "x", board: "PICO", caps: ["l:led"], lost: 3 } }),
  JSON.stringify({ hello: { ...hello, nonce: "00", caps: [1, null, {}], lost: -1 } }),
];
const payloadTexts = [
  "{}",
  '{"ot":"l:temp","v":22.5}',
  '{"re":1,"err":"no"}',
  '{"a":[[[{"b":"\\u00e9"}]]]}',
  "\u0006l:blobdata",
];
const configTexts = [
  "gateway: { id: pi }\ndata: ./data\nserial:\n  - { path: /dev/ttyACM0, baud: 115200 }\ntcp: { host: 127.0.0.1, port: 7700 }\n",
  '{"session":{"syncIntervalMinMs":20,"expireS":255},"log":{"level":"info"}}',
  "serial: &a\n  - path: /dev/a\n    resetOnOpen: never\ntcp: *a\n",
  "monique: { controller: { example_clock: 10000 }, hub: { com: { in: 0 }, allow: [example_clock] } }\n",
  "demo: { boards: 3 }\nhttp: { port: 0, enabled: false }\n",
];

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const EPOCH = /^([0-9a-f]{16})?$/;

export const helloTarget: FuzzTarget = {
  name: "hello",
  weight: 3,
  feed(source) {
    makeBytes(source, helloTexts);
    const read = parseHello(source.bytes, 0, source.length);
    if (typeof read === "string") return hold(read.length > 0 && read.length < 300, () => `refused: ${read}`);
    hold(ID.test(read.id) && EPOCH.test(read.epoch), () => `taken: ${JSON.stringify(read)}`);
    const counts = [read.seq, read.rx, read.max, read.lost];
    hold(
      counts.every((n) => Number.isSafeInteger(n) && n >= 0),
      () => `taken: ${counts}`,
    );
    hold(read.seq >= 1 && read.max >= 1 && read.max <= read.rx, () => `taken: ${counts}`);
    hold(
      [...read.caps, read.fw, read.board].every((text) => typeof text === "string"),
      "no text",
    );
  },
};

export const payloadTarget: FuzzTarget = {
  name: "payload",
  weight: 4,
  feed(source) {
    makeBytes(source, payloadTexts);
    const message = parsePayload(source.bytes, 0, source.length);
    if (message === null) return hold(source.hex === "7b7d", "the empty message");
    hold(typeof message === "object", () => `a message of type ${typeof message}`);
    // Whatever it is, it can be stored and shown.
    const bytes = formatPayload(message);
    hold(parsePayload(bytes, 0, bytes.length) !== undefined, "a message that is not read back");
  },
};

export const decodeTarget: FuzzTarget = {
  name: "decode",
  weight: 1.5,
  feed(source) {
    source.make(source.below(2) === 0 ? goodSessions : goodRequests);
    const from = source.pick([undefined, "client", "server", "link"] as const);
    const { findings } = decode(source.bytes.slice(0, source.length), { from, open: source.below(2) === 0 });
    for (const { start, end, meaning, clause } of findings) {
      hold(start >= 0 && start < end && end <= source.length, () => `a finding at ${start}…${end}`);
      hold(meaning !== "" && clause !== "", "a finding without words");
    }
    const isEmpty = source.bytes.subarray(0, source.length).every((byte) => byte === Slip.END); // empty frames
    hold(findings.length > 0 || isEmpty, "nothing is said");
  },
};

export const configTarget: FuzzTarget = {
  name: "config",
  weight: 0.1,
  feed(source) {
    const text = makeText(source, configTexts);
    setStream(source, text);
    const { tree, places, faults } = parseConfigText(text, "fuzz.yaml");
    if (faults.length > 0) return checkFaults(faults);
    const read = validate(tree ?? {}, places);
    if (read.config === undefined) checkFaults(read.faults);
  },
};

function checkFaults(faults: readonly { code: string; place: string; text: string }[]): void {
  hold(faults.length > 0, "neither a configuration nor a fault");
  for (const { code, place, text } of faults)
    hold(
      code.startsWith("CONFIG_") && place !== "" && text !== "",
      () => `fault ${code} at ${place}: ${text}`,
    );
}

/** Text as bytes, then now and then spoiled as bytes. */
function makeBytes(source: StreamSource, good: readonly string[]): void {
  setStream(source, makeText(source, good));
  if (source.below(4) === 0) source.spoil();
}
