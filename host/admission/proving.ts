/**
 * Between the hello of a board and its proof (session part 4): the gateway has proved itself, and takes nothing but the
 * board's own proof, which must be the next packet.
 */
import { randomBytes } from "node:crypto";
import type { BoardHello, GatewayHello } from "../../shared/message.ts";
import { Proof, proofText } from "../../shared/proof.ts";
import { Code } from "../../shared/session/codes.ts";
import type { ServerSession } from "../session/server-session.ts";
import { nobody, type SessionOwner } from "../session/session-owner.ts";
import { byteString, isMac, mac } from "./mac.ts";

/** Index of the proof in its session, and of the first numbered packet behind it. */
const PROOF_INDEX = 1;
export const FIRST_PROVED = 2;

export class Proving {
  private readonly gatewayNonce = randomBytes(Proof.NONCE_SIZE);

  constructor(
    private readonly key: Uint8Array,
    private readonly session: ServerSession,
    private readonly hello: BoardHello,
    private readonly gatewayId: string,
  ) {}

  /** The gateway's hello with its own proof in it. */
  prove(hello: GatewayHello): GatewayHello {
    const proof = mac(this.key, this.text("g")).toString("base64");
    return { ...hello, nonce: this.gatewayNonce.toString("base64"), proof };
  }

  /** Owns the session until the proof has come: one of the two is called, once. */
  owner(onProved: () => void, onFailed: (code: Code, reason: string) => void): SessionOwner {
    return {
      ...nobody,
      onPacket: (bytes, start, end, index) => {
        const reason = this.faultOf(bytes, start, end, index);
        if (reason === "") onProved();
        else onFailed(Code.PROOF_INVALID, reason);
      },
      onClosed: (code) => {
        // It hangs up in good order only when it has found that our key is not its own.
        if (code === Code.CLOSED)
          onFailed(Code.PROOF_INVALID, `${this.hello.id} refuses our proof: its key is another`);
      },
    };
  }

  private faultOf(bytes: Uint8Array, start: number, end: number, index: number): string {
    const shown = index === PROOF_INDEX ? parseProof(bytes, start, end) : undefined;
    if (shown === undefined) return `${this.hello.id} sent something else than its proof`;
    if (shown.length === Proof.MAC_SIZE && isMac(this.key, this.text("b"), shown)) return "";
    return `${this.hello.id} does not prove its key`;
  }

  private text(role: string): string {
    const boardNonce = Buffer.from(this.hello.nonce ?? "", "base64");
    const [ours, theirs, session] = [this.gatewayNonce, boardNonce, this.session.id].map(byteString);
    return proofText(role, ours, theirs, session, this.hello.id, this.gatewayId);
  }
}

/** The bytes of `{"proof":"…"}`, or undefined for anything else. */
function parseProof(bytes: Uint8Array, start: number, end: number): Buffer | undefined {
  try {
    const { proof } = JSON.parse(Buffer.from(bytes.slice(start, end)).toString("latin1")) as {
      proof?: unknown;
    };
    return typeof proof === "string" ? Buffer.from(proof, "base64") : undefined;
  } catch {
    return undefined;
  }
}
