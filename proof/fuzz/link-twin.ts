/**
 * What one end of the serial link has to make of a whole stream, read the plain way: the naive twin of
 * shared/link/receive-frame.ts, which reads the same bytes cut anywhere (session part 3).
 */
import { nodeEngine } from "../../host/platform/engine.ts";
import { Break, Frame, FrameType, isFrameType, Slip } from "../../shared/link/frame.ts";
import { decodeVarint, varintLength } from "../../shared/varint.ts";

/** How the link stands before the stream. */
export interface LinkSituation {
  name: string;
  isBoard: boolean;
  isOpen: boolean;
  id: number;
}

/** What it came to, as a run of events: `D` data, `O` opened, `B` broken, `L` log, `P` repl, each with its bytes. */
export class LinkEvents {
  readonly codes: number[] = [];

  add(event: string, bytes: Uint8Array | number[] = [], start = 0, end = bytes.length): void {
    this.codes.push(event.charCodeAt(0), end - start);
    for (let i = start; i < end; i++) this.codes.push(bytes[i]);
  }
}

export class LinkTwin {
  readonly events = new LinkEvents();
  isOpen: boolean;
  id: number;
  private seq = 0;
  private hasData = false;
  private readonly isBoard: boolean;

  constructor(situation: LinkSituation) {
    this.isOpen = situation.isOpen;
    this.isBoard = situation.isBoard;
    this.id = situation.id;
  }

  /** Every frame of bytes[0…length) that has its END. */
  read(bytes: Uint8Array, length: number): void {
    let start = 0;
    for (let at = 0; at < length; at++) {
      if (bytes[at] !== Slip.END) continue;
      if (at > start) this.readFrame(bytes.subarray(start, at));
      start = at + 1;
    }
  }

  private readFrame(raw: Uint8Array): void {
    const plain: number[] = [];
    // A frame that lost the second byte of an escape is right as it stands: its checksum says so.
    if (isChecked(raw)) return this.readGood(raw);
    let isWhole = true;
    for (let i = 0; i < raw.length && isWhole; i++) {
      if (raw[i] !== Slip.ESC) plain.push(raw[i]);
      else if (raw[i + 1] === Slip.ESC_END) plain.push(Slip.END);
      else if (raw[i + 1] === Slip.ESC_ESC) plain.push(Slip.ESC);
      else isWhole = false;
      if (raw[i] === Slip.ESC) i++;
    }
    const frame = Uint8Array.from(plain);
    if (isWhole && isChecked(frame)) return this.readGood(frame);
    const type = plain[0] ?? raw[0];
    const id = plain[1] ?? raw[1];
    if (this.isOpen && id === this.id && isFrameType(type)) this.lose(Break.CHECKSUM);
  }

  private readGood(frame: Uint8Array): void {
    const [type, id] = frame;
    const size = frame.length - Frame.CRC_SIZE;
    if (type === FrameType.DATA) this.readData(frame, size);
    else this.readControl(type, id, frame.subarray(Frame.HEADER_SIZE, size));
  }

  private readData(frame: Uint8Array, size: number): void {
    const [, id, seq] = frame;
    if (!this.isOpen || id !== this.id) return;
    if (seq !== this.seq) return this.lose(Break.SEQUENCE);
    this.seq = (this.seq + 1) % 256;
    this.hasData = true;
    this.events.add("D", frame, Frame.HEADER_SIZE, size);
  }

  private readControl(type: number, id: number, payload: Uint8Array): void {
    const isOurs = id === this.id;
    if (type === FrameType.OPEN && !this.isBoard) this.readOpen(id, payload);
    else if (type === FrameType.ACK && this.isBoard && !this.isOpen && isOurs && saysLimits(payload))
      this.open();
    else if (type === FrameType.RESET && this.isOpen && isOurs) this.lose(payload[0] ?? 0);
    else if (type === FrameType.LOG && !this.isBoard) this.events.add("L", payload);
    else if (type === FrameType.REPL && this.isBoard) this.events.add("P");
  }

  private readOpen(id: number, payload: Uint8Array): void {
    if (this.isOpen && id === this.id && !this.hasData) return; // our OPEN_ACK was lost
    if (!saysLimits(payload)) return;
    if (this.isOpen) this.events.add("B", [Break.ASKED]);
    this.id = id;
    this.open();
  }

  private open(): void {
    this.isOpen = true;
    this.seq = 0;
    this.hasData = false;
    this.events.add("O");
  }

  private lose(reason: number): void {
    this.isOpen = false;
    this.events.add("B", [reason]);
    if (!this.isBoard) return;
    this.id = (this.id + 1) % 256;
    if (this.id === Slip.END || this.id === Slip.ESC) this.id++;
  }
}

function isChecked(frame: Uint8Array): boolean {
  if (frame.length < Frame.HEADER_SIZE + Frame.CRC_SIZE) return false;
  return nodeEngine.crc32(frame, 0, frame.length) === Frame.CRC_RESIDUE;
}

function saysLimits(payload: Uint8Array): boolean {
  if (payload.length === 0 || payload[0] !== Frame.LINK_VERSION) return false;
  const rx = decodeVarint(payload, 1, payload.length);
  return rx >= 1 && decodeVarint(payload, 1 + varintLength(payload[1]), payload.length) >= 1;
}
