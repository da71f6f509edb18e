/** A board's own count of what it sent, held against what the gateway durably has of that life of it. */
import type { DeviceView } from "../../router/views.ts";
import type { LifeAudit, StoreAudit } from "./store-audit.ts";

/** What the firmware says of itself (`l:info`). */
export interface BoardInfo {
  /** Which life of its memory the count is of. */
  epoch: string;
  /** Messages numbered so far; of these, not yet acknowledged; messages it had no room for. */
  numbered: number;
  held: number;
  refused: number;
}

/** Why there is no count: it is away, it did not answer, it does not count. */
export type Answer = BoardInfo | "away" | "no answer" | "no count";

export interface BoardRow {
  board: string;
  state: "counted" | Exclude<Answer, BoardInfo>;
  /** null, here and below: there is no count of the board's own to say it by. */
  sent: number | null;
  acknowledged: number | null;
  /** Messages the gateway delivered; of these, given up since to keep the store within its limits. */
  delivered: number;
  givenUp: number | null;
  /** Packets that came again in another session and were dropped. */
  suppressed: number;
  /** As the gateway has noticed itself, by a board's hello. */
  missing: number;
  refused: number;
  /** Sent and not delivered. */
  difference: number | null;
}

export function isInfo(reply: Partial<BoardInfo>): reply is BoardInfo {
  const { epoch, numbered, held, refused } = reply;
  return typeof epoch === "string" && [numbered, held, refused].every(Number.isSafeInteger);
}

/** `watermark` of the view is of the life the gateway knows as the board's present one. */
export function countBoard(device: DeviceView, answer: Answer, audit: StoreAudit): BoardRow {
  const { id: board, repeats: suppressed, missing } = device;
  const row = { board, suppressed, missing };
  if (typeof answer === "string") {
    const counts = { sent: null, acknowledged: null, givenUp: null, difference: null };
    return { ...row, ...counts, state: answer, delivered: device.delivered, refused: device.lost };
  }
  const { epoch, numbered: sent, held, refused } = answer;
  const life = audit.of(board, epoch);
  // What a store within its limits has given up is its oldest: of this life, all before the first that is there.
  const isTrimmed = audit.first > 1 || audit.messages === 0;
  const gone = life === undefined ? (device.epoch === epoch ? device.watermark : 0) : life.first - 1;
  const givenUp = isTrimmed ? Math.min(gone, sent) : 0;
  const delivered = (life?.asked ?? 0) + givenUp;
  const difference = sent - delivered;
  return {
    ...row,
    state: "counted",
    sent,
    acknowledged: sent - held,
    delivered,
    givenUp,
    refused,
    difference,
  };
}

/** What is wrong, a sentence each. */
export function faultsOf(row: BoardRow): string[] {
  const { board, difference, missing } = row;
  const faults = [];
  if (difference !== null && difference > 0)
    faults.push(`${board}: ${difference} of ${row.sent} sent are not in the store`);
  if (difference !== null && difference < 0)
    faults.push(`${board}: ${-difference} more in the store than the ${row.sent} it sent`);
  if (missing > 0) faults.push(`${board}: ${missing} may be missing, by what its hello said`);
  return faults;
}

export function faultsOfLife({ device, epoch, repeated, reordered, absent }: LifeAudit): string[] {
  // A subscription to a board behind another gateway may have been ended and begun again.
  const isElsewhere = device.includes("/");
  const counts = {
    repeated: repeated,
    "out of order": reordered,
    "absent in between": isElsewhere ? 0 : absent,
  };
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${device}, epoch ${epoch.slice(0, 8)}: ${count} ${what}`);
}
