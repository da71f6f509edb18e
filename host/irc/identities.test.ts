/** Who somebody is: asked once, of whoever it was, and only as long as it is the same. */
import { expect, test } from "vitest";
import { Identities } from "./identities.ts";
import { People } from "./people.ts";

const FINGERPRINT = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

function begin(capabilities: string[] = []) {
  const asked: string[] = [];
  const fold = (name: string) => name.toLowerCase();
  const people = new People(fold);
  people.entered("#lab");
  for (const nick of ["ann", "ben"]) people.joined("#lab", nick, undefined);
  const identities = new Identities({
    network: "test",
    people,
    fold,
    hasAccountTag: () => capabilities.includes("account-tag"),
    hasAccountNotify: () => capabilities.includes("account-notify"),
    ask: (line) => asked.push(line),
  });
  const message = (command: string, params: string[], nick = "ann", tags: Record<string, string> = {}) => ({
    ...{ tags, prefix: `${nick}!u@h`, nick, ident: "u", hostname: "h", command, params },
  });
  const heard = (nick = "ann", tags = {}) =>
    identities.speaker(message("PRIVMSG", ["#lab", "!led sim-1 on"], nick, tags));
  const answer = (nick: string, account: string | null, now = 0) => {
    if (account !== null) identities.numeric(message("330", ["gw", nick, account, "is logged in as"]), now);
    const text = `has client certificate fingerprint ${FINGERPRINT.toUpperCase()}`;
    identities.numeric(message("276", ["gw", nick, text]), now);
    identities.numeric(message("318", ["gw", nick, "End of WHOIS"]), now);
  };
  return { identities, people, asked, heard, answer };
}

test("one WHOIS for all that ask at once; its answer is believed for 30 s", async () => {
  const { identities, asked, heard, answer } = begin();
  const speaker = heard();
  const proofs = [identities.prove(speaker, 0), identities.prove(speaker, 0)];
  answer("ANN", "ann");
  const proof = { account: "ann", certfp: FINGERPRINT };
  expect(await Promise.all(proofs)).toEqual([proof, proof]);
  expect(await identities.prove(speaker, 29_999)).toEqual(proof);
  expect(asked).toEqual(["WHOIS ann"]);
  void identities.prove(speaker, 30_000);
  expect(asked).toEqual(["WHOIS ann", "WHOIS ann"]);
});

test("who moves while the WHOIS is under way proves nothing, whoever has the nick then", async () => {
  const { identities, people, heard, answer } = begin();
  const proof = identities.prove(heard(), 0);
  people.renamed("ann", "away");
  people.renamed("ben", "ann");
  answer("ann", "bens-account");
  expect(await proof).toBeNull();
});

test("who has moved, left or gone is not even asked for", async () => {
  const moves: ((people: People) => void)[] = [
    (people) => people.renamed("ann", "other"),
    (people) => people.quit("ann"),
    (people) => {
      people.left("#lab", "ann");
      people.joined("#lab", "ann", undefined);
    },
    (people) => people.exited("#lab"),
  ];
  for (const move of moves) {
    const { identities, people, asked, heard } = begin();
    const speaker = heard();
    move(people);
    expect([await identities.prove(speaker, 0), asked]).toEqual([null, []]);
  }
});

test("another channel we share keeps the presence", async () => {
  const { identities, people, heard, answer } = begin();
  people.entered("#other");
  people.joined("#other", "ann", undefined);
  const speaker = heard();
  expect(people.left("#lab", "ann")).toBe(false);
  const proof = identities.prove(speaker, 0);
  answer("ann", null);
  expect(await proof).toEqual({ account: null, certfp: FINGERPRINT });
});

test("a copy of a speaker is nobody, and so is a stranger, unless the line says the account", async () => {
  const { identities, heard } = begin();
  expect(await identities.prove({ ...heard() }, 0)).toBeNull();
  expect(await identities.prove(heard("stranger"), 0)).toBeNull();
  const tagged = begin(["account-tag"]);
  const told = tagged.heard("stranger", { account: "cat" });
  expect(await tagged.identities.prove(told, 0)).toEqual({ account: "cat", certfp: null });
  expect(await tagged.identities.prove(tagged.heard("stranger"), 0)).toBeNull();
});

test("where every line says the account, a line that says none has none, whatever is known besides", async () => {
  const { identities, heard, answer, asked } = begin(["account-tag", "account-notify"]);
  const speaker = heard();
  const proof = identities.prove(speaker, 0);
  answer("ann", "ann");
  expect(await proof).toEqual({ account: null, certfp: FINGERPRINT });
  const told = heard("ann", { account: "ann" });
  expect(await identities.prove(told, 40_000, false)).toEqual({ account: "ann", certfp: null });
  expect(asked.length).toBe(1);
});

test("an account that was told with JOIN counts only where its end would be told too", () => {
  for (const [capabilities, account] of [
    [["account-notify"], "ann"],
    [[], null],
  ] as const) {
    const { people, heard } = begin([...capabilities]);
    people.find("ann")!.account = "ann";
    expect(heard().account).toBe(account);
  }
});

test("no answer in 15 s is none, and 16 questions are out at most", async () => {
  const { identities, people, asked, heard } = begin();
  const nicks = Array.from({ length: 17 }, (_, n) => `n${n}`);
  for (const nick of nicks) people.joined("#lab", nick, undefined);
  const proofs = nicks.map((nick) => identities.prove(heard(nick), 0));
  expect(asked.length).toBe(16);
  expect(await proofs[16]).toBeNull();
  expect(identities.deadline).toBe(15_000);
  identities.tick(15_000);
  expect(await Promise.all(proofs)).toEqual(nicks.map(() => null));
  expect(identities.deadline).toBe(Number.POSITIVE_INFINITY);
});

test("the end of the connection answers nobody", async () => {
  const { identities, heard } = begin();
  const proof = identities.prove(heard(), 0);
  identities.offline();
  expect(await proof).toBeNull();
});
