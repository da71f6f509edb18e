/** The serial link in both roles, given frames with right and wrong headers and checksums, in pieces, beside its naive twin. */
import { nodeEngine } from "../../host/platform/engine.ts";
import { Frame, FrameType, Slip } from "../../shared/link/frame.ts";
import { createLink, type Link, type LinkHandler } from "../../shared/link/link.ts";
import { linkDeadline, receiveChunk, tickLink } from "../../shared/link/receive-frame.ts";
import { hold } from "../proof.ts";
import type { FuzzTarget } from "./fuzz.ts";
import { LinkEvents, type LinkSituation, LinkTwin } from "./link-twin.ts";
import { snapshotOf } from "./snapshot.ts";
import type { StreamSource } from "./stream-source.ts";

const NOW = 5000;
const LATER = 1e6;
const MAX_PAYLOAD = 64;
/** Longer than the longest stream, so that no frame is oversize; the small one makes them so. */
const BUFFER_BYTES = 2048;
const SMALL_BUFFER_BYTES = 256;
const LINK_ID = 0x10;
const TYPES = [FrameType.DATA, FrameType.OPEN, FrameType.ACK, FrameType.RESET, FrameType.LOG, FrameType.REPL];
/** Ours, the next one, one that has to be escaped. */
const IDS = [LINK_ID, LINK_ID, LINK_ID, LINK_ID + 1, Slip.END];
/** Link version 1, 512 and 256 bytes. */
const LIMITS = [1, 0xf2, 0x10, 0xf1, 0x10];

const situations: readonly LinkSituation[] = [
  { name: "board, closed", isBoard: true, isOpen: false, id: LINK_ID },
  { name: "board, open", isBoard: true, isOpen: true, id: LINK_ID },
  { name: "gateway, closed", isBoard: false, isOpen: false, id: LINK_ID },
  { name: "gateway, open", isBoard: false, isOpen: true, id: LINK_ID },
];

export const linkTarget: FuzzTarget = { name: "link", weight: 20, feed };
export const smallLinkTarget: FuzzTarget = { name: "link with oversize frames", weight: 4, feed: feedSmall };

class Recorder implements LinkHandler {
  events = new LinkEvents();
  written = 0;

  onWrite(_bytes: Uint8Array, start: number, end: number): void {
    hold(start < end, "a write of nothing");
    this.written += end - start;
  }

  onOpened(): void {
    this.events.add("O");
  }

  onBroken(reason: number): void {
    this.events.add("B", [reason]);
  }

  onData(bytes: Uint8Array, start: number, end: number): void {
    this.events.add("D", bytes, start, end);
  }

  onLog(bytes: Uint8Array, start: number, end: number): void {
    this.events.add("L", bytes, start, end);
  }

  onRepl(): void {
    this.events.add("P");
  }
}

/** A link brought into a situation once; every stream finds it as it was then. */
class Arranged {
  readonly recorder = new Recorder();
  readonly link: Link;
  private readonly restoreLink: () => void;

  constructor(
    readonly situation: LinkSituation,
    bufferBytes: number,
  ) {
    const { isBoard, isOpen, id } = situation;
    this.link = createLink(isBoard, id, nodeEngine, this.recorder, new Uint8Array(bufferBytes), MAX_PAYLOAD);
    this.link.isOpen = isOpen;
    this.link.openAt = LATER;
    this.restoreLink = snapshotOf(this.link);
  }

  restore(): void {
    this.restoreLink();
    this.recorder.events = new LinkEvents();
  }
}

const arranged = situations.map((situation) => new Arranged(situation, BUFFER_BYTES));
const small = situations.map((situation) => new Arranged(situation, SMALL_BUFFER_BYTES));

function feed(source: StreamSource): void {
  const one = source.pick(arranged);
  makeFrames(source);
  const { link, recorder, situation } = hear(one, source);
  const twin = new LinkTwin(situation);
  twin.read(source.bytes, source.length);
  const [got, expected] = [recorder.events.codes, twin.events.codes];
  const isSame = got.length === expected.length && got.every((code, i) => code === expected[i]);
  hold(isSame, () => `${situation.name}: events ${got}, expected ${expected}`);
  hold(link.isOpen === twin.isOpen, () => `${situation.name}: open ${link.isOpen}, expected ${twin.isOpen}`);
  hold(link.id === twin.id, () => `${situation.name}: link ${link.id}, expected ${twin.id}`);
  checkTime(link);
}

/** Where frames do not fit it depends on the pieces which are given up: data is still delivered in its order, or not at all. */
function feedSmall(source: StreamSource): void {
  const one = source.pick(small);
  makeFrames(source);
  if (source.below(2) === 0) source.addRandom(400);
  makeFrame(source);
  const { link } = hear(one, source);
  checkTime(link);
}

function hear(one: Arranged, source: StreamSource): Arranged {
  one.restore();
  const { bytes, length } = source;
  const { link } = one;
  for (let at = 0; at < length; ) {
    const end = Math.min(length, at + 1 + source.below(length));
    receiveChunk(link, bytes.subarray(at, end), NOW);
    hold(link.from <= link.fill && link.fill < link.buffer.length, () => `${link.from}…${link.fill} is kept`);
    hold(link.size <= MAX_PAYLOAD, () => `${link.size} bytes in a frame`);
    at = end;
  }
  return one;
}

/** A partial frame is given up in time; then only a board that is closed waits for anything. */
function checkTime(link: Link): void {
  tickLink(link, LATER - 1);
  hold(
    link.fill === 0 && link.from === 0,
    () => `${link.fill - link.from} bytes of a frame are kept for ever`,
  );
  const isOpening = link.isBoard && !link.isOpen;
  hold(linkDeadline(link) < Infinity === isOpening, () => `waits until ${linkDeadline(link)}`);
}

/** Frames of all types, mostly as they should be. */
function makeFrames(source: StreamSource): void {
  source.length = 0;
  if (source.below(10) === 0) source.addRandom(source.below(60));
  for (let n = source.below(6); n > 0; n--) makeFrame(source);
  if (source.below(3) === 0) source.spoil();
}

const frame = new Uint8Array(Frame.HEADER_SIZE + MAX_PAYLOAD + Frame.CRC_SIZE);

function makeFrame(source: StreamSource): void {
  frame[0] = source.pick(TYPES);
  if (source.below(3) > 0) frame[0] = FrameType.DATA;
  frame[1] = source.pick(IDS);
  frame[2] = source.below(4);
  let end: number = Frame.HEADER_SIZE;
  if (source.below(2) === 0) for (const byte of LIMITS) frame[end++] = byte;
  else
    for (let n = source.below(12); n > 0; n--)
      frame[end++] = source.below(4) > 0 ? source.next() : source.pick([Slip.END, Slip.ESC]);
  const crc = nodeEngine.crc32(frame, 0, end);
  for (let shift = 0; shift < 32; shift += 8) frame[end++] = crc >>> shift;
  for (let i = 0; i < end; i++) {
    if (frame[i] === Slip.END) source.add(Slip.ESC);
    else if (frame[i] === Slip.ESC) source.add(Slip.ESC);
    source.add(frame[i] === Slip.END ? Slip.ESC_END : frame[i] === Slip.ESC ? Slip.ESC_ESC : frame[i]);
  }
  source.add(Slip.END);
}
