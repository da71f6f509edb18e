/** A real nats-server in operator mode: credentials that let in, that have expired, that were revoked, and that were renewed. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { configSchema } from "../config/schema.ts";
import type { Log } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import type { DurableStore } from "../store/durable-store.ts";
import { folderForEach } from "../testing/folders.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { appendTo, openTestStore } from "../testing/stores.ts";
import { NatsUpstream } from "./nats-upstream.ts";
import { type Credentials, NatsOperator } from "./testing/nats-operator.ts";
import { isNatsInstalled, NatsServer, natsMissing } from "./testing/nats-server.ts";

const folder = folderForEach("nats-operator");
const stops = stopAfterEach();
const operator = new NatsOperator();
const conf = () => join(folder(), "operator.conf");
const path = () => join(folder(), "gw-1.creds");
let store: DurableStore;
let told: string[];

beforeEach(async () => {
  told = [];
  store = await openTestStore();
  stops.push(() => store.stop());
  await appendTo(store, "b0", 1);
});

async function started(revoked: readonly string[] = []): Promise<NatsServer> {
  writeFileSync(conf(), operator.configuration(revoked));
  const server = await NatsServer.on(folder(), ["-c", conf()]);
  stops.push(() => server.kill());
  await server.start();
  return server;
}

const keep = ({ text }: Credentials) => writeFileSync(path(), text, { mode: 0o600 });

async function begin({ url }: NatsServer): Promise<NatsUpstream> {
  const note = (fields: object, text: string) => void told.push(JSON.stringify([fields, text]));
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const { nats } = configSchema.parse({
    nats: { servers: [url], from: "oldest", create: { enabled: true }, credsFile: path() },
  });
  const clock = { now: () => performance.now(), wall: () => 0 };
  const one = new NatsUpstream(nats, { gateway: "gw-1", store, clock, log });
  stops.push(() => one.stop(0));
  await one.load();
  one.start();
  return one;
}

const taken = (one: NatsUpstream) =>
  until(() => expect(one.view()).toMatchObject({ state: "connected", behind: 0, fault: "" }));

/** Neither in the log nor in what people are shown. */
function expectSecret(one: NatsUpstream, all: Credentials[]): void {
  const shown = [...told, JSON.stringify(one.view())].join("\n");
  expect(told).not.toEqual([]);
  for (const secret of all.flatMap(({ secrets }) => secrets)) expect(shown.includes(secret)).toBe(false);
}

const mend = () => `nsc generate creds --account ACCOUNT --name USER --output-file ${path()}`;

describe.skipIf(!isNatsInstalled)(`credentials (${natsMissing})`, () => {
  test("of a user let in", async () => {
    const credentials = operator.credentials();
    keep(credentials);
    const one = await begin(await started());
    await taken(one);
    expectSecret(one, [credentials]);
  });

  test("that have expired do not, until they are renewed in their file", async () => {
    const expired = operator.credentials(Math.floor(Date.UTC(2024, 1, 3) / 1000));
    keep(expired);
    const one = await begin(await started());
    await until(() => expect(one.view().state).toBe("away"));
    expect(one.view()).toMatchObject({
      fault: expect.stringMatching(
        /this gateway is not let in: .+: the credentials in .+gw-1\.creds expired 2024-02-03T00:00:00\.000Z$/,
      ),
      mend: mend(),
    });
    const renewed = operator.credentials(Math.floor(Date.now() / 1000) + 3600);
    keep(renewed);
    await taken(one);
    expectSecret(one, [expired, renewed]);
  });

  test("that end while they are connected end the connection, and are told to have expired", async () => {
    const server = await started();
    // Long enough to be let in by then, also on a machine that stands still for a moment.
    const short = operator.credentials(Math.floor(Date.now() / 1000) + 8);
    keep(short);
    const one = await begin(server);
    await taken(one);
    await until(() => expect(one.view().fault).toMatch(/the credentials in .+gw-1\.creds expired/));
    expect(one.view()).toMatchObject({ state: "away", mend: mend() });
    expectSecret(one, [short]);
  });

  test("that were revoked do not", async () => {
    const revoked = operator.credentials(Math.floor(Date.UTC(2099, 0, 1) / 1000));
    keep(revoked);
    const one = await begin(await started([revoked.user]));
    await until(() => expect(one.view().state).toBe("away"));
    expect(one.view()).toMatchObject({
      fault: expect.stringContaining(
        "gw-1.creds, good until 2099-01-01T00:00:00.000Z, were revoked, or are of an account that the server does not know",
      ),
      mend: mend(),
    });
    expectSecret(one, [revoked]);
  });

  test("that are spoiled while the gateway runs are told so without what they hold", async () => {
    const credentials = operator.credentials();
    keep(credentials);
    const server = await started();
    const one = await begin(server);
    await taken(one);
    keep({ ...credentials, text: credentials.text.slice(0, -60) });
    await server.kill();
    await server.start();
    await until(() => expect(one.view().fault).toContain("it holds no user's JWT with its seed"));
    expect(one.view().mend).toBe(mend());
    expectSecret(one, [credentials]);
  });
});
