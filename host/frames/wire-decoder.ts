/**
 * One connection in words as its chunks come, both directions, from any point on: frames where it is a cable, and the
 * messages of the session. It knows only what passes on the wire, as the two ends do.
 */
import { FrameType } from "../../shared/link/frame.ts";
import type { LinkState, WireState } from "../session/wire-shape.ts";
import { FrameSplitter, type Segment } from "./frame-splitter.ts";
import { describeFrame, describeNoise, type GoodFrame, readFrame } from "./link-words.ts";
import { bytesOfHex } from "./plain-bytes.ts";
import { type Reading, type Side, SideReader } from "./side-reader.ts";

/** Something that passed. A message has the time at which it was whole. */
export interface Piece {
  t: number;
  from: Side;
  kind: "frame" | "noise" | "message";
  meaning: string;
  clause: string;
  isUnderstood: boolean;
  /** What a message was read as; "nothing" of what is none. */
  stage: Reading["stage"];
  /** As they were on the wire; a message's without the frames around it. */
  bytes: Uint8Array;
}

const SILENCE = "silence behind it, and no END (c0)";

const request = { stage: "request", index: 0, partial: "" } as const;
const reply = { stage: "reply", index: 0, partial: "" } as const;

export class WireDecoder {
  private readonly sides: Record<Side, SideReader>;
  private readonly link: LinkState | null;
  private readonly splitters: Record<Side, FrameSplitter>;

  constructor(
    state: WireState,
    private readonly onPiece: (piece: Piece) => void,
  ) {
    this.sides = {
      board: new SideReader("board", (asksNew) => {
        this.sides.gateway.asksNew = asksNew;
      }),
      gateway: new SideReader("gateway", () => {}),
    };
    this.sides.board.begin(state.board);
    this.sides.gateway.begin(state.gateway);
    this.link = state.link === null ? null : { ...state.link, seqs: { ...state.link.seqs } };
    const { partial = "", heardAt = 0, interByteTimeoutMs = Infinity } = this.link ?? {};
    this.splitters = {
      board: new FrameSplitter(interByteTimeoutMs, bytesOfHex(partial), heardAt),
      gateway: new FrameSplitter(Infinity, new Uint8Array(0), 0),
    };
  }

  read(from: Side, chunk: Uint8Array, t: number): void {
    if (this.link === null) this.readSession(from, chunk, t);
    else
      for (const segment of this.splitters[from].push(chunk, t))
        this.readSegment(this.link, from, segment, t);
  }

  /** What the board's line holds without an END: a prompt, or the beginning of a frame. */
  get unended(): Uint8Array {
    return this.splitters.board.partial;
  }

  /** The connection is over: what was not whole is told. */
  end(t: number): void {
    for (const from of ["board", "gateway"] as const) {
      if (this.link !== null)
        for (const segment of this.splitters[from].end()) this.readSegment(this.link, from, segment, t);
      this.endSide(from, t);
    }
  }

  private readSegment(link: LinkState, from: Side, { bytes, silentAt }: Segment, t: number): void {
    const frame = readFrame(bytes, 0, bytes.length);
    if (typeof frame !== "string") return this.readGoodFrame(link, from, frame, bytes, t);
    // What was before the silence was given up, so that a frame may begin behind it.
    const noise = silentAt === 0 ? bytes : bytes.subarray(0, silentAt);
    const { meaning, clause } = describeNoise(noise, 0, noise.length, silentAt === 0 ? frame : SILENCE);
    this.onPiece({
      t,
      from,
      kind: "noise",
      meaning,
      clause,
      isUnderstood: false,
      stage: "nothing",
      bytes: noise,
    });
    if (silentAt > 0) this.readSegment(link, from, { bytes: bytes.subarray(silentAt), silentAt: 0 }, t);
  }

  private readGoodFrame(link: LinkState, from: Side, frame: GoodFrame, bytes: Uint8Array, t: number): void {
    const { meaning, clause, isUnderstood } = describeFrame(frame);
    const trouble = frame.type === FrameType.DATA ? troubleOf(link, from, frame) : "";
    const tell = { t, from, kind: "frame", clause, isUnderstood, stage: "nothing", bytes } as const;
    this.onPiece({ ...tell, meaning: trouble === "" ? meaning : `${meaning}; ${trouble}` });
    if (frame.type !== FrameType.DATA) this.follow(link, from, frame, t);
    else if (trouble === "") {
      link.seqs[from] = (frame.seq + 1) & 255;
      this.readSession(from, frame.payload, t);
    } else if (frame.link === link.id) this.close(link, t);
  }

  /** OPEN_ACK begins a session's bytes anew in both directions, RESET of the open link ends them. */
  private follow(link: LinkState, from: Side, { type, link: id }: GoodFrame, t: number): void {
    if (type === FrameType.ACK && from === "gateway") {
      this.close(link, t);
      Object.assign(link, { isOpen: true, id, seqs: { board: 0, gateway: 0 } });
      this.sides.board.begin(request);
      this.sides.gateway.begin(reply);
    } else if (type === FrameType.RESET && id === link.id) this.close(link, t);
  }

  private close(link: LinkState, t: number): void {
    if (!link.isOpen) return;
    link.isOpen = false;
    this.endSide("board", t);
    this.endSide("gateway", t);
  }

  private endSide(from: Side, t: number): void {
    const left = this.sides[from].end();
    if (left === 0) return;
    const meaning = `a message that did not become whole: ${left} bytes of it were there`;
    const clause = "session §2";
    this.onPiece({
      t,
      from,
      kind: "message",
      meaning,
      clause,
      isUnderstood: false,
      stage: "nothing",
      bytes: new Uint8Array(0),
    });
  }

  private readSession(from: Side, bytes: Uint8Array, t: number): void {
    for (const { finding, stage, bytes: own } of this.sides[from].read(bytes)) {
      const { meaning, clause, isUnderstood } = finding;
      this.onPiece({ t, from, kind: "message", meaning, clause, isUnderstood, stage, bytes: own });
    }
  }
}

/** Why a DATA frame is none of the session's bytes; "" when it is. */
function troubleOf({ isOpen, id, seqs }: LinkState, from: Side, { link, seq }: GoodFrame): string {
  if (!isOpen) return "ignored, the link is not open";
  if (link !== id) return `ignored, link ${id.toString(16).padStart(2, "0")} is open`;
  return seq === seqs[from] ? "" : `a gap, seq ${seqs[from]} was next`;
}
