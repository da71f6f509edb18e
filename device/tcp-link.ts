/** The network: a TCP connection that is made again for ever, and the session over it. There is no link layer here. */
import { connectSession, detachSession } from "../shared/session/lifecycle.ts";
import { receiveBytes } from "../shared/session/receive.ts";
import type { BoardConfig } from "./board.ts";
import { now } from "./board.ts";
import { peer } from "./peer.ts";

/** ms between two attempts: doubled each time, at most the second, or the third until the gateway has said hello. */
const FIRST_DELAY = 500;
const LONGEST_DELAY = 30000;
const LONGEST_UNGREETED = 3000;

let address: { host: string; port: number } = { host: "", port: 0 };
let socket: BoardSocket | null = null;
let connected = false;
let delay = FIRST_DELAY;
let retryAt = 0;
/** Packets acknowledged when the connection was made: one more, and the next attempt comes soon again. */
let acknowledgedBefore = 0;

export function startTcp(config: BoardConfig): void {
  address = config.tcp!;
  peer.port = {
    send: function (bytes, start, end) {
      if (socket) socket.write(E.toString(bytes.subarray(start, end)));
    },
    flush: function () {},
    drop: drop,
    tick: function (time) {
      if (!socket && time >= retryAt) connect();
    },
  };
}

function connect(): void {
  try {
    socket = require("net").connect(address, onConnected);
    socket.on("data", onData);
    socket.on("close", onGone);
    socket.on("error", onGone);
  } catch (error) {
    onGone(); // a refused connection throws (espruino §4.3)
  }
}

function onConnected(made: BoardSocket): void {
  socket = made;
  connected = true;
  acknowledgedBefore = peer.session.acknowledged;
  connectSession(peer.session, now());
}

function onData(data: string): void {
  receiveBytes(peer.session, new Uint8Array(E.toArrayBuffer(data)), 0, data.length, now());
}

/** Called for 'error' and 'close' alike; only the first counts. */
function onGone(): void {
  if (!socket && connected === false && retryAt > now()) return;
  const wasUseful = connected && peer.session.acknowledged !== acknowledgedBefore;
  socket = null;
  connected = false;
  if (wasUseful) delay = FIRST_DELAY;
  retryAt = now() + delay * (0.75 + Math.random() / 2);
  const longest = peer.greeted ? LONGEST_DELAY : LONGEST_UNGREETED;
  delay = delay * 2 < longest ? delay * 2 : longest;
  detachSession(peer.session, now());
}

function drop(): void {
  const old = socket;
  onGone();
  if (old) old.end();
}
