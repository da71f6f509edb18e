/** The rqids of one session: what a request that came in it had, for its reply (iotgw §2, H14). */
import type { Ref } from "../iotgw/frame.ts";
import { formatEpoch } from "./message-id.ts";

/** Requests that are not answered, and of which it is remembered: the oldest go, for REF names a request in any session. */
const REMEMBERED = 10_000;

export class Rqids {
  private readonly of = new Map<string, number>();

  set(request: Ref, rqid: number): void {
    if (rqid === 0) return;
    this.of.set(nameOf(request), rqid);
    if (this.of.size > REMEMBERED) for (const [oldest] of this.of) return void this.of.delete(oldest);
  }

  /** 0: it came in another session, or was answered. */
  take(request: Ref): number {
    const name = nameOf(request);
    const rqid = this.of.get(name) ?? 0;
    this.of.delete(name);
    return rqid;
  }
}

const nameOf = ({ origin, epoch, seq }: Ref) => `${origin}.${formatEpoch(epoch)}.${seq}`;
