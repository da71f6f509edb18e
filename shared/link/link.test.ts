import { describe, expect, test } from "vitest";
import { nodeEngine } from "../../host/platform/engine.ts";
import { bytesOf, hexOf } from "../testing/side.ts";
import vectors from "../vectors/session.json";
import { Break } from "./frame.ts";
import type { Link } from "./link.ts";
import { createLink } from "./link.ts";
import { breakLink, linkDeadline, openLink, receiveChunk, tickLink } from "./receive-frame.ts";
import { flushLink, sendBytes, sendLog, sendRepl } from "./send-frame.ts";

class End {
  readonly link: Link;
  readonly events: string[] = [];
  data = "";
  private out: Uint8Array[] = [];

  constructor(isBoard: boolean, id = 89, bufferSize = 600) {
    this.link = createLink(
      isBoard,
      id,
      nodeEngine,
      {
        onWrite: (bytes, start, end) => this.out.push(bytes.slice(start, end)),
        onOpened: () => this.events.push("opened"),
        onBroken: (reason) => this.events.push(`broken ${String.fromCharCode(reason)}`),
        onData: (bytes, start, end) => {
          this.data += hexOf(bytes.slice(start, end));
        },
        onLog: (bytes, start, end) =>
          this.events.push(`log ${Buffer.from(bytes.slice(start, end)).toString("latin1")}`),
        onRepl: () => this.events.push("repl"),
      },
      new Uint8Array(bufferSize),
      256,
    );
  }

  take(): string {
    const all = hexOf(Buffer.concat(this.out));
    this.out = [];
    return all;
  }

  hear(hex: string, now = 0): void {
    receiveChunk(this.link, bytesOf(hex), now);
  }

  send(hex: string, now = 0): string {
    const bytes = bytesOf(hex);
    sendBytes(this.link, bytes, 0, bytes.length, now);
    flushLink(this.link, now);
    return this.take();
  }
}

const vector = (prefix: string) => {
  const found = vectors.link.find((v) => v.name.startsWith(prefix));
  if (!found) throw new Error(`no link vector ${prefix}`);
  return found;
};
const OPEN = vector("OPEN by").hex;
const ACK = "415a0001f210f110"; // what follows is the CRC, checked by the vectors

/** A gateway with link 90 open and `rxSeq` as wanted. */
function openGateway(rxSeq = 0): End {
  const gateway = new End(false);
  gateway.hear(OPEN);
  gateway.take();
  gateway.link.rxSeq = rxSeq;
  return gateway;
}

function openBoard(): { board: End; gateway: End } {
  const board = new End(true, 89);
  const gateway = new End(false);
  openLink(board.link, 0);
  gateway.hear(board.take());
  board.hear(gateway.take());
  expect(board.events).toEqual(["opened"]);
  return { board, gateway };
}

describe("frames (session part 3)", () => {
  test("a board's OPEN is the vector's, behind one END", () => {
    const board = new End(true, 89);
    openLink(board.link, 0);
    expect(board.take()).toBe(`c0${OPEN}`);
  });

  test("a gateway's OPEN_ACK is the vector's", () => {
    const gateway = new End(false);
    gateway.link.rx = 65536;
    gateway.link.max = 65536;
    gateway.hear(OPEN);
    expect(gateway.take()).toBe(`c0${vector("OPEN_ACK").hex}`);
    expect(gateway.events).toEqual(["opened"]);
    expect([gateway.link.peerRx, gateway.link.peerMax]).toEqual([512, 256]);
  });

  const data = vectors.link.filter((v) => v.type === "D");
  test.each(data)("$name: written as in the vector", ({ payload, seq, hex }) => {
    const gateway = openGateway();
    gateway.link.txSeq = seq;
    expect(gateway.send(payload)).toBe(hex);
  });

  test.each(data)(
    "$name: read whole, cut at every byte, behind ENDs and with bytes left over",
    ({ payload, seq, hex }) => {
      for (let cut = 0; cut <= hex.length; cut += 2) {
        const gateway = openGateway(seq);
        gateway.hear(`c0c0${hex.slice(0, cut)}`);
        gateway.hear(`${hex.slice(cut)}445a`);
        expect(gateway.data).toBe(payload);
        expect(gateway.events).toEqual(["opened"]);
        expect(gateway.link.noise).toBe(0);
      }
    },
  );

  test("RESET and LOG are read and written as in the vectors", () => {
    const gateway = openGateway();
    gateway.hear(vector("LOG").hex);
    gateway.hear(vector("RESET").hex);
    expect(gateway.events).toEqual(["opened", "log boot 3", "broken s"]);
    const { board } = openBoard();
    sendLog(board.link, bytesOf(vector("LOG").payload), 0);
    expect(board.take()).toBe(`c0${vector("LOG").hex}`);
    breakLink(board.link, Break.SEQUENCE, 0);
    expect(board.take()).toContain(`c0${vector("RESET").hex}`);
  });

  test("several packets that are ready together share a frame, a long one is spread over frames of 256", () => {
    const { board, gateway } = openBoard();
    sendBytes(board.link, bytesOf("0161"), 0, 2, 0);
    sendBytes(board.link, bytesOf("0162"), 0, 2, 0);
    flushLink(board.link, 0);
    gateway.hear(board.take());
    expect(gateway.link.frames).toBe(2); // OPEN and one DATA
    gateway.hear(board.send("ab".repeat(600)));
    expect(gateway.link.frames).toBe(5);
    expect(gateway.data).toBe(`01610162${"ab".repeat(600)}`);
  });

  test("a frame of nothing but END and ESC bytes passes", () => {
    const { board, gateway } = openBoard();
    gateway.hear(board.send("c0db".repeat(128)));
    expect(gateway.data).toBe("c0db".repeat(128));
  });

  test("an END goes before a frame after a second of silence, and not before the next", () => {
    const { board } = openBoard();
    expect(board.send("61", 1000).startsWith("c044")).toBe(true);
    expect(board.send("61", 1999).startsWith("44")).toBe(true);
  });

  test("REPL gives the board's port back, and a gateway ignores it", () => {
    const { board, gateway } = openBoard();
    sendRepl(gateway.link, 0);
    const frame = gateway.take();
    board.hear(frame);
    expect(board.events).toContain("repl");
    gateway.hear(frame);
    expect(gateway.events).not.toContain("repl");
  });
});

