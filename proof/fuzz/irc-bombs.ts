/** Bombs for the codec of IRC-IoT: each is refused or bounded, and what honest senders say arrives all the same. */
import { deflateSync } from "node:zlib";
import { encodeBase85 } from "../../host/irc-iot/base85.ts";
import { FaultCode } from "../../host/irc-iot/fault-code.ts";
import { defaultLimits as limits } from "../../host/irc-iot/limits.ts";
import { decodeMessage, type Fragment } from "../../host/irc-iot/message.ts";
import { Packer } from "../../host/irc-iot/pack.ts";
import { isFault, Reassembler } from "../../host/irc-iot/reassembly.ts";
import { hold } from "../proof.ts";
import { heldBytes } from "./heap.ts";
import { holdLinear, type Work } from "./linear.ts";

/** What all that waits may hold at most: its bytes, and objects around each chain. */
const MOST_HELD = limits.maxChains * (limits.maxEncoded + 8192) + (4 << 20);
/** Of Datums that were delivered: 4096 names of 800 characters, and a mebibyte of texts. */
const MOST_REMEMBERED = 8 << 20;
const FLOOD = 20_000;
const place = { channel: "#lab" };

const fragmentOf = (more: Partial<Fragment>): Fragment => ({
  ...{ oid: "1", ot: "mainfo", did: "1", bc: 600, bp: 0, ed: "A".repeat(300), em: "b85p" },
  ...more,
});

/** An honest Datum in fragments. */
function honest(): Fragment[] {
  const v = Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 7) & 255)).toString("hex");
  const packer = new Packer({ mid: 1, oid: 1, did: 1 });
  const datum = { ot: "mainfo", src: "a@b", dst: "", v };
  return packer
    .pack([datum], 300, { scheme: "b85p", profile: "strict", checksum: "" })
    .flatMap(({ tail }) => {
      const decoded = decodeMessage(`{"mid":"1${tail}`, limits);
      return "code" in decoded ? [] : decoded.containers[0].fragments;
    });
}

/** Plays what an attacker does between any two honest fragments; the honest Datum arrives. */
function amongHonest(attack: (reassembler: Reassembler, i: number) => void): Reassembler {
  const reassembler = new Reassembler(limits, { scheme: "b85p" });
  const parts = honest();
  hold(parts.length > 3, "the honest Datum has too few fragments to be attacked");
  let isWhole = false;
  for (const [i, part] of parts.entries()) {
    attack(reassembler, i);
    const result = reassembler.take(part, "honest", place, 0);
    isWhole = result !== null && !isFault(result);
  }
  hold(isWhole, "the honest Datum did not arrive");
  hold(reassembler.chains <= limits.maxChains, () => `${reassembler.chains} chains`);
  return reassembler;
}

/** By how much memory has grown while what the action returns is held. */
function heldBy(action: () => unknown): number {
  const before = heldBytes();
  const kept = action();
  heldBytes(); // what the first collection finds, the second counts no more
  const grown = heldBytes() - before;
  hold(kept !== null, "nothing is kept");
  return grown;
}

function refuse(text: string, what: string, code: number = FaultCode.INVALID_MESSAGE): void {
  const decoded = decodeMessage(text, limits);
  hold("code" in decoded && decoded.code === code, () => `${what}: ${JSON.stringify(decoded).slice(0, 200)}`);
}

const lineOf = (d: unknown, o: object = {}) =>
  JSON.stringify({ mid: "1", o: { oid: "1", ot: "t", src: "", dst: "", d, ...o } });

