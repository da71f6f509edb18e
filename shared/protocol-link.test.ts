/** PROTOCOL.md against the code: the frames of the serial link (section 2) and the reasons of a break (section 6). */
import { describe, expect, test } from "vitest";
import { nodeEngine } from "../host/platform/engine.ts";
import * as frameConstants from "./link/frame.ts";
import type { Link } from "./link/link.ts";
import { createLink } from "./link/link.ts";
import { breakLink, openLink, receiveChunk } from "./link/receive-frame.ts";
import { flushLink, sendBytes, sendLog, sendRepl } from "./link/send-frame.ts";
import { annotated, unescaped } from "./testing/protocol-bytes.ts";
import type { Section } from "./testing/protocol-document.ts";
import { documentText, hexBlock, tableRows } from "./testing/protocol-document.ts";
import { membersOf } from "./testing/protocol-source.ts";
import { bytesOf, hexOf } from "./testing/side.ts";

class End {
  readonly link: Link;
  readonly heard: string[] = [];
  private out: Uint8Array[] = [];

  constructor(isBoard: boolean, id: number) {
    const hex = (bytes: Uint8Array, start: number, end: number) => hexOf(bytes.slice(start, end));
    this.link = createLink(
      isBoard,
      id,
      nodeEngine,
      {
        onWrite: (bytes, start, end) => this.out.push(bytes.slice(start, end)),
        onOpened: () => this.heard.push(isBoard ? "ACK" : "OPEN"),
        onBroken: (reason) => this.heard.push(`RESET ${reason.toString(16)}`),
        onData: (bytes, start, end) => this.heard.push(`DATA ${hex(bytes, start, end)}`),
        onLog: (bytes, start, end) => this.heard.push(`LOG ${hex(bytes, start, end)}`),
        onRepl: () => this.heard.push("REPL"),
      },
      new Uint8Array(4096),
      256,
    );
  }

  take(): string {
    const all = hexOf(Buffer.concat(this.out));
    this.out = [];
    return all;
  }
}

describe("the serial link (section 2)", () => {
  const sections = hexBlock("frames");
  const { FrameType, Break } = {
    FrameType: membersOf(frameConstants, "FrameType"),
    Break: membersOf(frameConstants, "Break"),
  };
  const typeOf = ({ title }: Section) => title.split(":")[0];
  const payloadOf = (section: Section) =>
    unescaped(
      section.fields
        .filter(({ name }) => name === "payload" || name === "reason")
        .map(({ hex }) => hex)
        .join(""),
    );

  test("the frames of the document are one conversation, written and understood by the code", () => {
    const board = new End(true, 0x59);
    const gateway = new End(false, 0);
    for (const side of [board, gateway]) {
      const section = sections.find((s) => typeOf(s) === (side === board ? "OPEN" : "ACK"))!;
      side.link.rx = Number(annotated(section, "rx"));
      side.link.max = Number(annotated(section, "max"));
    }
    const say: Record<string, (payload: Uint8Array) => void> = {
      OPEN: () => openLink(board.link, 0),
      ACK: () => {}, // said when the gateway heard OPEN
      DATA: (payload) => {
        sendBytes(board.link, payload, 0, payload.length, 0);
        flushLink(board.link, 0);
      },
      LOG: (payload) => sendLog(board.link, payload, 0),
      RESET: ([reason]) => breakLink(board.link, reason, 0),
      REPL: () => sendRepl(gateway.link, 0),
    };
    for (const section of sections) {
      const type = typeOf(section);
      const payload = payloadOf(section);
      const [speaker, hearer] = type === "ACK" || type === "REPL" ? [gateway, board] : [board, gateway];
      say[type](bytesOf(payload));
      const said = speaker.take();
      const front = type === "DATA" ? "" : "c0";
      expect(said.slice(0, front.length + section.hex.length), section.title).toBe(front + section.hex);
      receiveChunk(hearer.link, bytesOf(section.hex), 0);
      expect(hearer.heard.at(-1), section.title).toBe(payload === "" ? type : `${type} ${payload}`);
    }
    expect([gateway.link.peerRx, gateway.link.peerMax]).toEqual([768, 256]);
    expect([board.link.peerRx, board.link.peerMax]).toEqual([16384, 16375]);
    expect([board.link.noise, gateway.link.noise]).toEqual([0, 0]);
  });

  test("every type of frame has its example and its row, with letter and byte", () => {
    expect(new Set(sections.map(typeOf))).toEqual(new Set(Object.keys(FrameType)));
    const rows = tableRows("type", "name").map(([byte, name]) => [name.split(/\W/)[0], byte]);
    expect(Object.fromEntries(rows)).toEqual(lettersOf(FrameType));
  });

  test("every reason of a break has its row, with letter and byte (section 6)", () => {
    const rows = tableRows("letter", "name").map(([byte, name]) => [name, byte]);
    expect(Object.fromEntries(rows)).toEqual(lettersOf(Break));
  });

  test("the silence that gives up a partial frame is the default", () => {
    expect(documentText).toContain(`nothing more for ${new End(true, 0).link.interByteTimeout} ms`);
  });

  const lettersOf = (members: Record<string, number>) =>
    Object.fromEntries(
      Object.entries(members).map(([name, byte]) => [
        name,
        `\`${String.fromCharCode(byte)}\` ${byte.toString(16)}`,
      ]),
    );
});
