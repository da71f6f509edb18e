/**
 * What passed on a wire as a capture for Wireshark: a classic pcap file of link type USER0, each record with a head of
 * ours in front, as host/cli/sniff/bowline.lua reads it.
 *
 *   record:  version:1 = 1   what:1   wire:1   from:1   connection:4   then by `what`, numbers big-endian
 *            0 bytes    one frame or noise on a cable, a chunk on a socket
 *            1 begin    isOpen:1 link:1 seqBoard:1 seqGateway:1  stageBoard:1 stageGateway:1
 *                       indexBoard:8 indexGateway:8  name:~
 *            2 rest     session bytes of the board that were read before, of a message that goes on
 *            3 missed   text:~
 *            4 over     text:~
 *   wire:    0 cable, 1 socket          from:  0 board, 1 gateway
 *   stage:   0 nothing, 1 request, 2 reply, 3 state, 4 packets
 */
import { closeSync, fchmodSync, fstatSync, openSync, writeSync } from "node:fs";
import type { Side } from "../../frames/side-reader.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import type { LinkBegin } from "../../router/link-listener.ts";
import type { Stage } from "../../session/wire-shape.ts";

const MAGIC = 0xa1b2c3d4;
/** DLT_USER0: ours to define. */
const LINK_TYPE = 147;
/** Wireshark takes no record above 262 144 bytes. */
const MAX_BYTES = 65_536;
const RECORD_HEAD = 16;
const OUR_HEAD = 8;

const whats = { bytes: 0, begin: 1, rest: 2, missed: 3, over: 4 } as const;
const stages: Record<Stage, number> = { nothing: 0, request: 1, reply: 2, state: 3, packets: 4 };

const exitCodes: Record<string, ExitCode> = {
  EACCES: ExitCode.permission,
  EPERM: ExitCode.permission,
  EROFS: ExitCode.permission,
  ENOENT: ExitCode.notFound,
};

export class CaptureFile {
  private constructor(
    private readonly path: string,
    private readonly file: number,
  ) {}

  /** A new file in place of an older one, for its owner alone: session ids are in it. */
  static create(path: string): CaptureFile {
    const head = Buffer.alloc(24);
    head.writeUInt32LE(MAGIC, 0);
    head.writeUInt16LE(2, 4); // version 2.4
    head.writeUInt16LE(4, 6);
    head.writeUInt32LE(MAX_BYTES + OUR_HEAD, 16);
    head.writeUInt32LE(LINK_TYPE, 20);
    const file = attempt(path, () => {
      const opened = openSync(path, "w", 0o600);
      // One that was there keeps the mode it had; what is no file, a pipe to Wireshark, is whose it is.
      if (fstatSync(opened).isFile()) fchmodSync(opened, 0o600);
      return opened;
    });
    const capture = new CaptureFile(path, file);
    capture.write(head);
    return capture;
  }

  writeBegin(begin: LinkBegin): void {
    const { t, name, state } = begin;
    const { link, board, gateway } = state;
    const body = Buffer.alloc(22);
    body.writeUInt8(link?.isOpen ? 1 : 0, 0);
    body.writeUInt8(link?.id ?? 0, 1);
    body.writeUInt8(link?.seqs.board ?? 0, 2);
    body.writeUInt8(link?.seqs.gateway ?? 0, 3);
    body.writeUInt8(stages[board.stage], 4);
    body.writeUInt8(stages[gateway.stage], 5);
    body.writeBigUInt64BE(BigInt(board.index), 6);
    body.writeBigUInt64BE(BigInt(gateway.index), 14);
    this.writeRecord(begin, "begin", "board", Buffer.concat([body, Buffer.from(name)]), t);
    this.writePieces(begin, "rest", "board", Buffer.from(board.partial, "hex"), t);
  }

  writeBytes(begin: LinkBegin, from: Side, bytes: Uint8Array, t: number): void {
    this.writePieces(begin, "bytes", from, bytes, t);
  }

  writeNote(begin: LinkBegin, what: "missed" | "over", text: string, t: number): void {
    this.writeRecord(begin, what, "board", Buffer.from(text), t);
  }

  close(): void {
    attempt(this.path, () => closeSync(this.file));
  }

  private writePieces(
    begin: LinkBegin,
    what: "bytes" | "rest",
    from: Side,
    bytes: Uint8Array,
    t: number,
  ): void {
    for (let at = 0; at < bytes.length; at += MAX_BYTES)
      this.writeRecord(begin, what, from, bytes.subarray(at, at + MAX_BYTES), t);
  }

  private writeRecord(
    { connection, state, t: beganAt, wall }: LinkBegin,
    what: keyof typeof whats,
    from: Side,
    body: Uint8Array,
    t: number,
  ): void {
    const us = Math.round((wall + t - beganAt) * 1000);
    const head = Buffer.alloc(RECORD_HEAD + OUR_HEAD);
    head.writeUInt32LE(Math.floor(us / 1e6), 0);
    head.writeUInt32LE(us % 1e6, 4);
    head.writeUInt32LE(OUR_HEAD + body.length, 8);
    head.writeUInt32LE(OUR_HEAD + body.length, 12);
    head.set([1, whats[what], state.link === null ? 1 : 0, from === "board" ? 0 : 1], RECORD_HEAD);
    head.writeUInt32BE(connection, RECORD_HEAD + 4);
    this.write(Buffer.concat([head, body]));
  }

  private write(bytes: Uint8Array): void {
    attempt(this.path, () => {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.file, bytes, at);
    });
  }
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const text = `writing the capture ${path}: ${message}; needed: a file that can be written`;
    throw new BowlineError(
      "CAPTURE_FAILED",
      text,
      exitCodes[code] ?? ExitCode.failure,
      "give another --pcap FILE",
    );
  }
}
