/** Our codec and the reference's (PyIRCIoT), each reading what the other writes, in every scheme that both have. */
import { isDeepStrictEqual } from "node:util";
import type { Datum } from "../host/irc-iot/datum.ts";
import { defaultLimits } from "../host/irc-iot/limits.ts";
import { decodeMessage } from "../host/irc-iot/message.ts";
import { Packer } from "../host/irc-iot/pack.ts";
import { Reassembler } from "../host/irc-iot/reassembly.ts";
import { type Random, randomInteger, seededRandom } from "../host/transports/random.ts";
import { hold, type Proof } from "./proof.ts";
import { Python } from "./reference/python.ts";
import { randomDatum } from "./reference/random-datums.ts";

const schemes = ["b32p", "b64p", "b85p", "b64z", "b85z"];
/** Lines of the least size that it takes to the longest that IRC has. */
const LEAST_MTU = 200;
const MOST_MTU = 480;
/** As the reference numbers; with very short ids it cuts gaps into its own fragments. */
const counters = { mid: 10_000, oid: 1000, did: 100 };

/** A fresh one for each question: Datums of three fragments leave something behind in it. */
const CODEC = `
from irciot import PyLayerIRCIoT
for line in sys.stdin:
    ask = json.loads(line)
    layer = PyLayerIRCIoT()
    layer.irciot_enable_encryption_(ask["scheme"])
    if "texts" in ask:
        heard = []
        for text in ask["texts"]:
            datums = layer.irciot_deinencap_(text) if layer.is_irciot_(text) else ""
            heard += json.loads(datums) if datums not in ("", None) else []
        tell(heard)
    else:
        layer.irciot_set_mtu_(ask["mtu"])
        layer.current_mid = ask["mid"]
        layer.current_oid = ask["oid"]
        layer.current_did = ask["did"]
        tell([text for (text, vuid) in layer.irciot_encap_all_(ask["datums"])])
`;

interface Counts {
  small: number;
  same: number;
  fragmented: number;
  fragments: number;
}

export const ircReference: Proof = {
  name: "irc-reference",
  promise:
    "what we write of IRC-IoT the reference reads, and what it writes we read, in every scheme of both",
  unit: "Datums each way",
  scale: 1000,
  async run(seed, scale) {
    const random = seededRandom(seed);
    const python = new Python(CODEC);
    const counts: Counts = { small: 0, same: 0, fragmented: 0, fragments: 0 };
    try {
      for (let i = 0; i < scale; i++)
        await (i % 2 === 0 ? trySmall(random, python, counts) : tryLong(random, python, counts));
    } finally {
      await python.stop();
    }
    const { small, same, fragmented, fragments } = counts;
    return `${small} runs of Datums within a line, ${same} of them of one type and the same text from both; ${fragmented} Datums in fragments, ${fragments} of these`;
  },
};

/**
 * Several Datums that need no scheme, which both read; of one type it is the same text from both. We put each type into an
 * Object of its own, the reference does not.
 */
async function trySmall(random: Random, python: Python, counts: Counts): Promise<void> {
  const scheme = schemes[randomInteger(random, 0, schemes.length - 1)];
  const mtu = randomInteger(random, 400, MOST_MTU);
  const datums = Array.from({ length: randomInteger(random, 1, 6) }, () => randomDatum(random, 0, false));
  const isOfOneType = random() < 0.5;
  if (isOfOneType) for (const datum of datums) datum.ot = datums[0].ot;
  const { ours, theirs } = await packed(python, datums, scheme, mtu);
  check("ours, read by the reference", await python.ask({ scheme, texts: ours }), datums, ours);
  check("the reference's, read by us", decodeAll(theirs, scheme), datums, theirs);
  counts.small++;
  if (!isOfOneType) return;
  hold(isDeepStrictEqual(ours, theirs), () => `other texts:\n${ours.join("\n")}\n${theirs.join("\n")}`);
  counts.same++;
}

/** One Datum that no line holds. */
async function tryLong(random: Random, python: Python, counts: Counts): Promise<void> {
  const scheme = schemes[randomInteger(random, 0, schemes.length - 1)];
  const mtu = randomInteger(random, LEAST_MTU, MOST_MTU);
  const datums = [randomDatum(random, randomInteger(random, 500, 3000), true)];
  const { ours, theirs } = await packed(python, datums, scheme, mtu);
  check("ours, read by the reference", await python.ask({ scheme, texts: ours }), datums, ours);
  check("the reference's, read by us", decodeAll(theirs, scheme), datums, theirs);
  counts.fragmented++;
  counts.fragments += ours.length + theirs.length;
}

async function packed(python: Python, datums: Datum[], scheme: string, mtu: number) {
  const own = { ...counters };
  const lines = new Packer(own).pack(datums, mtu, { scheme, profile: "pyirciot", checksum: "" });
  const ours = lines.map(({ head, tail }) => `${head}${++own.mid}${tail}`);
  for (const text of ours)
    hold(Buffer.byteLength(text) <= mtu, () => `${text.length} bytes, ${mtu} allowed: ${text}`);
  const theirs = (await python.ask({ ...counters, scheme, mtu, datums })) as string[];
  return { ours, theirs };
}

function decodeAll(texts: readonly string[], scheme: string): Datum[] {
  const reassembler = new Reassembler(defaultLimits, { scheme });
  return texts.flatMap((text) => {
    const decoded = decodeMessage(text, defaultLimits);
    hold(!("code" in decoded), () => `${text}: ${"reason" in decoded ? decoded.reason : ""}`);
    return decoded.containers.flatMap(({ datums, fragments }) => {
      const rebuilt = fragments.map((one) => reassembler.take(one, "it", { channel: null }, 0));
      return [...datums, ...rebuilt.filter((one): one is Datum => one !== null && "ot" in one)];
    });
  });
}

function check(what: string, heard: unknown, datums: readonly Datum[], texts: readonly string[]): void {
  hold(
    isDeepStrictEqual(heard, datums),
    () => `${what}: ${JSON.stringify(datums)} came as ${JSON.stringify(heard)} by\n${texts.join("\n")}`,
  );
}
