/** Who may speak, as the table of PROTOCOL.md 4.4 has it, and who may take a session over. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { BoardHello } from "../../shared/message.ts";
import { counterBytes, resumeText } from "../../shared/proof.ts";
import { Code } from "../../shared/session/codes.ts";
import { ServerSession } from "../session/server-session.ts";
import { cable, type Wire } from "../session/wire.ts";
import { Admission } from "./admission.ts";
import { openKeys } from "./key-store.ts";
import { byteString, mac } from "./mac.ts";
import { Pairing } from "./pairing.ts";

const clock = { now: () => 0, wall: () => 0 };
const far: Wire = { isCable: false, isPrivate: false, names: [] };
const near: Wire = { isCable: false, isPrivate: true, names: [] };
const NONCE = Buffer.alloc(16, 7).toString("base64");

function house(network = { isInsecure: false, isLoopback: false }) {
  const keys = openKeys("memory");
  const pairing = new Pairing(keys, clock);
  return { keys, pairing, admission: new Admission(keys, pairing, network) };
}

const helloOf = (id: string, nonce?: string) =>
  ({ id, epoch: "", seq: 1, rx: 512, max: 320, ...(nonce && { nonce }) }) as BoardHello;

describe("a hello", () => {
  test("over a cable is trusted, proved when both sides have a key", () => {
    const { keys, admission } = house();
    expect(admission.judge(helloOf("b-1"), cable)).toEqual({ kind: "admit" });
    expect(admission.judge(helloOf("b-1", NONCE), cable)).toEqual({ kind: "admit" });
    const key = keys.draw("b-1");
    expect(admission.judge(helloOf("b-1"), cable)).toEqual({ kind: "admit" });
    expect(admission.judge(helloOf("b-1", NONCE), cable)).toEqual({ kind: "prove", key });
  });

  test("over the network needs a key that both sides have", () => {
    const { keys, admission } = house();
    const refused = { kind: "refuse", code: Code.KEY_NEEDED };
    expect(admission.judge(helloOf("b-1"), far)).toMatchObject(refused);
    expect(admission.judge(helloOf("b-1", NONCE), far)).toMatchObject(refused);
    const key = keys.draw("b-1");
    expect(admission.judge(helloOf("b-1"), far)).toMatchObject(refused);
    expect(admission.judge(helloOf("b-1", NONCE), far)).toEqual({ kind: "prove", key });
    expect(admission.judge(helloOf("b-2", NONCE), far)).toMatchObject(refused);
  });

  test("over the loopback needs none until some board has one", () => {
    const { keys, admission } = house({ isInsecure: false, isLoopback: true });
    expect(admission.judge(helloOf("b-1"), near)).toEqual({ kind: "admit" });
    keys.draw("b-2");
    expect(admission.judge(helloOf("b-1"), near)).toMatchObject({ kind: "refuse" });
  });

  test("needs none where anyone may speak; but a board that has one proves it all the same", () => {
    const { keys, admission } = house({ isInsecure: true, isLoopback: false });
    expect(admission.judge(helloOf("b-1"), far)).toEqual({ kind: "admit" });
    keys.draw("b-1");
    expect(admission.judge(helloOf("b-1"), far)).toMatchObject({ kind: "refuse" });
    expect(admission.judge(helloOf("b-1", NONCE), far)).toMatchObject({ kind: "prove" });
    expect(admission.judge(helloOf("b-2", NONCE), far)).toMatchObject({ kind: "refuse" });
  });

  test("with a client certificate speaks for the names in it, and no other", () => {
    const { keys, admission } = house();
    keys.draw("b-1");
    const wire = { ...near, names: ["b-1", "b-2"] };
    expect(admission.judge(helloOf("b-1"), wire)).toEqual({ kind: "admit" });
    expect(admission.judge(helloOf("b-2", NONCE), wire)).toEqual({ kind: "admit" });
    expect(admission.judge(helloOf("b-3"), wire)).toMatchObject({ kind: "refuse" });
  });

  test("while pairing is open is answered with a key, where nobody can listen and none is at stake", () => {
    const { keys, pairing, admission } = house();
    pairing.open(1000);
    const given = admission.judge(helloOf("b-1"), near);
    expect(given).toEqual({ kind: "give", key: keys.get("b-1") });
    expect(admission.judge(helloOf("b-1"), near)).toMatchObject({ kind: "refuse" }); // it has one now
    expect(admission.judge(helloOf("b-2"), far)).toMatchObject({ kind: "refuse" });
    expect(keys.get("b-2")).toBe(undefined);
    // A cable mends a board whose key is another's.
    expect(admission.judge(helloOf("b-1", NONCE), cable)).toEqual(given);
  });

  test("is refused when the board's key cannot be used, and the reason is told", () => {
    const { keys, pairing } = house();
    const broken = {
      ...keys,
      isEmpty: false,
      get: () => {
        throw new Error("reading it: mode 0644");
      },
    };
    const admission = new Admission(broken, pairing, { isInsecure: true, isLoopback: true });
    expect(admission.judge(helloOf("b-1"), far)).toMatchObject({
      kind: "refuse",
      reason: "reading it: mode 0644",
    });
  });
});

test("keys that cannot be read admit nobody, and the reason is told with what mends it", () => {
  const data = mkdtempSync(join(tmpdir(), "bowline-admission-"));
  onTestFinished(() => rmSync(data, { recursive: true }));
  const keys = openKeys(data);
  const admission = new Admission(keys, new Pairing(keys, clock), { isInsecure: false, isLoopback: true });
  expect(admission.judge(helloOf("b-1"), near)).toEqual({ kind: "admit" });
  writeFileSync(join(data, "keys"), ""); // no folder: as unreadable to root as to anybody
  const verdict = admission.judge(helloOf("b-1"), near);
  expect(verdict).toMatchObject({ kind: "refuse", code: Code.KEY_NEEDED });
  expect(verdict).toHaveProperty(
    "reason",
    expect.stringMatching(/^(reading|listing) .*ENOTDIR.* \[KEY_UNREADABLE\]; mend: ls -ld /),
  );
  expect(admission.mayResume(undefined, new Uint8Array(16), near)).toBe(false);
});

test("a hello is refused while pairing is open when its key cannot be kept, and the reason is told", () => {
  const { keys } = house();
  const full = {
    ...keys,
    isEmpty: true,
    draw: () => {
      throw new Error("writing it: no space left");
    },
  };
  const pairing = new Pairing(full, clock);
  pairing.open(1000);
  const admission = new Admission(full, pairing, { isInsecure: true, isLoopback: true });
  expect(admission.judge(helloOf("b-1"), cable)).toMatchObject({
    kind: "refuse",
    reason: "writing it: no space left",
  });
});

describe("a resume (D7)", () => {
  const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65536 };
  const sessionOf = (device: string) => {
    const session = new ServerSession(randomBytes(16), 1, settings, clock, () => {});
    session.device = device;
    return session;
  };
  const shownFor = (session: ServerSession, key: Uint8Array, count: number) => {
    const counter = counterBytes(count);
    const proof = mac(key, resumeText(byteString(session.id), counter)).subarray(0, 12);
    return Buffer.concat([session.id, Buffer.from(counter, "latin1"), proof]);
  };

  test("with a proof is taken once for each counter, and only with a higher one", () => {
    const { keys, admission } = house();
    const key = keys.draw("b-1");
    const session = sessionOf("b-1");
    const answers = [3, 3, 2, 1, 4, 2 ** 32 - 1, 5].map((count) =>
      admission.mayResume(session, shownFor(session, key, count), far),
    );
    expect(answers).toEqual([true, false, false, false, true, true, false]);
  });

  test("of a board with a key needs the proof: neither the bare id nor any other byte will do", () => {
    const { keys, admission } = house();
    const key = keys.draw("b-1");
    const session = sessionOf("b-1");
    expect(admission.mayResume(session, session.id, far)).toBe(false);
    const good = shownFor(session, key, 1);
    for (let at = 16; at < 32; at++) {
      const bad = Buffer.from(good);
      bad[at] ^= 1;
      expect(admission.mayResume(session, bad, far), `byte ${at}`).toBe(false);
    }
    for (const size of [0, 1, 15, 17, 28, 31])
      expect(admission.mayResume(session, good.subarray(0, size), far), `${size} bytes`).toBe(false);
    expect(session.resumes).toBe(0);
    expect(admission.mayResume(session, shownFor(session, randomBytes(32), 1), far)).toBe(false);
    expect(admission.mayResume(session, shownFor(sessionOf("b-1"), key, 1), far)).toBe(false);
    expect(admission.mayResume(session, good, far)).toBe(true);
  });

  test("is over when the key is: a session outlives nobody's leave", () => {
    const { keys, admission } = house();
    const key = keys.draw("b-1");
    const session = sessionOf("b-1");
    keys.remove("b-1");
    expect(admission.mayResume(session, shownFor(session, key, 1), far)).toBe(false);
    expect(admission.mayResume(session, session.id, far)).toBe(false);
  });

  test("over a cable takes the bare id, but no proof that is wrong or used", () => {
    const { keys, admission } = house();
    const key = keys.draw("b-1");
    const session = sessionOf("b-1");
    expect(admission.mayResume(session, session.id, cable)).toBe(true);
    expect(admission.mayResume(session, shownFor(session, key, 1), cable)).toBe(true);
    expect(admission.mayResume(session, shownFor(session, key, 1), cable)).toBe(false);
  });

  test("of a session that began over a cable needs the proof over the network", () => {
    const { admission } = house();
    const session = sessionOf("b-1");
    session.wire = cable;
    expect(admission.mayResume(session, session.id, cable)).toBe(true);
    expect(admission.mayResume(session, session.id, far)).toBe(false);
  });

  test("by a client certificate is for the sessions of the names in it", () => {
    const { admission } = house();
    const wire = { ...near, names: ["b-1"] };
    expect(admission.mayResume(sessionOf("b-1"), sessionOf("b-1").id, wire)).toBe(true);
    expect(admission.mayResume(sessionOf("b-2"), sessionOf("b-2").id, wire)).toBe(false);
  });

  test("of no session at all is refused, whatever is shown", () => {
    const { admission } = house({ isInsecure: true, isLoopback: true });
    expect(admission.mayResume(undefined, randomBytes(16), cable)).toBe(false);
    expect(admission.mayResume(undefined, randomBytes(32), far)).toBe(false);
  });
});
