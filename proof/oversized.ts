/** What claims to be enormous is refused before anything is allocated for it (users F3, session D5). */
import { parseConfigText } from "../host/config/document.ts";
import { nodeEngine } from "../host/platform/engine.ts";
import { parsePayload } from "../host/platform/payload.ts";
import { UNREADABLE_TYPE } from "../host/platform/read-payload.ts";
import { acceptBytes, createAcceptor } from "../shared/session/acceptor.ts";
import { codeName } from "../shared/session/code-names.ts";
import { Code } from "../shared/session/codes.ts";
import { attachSession, connectSession } from "../shared/session/lifecycle.ts";
import { receiveBytes } from "../shared/session/receive.ts";
import { createSendBuffer } from "../shared/session/send-buffer.ts";
import { createSession, type SessionHandler } from "../shared/session/state.ts";
import { allocatedBytes } from "./fuzz/heap.ts";
import { hold, type Proof } from "./proof.ts";

/** users F3 */
const MOST_ALLOCATED = 65_536;
const MAX_PACKET = 65_536;
const DEPTH = 100_000;
const NOTHING = new Uint8Array(0);
const ID = new Uint8Array(16).fill(0xa5);

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

/** Numbers in every length from three bytes on, the last ones above 2^53−1 (D14). */
const sizes: readonly [bytes: Uint8Array, code: Code][] = [
  [hex("fa 01 00 01"), Code.PACKET_TOO_LARGE], // 2^16 + 1
  [hex("fa ff ff ff"), Code.PACKET_TOO_LARGE],
  [hex("fb ff ff ff ff"), Code.PACKET_TOO_LARGE],
  [hex("fc ff ff ff ff ff"), Code.PACKET_TOO_LARGE],
  [hex("fd ff ff ff ff ff ff"), Code.PACKET_TOO_LARGE],
  [hex("fe 1f ff ff ff ff ff ff"), Code.PACKET_TOO_LARGE], // 2^53 − 1
  [hex("fe 20 00 00 00 00 00 00"), Code.VARINT_RANGE],
  [hex("ff 00 20 00 00 00 00 00 00"), Code.VARINT_RANGE],
  [hex("ff ff ff ff ff ff ff ff ff"), Code.VARINT_RANGE], // 2^64 − 1
];

export const oversized: Proof = {
  name: "oversized",
  promise: "what claims to be enormous is refused, with at most 64 KiB allocated",
  unit: "rounds",
  scale: 20,
  run(_seed, scale) {
    /** Of each case the least: the engine's own work now and then comes on top. */
    const least = new Map<string, number>();
    const measure = (what: string, action: () => void) => {
      const bytes = allocatedBytes(action);
      if (bytes >= 0) least.set(what, Math.min(bytes, least.get(what) ?? Infinity));
    };
    for (let round = 0; round < scale; round++) {
      for (const [size, code] of sizes) {
        const text = Buffer.from(size).toString("hex");
        const idCode = code === Code.PACKET_TOO_LARGE ? Code.SESSION_ID_SIZE : code;
        measure(`packetSize ${text} to a server`, () => refusePacket(false, size, code));
        measure(`packetSize ${text} to a client`, () => refusePacket(true, size, code));
        measure(`idSize ${text} to a server`, () => refuseRequest(size, idCode));
        measure(`idSize ${text} to a client`, () => refuseAnswer(size, idCode));
      }
      refuseConfig();
      refuseJson();
    }
    hold(least.size === 4 * sizes.length, () => `only ${least.size} cases could be measured`);
    for (const [what, bytes] of least)
      hold(bytes <= MOST_ALLOCATED, () => `${what}: ${bytes} bytes were allocated`);
    const most = Math.max(...least.values()) / 1024;
    return `${least.size} claims of 2^16 to 2^64 bytes, at most ${most.toFixed(1)} KiB allocated for one`;
  },
};

function recorder(): SessionHandler & { code: Code | 0 } {
  return {
    code: 0,
    onOutput() {},
    onPacket() {
      hold(false, "a packet was delivered");
    },
    onAcknowledged() {},
    onOpen() {},
    onDisconnect(code) {
      this.code = code;
    },
    onClosed() {},
  };
}

function sessionOf(isClient: boolean, id: Uint8Array, handler: SessionHandler) {
  const slot = createSendBuffer(NOTHING, 0);
  return createSession(isClient, id, nodeEngine, handler, slot, NOTHING, MAX_PACKET);
}

/** The size alone, then what it promises. */
function refusePacket(isClient: boolean, size: Uint8Array, code: Code): void {
  const handler = recorder();
  const session = sessionOf(isClient, ID, handler);
  if (isClient) connectSession(session, 0);
  else attachSession(session, true, 0);
  const head = isClient ? hex("00 00 14 f9 0a 98 ff") : hex("00");
  receiveBytes(session, head, 0, head.length, 0);
  receiveBytes(session, size, 0, size.length, 0);
  checkCode("packetSize", handler.code, code);
  hold(session.partial.length === 0, () => `${session.partial.length} bytes are kept for it`);
}

function refuseRequest(size: Uint8Array, code: Code): void {
  const acceptor = createAcceptor(
    { onOutput() {}, onRequest: () => true, onRefused: () => 500, onDisconnect() {} },
    0,
  );
  const request = Uint8Array.of(1, ...size);
  acceptBytes(acceptor, request, 0, request.length, 0);
  checkCode("idSize of a request", acceptor.refusal, code);
}

function refuseAnswer(size: Uint8Array, code: Code): void {
  const handler = recorder();
  const session = sessionOf(true, NOTHING, handler);
  connectSession(session, 0);
  const answer = Uint8Array.of(0, ...size);
  receiveBytes(session, answer, 0, answer.length, 0);
  checkCode("idSize of an answer", handler.code, code);
}

/** What people write is read before it is refused. */
const deepConfig = "[".repeat(DEPTH);

function refuseConfig(): void {
  const { faults } = parseConfigText(deepConfig, "deep.yaml");
  hold(faults.length === 1, () => `a configuration ${DEPTH} deep has ${faults.length} faults`);
}

const deepPacket = Buffer.from(`{"a":${"[".repeat(MAX_PACKET - 5)}`);

/** Within a packet that is allowed, so its bytes are kept; what it nests is not followed. */
function refuseJson(): void {
  const message = parsePayload(deepPacket, 0, deepPacket.length);
  hold(message?.ot === UNREADABLE_TYPE, () => `JSON ${MAX_PACKET} deep became ${JSON.stringify(message)}`);
}

function checkCode(what: string, got: number, expected: Code): void {
  hold(got === expected, () => `${what}: ${codeName(got)}, expected ${codeName(expected)}`);
}
