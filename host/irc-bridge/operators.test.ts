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
