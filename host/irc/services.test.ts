/**
 * Logging in to services, and who people are as services and certificates vouch for them, on a real network. Its server takes
 * a second for each who comes, so all come at once, and the tests go on from where the one before left people.
 */
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authority, type CertificatePaths, isOpensslAvailable } from "../testing/certificates.ts";
import type { IrcNetworkSettings } from "./settings.ts";
import { startNetwork, type TestNetwork } from "./testing/listener.ts";
import { LossyRelay } from "./testing/lossy-relay.ts";
import { Person, type PersonOptions } from "./testing/person.ts";
import {
  areServicesAvailable,
  type ServicesNetwork,
  servicesNeeded,
  startServicesNetwork,
} from "./testing/services.ts";

const toStop: (() => unknown)[] = [];
const name = `with services (${servicesNeeded} openssl)`;

describe.skipIf(!areServicesAvailable || !isOpensslAvailable)(name, () => {
  let server: ServicesNetwork;
  let bens: CertificatePaths;
  let gw: TestNetwork;
  let tagless: TestNetwork;
  let [byPassword, byCertificate, refused]: TestNetwork[] = [];
  let [paced, hasty]: TestNetwork[] = [];
  let [ann, ben, thief, loner]: Person[] = [];

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "bowline-irc-services-"));
    toStop.push(() => rmSync(folder, { recursive: true, force: true }));
    const house = new Authority(folder, "house");
    const ours = house.sign("gateway");
    bens = house.sign("ben");
    server = await startServicesNetwork({ tls: house.sign("irc", ["localhost"]) });
    toStop.push(() => server.stop());
    const ca = house.cert;
    await Promise.all([
      server.register("ann", "anns-secret"),
      server.register("gateway", "our-secret", { port: server.tlsPort, tls: { ca, ...ours } }),
    ]);
    const network = (nick: string, settings: Partial<IrcNetworkSettings> = {}) => {
      const one = startNetwork({ port: server.port, nick, ...settings });
      toStop.push(() => one.network.stop());
      return one;
    };
    const person = async (nick: string, options: Partial<PersonOptions> = {}) => {
      const one = await Person.connect({ port: server.port, nick, channels: ["#lab"], ...options });
      toStop.push(() => one.quit());
      return one;
    };
    const [port, password] = [server.tlsPort, { mechanism: "PLAIN", user: "gateway" } as const];
    const tls = { ca: readFileSync(ca, "utf8"), servername: "localhost" };
    const own = { cert: readFileSync(ours.cert, "utf8"), key: readFileSync(ours.key, "utf8") };
    // A server that is never asked for capabilities gives none.
    const hits = (line: string) => line.startsWith("CAP LS");
    const relay = await LossyRelay.start({ port: server.port, seed: 1, hits, dropRate: 1 });
    toStop.push(() => relay.stop());
    gw = network("gw");
    tagless = network("tagless", { port: relay.port });
    byPassword = network("gw-plain", { port, tls, sasl: { ...password, password: "our-secret" } });
    byCertificate = network("gw-cert", { port, tls: { ...tls, ...own }, sasl: { mechanism: "EXTERNAL" } });
    paced = network("paced", { port: server.strictPort, flood: { burst: 4, perS: 4 } });
    const slow = { retryMinMs: 600_000, retryMaxMs: 600_000 };
    refused = network("nobody", { sasl: { ...password, password: "wrong" }, ...slow });
    hasty = network("hasty", { port: server.strictPort, ...slow });
    [ann, ben, thief, loner] = await Promise.all([
      person("ann"),
      person("ben", { port, tls: { ca, ...bens } }),
      person("thief"),
      person("loner", { channels: [] }),
    ]);
    await Promise.all([gw, tagless].map(({ listener }) => listener.event("#lab joined")));
  });
  afterAll(async () => {
    for (const stop of toStop.reverse()) await stop();
  });

  const nobody = { account: null, certfp: null };

  test("PLAIN: logged in over TLS before it registers", async () => {
    await byPassword.listener.event("#lab joined");
    expect(byPassword.network.view()).toMatchObject({ state: "online", account: "gateway", lastError: null });
  });

  test("EXTERNAL: logged in by the certificate that the account has", async () => {
    await byCertificate.listener.event("#lab joined");
    expect(byCertificate.network.view()).toMatchObject({
      state: "online",
      account: "gateway",
      lastError: null,
    });
  });

  test("a login that is refused registers nobody", async () => {
    await expect.poll(() => refused.network.view().lastError).toMatchObject({ code: "IRC_SASL_FAILED" });
    expect(refused.network.view()).toMatchObject({ state: "waiting", counts: { connections: 0 } });
    ann.send("WHOWAS nobody");
    await ann.line(/ 406 ann nobody /); // there was none
  });

  test("who said it: the account that services know, as of that line; nobody is who the nick says", async () => {
    ann.say("#lab", "before");
    const before = await gw.listener.line("before");
    expect(before.from).toMatchObject({ nick: "ann", account: null });
    expect(await gw.network.prove(before.from)).toEqual(nobody);
    ann.say("NickServ", "IDENTIFY ann anns-secret");
    await ann.line(/ 900 /);
    ann.say("#lab", "after");
    const after = await gw.listener.line("after");
    expect(after.from).toMatchObject({ nick: "ann", account: "ann" });
    expect(await gw.network.prove(after.from)).toEqual({ account: "ann", certfp: null });
    expect(await gw.network.prove(before.from)).toEqual(nobody);
  });

  test("on a server that tells no accounts with its lines, they are asked for by WHOIS", async () => {
    const { from } = await tagless.listener.line("after");
    expect(from.account).toBeNull();
    expect(await tagless.network.prove(from)).toEqual({ account: "ann", certfp: null });
  });

  test("who said it: the certificate, as the server saw it", async () => {
    ben.say("#lab", "me");
    const der = new X509Certificate(readFileSync(bens.cert)).raw;
    const certfp = createHash("sha256").update(der).digest("hex");
    const { from } = await gw.listener.line("me");
    expect(await gw.network.prove(from)).toEqual({ account: null, certfp });
  });

  test("who shares no channel with us is who the line itself says, or nobody", async () => {
    loner.say("gw", "unknown");
    expect(await gw.network.prove((await gw.listener.line("unknown")).from)).toBeNull();
    loner.say("NickServ", "IDENTIFY ann anns-secret");
    await loner.line(/ 900 /);
    loner.say("gw", "told");
    loner.say("tagless", "told");
    expect(await gw.network.prove((await gw.listener.line("told")).from)).toEqual({
      account: "ann",
      certfp: null,
    });
    expect(await tagless.network.prove((await tagless.listener.line("told")).from)).toBeNull();
  });

  test("a nick that has moved, or whose owner was away meanwhile, proves nothing", async () => {
    for (const { network, listener } of [gw, tagless]) {
      ann.say("#lab", `as ann to ${network.nick}`);
      const line = await listener.line(`as ann to ${network.nick}`);
      // By now it has heard what the other was to hear, too.
      const since = listener.events.length;
      ann.send("NICK ann2");
      await listener.event("nick ann ann2", since);
      thief.send("NICK ann");
      await listener.event("nick thief ann", since);
      expect(await network.prove(line.from)).toBeNull();
      ann.say("#lab", `as another to ${network.nick}`);
      const other = await listener.line(`as another to ${network.nick}`);
      ann.send("PART #lab");
      ann.send("JOIN #lab");
      await listener.event("gone ann2", since);
      await expect.poll(() => network.members("#lab")).toContain("ann2");
      expect(await network.prove(other.from)).toBeNull();
      thief.send("NICK thief");
      await thief.line(/ NICK :?thief$/);
      ann.send("NICK ann");
      await ann.line(/ NICK :?ann$/);
      ann.lines.length = 0;
      thief.lines.length = 0;
    }
  });

  test("at the pace of the bucket a server bears us; without it, it does not", async () => {
    await Promise.all([paced, hasty].map(({ listener }) => listener.event("#lab joined")));
    const many = Array.from({ length: 14 }, (_, n) => `line ${n}`);
    const outcomes = await Promise.all(many.map((text) => paced.say("#lab", text)));
    expect(outcomes).toEqual(many.map(() => "confirmed"));
    await ann.heard("line 13");
    expect(ann.said.filter(({ from }) => from === "paced").map(({ text }) => text)).toEqual(many);
    expect(paced.network.view().counts).toMatchObject({ connections: 1, confirmed: 14 });
    // Without it we are put out, and know no more of what was under way.
    expect(await Promise.all(many.map((text) => hasty.say("#lab", text)))).toContain("lost");
    await expect.poll(() => hasty.network.state).toBe("waiting");
  });

  test("others see us by a longer host: less room for text, and a line of all of it arrives whole", async () => {
    const { network, say } = gw;
    const before = network.budget("#lab");
    ann.send("OPER op op");
    await ann.line(/ 381 /);
    const host = "a-much-longer-host-than-before.example";
    ann.send(`CHGHOST gw ${host}`);
    await expect.poll(() => network.view().mask).toBe(`gw!bowline@${host}`);
    expect(network.budget("#lab")).toBe(before - (host.length - "127.0.0.1".length));
    const text = "y".repeat(network.budget("#lab"));
    expect(await say("#lab", text)).toBe("confirmed");
    expect((await ann.heard("yyy")).text).toBe(text);
  });
});
