/**
 * The smallest client of a session on a board: no hello, no commands, no telemetry. What a transport would do is handed
 * in by the probe: `global.benchWrite` takes what leaves, `global.benchHear` is told what came.
 */
import { bindSendBuffer, connectSession, tickSession } from "../../shared/session/lifecycle.ts";
import { pump } from "../../shared/session/pump.ts";
import { acceptPackets, receiveBytes } from "../../shared/session/receive.ts";
import { appendPacket } from "../../shared/session/send-buffer.ts";
import { createSession } from "../../shared/session/state.ts";
import { boardEngine, main, now, partial, slot } from "./parts.ts";
import { Size } from "./sizes.ts";

const session = createSession(
  true,
  new Uint8Array(0),
  boardEngine,
  {
    onOutput: (bytes, start, end) => {
      global.benchWrite(E.toString(bytes.subarray(start, end)));
    },
    onPacket: (bytes, start, end, index) => {
      acceptPackets(session, index + 1, now());
      global.benchTake(E.toString(bytes.subarray(start, end)));
    },
    onAcknowledged: () => {},
    onOpen: () => {
      bindSendBuffer(session, main);
    },
    onDisconnect: () => {},
    onClosed: () => {},
  },
  slot,
  partial,
  Size.PACKET,
);

/** Every chunk is acknowledged at once, as MQTT acknowledges every message. */
session.syncCount = 1;

global.benchHear = (data: string): void => {
  receiveBytes(session, new Uint8Array(E.toArrayBuffer(data)), 0, data.length, now());
};
global.benchSend = (text: string): number => {
  const bytes = E.toUint8Array(text);
  const held = appendPacket(main, bytes, 0, bytes.length);
  pump(session);
  return held;
};
setInterval(() => {
  tickSession(session, now());
}, 50);
connectSession(session, now());
