/** The standard requests every board answers (interface: messages of the standard firmware). */
import { FIRMWARE, now } from "./board.ts";
import { heldCount, peer, sendText, wallTime } from "./peer.ts";
import type { BoardRequest } from "./requests.ts";
import { onRequest } from "./requests.ts";
import { setTelemetryInterval } from "./supervisor.ts";

/** Watches by the name of their pin. */
const watches: { [pin: string]: number } = {};
let isRebooting = false;

export function addCommands(): void {
  onRequest("l:info", info);
  onRequest("l:led", led);
  onRequest("l:read", read);
  onRequest("l:write", write);
  onRequest("l:watch", watch);
  onRequest("l:interval", interval);
  onRequest("l:reboot", reboot);
  peer.onDelivered = rebootIfAsked;
}

/** The four last fields are the board's own count, which `bowline verify` holds against the gateway's. */
function info(): object {
  return {
    id: peer.config!.id,
    fw: FIRMWARE,
    board: process.env.BOARD,
    version: process.version,
    serial: getSerial(),
    free: process.memory().free,
    uptime: Math.round(now() / 1000),
    caps: peer.caps,
    epoch: peer.myEpoch,
    numbered: peer.nextSeq - 1,
    held: heldCount(),
    refused: peer.refused,
  };
}

function led(request: BoardRequest): object {
  if (typeof LED1 === "undefined") throw "this board has no LED1";
  LED1.write(!!request.on);
  return { on: !!request.on };
}

function read(request: BoardRequest): object {
  const pin = pinOf(request);
  return { pin: request.pin, v: request.analog ? analogRead(pin) : digitalRead(pin) };
}

function write(request: BoardRequest): object {
  if (typeof request.value !== "number" && typeof request.value !== "boolean")
    throw "value: a number or a boolean";
  digitalWrite(pinOf(request), request.value);
  return { pin: request.pin, value: request.value };
}

/** Sends `l:pin` at each edge; edge "none" ends it. */
function watch(request: BoardRequest): object {
  const pin = pinOf(request);
  const edge = request.edge || "both";
  if (["rising", "falling", "both", "none"].indexOf(edge) < 0) throw "edge: rising, falling, both or none";
  if (watches[request.pin]) {
    clearWatch(watches[request.pin]);
    delete watches[request.pin];
  }
  if (edge !== "none")
    watches[request.pin] = setWatch(onEdge, pin, { repeat: true, edge: edge, debounce: 25 });
  return { pin: request.pin, edge: edge };
}

function onEdge(event: WatchEvent): void {
  sendText(JSON.stringify({ ot: "l:pin", t: wallTime(), pin: String(event.pin), v: event.state ? 1 : 0 }));
}

function interval(request: BoardRequest): object {
  if (typeof request.s !== "number" || !(request.s >= 0)) throw "s: seconds, 0 for none";
  setTelemetryInterval(request.s);
  return { s: request.s };
}

/** Acts once its reply was acknowledged, else the request would come again after every start. */
function reboot(): object {
  isRebooting = true;
  return { v: 1 };
}

function rebootIfAsked(): void {
  if (isRebooting) setTimeout(restart, 200);
  isRebooting = false;
}

function restart(): void {
  E.reboot();
}

function pinOf(request: BoardRequest): Pin {
  if (typeof request.pin !== "string" || request.pin === "") throw "pin: the name of a pin";
  return new Pin(request.pin); // of no pin at all: reading or writing it throws
}
