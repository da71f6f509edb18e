import { describe, expect, test } from "vitest";
import type { PeerSettings } from "./participant-types.ts";
import { PeerTable, partyOf, profileOf, rememberMid, viewOf } from "./peer-table.ts";

const fold = (name: string) => name.toLowerCase();
const speaker = (nick: string, account: string | null = null) => ({
  network: "net",
  nick,
  user: "u",
  host: "h",
  account,
});

test("a peer is found by its nick as the network folds it, and by nothing else", () => {
  const table = new PeerTable([]);
  const peer = table.heard(speaker("Pump[1]"), fold, 7);
  expect(table.get("pump[1]")).toBe(peer);
  expect(table.heard(speaker("PUMP[1]"), fold, 8)).toBe(peer);
  expect(viewOf(peer, 8)).toMatchObject({ nick: "PUMP[1]", heardAt: 8, version: null, peer: null });
  expect(table.get("pump")).toBeNull();
});

test("strangers are bounded: the longest unheard is forgotten", () => {
  const table = new PeerTable([]);
  table.heard(speaker("first"), fold, 0);
  for (let i = 0; i < 1023; i++) table.heard(speaker(`eve${i}`), fold, i);
  table.heard(speaker("first"), fold, 2000);
  for (let i = 0; i < 500; i++) table.heard(speaker(`mal${i}`), fold, i);
  expect(table.size).toBe(1024);
  expect(table.get("first")).not.toBeNull();
  expect(table.get("eve0")).toBeNull();
});

describe("whom the configuration means", () => {
  const peers: PeerSettings[] = [
    { name: "by nick", nick: "Pump" },
    { name: "by account", account: "well", profile: "pyirciot" },
  ];

  test("is told by account before nick", () => {
    const table = new PeerTable(peers);
    const nameOf = (nick: string, account: string | null = null) =>
      table.heard(speaker(nick, account), fold, 0).settings?.name ?? null;
    expect(nameOf("pump")).toBe("by nick");
    expect(nameOf("pump", "other")).toBe("by nick");
    expect(nameOf("pump", "well")).toBe("by account");
    expect(nameOf("someone")).toBeNull();
  });

  test("is spoken to as it is configured, whatever was learnt", () => {
    const table = new PeerTable(peers);
    const peer = table.heard(speaker("x", "well"), fold, 0);
    peer.version = "0.3.33";
    expect(profileOf(peer, 0)).toBe("pyirciot");
  });
});

test("what a nick has signed counts no more for who has it under another services account", () => {
  const table = new PeerTable([]);
  const signed = table.heard(speaker("ann", "ann"), fold, 0);
  signed.isSigned = true;
  signed.key = "ab".repeat(32);
  const isSigner = ({ isSigned, key }: typeof signed) => [isSigned, key !== null];
  expect(isSigner(table.heard(speaker("ann", "ann"), fold, 1))).toEqual([true, true]);
  expect(isSigner(table.heard(speaker("ann", "eve"), fold, 2))).toEqual([false, false]);
});

test("turns, repeats and fragments count by services account, else by nick", () => {
  const table = new PeerTable([]);
  expect(partyOf(table.heard(speaker("Eve"), fold, 0), fold)).toBe("n:eve");
  expect(partyOf(table.heard(speaker("Eve", "Acc"), fold, 0), fold)).toBe("a:Acc");
});

test("of its mids the newest sixteen are kept, newest first", () => {
  const peer = new PeerTable([]).heard(speaker("a"), fold, 0);
  for (let mid = 0; mid < 20; mid++) rememberMid(peer, String(mid));
  expect(peer.mids).toEqual(Array.from({ length: 16 }, (_, i) => String(19 - i)));
});
