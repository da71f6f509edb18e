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

/** 'error' and 'close' alike; the first of them counts. */
function loseThis(this: BoardSocket): void {
  if (this === socket) lose();
}

export function startTcp(config: BoardConfig): void {
  "cold";
  address = config.tcp!;
  startWifi(config);
  peer.session.syncBytes = receiveRoom() / 2;
  peer.port = ownPort();
}

/** Functions keep what is around them in memory: these have nothing around them. */
function ownPort(): Port {
  "cold";
  return {
    send: function (bytes, start, end) {
      if (socket) socket.write(E.toString(bytes.subarray(start, end)));
    },
    flush: function () {},
    drop: function () {
      const old = socket;
      lose();
      if (old) old.end();
    },
    tick: function (time) {
      if (socket && !isConnected && time >= retryAt + CONNECT_TIMEOUT) lose();
      if (!socket && time >= retryAt && isOnline(time)) connect();
    },
  };
}

/** What is heard of it stands here, so that a board on a cable has none of it in memory. */
function connect(): void {
  "cold";
  retryAt = now();
  try {
    socket = require("net").connect(address, function () {
      isConnected = true;
      connectionMade();
      connectSession(peer.session, now());
    });
    // `this` is the socket: late words of one that was dropped are not heard.
    socket.on("data", function (this: BoardSocket, data: string) {
      if (this !== socket) return;
      receiveBytes(peer.session, new Uint8Array(E.toArrayBuffer(data)), 0, data.length, now());
    });
    socket.on("close", loseThis);
    socket.on("error", loseThis);
  } catch {
    lose(); // a refused connection throws (espruino §4.3)
  }
}

function lose(): void {
  "cold";
  retryAt = now() + connectionLost(isConnected);
  socket = null;
  isConnected = false;
  detachSession(peer.session, now());
}