describe("opening (session part 3)", () => {
  test("OPEN is repeated unchanged every second until OPEN_ACK echoes its link byte", () => {
    const board = new End(true, 89);
    openLink(board.link, 0);
    const first = board.take();
    expect(linkDeadline(board.link)).toBe(1000);
    tickLink(board.link, 999);
    expect(board.take()).toBe("");
    tickLink(board.link, 1000);
    expect(board.take()).toBe(first);
    const gateway = new End(false);
    gateway.hear(first);
    const ack = gateway.take();
    expect(ack.startsWith(`c0${ACK}`)).toBe(true);
    board.hear(ack);
    board.hear(ack); // the second of two answers
    expect(board.events).toEqual(["opened"]);
    expect(linkDeadline(board.link)).toBe(Infinity);
  });

  test("an OPEN_ACK for another link byte opens nothing", () => {
    const board = new End(true, 89);
    openLink(board.link, 0);
    const other = new End(true, 12);
    openLink(other.link, 0);
    const gateway = new End(false);
    gateway.hear(other.take());
    board.hear(gateway.take());
    expect(board.events).toEqual([]);
    expect(board.link.stale).toBe(1);
  });

  test("the same OPEN again is answered again and breaks nothing, unless data came in between: then the board began anew", () => {
    const gateway = openGateway();
    gateway.hear(OPEN);
    expect(gateway.take().startsWith(`c0${ACK}`)).toBe(true);
    expect(gateway.events).toEqual(["opened"]);
    gateway.hear(vector("DATA 0").hex);
    gateway.hear(OPEN);
    expect(gateway.events).toEqual(["opened", "broken q", "opened"]);
    gateway.hear(vector("DATA 0").hex); // both sequences are zero again
    expect(gateway.data).toBe("01000100");
  });

  test("a new OPEN discards what was not yet framed", () => {
    const gateway = openGateway();
    sendBytes(gateway.link, bytesOf("aabb"), 0, 2, 0);
    const board = new End(true, 6);
    openLink(board.link, 0);
    gateway.hear(board.take());
    gateway.take();
    flushLink(gateway.link, 0);
    expect(gateway.take()).toBe("");
  });

  test("a gateway that hears DATA of a link it does not know sends RESET for it, at most every 200 ms", () => {
    const gateway = new End(false);
    const frame = vector("DATA 0").hex;
    gateway.hear(frame, 1000);
    expect(gateway.take()).toContain("525a0073");
    gateway.hear(frame, 1199);
    expect(gateway.take()).toBe("");
    gateway.hear(frame, 1200);
    expect(gateway.take()).toContain("525a0073");
    expect(gateway.link.stale).toBe(3);
  });

  test("an OPEN of another link version is not answered", () => {
    const gateway = new End(false);
    const board = new End(true, 89);
    board.link.rx = 512;
    openLink(board.link, 0);
    const good = bytesOf(board.take());
    good[4] = 2; // linkVersion, behind END, type, link, seq
    const body = good.slice(1, -5);
    const crc = nodeEngine.crc32(body, 0, body.length);
    gateway.hear(`${hexOf(body) + hexOf(new Uint8Array(Uint32Array.of(crc).buffer))}c0`);
    expect(gateway.take()).toBe("");
    expect(gateway.link.stale).toBe(1);
  });
});

