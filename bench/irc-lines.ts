/** P11, what lines come to: how full they are of telemetry, and how the cost of a Datum grows with its size. */
import type { Datum } from "../host/irc-iot/datum.ts";
import { defaultLimits } from "../host/irc-iot/limits.ts";
import { decodeMessage } from "../host/irc-iot/message.ts";
import { Packer } from "../host/irc-iot/pack.ts";
import { isFault, Reassembler } from "../host/irc-iot/reassembly.ts";
import { LINE_BYTES } from "./irc-work.ts";
import type { Effort } from "./runner.ts";

const DATUMS = 5000;
export const SIZES = [1024, 4096, 16_384, 65_536];

export interface Lines {
  /** Share of the budget that is used, %. */
  filled: number;
  datumsPerLine: number;
  /** CPU of writing and reading a Datum of each size, ns per byte, a value a round. */
  perByte: number[][];
}

export async function probeLines({ rounds }: Effort): Promise<Lines> {
  const perByte = SIZES.map(() => [] as number[]);
  for (let round = 0; round <= rounds; round++)
    for (const [i, size] of SIZES.entries()) {
      const ns = costOf(size, Math.max(1, 4_194_304 / size));
      if (round > 0) perByte[i].push(ns); // the first is the compiler's
    }
  return { ...fill(), perByte };
}

/** Telemetry of a handful of boards, as they send it: short readings, of the same types, in turn. */
function fill(): Pick<Lines, "filled" | "datumsPerLine"> {
  const names = ["temperature", "humidity", "kidsdoor", "motion", "co2", "light"];
  const datums: Datum[] = Array.from({ length: DATUMS }, (_, i) => ({
    ot: "l:telemetry",
    t: `2018-08-23 14:48:07.${String(100_000 + i * 7)}`,
    src: `sim-${i % 3}@kitchen`,
    dst: "",
    cnd: { [names[i % names.length]]: (i * 37) % 1000 },
  }));
  const lines = new Packer({ mid: 10_000, oid: 1000, did: 100 }).pack(datums, LINE_BYTES, {
    ...{ scheme: "b85z", profile: "strict", checksum: "" },
  });
  const bytes = lines.reduce((sum, { maxBytes }) => sum + maxBytes, 0);
  return { filled: (100 * bytes) / (lines.length * LINE_BYTES), datumsPerLine: DATUMS / lines.length };
}

/** ns per byte of Datums that cannot be compressed. */
function costOf(size: number, times: number): number {
  const random = Buffer.from(
    Array.from({ length: (size * 3) / 4 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24),
  );
  const datum = { ot: "l:blob", src: "sim-1@kitchen", dst: "", v: random.toString("base64") };
  const packer = new Packer({ mid: 10_000, oid: 1000, did: 100 });
  const reassembler = new Reassembler(defaultLimits, { scheme: "b85z" });
  const before = process.cpuUsage();
  let whole = 0;
  for (let k = 0; k < times; k++)
    for (const { tail } of packer.pack([datum], LINE_BYTES, {
      scheme: "b85z",
      profile: "strict",
      checksum: "",
    })) {
      const decoded = decodeMessage(`{"mid":"1${tail}`, defaultLimits);
      if ("code" in decoded) continue;
      const result = reassembler.take(decoded.containers[0].fragments[0], "them", { channel: null }, k);
      if (result !== null && !isFault(result)) whole++;
    }
  const { user, system } = process.cpuUsage(before);
  if (whole !== times) throw new Error(`${whole} Datums of ${size} bytes came out of ${times}`);
  return ((user + system) * 1000) / (times * size);
}
