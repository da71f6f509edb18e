/** How a simulated board and its gateway stand, a line for each change: read from what passes between them. */
import { FrameType } from "../../../shared/link/frame.ts";
import { decodeVarint, varintLength } from "../../../shared/varint.ts";
import { type Piece, WireDecoder } from "../../frames/wire-decoder.ts";
import { parsePayload } from "../../platform/payload.ts";
import type { WireState } from "../../session/wire-shape.ts";
import type { BoardWire, WireTap } from "../../simulator/board-wire.ts";
import { printable } from "../output/display.ts";
import { formatTime } from "../output/message-line.ts";

type Say = (state: string, words: string) => void;

const nothing = { stage: "nothing", index: 0, partial: "" } as const;
/** Before anything has passed. */
const cable: WireState = {
  link: {
    ...{ isOpen: false, id: 0, seqs: { board: 0, gateway: 0 }, partial: "" },
    ...{ heardAt: 0, interByteTimeoutMs: Number.POSITIVE_INFINITY },
  },
  ...{ board: nothing, gateway: nothing },
};
const socket: WireState = {
  link: null,
  board: { ...nothing, stage: "request" },
  gateway: { ...nothing, stage: "reply" },
};

const NOT_LET_IN = "is not let in; trying again (the gateway's log says why; mend: npx bowline key list)";
/** On a cable no key is asked for, and `bowline flash` hears a hello without being a gateway. */
const NOT_KEPT =
  "is answered and not kept; trying again (of a gateway the log says why; bowline flash only looks)";

export class SimWatch implements BoardWire {
  /** As it was said last. */
  private state = "";
  private isMuted = false;

  constructor(
    private readonly id: string,
    private readonly isCable: boolean,
    private readonly print: (line: string) => void,
  ) {}

  open(): WireTap {
    const [before, refused] = this.isCable ? [cable, NOT_KEPT] : [socket, NOT_LET_IN];
    return new Conversation(before, refused, (state, words) => this.say(state, words));
  }

  /** From now on nothing is news: the board is being switched off. */
  mute(): void {
    this.isMuted = true;
  }

  private say(state: string, words: string): void {
    if (state === this.state || this.isMuted) return;
    this.state = state;
    this.print(`${formatTime(Date.now())} ${this.id} ${words}`);
  }
}

/** One connection, or all that is said over a cable. */
class Conversation implements WireTap {
  private readonly decoder: WireDecoder;
  /** The gateway began a session; it said hello, and what of the board it must have accepted then; it has. */
  private isHeard = false;
  private needed = 0;
  private accepted = 0;
  private isConnected = false;

  constructor(
    state: WireState,
    /** What it means that its hello was not accepted. */
    private readonly refused: string,
    private readonly say: Say,
  ) {
    this.decoder = new WireDecoder(state, (piece) => this.take(piece));
  }

  pass(from: "board" | "gateway", bytes: Uint8Array): void {
    this.decoder.read(from, bytes, performance.now());
  }

  over(why: string): void {
    if (this.isConnected) this.say("lost", "has lost its gateway; trying again");
    else if (this.isHeard) this.say("refused", this.refused);
    else if (why !== "") this.say(why, `does not reach its gateway: ${printable(why)}; trying again`);
    this.isHeard = false;
    this.isConnected = false;
    this.needed = 0;
    this.accepted = 0;
  }

  private take({ kind, from, clause, bytes, isUnderstood }: Piece): void {
    if (!isUnderstood) return;
    // A board opens its link anew when it has given up what was before.
    if (kind === "frame" && bytes[0] === FrameType.OPEN) return this.over("");
    if (kind !== "message") return;
    if (clause === "session §3.2") return this.over("");
    if (from === "gateway") this.hear(clause, bytes);
  }

  /** Connected is who resumes a session, or whose hello, and proof where one was asked for, the gateway has accepted. */
  private hear(clause: string, bytes: Uint8Array): void {
    if (clause === "session §1.1" || clause === "session §1.2") this.isHeard = true;
    if (clause === "session §1.2") return this.connect("its gateway again");
    if (clause === "session §3") this.accepted += bytes[1];
    else if (clause === "session §4" && this.needed === 0) this.needed = isProofAsked(bytes) ? 2 : 1;
    if (this.needed > 0 && this.accepted >= this.needed) this.connect("its gateway");
  }

  private connect(to: string): void {
    if (this.isConnected) return;
    this.isConnected = true;
    this.say("connected", `is connected to ${to}`);
  }
}

/** Whether a gateway's hello, a whole data packet, has a proof in it and so demands one (session part 4). */
function isProofAsked(packet: Uint8Array): boolean {
  const start = varintLength(packet[0]);
  const message = parsePayload(packet, start, start + decodeVarint(packet, 0, packet.length));
  const hello = message?.hello as { proof?: unknown } | undefined;
  return hello?.proof !== undefined;
}
