/** TLS to a real server: verified, or not at all. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authority, isOpensslAvailable } from "../testing/certificates.ts";
import { stopAfterEach } from "../testing/stops.ts";
import type { TlsSettings } from "./settings.ts";
import { startNetwork, type TestNetwork } from "./testing/listener.ts";
import { isNgircdAvailable, type Ngircd, ngircdNeeded, startNgircd } from "./testing/ngircd.ts";

const toStop = stopAfterEach();

describe.skipIf(!isNgircdAvailable || !isOpensslAvailable)(`over TLS (${ngircdNeeded} openssl)`, () => {
  let folder: string;
  let house: Authority;
  let server: Ngircd;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "bowline-irc-tls-"));
    house = new Authority(folder, "house");
    server = await startNgircd({ tls: { ...house.sign("irc", ["irc.house"]), ca: house.cert } });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function network(tls: TlsSettings, port = server.tlsPort!): TestNetwork {
    const one = startNetwork({ port, tls });
    toStop.push(() => one.network.stop());
    return one;
  }
  const pem = (path: string) => readFileSync(path, "utf8");

  test("a server with a certificate of whom we believe, for the name we want", async () => {
    const { listener, say } = network({ ca: pem(house.cert), servername: "irc.house" });
    await listener.event("#lab joined");
    expect(await say("#lab", "sealed")).toBe("confirmed");
  });

  test.each([
    ["of nobody we know", () => ({ servername: "irc.house" }), "IRC_TLS"],
    [
      "of another authority",
      () => ({ ca: pem(new Authority(folder, "other").cert), servername: "irc.house" }),
      "IRC_TLS",
    ],
    ["for another name", () => ({ ca: pem(house.cert), servername: "irc.elsewhere" }), "IRC_TLS"],
    ["and our own is none", () => ({ ca: pem(house.cert), cert: "none", key: "none" }), "IRC_TLS"],
  ])("a certificate %s: nothing is said, and it is tried again", async (_what, tls, code) => {
    const { network: net, listener } = network(tls());
    await expect.poll(() => net.view().lastError?.code).toBe(code);
    expect(listener.events).not.toContain("online");
    expect(net.view().counts).toMatchObject({ linesIn: 0, linesOut: 0, connections: 0 });
  });
});
