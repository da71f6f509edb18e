/** P9 at work: IRC-IoT fragments that complete the oldest chain of a full cache while others begin new ones. */
import { defaultLimits, type Limits } from "../host/irc-iot/limits.ts";
import type { Fragment } from "../host/irc-iot/message.ts";
import { decodeMessage } from "../host/irc-iot/message.ts";
import { Packer } from "../host/irc-iot/pack.ts";
import { isFault, Reassembler } from "../host/irc-iot/reassembly.ts";
import { LINE_BYTES } from "./irc-work.ts";
import type { Workload } from "./workload.ts";

const FRAGMENTS = 1000;
/** Participants that send. */
const SENDERS = 64;
/** All but its last fragment are cached of each chain. */
const CHAIN = 5;
const place = { channel: "#lab" };
/** As the defaults, but for how many chains wait: those stop at 8 of one sender and 256 of all. */
const limits: Limits = { ...defaultLimits, maxChains: Infinity, maxChainsOfSender: Infinity };

/** A Datum of CHAIN lines. */
function fragmentsOfOne(): Fragment[] {
  const packer = new Packer({ mid: 10_000, oid: 1000, did: 100 });
  for (let values = 10; ; values++) {
    const data = Array.from({ length: values }, (_, n) => ({ n, v: Math.sin(n) }));
    const datum = { ot: "mainfo", t: "2026-01-02 03:04:05.000006", src: "MP714@Kitchen/co2", dst: "", data };
    const lines = packer.pack([datum], LINE_BYTES, { scheme: "b85z", profile: "strict", checksum: "" });
    if (lines.length < CHAIN) continue;
    return lines.map(({ head, tail }) => {
      const decoded = decodeMessage(`${head}1${tail}`, limits);
      if ("code" in decoded) throw new Error(`fragments: ${decoded.reason}`);
      return decoded.containers[0].fragments[0];
    });
  }
}

/** About `cached` fragments wait in chains, of which the oldest is completed next. */
export function longCache(cached: number): Workload {
  const reassembler = new Reassembler(limits, { scheme: "b85z" });
  const parts = fragmentsOfOne();
  const waiting = Math.round(cached / (CHAIN - 1));
  let begun = 0;
  let ended = 0;
  const take = (chain: number, part: number) => {
    const fragment = { ...parts[part], did: String(chain) };
    return reassembler.take(fragment, `board-${chain % SENDERS}`, place, chain);
  };
  const begin = () => {
    for (let part = 0; part < CHAIN - 1; part++) take(begun, part);
    begun++;
  };
  const end = () => {
    const datum = take(ended++, CHAIN - 1);
    if (datum === null || isFault(datum)) throw new Error("fragments: the last one completes no Datum");
  };
  return {
    messages: FRAGMENTS,
    async start() {
      for (let i = 0; i < waiting; i++) begin();
    },
    cycle() {
      for (let i = 0; i < FRAGMENTS / CHAIN; i++) {
        begin();
        end();
      }
      if (reassembler.chains !== waiting)
        throw new Error(`fragments: ${reassembler.chains} chains of ${waiting}`);
    },
    delivered: () => ended * CHAIN,
  };
}
