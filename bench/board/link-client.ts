/** The smallest client over the serial link: link, session, and nothing else (see session-client.ts). */
import { createLink, LinkLimit } from "../../shared/link/link.ts";
import { breakLink, openLink, receiveChunk, tickLink } from "../../shared/link/receive-frame.ts";
import { flushLink, sendBytes } from "../../shared/link/send-frame.ts";
import {
  bindSendBuffer,
  connectSession,
  detachSession,
  tickSession,
} from "../../shared/session/lifecycle.ts";
import { pump } from "../../shared/session/pump.ts";
import { acceptPackets, receiveBytes } from "../../shared/session/receive.ts";
import { appendPacket } from "../../shared/session/send-buffer.ts";
import { createSession } from "../../shared/session/state.ts";
import { boardEngine, main, now, partial, slot } from "./parts.ts";
import { Size } from "./sizes.ts";

const linkIn = new Uint8Array(Size.LINK_IN);

const session = createSession(
  true,
  new Uint8Array(0),
  boardEngine,
  {
    onOutput: (bytes, start, end) => {
      sendBytes(link, bytes, start, end, now());
    },
    onPacket: (bytes, start, end, index) => {
      acceptPackets(session, index + 1, now());
      global.benchTake(E.toString(bytes.subarray(start, end)));
    },
    onAcknowledged: () => {},
    onOpen: () => {
      bindSendBuffer(session, main);
    },
    onDisconnect: () => {
      breakLink(link, 113, now());
    },
    onClosed: () => {},
  },
  slot,
  partial,
  Size.PACKET,
);

const link = createLink(
  true,
  1,
  boardEngine,
  {
    onWrite: (bytes, start, end) => {
      global.benchWrite(bytes.subarray(start, end));
    },
    onOpened: () => {
      connectSession(session, now());
    },
    onBroken: () => {
      detachSession(session, now());
    },
    onData: (bytes, start, end) => {
      receiveBytes(session, bytes, start, end, now());
    },
    onLog: () => {},
    onRepl: () => {},
  },
  linkIn,
  Size.PAYLOAD,
);

session.syncCount = 1;
session.maxInFlight = LinkLimit.PACKETS_IN_FLIGHT;

global.benchHear = (data: string): void => {
  const time = now();
  receiveChunk(link, data as unknown as Uint8Array, time);
  flushLink(link, time);
};
global.benchSend = (text: string): number => {
  const bytes = E.toUint8Array(text);
  const held = appendPacket(main, bytes, 0, bytes.length);
  pump(session);
  return held;
};
setInterval(() => {
  const time = now();
  tickLink(link, time);
  tickSession(session, time);
  flushLink(link, time);
}, 50);
openLink(link, now());
