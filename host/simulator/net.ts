/**
 * require("net") of a simulated board, over Node's sockets: byte strings in and out, in chunks of at most 536, and a view
 * written to a socket leaves as the text "0,1,2", as on the board (espruino §4.3).
 *
 * A refused connection is told by 'error' and 'close'; a board may throw from connect() as well, which Node cannot know
 * in time. Without its network it does throw, and a socket whose network went away is silent: nobody is told.
 */
import { connect, type Socket } from "node:net";
import type { BoardWire, WireTap } from "./board-wire.ts";
import { Listeners } from "./listeners.ts";
import type { Callback, Run } from "./run.ts";

const MAX_CHUNK = 536;

interface Address {
  host: string;
  port: number;
}

/** `isUp`: whether the network carries anything. `wire` hears the connections to `gateway`; a program may make others. */
export function createNet(run: Run, isUp: () => boolean, gateway?: Address, wire?: BoardWire) {
  const tapOf = ({ host, port }: Address) =>
    host === gateway?.host && port === gateway.port ? wire?.open() : undefined;
  return {
    connect: (address: Address, onConnected?: Callback) => {
      if (!isUp()) throw new run.realm.Error("Unable to connect: no network");
      return connectSocket(run, isUp, address, tapOf(address), onConnected);
    },
  };
}

function connectSocket(
  run: Run,
  isUp: () => boolean,
  { host, port }: Address,
  tap: WireTap | undefined,
  onConnected?: Callback,
): object {
  const socket = connect({ host, port, noDelay: true });
  const cleanup = run.atEnd(() => socket.destroy());
  const listeners = new Listeners(run);
  const api = socketApi(run, isUp, socket, listeners, tap);
  let why = "";
  listeners.owner = api;
  socket.on("connect", () => run.call(onConnected, api));
  socket.on("data", (bytes) => {
    if (!isUp()) return;
    tap?.pass("gateway", bytes);
    const text = bytes.toString("latin1");
    for (let at = 0; at < text.length; at += MAX_CHUNK)
      listeners.emit("data", text.slice(at, at + MAX_CHUNK));
  });
  socket.on("drain", () => listeners.emit("drain"));
  socket.on("end", () => listeners.emit("end"));
  socket.on("error", (error) => {
    why = error.message;
    listeners.emit("error", error.message);
  });
  socket.on("close", (hadError) => {
    run.forget(cleanup);
    tap?.over(why);
    listeners.emit("close", hadError);
  });
  return api;
}

/** What a program writes in one go leaves in one go, once it has returned: the board sends from its idle loop. */
function socketApi(
  run: Run,
  isUp: () => boolean,
  socket: Socket,
  listeners: Listeners,
  tap: WireTap | undefined,
): object {
  const write = (data: unknown) => {
    if (!isUp()) return true;
    if (socket.writableCorked === 0) {
      socket.cork();
      run.later(() => socket.uncork());
    }
    const bytes = Buffer.from(String(data), "latin1");
    tap?.pass("board", bytes);
    return socket.write(bytes);
  };
  return {
    ...listeners.api,
    write,
    end: (data?: unknown) => {
      if (data !== undefined) write(data);
      // A farewell that nobody hears: the other side finds out by itself.
      if (isUp()) socket.end();
    },
  };
}
