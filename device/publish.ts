/** Sending a datum, and learning that there is room for more. */
import { hasHalfFree, peer, sendText, wallTime } from "./peer.ts";
import { everyTick } from "./supervisor.ts";

/** A value or an event: `ot` its type ("l:temp"), and fields of its own. */
export interface BoardDatum {
  ot: string;
  [field: string]: any;
}

let refusedBefore = 0;
let tell: (() => void) | null = null;

/**
 * Sends a datum, stamped with the time. True: it will arrive, once. False: there was no room, it was counted as lost,
 * and the author may try again later; onRoom() says when.
 */
export function publish(datum: BoardDatum): boolean {
  datum.t = wallTime();
  return sendText(JSON.stringify(datum));
}

/** Calls `run` each time that half of the room is free again after something was refused. There is one; the last counts. */
export function onRoom(run: () => void): void {
  if (!tell) everyTick(tellRoom);
  tell = run;
}

function tellRoom(): void {
  if (peer.refused === refusedBefore || !hasHalfFree(0)) return;
  refusedBefore = peer.refused; // before the call: what it has refused in turn is told again
  tell!();
}
