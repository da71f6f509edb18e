/** The doubles that stand for the world in tests of IRC: server, person, relay. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authority, isOpensslAvailable } from "../../testing/certificates.ts";
import { stopAfterEach } from "../../testing/stops.ts";
import { LossyRelay } from "./lossy-relay.ts";
import { isNgircdAvailable, type Ngircd, ngircdNeeded, startNgircd } from "./ngircd.ts";
import { Person } from "./person.ts";

const toStop = stopAfterEach();

describe.skipIf(!isNgircdAvailable)(`on a real server (${ngircdNeeded})`, () => {
  let server: Ngircd;
  beforeAll(async () => {
    server = await startNgircd();
  });
  afterAll(() => server.stop());

  async function person(nick: string, port = server.port): Promise<Person> {
    const one = await Person.connect({ port, nick, channels: ["#lab"] });
    toStop.push(() => one.quit());
    return one;
  }

  test("two people hear each other, in a channel and alone; each line is given once", async () => {
    const [ann, ben] = [await person("ann"), await person("ben")];
    ann.say("#lab", "hello, lab");
    ann.say("ben", "hello, ben");
    ann.say("#lab", "hello, lab");
    expect(await ben.heard("hello, ben")).toEqual({ from: "ann", target: "ben", text: "hello, ben" });
    expect(await ben.heard((said) => said.target === "#lab")).toMatchObject({ text: "hello, lab" });
    expect(await ben.heard("lab")).toMatchObject({ text: "hello, lab" });
    await expect(ben.heard("lab", 1)).rejects.toThrow("ben waited for lab: nothing in 1 ms");
  });

  test("it comes back at the same port, and whoever was there was cut off", async () => {
    const ann = await person("ann");
    const ended = ann.line("never".startsWith.bind("x"));
    await Promise.all([expect(ended).rejects.toThrow("the connection ended"), server.restart()]);
    await person("ann");
  });

  test("a relay drops, repeats and delays what its predicate names, and nothing else", async () => {
    const rates = { a: "dropRate", b: "repeatRate", c: "delayRate" } as const;
    const relays = await Promise.all(
      Object.values(rates).map((rate) =>
        LossyRelay.start({
          port: server.port,
          seed: 1,
          hits: (line, direction) => direction === "toClient" && line.includes(":hit"),
          [rate]: 1,
        }),
      ),
    );
    for (const relay of relays) toStop.push(() => relay.stop());
    const speaker = await person("speaker");
    const [dropped, repeated, delayed] = await Promise.all(
      relays.map((relay, i) => person(`behind${i}`, relay.port)),
    );
    speaker.say("#lab", "hit");
    speaker.say("#lab", "past");
    await delayed.heard("hit");
    await Promise.all([dropped.heard("past"), repeated.heard("past")]);
    const texts = (one: Person) => one.said.map((said) => said.text);
    expect([texts(dropped), texts(repeated), texts(delayed)]).toEqual([
      ["past"],
      ["hit", "hit", "past"],
      ["past", "hit"],
    ]);
    expect(
      relays.map((relay) => [relay.counts.dropped, relay.counts.repeated, relay.counts.delayed]),
    ).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
  });

  test("a relay cuts, and turns away while it is down", async () => {
    const relay = await LossyRelay.start({ port: server.port, seed: 1, hits: () => false });
    toStop.push(() => relay.stop());
    const ann = await person("ann", relay.port);
    const ended = expect(ann.line(() => false)).rejects.toThrow("the connection ended");
    relay.isDown = true;
    relay.cut();
    await ended;
    await expect(person("ann", relay.port)).rejects.toThrow("the connection ended");
    relay.isDown = false;
    await person("ann", relay.port);
  });
});

describe.skipIf(!isNgircdAvailable || !isOpensslAvailable)(`over TLS (${ngircdNeeded} openssl)`, () => {
  test("a person with a certificate is seen with it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bowline-irc-tls-"));
    toStop.push(() => rmSync(folder, { recursive: true, force: true }));
    const house = new Authority(folder, "house");
    const own = house.sign("ann");
    const server = await startNgircd({ tls: { ...house.sign("irc", ["localhost"]), ca: house.cert } });
    toStop.push(() => server.stop());
    const port = server.tlsPort!;
    const ann = await Person.connect({ port, nick: "ann", tls: { ca: house.cert, ...own } });
    toStop.push(() => ann.quit());
    ann.send("WHOIS ann");
    expect(await ann.line(/ 276 /)).toMatch(/ 276 ann ann :has client certificate fingerprint [0-9a-f]{64}$/);
  });
});
