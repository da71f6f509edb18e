/** A board's queue for people: its requests, and the words that one is no longer wanted. */
import type { DevicePeer } from "../peers/device-peer.ts";
import type { RequestBook } from "../peers/request-book.ts";
import { MAX_PENDING } from "../peers/requests.ts";
import type { Packet } from "../queue/packet.ts";
import type { QueuedPeer } from "./queued-peer.ts";

/** `wall`: ms since 1970. */
export function queuedBoard(device: DevicePeer, book: RequestBook, wall: () => number): QueuedPeer {
  return {
    ...{ kind: "board", id: device.id, name: device.id, queue: device.queue, leadsTo: [] },
    limits: { maxPackets: MAX_PENDING, maxBytes: null },
    describe: (packet) => {
      const rq = requestOf(packet);
      const view = rq === 0 ? undefined : book.view(rq);
      const leftMs = view?.deadline === undefined ? null : Math.max(0, view.deadline - wall());
      return { what: wordsOf(packet, rq), origin: "", seq: packet.number, leftMs };
    },
    withdraw: (packet) => {
      // The request ends with what carries it; the board is told of one that it may have.
      if (!device.requests.cancel(requestOf(packet))) packet.setInvalid();
    },
  };
}

/** 0: the word that a request is no longer wanted. */
const requestOf = ({ tag }: Packet) => tag as number;

function wordsOf({ body }: Packet, rq: number): string {
  const { ot, kill } = JSON.parse(Buffer.from(body.bytes).toString()) as { ot?: string; kill?: number };
  return rq === 0 ? `kill ${kill}` : `${ot} ${rq}`;
}
