/** The standard requests every board answers (interface: messages of the standard firmware). */
import { FIRMWARE, now } from "./board.ts";
import { capabilities, heldCount, peer, sendText, wallTime } from "./peer.ts";
import type { BoardRequest } from "./requests.ts";
import { setTelemetryInterval } from "./supervisor.ts";

/** Watches by the name of their pin; made with the first. */
let watches: { [pin: string]: number } | null = null;

/** The fields of the reply to a standard request. Throws what is wrong with it. */
export function answerStandard(request: BoardRequest): object {
  "cold";
  const value = request.value;
  switch (request.ot) {
    case "l:info":
      return info();
    case "l:led":
      if (typeof LED1 === "undefined") throw "this board has no LED1";
      LED1.write(!!request.on);
      return { on: !!request.on };
    case "l:read":
      return {
        pin: request.pin,
        v: request.analog ? analogRead(pinOf(request)) : digitalRead(pinOf(request)),
      };
    case "l:write":
      if (typeof value !== "number" && typeof value !== "boolean") throw "value: a number or a boolean";
      digitalWrite(pinOf(request), value);
      return { pin: request.pin, value: value };
    case "l:watch":
      return watch(request);
    case "l:interval":
      if (typeof request.s !== "number" || !(request.s >= 0)) throw "s: seconds, 0 for none";
      setTelemetryInterval(request.s);
      return { s: request.s };
    case "l:reboot":
      // It acts once its reply was acknowledged, else the request would come again after every start.
      peer.isRebooting = true;
      return { v: 1 };
    default:
      throw "unknown request " + request.ot;
  }
}

/** The four last fields are the board's own count, which `bowline verify` holds against the gateway's. */
function info(): object {
  "cold";
  return {
    id: peer.id,
    fw: FIRMWARE,
    board: process.env.BOARD,
    version: process.version,
    serial: getSerial(),
    free: process.memory().free,
    uptime: Math.round(now() / 1000),
    caps: capabilities(),
    epoch: peer.myEpoch,
    numbered: peer.nextSeq - 1,
    held: heldCount(),
    refused: peer.refused,
  };
}

/** Sends `l:pin` at each edge; edge "none" ends it. */
function watch(request: BoardRequest): object {
  "cold";
  const pin = pinOf(request);
  const edge = request.edge || "both";
  if (["rising", "falling", "both", "none"].indexOf(edge) < 0) throw "edge: rising, falling, both or none";
  if (!watches) watches = {};
  if (watches[request.pin]) {
    clearWatch(watches[request.pin]);
    delete watches[request.pin];
  }
  if (edge !== "none")
    watches[request.pin] = setWatch(
      function (event) {
        sendText(
          JSON.stringify({ ot: "l:pin", t: wallTime(), pin: String(event.pin), v: event.state ? 1 : 0 }),
        );
      },
      pin,
      { repeat: true, edge: edge, debounce: 25 },
    );
  return { pin: request.pin, edge: edge };
}

function pinOf(request: BoardRequest): Pin {
  "cold";
  if (typeof request.pin !== "string" || request.pin === "") throw "pin: the name of a pin";
  return new Pin(request.pin); // of no pin at all: reading or writing it throws
}
