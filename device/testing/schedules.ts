/**
 * The firmware's peer and both of its carriers, as proof/schedules plays them: whoever plays says when time passes, what
 * is published and when a request is answered, and moves the board between the cable and the network within one life.
 */

import { tickSession } from "../../shared/session/lifecycle.ts";
import type { BoardConfig } from "../board.ts";
import { now } from "../board.ts";
import { heldCount, peer, sendText, setKey } from "../peer.ts";
import type { BoardRequest } from "../requests.ts";
import { onRequest, reply } from "../requests.ts";
import { startSerial } from "../serial-link.ts";
import { startTcp } from "../tcp-link.ts";

export { heldCount, peer, reply, sendText };

let settings: BoardConfig | null = null;
let onDropped: (code: number) => void = function () {};

/**
 * A life begins. `onRun` is called for every request of type "run", and answers by reply(), now or later; `onDrop` when
 * the session gives a connection up, and says why.
 */
export function begin(
  config: BoardConfig,
  onRun: (request: BoardRequest) => void,
  onDrop: (code: number) => void,
): void {
  onDropped = onDrop;
  settings = config;
  peer.id = config.id;
  if (config.key) setKey(config.key);
  onRequest("run", function (request) {
    onRun(request);
    return undefined;
  });
}

/** From now on the board speaks over the network, or over its cable. */
export function speakOver(kind: "tcp" | "serial", address: { host: string; port: number }): void {
  if (peer.port) peer.port.drop(0);
  settings!.tcp = kind === "tcp" ? address : undefined;
  peer.isTrusting = kind === "serial";
  if (kind === "tcp") startTcp(settings!);
  else startSerial(settings!);
  const port = peer.port!;
  peer.port = {
    send: port.send,
    flush: port.flush,
    tick: port.tick,
    drop: function (code) {
      if (code) onDropped(code);
      port.drop(code);
    },
  };
}

/** One tick of the supervisor. */
export function tick(): void {
  if (!peer.port) return;
  const time = now();
  peer.port.tick(time);
  tickSession(peer.session, time);
  peer.port.flush();
}
