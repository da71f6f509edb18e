/**
 * What packets mean (session part 4, architecture §6). A payload whose first byte is `{` is JSON; any other is a blob:
 *
 *   wire:  typeSize:1  type:~  data:~        typeSize 1…63, type in ASCII
 */

export const enum Payload {
  /** First byte of a JSON payload. */
  JSON_START = 0x7b,
  /** The longest type name of a blob. */
  MAX_BLOB_TYPE = 63,
  /** Largest packet that may be sent before the other side's hello came: the hello itself (D6). */
  MAX_HELLO = 256,
  /** Longest hello of a gateway that proves itself, with the longest ids and numbers: such a board takes so much. */
  MAX_PROVING_HELLO = 320,
}
/** A numbered packet that has become invalid goes out as this, so that no number is skipped. */
export const EMPTY_MESSAGE = "{}";

/** Who speaks, and where the numbers stand: the first packet in each direction of every new session. */
export interface Hello {
  /** Stable name of the speaker. */
  id: string;
  /** This life of the speaker's memory; "" from a board that has none yet. */
  epoch: string;
  /** The speaker's own number, from 1, of its first numbered packet in this session. */
  seq: number;
  /** Bytes it can hold unread; largest packet, at most rx. */
  rx: number;
  max: number;
}

export interface BoardHello extends Hello {
  /** Firmware and kind of board, for people and for flashing. */
  fw: string;
  board: string;
  caps: string[];
  /** Messages it had to refuse for want of room since boot. */
  lost: number;
  /** Bytes of packets it keeps until they are acknowledged, and loses with its memory; 0: it does not say. */
  room: number;
  /** From a board with a key: NONCE_SIZE bytes in base64, new in every session. */
  nonce?: string;
}

export interface GatewayHello extends Hello {
  /** The epoch the board is to name from now on. */
  yourEpoch: string;
  /** The gateway's wall clock, ms since 1970. */
  t: number;
  /** The longest time between sync packets it wants, ms. */
  heartbeat: number;
  /** Both from a gateway that has the board's key and demands a proof: its nonce and its own proof, in base64. */
  nonce?: string;
  proof?: string;
  /** While pairing is open: the key the board is to keep, in base64. */
  key?: string;
}

/** The board's answer to a gateway that demands a proof; its next packet after its hello. */
export interface BoardProof {
  proof: string;
}

/** A value or an event: `ot` its type, `t` when it was made (ms since 1970), the rest its own. */
export interface Datum {
  ot: string;
  t?: number;
  [field: string]: unknown;
}

/** A request; answered with a reply of the same number. */
export interface Request extends Datum {
  rq: number;
}

/** What a request came to: fields of its own, or `err`. */
export interface Reply {
  re: number;
  err?: string;
  [field: string]: unknown;
}

/** The request of this number is no longer wanted. */
export interface Cancel {
  kill: number;
}