describe("breaking (session part 3)", () => {
  test("a sequence gap breaks the link, is told with RESET s, and the board opens again with a fresh link byte", () => {
    const { board, gateway } = openBoard();
    board.send("6161");
    gateway.hear(board.send("6262"));
    expect(gateway.data).toBe("");
    expect(gateway.events).toEqual(["opened", "broken s"]);
    board.hear(gateway.take());
    expect(board.events).toEqual(["opened", "broken s"]);
    gateway.hear(board.take());
    expect(gateway.link.id).toBe(91);
    expect(gateway.events).toEqual(["opened", "broken s", "opened"]);
  });

  test.each([
    ["flipped", (hex: string) => `${hex.slice(0, 8)}ff${hex.slice(10)}`],
    ["dropped", (hex: string) => hex.slice(0, 8) + hex.slice(10)],
    ["inserted", (hex: string) => `${hex.slice(0, 8)}ff${hex.slice(8)}`],
  ])("a byte %s in the payload breaks the link and nothing of it is delivered", (_, damage) => {
    const gateway = openGateway();
    gateway.hear(damage(vector("DATA 0").hex));
    expect(gateway.data).toBe("");
    expect(gateway.events).toEqual(["opened", "broken c"]);
  });

  test("a frame damaged beyond its type and link byte is noise, and the gap it leaves breaks the link", () => {
    const gateway = openGateway();
    gateway.hear(`99${vector("DATA 0").hex.slice(2)}`);
    expect(gateway.events).toEqual(["opened"]);
    expect(gateway.link.noise).toBeGreaterThan(0);
    gateway.hear(vector("DATA 1").hex);
    expect(gateway.events).toEqual(["opened", "broken s"]);
  });

  test("one byte between ENDs is noise, also on a link whose byte is that of END", () => {
    const gateway = new End(false);
    gateway.hear("4fdbdc0301f210f11079762fc2c0"); // OPEN of link c0
    expect(gateway.events).toEqual(["opened"]);
    gateway.hear("44c0");
    expect(gateway.events).toEqual(["opened"]);
    expect(gateway.link.noise).toBe(1);
  });

  test("a partial frame older than the inter-byte timeout breaks the link; foreign bytes as old are only counted", () => {
    const gateway = openGateway();
    gateway.hear("445a00", 1000);
    expect(linkDeadline(gateway.link)).toBe(1300);
    tickLink(gateway.link, 1299);
    expect(gateway.events).toEqual(["opened"]);
    tickLink(gateway.link, 1300);
    expect(gateway.events).toEqual(["opened", "broken t"]);
    const other = openGateway();
    other.hear(hexOf(Buffer.from(">echo")), 1000);
    tickLink(other.link, 1300);
    expect(other.events).toEqual(["opened"]);
    expect(other.link.noise).toBe(5);
  });

  test("its time is up at the very moment that linkDeadline() names, fractions of a millisecond included", () => {
    for (let i = 0; i < 100; i++) {
      const gateway = openGateway();
      gateway.hear("445a00", 1000 + i / 9);
      tickLink(gateway.link, linkDeadline(gateway.link));
      expect(gateway.events, `heard at 1000 + ${i}/9 ms`).toEqual(["opened", "broken t"]);
    }
  });

  test("a frame too long for the buffer breaks the link as oversize, and the rest of it is skipped to its END", () => {
    const gateway = openGateway();
    gateway.hear(`445a00${"61".repeat(2000)}c0`);
    expect(gateway.events).toEqual(["opened", "broken o"]);
    expect(gateway.link.noise).toBeGreaterThan(1900);
    gateway.hear(OPEN);
    expect(gateway.events).toEqual(["opened", "broken o", "opened"]);
  });

  test("a control frame does not spoil what waits for its own frame", () => {
    const { board, gateway } = openBoard();
    sendBytes(gateway.link, bytesOf("0005"), 0, 2, 0);
    sendRepl(gateway.link, 0);
    flushLink(gateway.link, 0);
    board.hear(gateway.take());
    expect(board.data).toBe("0005");
  });

  test("RESET acts only on the current link and is never answered", () => {
    const gateway = openGateway();
    gateway.hear(`5207${vector("RESET").hex.slice(4)}`);
    expect(gateway.events).toEqual(["opened"]);
    gateway.hear(vector("RESET").hex);
    expect(gateway.events).toEqual(["opened", "broken s"]);
    expect(gateway.take()).toBe("");
  });

  test("an overflow the owner saw is told as f", () => {
    const { board } = openBoard();
    breakLink(board.link, Break.OVERFLOW, 5);
    expect(board.take()).toMatch(/^c0525a0066.*c0c04f5b/);
    expect(board.events).toEqual(["opened", "broken f"]);
  });
});

describe("noise", () => {
  test("boot banners and prompts before OPEN are skipped to the next END, counted, and cause nothing", () => {
    const gateway = new End(false);
    const banner = Buffer.from("\r\n ____ Espruino 2v29 (c) 2021\r\n>echo(0)\r\n", "latin1").toString("hex");
    gateway.hear(banner);
    gateway.hear(`c0${OPEN}`);
    expect(gateway.events).toEqual(["opened"]);
    expect(gateway.link.noise).toBe(banner.length / 2);
    gateway.hear(`${banner}c0`);
    gateway.hear(vector("DATA 0").hex);
    expect(gateway.data).toBe("0100");
  });

  test("a megabyte of garbage, zeros and ones is survived, and the next frame is read", () => {
    const gateway = new End(false);
    for (const byte of ["00", "ff", "a5", "db"]) gateway.hear(byte.repeat(262_144));
    gateway.hear(`c0${OPEN}`);
    expect(gateway.events).toEqual(["opened"]);
  });
});
