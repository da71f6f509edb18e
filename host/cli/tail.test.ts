import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeGateway } from "../http/testing/fake-gateway.ts";
import { control, ServerUnderTest } from "../http/testing/server-under-test.ts";
import { until } from "../platform/testing/until.ts";
import { VerbRunner } from "./testing/run-verb.ts";

let gateway: FakeGateway;
let server: ServerUnderTest;
let verbs: VerbRunner;

beforeEach(async () => {
  gateway = new FakeGateway();
  server = await new ServerUnderTest(gateway).start();
  verbs = new VerbRunner(`${server.base}/?token=${control}`);
});
afterEach(() => server.stop());

const following = () => until(() => expect(verbs.terminal.warned[0]).toMatch(/^tail: following pi-kitchen/));

test("tail shows what is delivered from now on, until Ctrl-C", async () => {
  gateway.deliver({ ot: "l:temp", v: 1 });
  const run = verbs.run("tail");
  await following();
  gateway.deliver({ ot: "l:temp", v: 2 });
  await until(() => expect(verbs.terminal.printed).toHaveLength(1));
  verbs.terminal.interrupt();
  expect(await run).toEqual({
    code: 130,
    out: [expect.stringMatching(/^\d\d:\d\d:\d\d sim-1 {2}l:temp {2}v 2$/)],
    err: ["tail: following pi-kitchen; Ctrl-C ends it"],
  });
});

test("tail --json --from 0 replays what the store holds, and says what it no longer does", async () => {
  const sent = [1, 2, 3].map((v) => gateway.deliver({ ot: "l:temp", v }));
  gateway.store.dropBefore(3);
  const run = verbs.run("tail", "--json", "--from", "0");
  await until(() => expect(verbs.terminal.printed).toHaveLength(1));
  verbs.terminal.interrupt();
  const { out, err } = await run;
  expect(out.map((line) => JSON.parse(line))).toEqual([sent[2]]);
  expect(err[1]).toBe("tail: messages 1 to 2 were dropped from the store before they were read");
});

test("tail --device shows one board only", async () => {
  gateway.deliver({ v: 1 }, "sim-1");
  gateway.deliver({ v: 2 }, "sim-2");
  const run = verbs.run("tail", "--from", "1", "--device", "sim-2");
  await until(() => expect(verbs.terminal.printed).toHaveLength(1));
  verbs.terminal.interrupt();
  expect((await run).out[0]).toContain("sim-2  message  v 2");
});

test("a reader that has gone is no fault", async () => {
  const run = verbs.run("tail");
  verbs.terminal.interruptedCode = 0;
  await following();
  verbs.terminal.interrupt();
  expect((await run).code).toBe(0);
});

test.each(["x", "-1", "1.5"])("--from %s is a usage error", async (from) => {
  const { code, err } = await verbs.run("tail", `--from=${from}`);
  expect([code, err[0]]).toEqual([2, expect.stringContaining("reading --from")]);
});
