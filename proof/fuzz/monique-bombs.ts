/** Messages that announce much, or nest deeply: each is refused or read in time that grows with its bytes. */
import { decodeMessage } from "../../host/monique/body.ts";
import { readComponentConfig } from "../../host/monique/config-file.ts";
import { readData } from "../../host/monique/data.ts";
import { isFault } from "../../host/monique/fault.ts";
import { readMonitoring } from "../../host/monique/monitoring.ts";
import { packValue } from "../../host/monique/pack-value.ts";
import { parseTag } from "../../host/monique/tag.ts";
import { hold } from "../proof.ts";
import { allocatedBytes } from "./heap.ts";
import { holdLinear, type Work } from "./linear.ts";

const MIB = 1 << 20;
/** What reading a mebibyte may take of memory: a value for each byte at worst. */
const MOST_ALLOCATED = 128 * MIB;

const pack = (data: Uint8Array) => readData({ data, encoding: "MessagePack" });
/** Bytes, over and over, as many as there is room for. */
const filled = (size: number, bytes: number[]) => Buffer.alloc(size, Buffer.from(bytes));

/** Each is refused, and makes room for no more than is there. */
const bombs: Record<string, () => unknown> = {
  "lists, each announced as long as all the bytes": () => pack(filled(MIB, [0xdd, 0x00, 0x0f, 0xff, 0xf0])),
  "a list announced as long as can be": () => pack(Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff])),
  "a map announced as long as can be": () => decodeMessage(Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff])),
  "a text announced as long as can be": () => pack(Buffer.from([0xdb, 0xff, 0xff, 0xff, 0xff])),
  "lists within lists": () => pack(filled(MIB, [0x91])),
  "maps within maps": () => pack(filled(MIB, [0x81, 0xa0])),
  "JSON within JSON": () => pack(Buffer.from("[".repeat(MIB))),
  "a body of maps within maps": () => decodeMessage(filled(MIB, [0x81, 0xa0])),
  "a body of as many keys as it has room for": () =>
    decodeMessage(Buffer.concat([Buffer.from([0xdf, 0, 5, 0, 0]), filled(MIB, [0xa1, 0x78, 0x00])])),
};

/** All of them; returns how many. */
export function throwMoniqueBombs(): number {
  for (const [name, bomb] of Object.entries(bombs)) {
    let read: unknown;
    const allocated = allocatedBytes(() => {
      read = bomb();
    });
    hold(isFault(read), () => `${name}: it is taken`);
    hold(allocated <= MOST_ALLOCATED, () => `${name}: ${allocated} bytes were allocated`);
  }
  return Object.keys(bombs).length;
}

const works: Record<string, Work> = {
  "a list": (size) => void pack(packValue(Array.from({ length: size / 4 }, (_, i) => i & 127))),
  "a map": (size) =>
    void pack(packValue(Object.fromEntries(Array.from({ length: size / 8 }, (_, i) => [`k${i}`, i])))),
  "a tag of colons": (size) => void parseTag(Buffer.alloc(size, ":")),
  "a heartbeat that is none": (size) => void readMonitoring(Buffer.from('"name":"x'.repeat(size / 9))),
  "a configuration of objects": (size) => readWrong(`{${'"a":{"b":1},'.repeat(size / 12)}"c":1}`),
  "a configuration of white space": (size) => readWrong(`{${" \n".repeat(size / 2)}`),
};

function readWrong(text: string): void {
  try {
    readComponentConfig(text, "c.json", "a_b");
  } catch {
    return;
  }
  hold(false, "a configuration that is none is taken");
}

/** Returns how many works were measured. */
export function timeMoniqueWorks(): number {
  return holdLinear(works, MIB / 16);
}
