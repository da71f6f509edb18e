import { describe, expect, test } from "vitest";
import { bytesOf, hexOf, SESSION_ID } from "../testing/side.ts";
import vectors from "../vectors/session.json";
import { acceptBytes, createAcceptor, tickAcceptor } from "./acceptor.ts";
import { codeNames } from "./code-names.ts";
import { Code } from "./codes.ts";

function acceptor(knowsId = true) {
  const seen = { output: "", requests: [] as string[], disconnected: 0 };
  const a = createAcceptor(
    {
      onOutput: (bytes, start, end) => {
        seen.output += hexOf(bytes.slice(start, end));
      },
      onRequest: (bytes, start, end) => {
        seen.requests.push(hexOf(bytes.slice(start, end)));
        return start === end || knowsId;
      },
      onRefused: () => 700,
      onDisconnect: (code) => {
        seen.disconnected = code;
      },
    },
    0,
  );
  const hear = (hex: string) => {
    const bytes = bytesOf(hex);
    return acceptBytes(a, bytes, 0, bytes.length, 0);
  };
  return { a, seen, hear };
}

describe("the server's side before a session is chosen (session §1)", () => {
  test("a request for a new session leaves what follows it to the session", () => {
    const { a, seen, hear } = acceptor();
    expect(hear("0100 00 03")).toBe(2);
    expect(a.taken).toBe(true);
    expect(seen.requests).toEqual([""]);
  });

  test("a resume gives its id, cut at every byte", () => {
    const whole = `0110${hexOf(SESSION_ID)}`;
    for (let cut = 1; cut < 18; cut++) {
      const { seen, hear } = acceptor();
      hear(whole.slice(0, 2 * cut));
      expect(seen.requests).toEqual([]);
      expect(hear(whole.slice(2 * cut))).toBe(18 - cut);
      expect(seen.requests).toEqual([hexOf(SESSION_ID)]);
    }
  });

  test("an unknown session is answered 02 and dropped only after the random time (§1.3, D8)", () => {
    const { a, seen, hear } = acceptor(false);
    hear(`0110${hexOf(SESSION_ID)}00`);
    expect(seen.output).toBe("02");
    tickAcceptor(a, 699);
    expect(seen.disconnected).toBe(0);
    tickAcceptor(a, 700);
    expect(seen.disconnected).toBe(Code.SESSION_UNKNOWN);
  });

  const cases = vectors.malformed.filter((m) => m.state === "handshake, server");
  test.each(cases)("$name: $error", ({ hex, error }) => {
    const { a, seen, hear } = acceptor();
    hear(hex);
    hear("0100"); // nothing more is read
    expect(seen.requests).toEqual([]);
    expect(seen.output).toBe(error === "VERSION_UNSUPPORTED" ? "01" : "02");
    tickAcceptor(a, 700);
    expect(seen.disconnected).toBe(codeNames[error]);
  });

  test("a request that never comes whole is given up after 5 s", () => {
    const { a, seen, hear } = acceptor();
    hear("01");
    tickAcceptor(a, 4999);
    expect(seen.disconnected).toBe(0);
    tickAcceptor(a, 5000);
    expect(seen.disconnected).toBe(Code.HANDSHAKE_TIMEOUT);
  });

  test("after the session took over nothing is timed here", () => {
    const { a, seen, hear } = acceptor();
    hear("0100");
    tickAcceptor(a, 99_999);
    expect(seen.disconnected).toBe(0);
  });
});
