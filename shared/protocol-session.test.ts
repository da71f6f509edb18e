/** PROTOCOL.md against the code: the session (section 3), every byte of it said and understood. */
import { describe, expect, test } from "vitest";
import { Code } from "./session/codes.ts";
import { closeSession, connectSession, detachSession, tickSession } from "./session/lifecycle.ts";
import * as stateConstants from "./session/state.ts";
import { Phase } from "./session/state.ts";
import { join, pair, refusalOf, settle } from "./testing/joined-sides.ts";
import { hexBlock, tableRows } from "./testing/protocol-document.ts";
import { membersOf, sourceOf } from "./testing/protocol-source.ts";
import { hexOf, SESSION_ID, Side } from "./testing/side.ts";

describe("the session (section 3)", () => {
  const hexNamed = (block: string, title: string) => hexBlock(block).find((s) => s.title === title)!.hex;
  const handshake = (title: string) => hexNamed("handshakes", title);

  test("a new session begins as in the document", () => {
    const { client, server } = pair();
    const first = join(client, server);
    expect(first.request).toBe(handshake("client: new"));
    expect(first.answer).toBe(handshake("server: new"));
    expect(hexOf(client.session.id)).toBe(hexOf(SESSION_ID));
    expect([client.session.phase, server.session.phase]).toEqual([Phase.OPEN, Phase.OPEN]);
  });

  test.each([
    ["server: unknown session", hexNamed("resume", "client"), Code.SESSION_UNKNOWN],
    ["server: version refused", "020000", Code.VERSION_UNSUPPORTED],
  ])("%s", (title, request, code) => {
    expect(refusalOf(request)).toBe(handshake(title));
    const { client, server } = pair();
    join(client, server);
    detachSession(client.session, 0);
    connectSession(client.session, 0);
    client.hear(handshake(title));
    expect(client.closed).toBe(code);
  });

  test("data, sync, heartbeat and close are said and understood as in the document", () => {
    const { client, server } = pair();
    join(client, server);
    const packet = (title: string) => hexNamed("packets", title);
    client.send(packet("data").slice(2));
    expect(client.takeHex()).toBe(packet("data"));
    server.hear(packet("data"));
    expect(server.packets).toEqual([packet("data").slice(2)]);
    server.take();
    server.hear(packet("data").repeat(5));
    expect(server.takeHex()).toBe(packet("sync"));
    tickSession(server.session, 5000);
    expect(server.takeHex()).toBe(packet("heartbeat"));
    client.hear(packet("heartbeat"));
    closeSession(client.session, 0);
    expect(client.takeHex()).toBe(packet("close"));
    server.hear(packet("close"));
    expect(server.takeHex()).toBe(packet("close"));
    expect(server.closed).toBe(Code.CLOSED);
    expect([...hexBlock("packets")].map(({ title }) => title)).toEqual([
      "data",
      "sync",
      "heartbeat",
      "close",
    ]);
  });

  test("the resume of the document, skipped packets and slow start included", () => {
    const { client, server } = pair();
    join(client, server);
    const packet = (n: number) => (0x60 + n).toString(16);
    for (let n = 0; n < 10; n++) client.send(packet(n));
    settle(client, server);
    for (let n = 10; n < 15; n++) client.send(packet(n));
    server.hear(client.take());
    expect(server.takeHex()).toBe("0005"); // lost with the line
    expect([client.acknowledged, server.packets.length]).toEqual([10, 15]);
    detachSession(client.session, 0);
    client.send(packet(15));
    const [request, answer, ...steps] = hexBlock("resume");
    expect(join(client, server)).toEqual({ request: request.hex, answer: answer.hex });
    for (const { title, hex } of steps) {
      const [speaker, hearer] = title === "client" ? [client, server] : [server, client];
      expect(speaker.takeHex()).toBe(hex);
      hearer.hear(hex);
    }
    expect(server.session.skipped).toBe(5);
    expect(server.packets.slice(15)).toEqual([packet(15)]);
    expect(client.acknowledged).toBe(16);
  });

  test("the table of states names every phase of the code, and no other", () => {
    const rows = tableRows("state", "event").filter(([, , , next]) => next !== "CLOSED" && next !== "same");
    const named = rows.flatMap(([state, , , next]) => [...state.split(", "), next]);
    const phases = Object.keys(membersOf(stateConstants, "Phase"));
    for (const phase of phases) expect(named).toContain(phase);
    const link = ["CLOSED", "OPEN", "board", "gateway", "any"];
    expect(named.filter((name) => !phases.includes(name) && !link.includes(name))).toEqual([]);
  });

  test("the defaults are those of the code", () => {
    const defaults = Object.fromEntries(tableRows("what", "default").map(([what, value]) => [what, value]));
    const { session } = new Side({ isClient: false });
    expect(defaults["`syncIntervalMin`"]).toBe(`${session.syncIntervalMin} ms`);
    expect(defaults["`syncIntervalMax`"]).toBe(`${session.syncIntervalMax} ms; 2000 ms on a cable`);
    expect(defaults["`sessionExpire`"]).toBe(`${session.sessionExpire} s`);
    expect(sourceOf("host/config/schema.ts")).toMatch(
      /syncIntervalMaxMs: whole\([\d_, ]+\)\s*\.default\(2000\)/,
    );
    expect(sourceOf("host/config/schema.ts")).toMatch(
      /maxPacketBytes: whole\(256, 16_777_216\)\.default\(65_536\)/,
    );
  });
});