const bombs: Record<string, () => void> = {
  "bc above what is allowed"() {
    for (const bc of [limits.maxEncoded + 1, 3e8, 2 ** 53 - 1])
      refuse(lineOf({ did: "1", bc, bp: bc - 1, ed: "A" }), "bc", FaultCode.LENGTH_EXCEEDED);
  },
  "bc as it is allowed, of ten thousands of senders"() {
    const held = heldBy(() =>
      amongHonest((reassembler, i) => {
        for (let k = 0; k < FLOOD / 4; k++)
          reassembler.take(
            fragmentOf({ bc: limits.maxEncoded, bp: limits.maxEncoded - 1, ed: "A" }),
            `x${i}.${k % 200}`,
            place,
            0,
          );
      }),
    );
    hold(held <= MOST_HELD, () => `${held} bytes are held`);
  },
  "chains without end, of one sender"() {
    const held = heldBy(() =>
      amongHonest((reassembler) => {
        for (let k = 0; k < FLOOD; k++) reassembler.take(fragmentOf({ did: `${k}` }), "flood", place, 0);
        hold(reassembler.chains <= limits.maxChainsOfSender + 1, () => `${reassembler.chains} chains`);
      }),
    );
    hold(held <= MOST_HELD, () => `${held} bytes are held`);
  },
  "complete Datums without end, under names as long as they may be"() {
    const ed = Buffer.from('{"src":"","dst":""}').toString("base64").replaceAll("=", "");
    const held = heldBy(() => {
      const reassembler = new Reassembler(limits, { scheme: "b64p" });
      for (let k = 0; k < FLOOD; k++) {
        const did = `${k}`.padStart(250, "x");
        reassembler.take(fragmentOf({ did, ed, bc: ed.length, em: undefined }), `s${k % 500}`, place, 0);
      }
      return reassembler;
    });
    hold(held <= MOST_REMEMBERED, () => `${held} bytes are held`);
  },
  "complete Datums without end, as long as they may be"() {
    const json = JSON.stringify({ src: "", dst: "", v: "A".repeat(48_000) });
    const ed = Buffer.from(json).toString("base64").replaceAll("=", "");
    const held = heldBy(() => {
      const reassembler = new Reassembler(limits, { scheme: "b64p" });
      for (let k = 0; k < FLOOD / 40; k++) {
        const fragment = fragmentOf({ did: `${k}`, ed, bc: ed.length, em: undefined });
        const result = reassembler.take(fragment, `s${k % 50}`, place, 0);
        hold(result !== null && !isFault(result), "a long Datum did not arrive");
      }
      return reassembler;
    });
    hold(held <= MOST_REMEMBERED, () => `${held} bytes are held`);
  },
  "a Datum's id, taken by another sender before"() {
    amongHonest((reassembler) =>
      reassembler.take(fragmentOf({ ...honest()[0], ed: "B".repeat(20) }), "squatter", place, 0),
    );
  },
  "other text within an honest Datum, of another sender and in another place"() {
    amongHonest((reassembler, i) => {
      const spoiled = { ...honest()[i], ed: "C".repeat(20) };
      reassembler.take(spoiled, "injector", place, 0);
      reassembler.take(spoiled, "honest", { channel: null }, 0);
    });
  },
  "an inflated Datum above what is allowed"() {
    const json = (size: number) => `{"src":"","dst":"","v":"${"A".repeat(size)}"}`;
    for (const size of [limits.maxInflated, 8 << 20, 32 << 20]) {
      const ed = encodeBase85(deflateSync(json(size)));
      hold(ed.length <= limits.maxEncoded, "the bomb is longer than a text may be");
      const reassembler = new Reassembler(limits, { scheme: "b85z" });
      const result = reassembler.take(fragmentOf({ ed, bc: ed.length, em: "b85z" }), "bomber", place, 0);
      hold(result !== null && isFault(result) && result.code === FaultCode.LENGTH_EXCEEDED, "zlib bomb");
    }
  },
  "nesting as deep as a text is long"() {
    for (const depth of [33, 900, 30_000]) {
      refuse(`${"[".repeat(depth)}${"]".repeat(depth)}`, "brackets");
      refuse("[".repeat(depth), "brackets without end");
      refuse(
        `{"mid":"1","ver":"?","x":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}`.padEnd(1100),
        "a key to be ignored",
      );
    }
    const deep = `{"src":"","dst":"","v":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
    const ed = encodeBase85(deflateSync(deep));
    const result = new Reassembler(limits, { scheme: "b85z" }).take(
      fragmentOf({ ed, bc: ed.length, em: "b85z" }),
      "x",
      place,
      0,
    );
    hold(result !== null && isFault(result), "nesting inside of an encoded text");
  },
  "arrays and keys as long as a text may be"() {
    refuse(`[${Array(30_000).fill("1").join()}]`, "an array of no Containers");
    refuse(lineOf([...Array(30_000).fill(1)]), "an array of no Datums");
    const many = decodeMessage(`[${Array(2500).fill('{"mid":"1","ver":"?"}').join()}]`, limits);
    hold(!("code" in many) && many.containers.length === 2500, "2500 Containers");
    const held = heldBy(() => {
      for (let i = 0; i < FLOOD; i++) {
        const key = `${i}`.padStart(i % 100 === 0 ? 20_000 : 40, "k");
        const decoded = decodeMessage(lineOf({ [key]: 1 }), limits);
        if ("code" in decoded) throw new Error(decoded.reason);
        const { datums } = decoded.containers[0];
        new Packer({ mid: 1, oid: 1, did: 1 }).pack(datums, 30_000, {
          scheme: "b85z",
          profile: "strict",
          checksum: "",
        });
      }
      return 0;
    });
    hold(held <= 4 << 20, () => `${held} bytes are held of keys that were seen once`);
  },
};

/** All of them; returns how many. */
export function throwBombs(): number {
  for (const [name, bomb] of Object.entries(bombs)) {
    try {
      bomb();
    } catch (error) {
      if (error instanceof Error) error.message = `${name}: ${error.message}`;
      throw error;
    }
  }
  return Object.keys(bombs).length;
}

/** Characters of the longest work. */
const LONG = 65_536;

/** Work for a text of so many characters. */
const works: Record<string, Work> = {
  "a line of Datums": (size) => {
    decodeMessage(lineOf(Array.from({ length: size / 16 }, () => ({ v: 12345 }))).slice(0, LONG), limits);
  },
  "an array of Containers": (size) => {
    decodeMessage(`[${Array.from({ length: size / 24 }, () => '{"mid":"1","ver":"?"}').join()}]`, limits);
  },
  "one character a fragment, backwards": (size) => {
    const reassembler = new Reassembler(limits, { scheme: "b85p" });
    for (let bp = size - 1; bp >= 0; bp--)
      reassembler.take(fragmentOf({ bc: size, bp, ed: "A" }), "x", place, 0);
  },
  "a Datum in fragments": (size) => {
    const v = "0123456789abcdef".repeat(size / 24);
    const packer = new Packer({ mid: 1, oid: 1, did: 1 });
    packer.pack([{ ot: "x", src: "", dst: "", v }], 440, { scheme: "b85p", profile: "strict", checksum: "" });
  },
  "small Datums to be packed": (size) => {
    const datums = Array.from({ length: size / 16 }, (_, i) => ({ ot: "x", src: `${i & 1}`, dst: "", v: i }));
    new Packer({ mid: 1, oid: 1, did: 1 }).pack(datums, 440, {
      scheme: "b85p",
      profile: "strict",
      checksum: "",
    });
  },
};

/** Returns how many works were measured. */
export function timeWorks(): number {
  return holdLinear(works, LONG);
}
