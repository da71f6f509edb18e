/** The network: a TCP connection that is made again for ever, and the session over it. There is no link layer here. */
import { connectSession, detachSession } from "../shared/session/lifecycle.ts";
import { receiveBytes } from "../shared/session/receive.ts";
import type { BoardConfig } from "./board.ts";
import { now, receiveRoom } from "./board.ts";
import type { Port } from "./peer.ts";
import { peer } from "./peer.ts";
import { connectionLost, connectionMade } from "./reconnect.ts";
import { isOnline, startWifi } from "./wifi.ts";

/** ms for a connection to come about. */
const CONNECT_TIMEOUT = 10000;

let address: { host: string; port: number } = { host: "", port: 0 };
let socket: BoardSocket | null = null;
let isConnected = false;
let retryAt = 0;

const ownPort: Port = {
  send: function (bytes, start, end) {
    if (socket) socket.write(E.toString(bytes.subarray(start, end)));
  },
  flush: function () {},
  drop: function () {
    hangUp();
  },
  tick: function (time) {
    if (socket && !isConnected && time >= retryAt + CONNECT_TIMEOUT) hangUp();
    if (!socket && time >= retryAt && isOnline(time)) connect();
  },
};

export function startTcp(config: BoardConfig): void {
  "cold";
  address = config.tcp!;
  startWifi(config);
  peer.session.syncBytes = receiveRoom() / 2;
  peer.port = ownPort;
}

function connect(): void {
  "cold";
  retryAt = now();
  try {
    socket = require("net").connect(address, onConnected);
    socket.on("data", onData);
    socket.on("close", onGone);
    socket.on("error", onGone);
  } catch {
    lose(); // a refused connection throws (espruino §4.3)
  }
}

/** Of one that was given up nothing is wanted any more. */
function onConnected(made: BoardSocket): void {
  if (made !== socket) return;
  isConnected = true;
  connectionMade();
  connectSession(peer.session, now());
}

// `this` is the socket: late words of one that was dropped are not heard.
function onData(this: BoardSocket, data: string): void {
  if (this !== socket) return;
  receiveBytes(peer.session, new Uint8Array(E.toArrayBuffer(data)), 0, data.length, now());
}

/** 'error' and 'close' alike; the first of them counts. */
function onGone(this: BoardSocket): void {
  if (this === socket) lose();
}

function hangUp(): void {
  "cold";
  const old = socket;
  lose();
  if (old) old.end();
}

function lose(): void {
  "cold";
  retryAt = now() + connectionLost(isConnected);
  socket = null;
  isConnected = false;
  detachSession(peer.session, now());
}
