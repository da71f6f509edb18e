/** One connection to a real nats-server: what is published once, and how a server lets a gateway in. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nkeys } from "@nats-io/transport-node";
import { describe, expect, test } from "vitest";
import { configSchema } from "../config/schema.ts";
import { until } from "../platform/testing/until.ts";
import { Authority, isOpensslAvailable } from "../testing/certificates.ts";
import { folderForEach } from "../testing/folders.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { natsOptions } from "./nats-options.ts";
import { NatsRelay } from "./testing/nats-relay.ts";
import { isNatsInstalled, NatsServer, natsMissing, observer } from "./testing/nats-server.ts";
import { Visit, type VisitOptions } from "./visit.ts";

const folder = folderForEach("visit");
const stops = stopAfterEach();

async function started(args: string[] = []): Promise<NatsServer> {
  const server = await NatsServer.on(folder(), args);
  stops.push(() => server.kill());
  await server.start();
  return server;
}

async function visit(given: object, options: Partial<VisitOptions> = {}): Promise<Visit> {
  const { nats: settings } = configSchema.parse({ nats: { create: { enabled: true }, ...given } });
  const connection = natsOptions(settings, "gw-1");
  const one = await Visit.open({
    ...{ settings, connection, filters: ["bowline.gw-1.>"], side: "", place: 0 },
    waiting: () => Promise.reject(new Error("it is not asked of a stream that has little")),
    onProgress() {},
    ...options,
  });
  stops.push(() => one.close());
  return one;
}

const body = Buffer.from("{}");
const SUBJECT = "bowline.gw-1.a.l:v";

function write(name: string, text: string): string {
  const path = join(folder(), name);
  writeFileSync(path, text, { mode: 0o600 });
  chmodSync(path, 0o600);
  return path;
}

describe.skipIf(!isNatsInstalled)(`a visit (${natsMissing})`, () => {
  test("publishes once what is handed over again before its answer, whatever the window", async () => {
    const server = await started();
    const seen = await observer(server.url);
    stops.push(() => seen.close());
    await seen.make({ duplicate_window: 100e6 });
    const relay = new NatsRelay(server.port);
    stops.push(() => relay.stop());
    const one = await visit({ servers: [await relay.start()], timeoutS: 120 });
    relay.held.toClient = true;
    const first = one.send(SUBJECT, body, "a:e:1");
    await until(async () => expect(await seen.stored()).toHaveLength(1));
    await seen.probe();
    await until(async () => expect(await seen.probe()).toBe(false));
    const second = one.send(SUBJECT, body, "a:e:1");
    // What is published behind it stands behind it.
    const third = one.send(SUBJECT, body, "a:e:2");
    await until(async () => expect((await seen.stored()).at(-1)?.id).toBe("a:e:2"));
    relay.release("toClient");
    expect(await second).toBe(await first);
    await third;
    expect((await seen.stored()).map(({ id }) => id)).toEqual(["a:e:1", "a:e:2"]);
  });

  test("keeps nothing of a large stream but what waits, and the next one reads from there on", async () => {
    const server = await started();
    const seen = await observer(server.url);
    stops.push(() => seen.close());
    await seen.make();
    await seen.fill(12_000, (i) => [`bowline.gw-1.b${i % 3}.l:v`, `b${i % 3}:e:${i}`]);
    const shares: number[] = [];
    const one = await visit(
      { servers: [server.url] },
      {
        waiting: () => Promise.resolve({ first: new Map([["b2:e", 11_990]]), whole: new Set<string>() }),
        onProgress: (share) => void shares.push(share),
      },
    );
    // 11990, 11993, 11996 and 11999 of b2.
    expect([one.known, one.place]).toEqual([4, 11_989]);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect([shares.length > 20, shares[0] < 0.1, shares.at(-1)! > 0.9]).toEqual([true, true, true]);
    expect(await one.send("bowline.gw-1.b2.l:v", body, "b2:e:11993")).toBe(11_993);
    expect(await one.send("bowline.gw-1.b2.l:v", body, "b2:e:12002")).toBe(12_001);
    expect(one.known).toBe(3);
    const { side } = one;
    const nothing = { first: new Map<string, number>(), whole: new Set<string>() };
    const idle = await visit({ servers: [server.url] }, { side, waiting: () => Promise.resolve(nothing) });
    expect([idle.known, idle.place]).toEqual([0, 12_001]);
    const next = await visit({ servers: [server.url] }, { side, place: 11_989 });
    expect([next.known, next.place]).toEqual([12, 11_989]);
  });

  test("is over when an acknowledgement stays out", async () => {
    const server = await started();
    const relay = new NatsRelay(server.port);
    stops.push(() => relay.stop());
    const one = await visit({ servers: [await relay.start()], timeoutS: 1 });
    relay.held.toClient = true;
    await expect(one.send(SUBJECT, body, "a:e:1")).rejects.toThrow("no answer within 1 s");
    expect(one.isOver).toBe(true);
    expect((await one.over).message).toContain("no answer within 1 s");
  });

  test("says what mends a stream of more copies than the site has servers", async () => {
    const server = await started();
    const three = visit({ servers: [server.url], create: { enabled: true, replicas: 3 } });
    await expect(three).rejects.toMatchObject({
      message: expect.stringContaining("replicas > 1 not supported in non-clustered mode"),
      mend: "nats.create.replicas: 1, or a cluster of as many servers",
    });
  });

  test("begins with a token", async () => {
    const server = await started(["--auth", "tok-1"]);
    const one = await visit({ servers: [server.url], tokenFile: write("token", "tok-1\n") });
    expect(await one.send(SUBJECT, body, "a:e:1")).toBe(1);
    const wrong = visit({ servers: [server.url], tokenFile: write("wrong", "tok-2\n") });
    await expect(wrong).rejects.toThrow("this gateway is not let in");
  });

  test("begins with an NKey", async () => {
    const pair = nkeys.createUser();
    const conf = write(
      "nkey.conf",
      `jetstream {}\nauthorization { users: [{ nkey: ${pair.getPublicKey()} }] }\n`,
    );
    const server = await started(["-c", conf]);
    const seed = new TextDecoder().decode(pair.getSeed());
    const one = await visit({ servers: [server.url], nkeyFile: write("seed", `${seed}\n`) });
    expect(await one.send(SUBJECT, body, "a:e:1")).toBe(1);
    // Not its last letter: two of that one's bits mean nothing.
    const wrong = write("wrong", `${seed.slice(0, 20)}${seed[20] === "A" ? "B" : "A"}${seed.slice(21)}`);
    await expect(visit({ servers: [server.url], nkeyFile: wrong })).rejects.toMatchObject({
      message: expect.stringMatching(/nkeys: .+, in nats\.nkeyFile$/),
      mend: `nk -gen user > ${wrong}`,
    });
  });

  test.skipIf(!isOpensslAvailable)(
    "is encrypted with tls://, and only with a server that its authority vouches for",
    async () => {
      const authority = new Authority(folder(), "ca");
      const { cert, key } = authority.sign("localhost", ["localhost"]);
      const server = await started(["--tls", "--tlscert", cert, "--tlskey", key]);
      const servers = [`tls://localhost:${server.port}`];
      const one = await visit({ servers, tls: { ca: authority.cert } });
      expect(await one.send(SUBJECT, body, "a:e:1")).toBe(1);
      const stranger = new Authority(folder(), "stranger");
      await expect(visit({ servers, tls: { ca: stranger.cert } })).rejects.toThrow(/certificate/);
      const plain = await started();
      const clear = visit({ servers: [`tls://localhost:${plain.port}`] });
      await expect(clear).rejects.toMatchObject({
        message: expect.stringMatching(/does not support .tls./),
        mend: expect.stringMatching(/^nats:\/\/ in place of tls:\/\/ in nats\.servers/),
      });
    },
  );
});
