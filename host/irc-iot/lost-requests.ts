/** What was asked for by hand: whoever answers to "everybody" only gives again what somebody else said. */
import { quote } from "./json-text.ts";
import type { Container, LostRequest } from "./message.ts";

/** A request by hand counts as one for so long. */
const WAIT_MS = 600_000;
const MAX_WAITING = 16;

export class LostRequests {
  private waiting: { request: LostRequest; until: number }[] = [];

  add(request: LostRequest, now: number): void {
    if (request.kind % 2 === 0) return;
    this.waiting = this.waiting.filter(({ until }) => now < until).slice(1 - MAX_WAITING);
    this.waiting.push({ request, until: now + WAIT_MS });
  }

  isAnswer({ mid, oids, datums, fragments }: Container, now: number): boolean {
    return this.waiting.some(({ request: { kind, rid }, until }) => {
      if (now >= until) return false;
      if (kind < 20) return mid === rid;
      if (kind < 30) return oids.includes(rid);
      return fragments.some(({ did }) => did === rid) || datums.some(({ did }) => String(did) === rid);
    });
  }
}

/** A request without its mid (IRC-IoT S-7); ids that are numbers are written as such there. */
export function requestTail({ kind, rid, bp, be, dst }: LostRequest): string {
  const id = /^(0|[1-9]\d{0,14})$/.test(rid) ? rid : quote(rid);
  const range = (bp === undefined ? "" : `,"bp":${bp}`) + (be === undefined ? "" : `,"be":${be}`);
  return `,"lst":${kind},"rid":${id}${range}${dst === undefined ? "" : `,"dst":${quote(dst)}`}}`;
}
