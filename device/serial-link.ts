/** The cable: a serial port, the link over it, the session over that. */
import { Break } from "../shared/link/frame.ts";
import type { Link, LinkHandler } from "../shared/link/link.ts";
import { createLink, LinkLimit } from "../shared/link/link.ts";
import { breakLink, openLink, receiveChunk, tickLink } from "../shared/link/receive-frame.ts";
import { flushLink, sendBytes } from "../shared/link/send-frame.ts";
import { Code } from "../shared/session/codes.ts";
import { connectSession, detachSession } from "../shared/session/lifecycle.ts";
import { receiveBytes } from "../shared/session/receive.ts";
import type { BoardConfig } from "./board.ts";
import { boardEngine, now, receiveRoom } from "./board.ts";
import type { Port } from "./peer.ts";
import { MAX_PACKET, peer } from "./peer.ts";
import { connectionLost, connectionMade } from "./reconnect.ts";
import { releaseWatchdog } from "./supervisor.ts";

/** Payload of a frame; the largest on the wire, every byte escaped, is 526 bytes, and a chunk of 64 comes on top. */
const MAX_PAYLOAD = 256;
const BUFFER_BYTES = 600;
/** Longest piece of a 'data' event handed on at once. */
const CHUNK = 64;

let port: Serial = Serial1;
/** Made at the start: a board on the network has none. */
let link: Link | null = null;

/** Gives the port back to the prompt, until the board is started again. */
function toPrompt(): void {
  "cold";
  peer.port = null;
  detachSession(peer.session, now());
  port.removeAllListeners("data");
  releaseWatchdog();
  port.setConsole(true);
}

// Not inside the functions that use them: a function keeps what is around it in memory (espruino §2.2).
const handler: LinkHandler = {
  onWrite: function (bytes, start, end) {
    port.write(bytes.subarray(start, end));
  },
  onOpened: function () {
    connectionMade();
    connectSession(peer.session, now());
  },
  onBroken: function () {
    link!.openDelay = connectionLost(true);
    detachSession(peer.session, now());
  },
  onData: function (bytes, start, end) {
    receiveBytes(peer.session, bytes, start, end, now());
  },
  onRepl: function () {
    toPrompt();
  },
};
const ownPort: Port = {
  send: function (bytes, start, end) {
    sendBytes(link!, bytes, start, end, now());
  },
  flush: function () {
    flushLink(link!, now());
  },
  drop: function (code) {
    flushLink(link!, now());
    breakLink(link!, code === Code.DEAD ? Break.TIMEOUT : Break.ASKED, now());
  },
  tick: function (time) {
    tickLink(link!, time);
  },
};

export function startSerial(config: BoardConfig): void {
  "cold";
  port = (global[config.port] as Serial) || Serial1;
  if (config.port !== "USB") port.setup(config.baud, config.path ? { path: config.path } : undefined);
  const own = createLink(
    true,
    E.hwRand() & 255,
    boardEngine,
    handler,
    new Uint8Array(BUFFER_BYTES),
    MAX_PAYLOAD,
  );
  link = own;
  own.rx = receiveRoom();
  own.max = MAX_PACKET;
  peer.session.maxInFlight = LinkLimit.PACKETS_IN_FLIGHT;
  peer.session.syncBytes = own.rx / 2;
  peer.port = ownPort;
  E.setConsole(null, { force: true });
  port.on("data", onData);
  openLink(own, now());
}

/** The port lost bytes: what is on its way is not exact any more. At the prompt nothing is. */
export function onOverflow(): void {
  "cold";
  if (link && peer.port) breakLink(link, Break.OVERFLOW, now());
}

/** A chunk is a string of bytes; `set` takes it as it is (espruino §1.2). */
function onData(data: string): void {
  const time = now();
  const own = link!;
  if (data.length <= CHUNK) receiveChunk(own, data as unknown as Uint8Array, time);
  else {
    for (let at = 0; at < data.length; at += CHUNK) {
      receiveChunk(own, data.substr(at, CHUNK) as unknown as Uint8Array, time);
    }
  }
  flushLink(own, time);
}
