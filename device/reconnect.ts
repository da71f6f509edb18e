/** When to try again after a connection was lost, over the cable and over the network alike. */
import { peer } from "./peer.ts";

/** ms: the first wait, the longest, and the longest until the gateway has said hello. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30000;
const LONGEST_UNGREETED = 3000;

let acknowledgedBefore = 0;
/** Connections in a row on which nothing was acknowledged. */
let failures = 0;

export function connectionMade(): void {
  "cold";
  acknowledgedBefore = peer.session.acknowledged;
}

/**
 * ms to wait. None after a connection that was of use, or after the first that was not: it may only have told that the
 * session is unknown. Then twice as long each time, give or take a quarter. Without the gateway's hello none is of use,
 * for a gateway that was refused would be called without a pause.
 */
export function connectionLost(wasMade: boolean): number {
  "cold";
  if (wasMade && peer.greeted && peer.session.acknowledged !== acknowledgedBefore) failures = 0;
  failures++;
  if (wasMade && failures <= 2) return 0;
  let wait = FIRST_WAIT;
  const longest = peer.greeted ? LONGEST_WAIT : LONGEST_UNGREETED;
  for (let i = 3; i < failures && wait < longest; i++) wait = wait * 2;
  return (wait < longest ? wait : longest) * (0.75 + Math.random() / 2);
}
