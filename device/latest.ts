/** Values of which only the newest counts: while one cannot leave, the next of its type takes its place. */
import { isFlowing, sendText, wallTime } from "./peer.ts";
import type { BoardDatum } from "./publish.ts";
import { everyTick } from "./supervisor.ts";

/** What waits: whose place it is, and the JSON that stands there. It has no number yet, so nobody has been promised it. */
const places: string[] = [];
const texts: string[] = [];
let isTicking = false;

/**
 * Sends the newest value of its type, stamped with the time. True: it is on its way, and will arrive, once, as what
 * publish() takes. False: it waits, because the gateway is away or half of the room is taken; it leaves when that ends,
 * unless a newer value of the same `ot` comes first. The other half is left to publish() and to replies.
 */
export function latest(datum: BoardDatum): boolean {
  "cold";
  datum.t = wallTime();
  return putLatest(datum.ot, JSON.stringify(datum));
}

/** The same for any JSON, and for a place of any name. */
export function putLatest(place: string, text: string): boolean {
  "cold";
  if (!isTicking) everyTick(sendLatest);
  isTicking = true;
  const at = places.indexOf(place);
  if (at >= 0) texts[at] = text;
  else {
    places.push(place);
    texts.push(text);
  }
  sendLatest();
  return places.indexOf(place) < 0;
}

/** What waits at `place` is no longer wanted. */
export function dropLatest(place: string): void {
  "cold";
  const at = places.indexOf(place);
  if (at < 0) return;
  places.splice(at, 1);
  texts.splice(at, 1);
}

/** One that is too large for the gateway or for the whole buffer is counted as refused, by sendText(). */
function sendLatest(): void {
  while (texts.length > 0 && isFlowing(texts[0].length)) {
    sendText(texts[0]);
    places.splice(0, 1);
    texts.splice(0, 1);
  }
}
