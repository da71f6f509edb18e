/** Who is an operator, by what they have proved. */
import { expect, test } from "vitest";
import { configSchema } from "../config/schema.ts";
import { Operators } from "./operators.ts";

test.each([
  ["as openssl prints it", `${"AB:".repeat(31)}AB`],
  ["as WHOIS tells it", "ab".repeat(32)],
])("a fingerprint in the configuration %s is the one that the server tells", (_, certfp) => {
  const { operators } = configSchema.parse({ irc: { operators: [{ name: "ann", certfp }] } }).irc;
  const find = (seen: string) =>
    new Operators(operators).find({ network: "lab", proof: { account: null, certfp: seen }, key: null })
      ?.name;
  expect([find("ab".repeat(32)), find("cd".repeat(32))]).toEqual(["ann", undefined]);
});

test("by a key one is known on every network, by an account on the one that is named; nobody by nothing", () => {
  const key = "ab".repeat(32);
  const { operators } = configSchema.parse({
    irc: {
      networks: [{ name: "lab", host: "127.0.0.1" }],
      operators: [
        { name: "kim", key: key.toUpperCase() },
        { name: "ann", network: "lab", account: "Ann", devices: ["sim-*"], commands: ["l:led"] },
      ],
    },
  }).irc;
  const known = new Operators(operators);
  const proof = { account: "ann", certfp: null };
  const find = (network: string, seen: typeof proof | null, signed: string | null) =>
    known.find({ network, proof: seen, key: signed })?.name;
  expect([find("x", null, key), find("x", null, "cd".repeat(32)), find("x", null, null)]).toEqual([
    "kim",
    undefined,
    undefined,
  ]);
  expect([find("lab", proof, null), find("x", proof, null), find("lab", null, null)]).toEqual([
    "ann",
    undefined,
    undefined,
  ]);
  expect([known.keys, known.haveCertificates]).toEqual([[key], false]);
  const asked = [
    ["ann", "sim-1", "l:led"],
    ["ann", "lamp", "l:led"],
    ["ann", "sim-1", "l:reboot"],
    ["eve", "sim-1", "l:led"],
  ] as const;
  expect(asked.map(([name, device, ot]) => known.mayAsk(name, device, ot))).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
