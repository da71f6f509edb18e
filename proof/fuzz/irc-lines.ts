/** Lines of IRC-IoT through the codec: good ones, spoiled, of several senders, over a reassembly that lives on. */
import { IrcIotError } from "../../host/irc-iot/fault-code.ts";
import { formatAscii } from "../../host/irc-iot/json-text.ts";
import { defaultLimits, type Limits } from "../../host/irc-iot/limits.ts";
import { type Container, decodeMessage, type Fragment } from "../../host/irc-iot/message.ts";
import { Packer } from "../../host/irc-iot/pack.ts";
import { isFault, Reassembler } from "../../host/irc-iot/reassembly.ts";
import { hold } from "../proof.ts";
import type { FuzzTarget } from "./fuzz.ts";
import type { StreamSource } from "./stream-source.ts";
import { makeText, setStream } from "./text-source.ts";

/** Small enough that all of it is reached again and again. */
const limits: Limits = {
  ...defaultLimits,
  maxEncoded: 4096,
  maxChains: 24,
  maxChainsOfSender: 4,
  maxInflated: 8192,
};
const SENDERS = ["ann", "bob", "cid", "dan", "eve", "fay", "gus", "hal"];
const SCHEMES = ["b32p", "b64p", "b85p", "b32z", "b64z", "b85z", "b85U"];
/** Of a line's clock: chains expire every now and then. */
const STEP_MS = 200;

const keys = { sealing: Buffer.alloc(32, 5), legacy: { aes: Buffer.alloc(32, 6) } };

function linesOf(scheme: string, size: number): string[] {
  const packer = new Packer({ mid: 10_000, oid: 1000, did: size });
  const v = Buffer.from(Array.from({ length: size }, (_, i) => (i * i) & 255)).toString("base64");
  const datum = { ot: "mainfo", src: "MP714@Kitchen/co2", dst: "", v };
  const lines = packer.pack([datum], 250, { scheme, profile: "strict", checksum: "", keys });
  return lines.map(({ head, tail }, i) => `${head}${10_001 + i}${tail}`);
}

const goodLines: readonly string[] = [
  '{"mid":"10001","o":{"oid":"1000","ot":"mainfo","src":"MP714@Kitchen/co2","dst":"","d":{"t":"2026-01-02 03:04:05","d":1162}}}',
  '{"mid":"10001","o":{"oid":"1000","ot":"mainfo","src":"a@b","dst":"","d":[{"v":[1,2.5,true,null,{"a":"\\u041a"}]},{"v":2,"dst":"c"}]}}',
  '{"mid":7,"oc":2,"op":1,"ttl":3,"o":[{"oid":5,"ot":"t","src":"","dst":"","d":[]},{"oid":"6","d":{"ot":"x","src":"","dst":""}}]}',
  '{"mid":"53159", "ver": "?"}',
  '{"mid":"53511","ping":"MDEyMzQ1"}',
  '{"mid":"10245", "lst": 10, "rid": 123}',
  '[{"mid":"1","pong":""},{"mid":"2","ver":"0.3.33","c1":"0000"}]',
  '{"mid":"77","oc":1,"op":1,"o":{"oid":"5","ot":"t","src":"","dst":"","d":{"v":1}},"c1":"391a"}',
  '{"mid":"9","o":{"oid":"8","ot":"mainfo","d":{"did":700,"bc":15,"bp":0,"ed":"Zf|sYY-wU-VRT_3"}}}',
  '{"mid":"9","o":{"oid":"8","ot":"mainfo","d":{"did":"1","bc":4096,"bp":4095,"em":"b64a","ed":"A"}}}',
  ...SCHEMES.flatMap((scheme, i) => linesOf(scheme, 20 + 60 * i)),
];

const reassembler = new Reassembler(limits, { scheme: "b85z", keys });
let now = 0;
/** Datums that came out of fragments: were there none, the fuzzing would see no more than the first look at a line. */
export const seen = { lines: 0, taken: 0, rebuilt: 0 };

export const lineTarget: FuzzTarget = {
  name: "lines",
  weight: 1,
  feed(source) {
    const text = source.below(3) === 0 ? source.pick(goodLines) : makeText(source, goodLines);
    setStream(source, text);
    now += STEP_MS;
    seen.lines++;
    const decoded = decodeMessage(text, limits);
    if ("code" in decoded) return checkFault(decoded);
    seen.taken++;
    hold(decoded.containers.length > 0, "neither a Container nor a fault");
    for (const container of decoded.containers) checkContainer(container, text, source);
    reassembler.collect(now);
    checkBounds();
  },
};

function checkFault({ code, reason }: { code: number; reason: string }): void {
  hold(code > 0 && reason.length > 0 && reason.length < 400, () => `fault ${code}: ${reason}`);
}

function checkContainer(container: Container, text: string, source: StreamSource): void {
  const { mid, datums, fragments, faults, checksum } = container;
  hold(text.includes(container.text), "its text is not of the line");
  hold(mid !== "" || faults.length > 0, "a Container without mid, and without a fault");
  hold(checksum !== "wrong" || datums.length + fragments.length === 0, "taken in spite of its checksum");
  faults.forEach(checkFault);
  datums.forEach(checkDatum);
  for (const fragment of fragments) takeFragment(fragment, source);
}

function takeFragment(fragment: Fragment, source: StreamSource): void {
  const { bc, bp, ed } = fragment;
  hold(
    bp >= 0 && ed.length > 0 && bp + ed.length <= bc && bc <= limits.maxEncoded,
    "a fragment out of its bounds",
  );
  // Most of one sender and place, so that chains come to their end.
  const channel = source.below(8) === 0 ? null : "#lab";
  const sender = source.below(4) === 0 ? source.pick(SENDERS) : SENDERS[0];
  const result = reassembler.take(fragment, sender, { channel }, now);
  if (result === null) return;
  if (isFault(result)) return checkFault(result);
  seen.rebuilt++;
  checkDatum(result);
}

/** What comes out can be passed on, but for numbers that a sender wrote as floats beyond what we write. */
function checkDatum(datum: { ot: unknown; src: unknown; dst: unknown; t?: unknown }): void {
  const { ot, src, dst, t } = datum;
  const isWhole = typeof ot === "string" && ot !== "" && typeof src === "string" && typeof dst === "string";
  hold(
    isWhole && (t === undefined || typeof t === "string"),
    () => `a Datum that is none: ${JSON.stringify(datum)}`,
  );
  hold(Object.getPrototypeOf(datum) === Object.prototype, "its prototype was changed");
  try {
    formatAscii(datum);
  } catch (error) {
    hold(error instanceof IrcIotError, () => `it cannot be written: ${error}`);
  }
}

function checkBounds(): void {
  const { chains, bytes } = reassembler;
  hold(chains <= limits.maxChains, () => `${chains} chains`);
  hold(bytes >= 0 && bytes <= chains * limits.maxEncoded, () => `${bytes} bytes of ${chains} chains`);
}
