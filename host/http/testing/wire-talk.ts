/** What a board and its gateway say on a cable: an opening, a session, and messages, told to a listener as chunks. */
import { crc32 } from "node:zlib";
import type { LinkListener } from "../../router/link-listener.ts";

const nothing = { stage: "nothing", index: 0, partial: "" } as const;
const CONNECTION = 7;

/** Of each listener: the sequence numbers of both directions. */
const seqs = new WeakMap<LinkListener, { board: number; gateway: number; t: number }>();

/** A frame as it stands on the wire. */
function frame(bytes: readonly number[]): Uint8Array {
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(crc32(Uint8Array.from(bytes)));
  const escaped = [...bytes, ...crc].flatMap((byte) => {
    if (byte === 0xc0) return [0xdb, 0xdc];
    return byte === 0xdb ? [0xdb, 0xdd] : [byte];
  });
  return Uint8Array.from([...escaped, 0xc0]);
}

/** The link opens, and a new session on it. */
export function openCable(listener: LinkListener, name: string): void {
  const link = { isOpen: false, id: 0, seqs: { board: 0, gateway: 0 }, partial: "", heardAt: 0 };
  listener.onLink({
    ...{ connection: CONNECTION, name, t: 1000, wall: 1_795_301_705_120 },
    state: { link: { ...link, interByteTimeoutMs: 300 }, board: nothing, gateway: nothing },
  });
  seqs.set(listener, { board: 0, gateway: 0, t: 1000 });
  const hear = (from: "board" | "gateway", bytes: readonly number[]) =>
    listener.onChunk(CONNECTION, 1000, from, frame(bytes));
  hear("board", [0x4f, 0x5a, 0x00, 0x01, 0xf3, 0x20, 0xf1, 0x10]);
  hear("gateway", [0x41, 0x5a, 0x00, 0x01, 0xf9, 0x37, 0x10, 0xf9, 0x37, 0x07]);
  say(listener, "board", [1, 0, 0]);
  say(listener, "gateway", [0, 4, 0xa0, 0xa1, 0xa2, 0xa3, 0, 0x14, 0xf9, 0x0a, 0x98, 0xff]);
}

/** A datum, its acknowledgement, and a line of noise: five rows. */
export function talk(listener: LinkListener): void {
  const datum = [...Buffer.from('{"ot":"l:temp","temp":21.5}')];
  say(listener, "board", [datum.length, ...datum]);
  say(listener, "gateway", [0, 1]);
  const { t } = seqs.get(listener)!;
  listener.onChunk(CONNECTION, t, "board", Uint8Array.from([...Buffer.from("Espruino 2v29\r\n>"), 0xc0]));
}

/** Bytes of the session in a DATA frame. */
function say(listener: LinkListener, from: "board" | "gateway", bytes: readonly number[]): void {
  const side = seqs.get(listener)!;
  side.t += 40;
  listener.onChunk(CONNECTION, side.t, from, frame([0x44, 0x5a, side[from] & 255, ...bytes]));
  side[from]++;
}
