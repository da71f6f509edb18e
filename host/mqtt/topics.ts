/**
 * Where what stands on the broker.
 *
 *   PREFIX/GATEWAY/status                online, offline: this gateway
 *   PREFIX/GATEWAY/BOARD/TYPE            a message
 *   PREFIX/GATEWAY/BOARD/availability    online, offline: the board
 *   PREFIX/GATEWAY/BOARD/state           its newest values
 *   PREFIX/GATEWAY/BOARD/request         what it is asked; its answer: reply; withdrawn: cancel
 */

/** Names under a board that no type of message may take. */
const ours = ["availability", "state", "request", "reply", "cancel"];
/** Of a message without a type. */
const NO_TYPE = "-";

export class Topics {
  readonly base: string;
  readonly status: string;

  constructor(prefix: string, gateway: string) {
    this.base = `${prefix}/${escaped(gateway)}`;
    this.status = `${this.base}/status`;
  }

  message(board: string, type: unknown): string {
    return `${this.of(board)}/${typeSegment(type)}`;
  }

  of(board: string): string {
    return `${this.base}/${boardSegment(board)}`;
  }

  availability(board: string): string {
    return `${this.of(board)}/availability`;
  }

  request(board: string): string {
    return `${this.of(board)}/request`;
  }

  state(board: string): string {
    return `${this.of(board)}/state`;
  }
}

/** A board behind another gateway, gw2/sim-1, is gw2:sim-1: one level, as every board, and no board's id has a colon. */
function boardSegment(board: string): string {
  return board.split("/").map(escaped).join(":");
}

/** The board that a topic asks or withdraws something of; null: it does neither. */
export function boardOf(base: string, topic: string): { board: string; name: "request" | "cancel" } | null {
  if (!topic.startsWith(`${base}/`)) return null;
  const [segment, name, ...more] = topic.slice(base.length + 1).split("/");
  if (more.length > 0 || (name !== "request" && name !== "cancel")) return null;
  return { board: segment.replaceAll(":", "/"), name };
}

function typeSegment(type: unknown): string {
  if (typeof type !== "string" || type === "") return NO_TYPE;
  return ours.includes(type) ? hex(type[0]) + type.slice(1) : escaped(type);
}

/** Wildcards, levels, control characters and halves of letters, which a topic may not have, as %XX. */
function escaped(name: string): string {
  return name.replace(/[+#/%\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/gu, hex);
}

const hex = (letter: string) =>
  [...Buffer.from(letter)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
