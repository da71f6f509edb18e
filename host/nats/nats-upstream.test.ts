/** Real nats-servers that are killed, full, slow, absent or refuse: each message once in the stream, each board's in order. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { appendTo } from "../testing/stores.ts";
import { NatsRelay } from "./testing/nats-relay.ts";
import { isNatsInstalled, NatsServer, natsMissing, observer } from "./testing/nats-server.ts";
import { natsStage, taken } from "./testing/nats-stage.ts";

const at = natsStage();
const { begin, expectEachOnce, folder, say, startServer, stops } = at;

describe.skipIf(!isNatsInstalled)(`a stream (${natsMissing})`, () => {
  test("has each message as the API has it, under its id and its subject", async () => {
    const seen = await startServer();
    await seen.make();
    await appendTo(at.store, "gw2/sim-1", 7, { ot: "l:temp", v: 22.5 }, { epoch: "9f3c", at: 5 });
    const one = await begin({ gateway: "gw.1" });
    await taken(one);
    const told = {
      n: 1,
      device: "gw2/sim-1",
      epoch: "9f3c",
      seq: 7,
      at: 5,
      message: { ot: "l:temp", v: 22.5 },
    };
    expect(await seen.stored()).toEqual([
      {
        ...{ seq: 1, subject: "bowline.gw%2E1.gw2/sim-1.l:temp", id: "sim-1:9f3c:7" },
        body: { id: "sim-1:9f3c:7", ...told },
      },
    ]);
    expect(one.view()).toMatchObject({ state: "connected", sent: 1, target: `${at.server.url} bowline` });
  });

  test("is told everything once the server is there that was absent at the start", async () => {
    await say(9);
    const one = await begin();
    await until(() => expect(one.view()).toMatchObject({ state: "away", behind: 9 }));
    expect(one.view().fault).toMatch(/refused/i);
    const seen = await startServer();
    await seen.make();
    await taken(one);
    expectEachOnce(await seen.stored());
  });

  test("is told everything once it is there; until then the fault says what makes it", async () => {
    const seen = await startServer();
    await say(3);
    const one = await begin();
    await until(() =>
      expect(one.view().fault).toBe("there is no stream bowline, and nats.create.enabled is false"),
    );
    expect(one.view().mend).toContain("nats stream add bowline --subjects 'bowline.>'");
    await seen.make();
    await taken(one);
    expectEachOnce(await seen.stored());
  });

  test("is made when it is to be, as the settings have it", async () => {
    const seen = await startServer();
    await say(3);
    const create = { enabled: true, subjects: ["bowline.>", "lab.>"], maxBytes: 1e6, dedupeWindowS: 30 };
    await taken(await begin({ settings: { create } }));
    expect((await seen.manager.streams.info("bowline")).config).toMatchObject({
      ...{ subjects: ["bowline.>", "lab.>"], max_bytes: 1e6, duplicate_window: 30e9 },
      ...{ discard: "new", storage: "file", num_replicas: 1 },
    });
  });

  test.each([
    ["of other subjects", { subjects: ["lab.>"] }, "takes lab.>, and not bowline.gw-1.>"],
    ["that forgets what was read", { retention: "workqueue" as const }, "keeps no message that was read"],
  ])("%s is refused with its mend", async (_, settings, fault) => {
    const seen = await startServer();
    await seen.make(settings);
    const one = await begin();
    await until(() => expect(one.view().fault).toContain(fault));
    expect(one.view()).toMatchObject({ state: "away", mend: expect.stringMatching(/^nats stream /) });
  });

  test("of a server that is killed and started again while messages come", async () => {
    const seen = await startServer();
    await seen.make();
    const one = await begin();
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 20; i++) {
        await say(15);
        one.wake();
      }
      await at.server.kill();
      await say(30);
      one.wake();
      await until(() => expect(one.view().state).toBe("away"));
      await at.server.start();
    }
    await taken(one);
    expectEachOnce(await seen.stored());
  });

  test("that is full takes nothing, and goes on once there is room again", async () => {
    const seen = await startServer();
    await seen.make({ max_msgs: 10 });
    await say(15);
    const one = await begin();
    await until(() => expect(one.view()).toMatchObject({ state: "away", sent: 10 }));
    expect(one.view()).toMatchObject({ mend: "nats stream info bowline" });
    expect(one.view().fault).toMatch(/^publishing bowline\.gw-1\.b\d\.l:v: maximum messages exceeded$/);
    await seen.manager.streams.update("bowline", { max_msgs: 100 });
    await taken(one);
    expectEachOnce(await seen.stored());
  });

  test("that is full for one board's subject holds up that board alone, until there is room", async () => {
    const seen = await startServer();
    const room = { max_msgs_per_subject: 5, discard_new_per_subject: true };
    await seen.make({ ...room, subjects: ["bowline.>"] });
    // Of the others each stands under a subject of its own.
    await say(300, (seq) => (seq % 3 === 1 ? {} : { ot: `l:${seq}` }));
    const one = await begin();
    await until(() =>
      expect(one.view()).toMatchObject({ state: "connected", fault: "", sent: 205, behind: 95 }),
    );
    expect(one.view().aside).toMatchObject([
      { device: "b1", fault: "publishing bowline.gw-1.b1.l:v: maximum messages per subject exceeded" },
    ]);
    await seen.manager.streams.update("bowline", { max_msgs_per_subject: 1000 });
    await until(() => expect(one.view()).toMatchObject({ behind: 0, aside: [] }));
    expectEachOnce(await seen.stored());
  });

  test("of a server that refuses the password, until it does not", async () => {
    const password = join(folder(), "password");
    writeFileSync(password, "right\n", { mode: 0o600 });
    const settings = { user: "bowline", passwordFile: password };
    const auth = join(folder(), "auth.conf");
    const write = (pass: string) =>
      writeFileSync(auth, `jetstream {}\nauthorization { users: [{ user: bowline, password: ${pass} }] }\n`);
    at.server = await NatsServer.on(folder(), ["-c", auth]);
    stops.push(() => at.server.kill());
    write("wrong");
    await at.server.start();
    await say(3);
    const one = await begin({ settings: { ...settings, create: { enabled: true } } });
    await until(() => expect(one.view().fault).toContain("not let in"));
    expect(JSON.stringify(one.view())).not.toContain("right");
    expect(one.view().mend).toContain("nats.passwordFile");
    await at.server.kill();
    write("right");
    await at.server.start();
    await taken(one);
  });

  test("of a server that lets this gateway publish elsewhere only", async () => {
    const password = join(folder(), "password");
    writeFileSync(password, "right\n", { mode: 0o600 });
    const auth = join(folder(), "auth.conf");
    const allow = (subject: string) => `[ "${subject}", "$JS.API.>" ]`;
    const write = (subject: string) =>
      writeFileSync(
        auth,
        `jetstream {}\nauthorization { users: [{ user: bowline, password: right, permissions: { publish: ${allow(subject)} } }] }\n`,
      );
    at.server = await NatsServer.on(folder(), ["-c", auth]);
    stops.push(() => at.server.kill());
    write("lab.>");
    await at.server.start();
    await say(3);
    const one = await begin({
      settings: { user: "bowline", passwordFile: password, create: { enabled: true } },
    });
    await until(() => expect(one.view().fault).toMatch(/Permissions Violation/i));
    expect(one.view()).toMatchObject({ state: "away", sent: 0 });
    await at.server.kill();
    write("bowline.>");
    await at.server.start();
    await taken(one);
  });

  test("that has very much from before is read in parts, and tells how far that has come", async () => {
    const seen = await startServer();
    await seen.make({ duplicate_window: 100e6 });
    // Of these the store has the last nine, six of which are in the stream.
    const old = 12_000;
    await seen.fill(old, (seq) => [`bowline.gw-1.b${seq % 3}.l:v`, `b${seq % 3}:e:${seq}`]);
    at.said = old - 6;
    await say(9);
    const relay = new NatsRelay(at.server.port);
    stops.push(() => relay.stop());
    relay.delayMs = 100;
    const one = await begin({ settings: { servers: [await relay.start()] } });
    await until(() =>
      expect(one.view()).toMatchObject({
        ...{ state: "idle", behind: 9, mend: "" },
        fault: expect.stringMatching(/^reads what the stream has: [1-9]\d? %$/),
      }),
    );
    relay.delayMs = 0;
    await taken(one);
    expect(one.view().state).toBe("connected");
    const ids = (await seen.stored()).map(({ id }) => id);
    expect(ids.slice(old)).toEqual([1, 2, 0].map((b, i) => `b${b}:e:${old + 1 + i}`));
  });

  test("one board's subject that this gateway may not publish holds up that board alone, until it may", async () => {
    const password = join(folder(), "password");
    writeFileSync(password, "right\n", { mode: 0o600 });
    const auth = join(folder(), "auth.conf");
    const write = (deny: string) =>
      writeFileSync(
        auth,
        `authorization { users: [{ user: bowline, password: right, permissions: { publish: { allow: [ ">" ], deny: [ "${deny}" ] } } }, { user: admin, password: admin }] }\n`,
      );
    at.server = await NatsServer.on(folder(), ["-c", auth]);
    stops.push(() => at.server.kill());
    write("bowline.*.b1.>");
    await at.server.start();
    const seen = await observer(at.server.url, { user: "admin", pass: "admin" });
    stops.push(() => seen.close());
    await say(900);
    const one = await begin({
      settings: { user: "bowline", passwordFile: password, create: { enabled: true } },
    });
    await until(() => expect(one.view()).toMatchObject({ behind: 300, sent: 600 }));
    expect(one.view()).toMatchObject({
      state: "connected",
      fault: "",
      aside: [{ device: "b1", behind: 300 }],
    });
    expect(one.view().aside[0].fault).toMatch(/^publishing bowline\.gw-1\.b1\.l:v: .*Permissions Violation/i);
    expect(one.view().aside[0].mend).toContain("let it publish bowline.>");
    write("bowline.*.nobody.>");
    await at.server.kill();
    await at.server.start();
    await until(() => expect(one.view()).toMatchObject({ behind: 0, aside: [] }));
    expectEachOnce(await seen.stored());
  });

  test("never takes what is larger than its server or itself takes, and the board's next ones pass", async () => {
    const seen = await startServer();
    await seen.make({ max_msg_size: 100_000 });
    await say(9, (seq) => ({ text: "x".repeat(seq === 4 ? 2_000_000 : seq === 5 ? 200_000 : 1) }));
    const one = await begin();
    await until(() => expect(one.view()).toMatchObject({ behind: 0, refused: 2, sent: 7, fault: "" }));
    expectEachOnce(await seen.stored(), 7);
  });

  test("behind a slow line, slower than its patience at first", async () => {
    const seen = await startServer();
    await seen.make({ duplicate_window: 100e6 });
    const relay = new NatsRelay(at.server.port);
    stops.push(() => relay.stop());
    const url = await relay.start();
    await say(6);
    const one = await begin({ settings: { servers: [url], timeoutS: 1 } });
    await taken(one);
    relay.delayMs = 700;
    await say(6);
    one.wake();
    await until(() => expect(one.view().fault).toContain("no answer within 1 s"));
    relay.delayMs = 100;
    await taken(one);
    expectEachOnce(await seen.stored());
  });
});

/** The dedupe window is over before anything is handed on again: what repeats nothing is the reading alone. */
