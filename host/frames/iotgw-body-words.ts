/** The body of a frame between gateways in words, by its command (iotgw §4). */
import { type Acknowledgement, decodeAcknowledgement } from "../iotgw/acknowledgement.ts";
import { Command } from "../iotgw/commands.ts";
import { decodeCredit, type LaneCredit } from "../iotgw/credit.ts";
import type { FrameView } from "../iotgw/decode-frame.ts";
import { decodeCancel, decodeNak, type Refusal } from "../iotgw/ending.ts";
import { FrameFault } from "../iotgw/frame-fault.ts";
import {
  type BareIntroduction,
  decodeBareIntroduction,
  decodeIntroduction,
  formatCoreVersion,
  type Introduction,
} from "../iotgw/introduce.ts";
import { EPOCH_BYTES, originEpoch } from "../iotgw/origin-epoch.ts";
import { decodeProof } from "../iotgw/proof-body.ts";
import { decodeRoutes, type RouteTable } from "../iotgw/routes.ts";
import { wireErrorName } from "../iotgw/wire-error.ts";
import { formatJson, printable } from "../platform/printable.ts";
import { plainText } from "./plain-bytes.ts";

/** What bytes[start…end) say. */
type Reader = (bytes: Uint8Array, start: number, end: number) => string;

const introduction = reader(decodeIntroduction, wordsOfIntroduction);
const bareIntroduction = reader(decodeBareIntroduction, wordsOfBare);

/** Of a whole body, or of the content behind the epoch. Those not named carry JSON or what the application makes of them. */
const readers: Readonly<Record<number, Reader>> = {
  [Command.ACK]: reader(decodeAcknowledgement, wordsOfAck),
  [Command.NAK]: reader(decodeNak, wordsOfNak),
  [Command.CREDIT]: reader(decodeCredit, wordsOfCredit),
  [Command.CANCEL]: reader(decodeCancel, (lane) => `the number is of lane ${lane}`),
  [Command.ROUTES]: reader(decodeRoutes, wordsOfRoutes),
  [Command.PROVE]: reader(decodeProof, (proof) => `a proof of ${proof.length} bytes`),
};

export function bodyInWords(view: FrameView): string {
  const { bytes, bodyStart, end, cmd, cmdVersion, msgId, frag } = view;
  if (frag !== undefined) return `a piece of ${end - bodyStart} bytes`;
  if (cmd === Command.INTRODUCE)
    return (cmdVersion === 0 ? bareIntroduction : introduction)(bytes, bodyStart, end);
  const read = readers[cmd] ?? contentInWords;
  if (msgId === undefined) return read(bytes, bodyStart, end);
  const epoch = originEpoch(view);
  if (epoch instanceof FrameFault) return malformed(epoch);
  return `epoch ${hex64(epoch)}, ${read(bytes, bodyStart + EPOCH_BYTES, end)}`;
}

/** A u64 as epochs are written elsewhere: 16 hex digits. */
export function hex64(value: bigint): string {
  return value.toString(16).padStart(16, "0");
}

function reader<T>(
  decode: (bytes: Uint8Array, start: number, end: number) => T | FrameFault,
  inWords: (body: T) => string,
): Reader {
  return (bytes, start, end) => {
    const body = decode(bytes, start, end);
    return body instanceof FrameFault ? malformed(body) : inWords(body);
  };
}

function malformed({ text }: FrameFault): string {
  return `malformed: ${text}`;
}

function contentInWords(bytes: Uint8Array, start: number, end: number): string {
  if (start === end) return "no content";
  try {
    return formatJson(JSON.parse(plainText.utf8(bytes, start, end)));
  } catch {
    return `${end - start} bytes`; // no JSON: what it is, only its sender knows
  }
}

function wordsOfBare({ hostId, coreVersion }: BareIntroduction): string {
  return `host ${hostId}, core version ${formatCoreVersion(coreVersion)}`;
}

function wordsOfIntroduction(said: Introduction): string {
  const { epoch, maxFrame, window, haveEpoch, have, name, proof } = said;
  const had = haveEpoch === 0n ? "" : `, has lanes up to ${have.join(", ")} of epoch ${hex64(haveEpoch)}`;
  return [
    `${wordsOfBare(said)}, name ${printable(JSON.stringify(name))}, epoch ${hex64(epoch)}`,
    `, frames up to ${maxFrame}, window ${window}${had}`,
    proof === undefined ? ", no proof" : ", with a proof",
  ].join("");
}

function wordsOfAck({ origin, epoch, lanes }: Acknowledgement): string {
  const each = lanes.map(({ lane, upTo, ranges }) =>
    [`lane ${lane} up to ${upTo}`, ...ranges.map(({ first, last }) => `${first}…${last}`)].join(", "),
  );
  return [`of host ${origin}, epoch ${hex64(epoch)}`, ...each].join("; ");
}

function wordsOfNak({ lane, code, text }: Refusal): string {
  const reason = text === "" ? "" : `: ${printable(text)}`;
  return `the number is of lane ${lane}, ${code} ${wireErrorName(code, Command.NAK)}${reason}`;
}

function wordsOfCredit(lanes: LaneCredit[]): string {
  const each = lanes.map(({ lane, packets, bytes }) => `lane ${lane} ${packets} packets, ${bytes} bytes`);
  return `in all ${each.join("; ")}`;
}

function wordsOfRoutes({ version, routes }: RouteTable): string {
  const each = routes.map(
    ({ host, delayUs, pathLength }) => `host ${host} in ${delayUs} µs over ${pathLength} hops`,
  );
  return [`version ${version}`, ...each].join("; ");
}
