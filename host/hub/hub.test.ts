/** The hub with components of the real libzmq. */
import { afterEach, describe, expect, test } from "vitest";
import { decodeMessage } from "../monique/body.ts";
import { drawId } from "../monique/id.ts";
import type { Message } from "../monique/message.ts";
import { bytesOf, messageVectors } from "../monique/testing/vectors.ts";
import { until } from "../platform/testing/until.ts";
import { HubBench } from "./testing/components.ts";
import { framesOf, messageOf, textOf } from "./testing/messages.ts";

let bench = new HubBench();
afterEach(async () => {
  await bench.stop();
  bench = new HubBench();
});

const clock = { controller: [{ spec: "example_clock", port: 0, patienceMs: 300_000 }] };

function read(parts: readonly Uint8Array[]): Message {
  return decodeMessage(parts[1]) as Message;
}

const dataOf = (parts: readonly Uint8Array[]) => Buffer.from(read(parts).data).toString();
const task = (data: unknown = {}) => messageOf({ type: "config", spec: "example_clock", data: textOf(data) });
const answerTo = (parts: readonly Uint8Array[], data: unknown = {}) =>
  messageOf({
    type: "result",
    spec: read(parts).spec,
    pid: read(parts).id,
    creator: "0000-worker",
    data: textOf(data),
  });
const killOf = (taskId: string) =>
  messageOf({ type: "config", spec: "kill", data: textOf({ task_id: taskId }) });

describe("two layers (MoniQue LAY1 to LAY3)", () => {
  test("what comes on com is published on com, byte for byte, and nothing of it on tech", async () => {
    await bench.start();
    const [com, tech] = [await bench.comOut(), await bench.techOut()];
    const push = await bench.comIn();
    const vectors = messageVectors.filter(({ era, layer }) => era === "C" && layer === "com");
    expect(vectors.length).toBeGreaterThan(3);
    const sent = vectors.map(({ frame0, frame1 }) => [bytesOf(frame0), bytesOf(frame1)] as const);
    for (const frames of sent) await push.send([...frames]);
    await until(() => com.heard.length === sent.length);
    expect(com.heard.map((parts) => parts.map((part) => part.toString("hex")))).toEqual(
      vectors.map(({ frame0, frame1 }) => [frame0, frame1]),
    );
    expect(tech.heard).toEqual([]);
  });

  test("what comes on tech is published on tech, byte for byte, and nothing of it on com", async () => {
    await bench.start();
    const [com, tech] = [await bench.comOut(), await bench.techOut()];
    const push = await bench.techIn();
    const vectors = messageVectors.filter(({ name }) => name === "heartbeat");
    for (const { frame0, frame1 } of vectors) await push.send([bytesOf(frame0), bytesOf(frame1)]);
    await until(() => tech.heard.length === 1);
    expect(tech.heard[0].map((part) => part.toString("hex"))).toEqual([vectors[0].frame0, vectors[0].frame1]);
    expect(com.heard).toEqual([]);
  });
});

describe("controller", () => {
  test("a task that came before the first worker is given to it, and still published", async () => {
    await bench.start(clock);
    const com = await bench.comOut();
    const asked = task();
    await (await bench.comIn()).send([...framesOf(asked)]);
    await until(() => bench.hub.task(asked.id)?.state === "queued");
    const worker = await bench.worker("example_clock");
    await until(() => worker.heard.length === 1);
    expect(worker.heard[0].map((part) => part.toString("hex"))).toEqual(
      framesOf(asked).map((part) => Buffer.from(part).toString("hex")),
    );
    expect(com.tags).toEqual([framesOf(asked)[0].toString()]);
    expect(bench.hub.task(asked.id)).toMatchObject({ state: "delivered", deliveries: 1 });
  });

  test("two workers, six tasks, one is killed: the five others are answered", async () => {
    await bench.start(clock);
    const com = await bench.comOut("error:", "result:");
    const push = await bench.comIn();
    const workers = [await bench.worker("example_clock"), await bench.worker("example_clock")];
    const tasks = Array.from({ length: 6 }, (_, i) => task({ i }));
    for (const one of tasks) await push.send([...framesOf(one)]);
    await until(() => workers.every(({ heard }) => heard.length === 1));
    const doomed = workers.find(({ heard }) => read(heard[0]).id === tasks[0].id)!;
    const outcome = bench.hub.kill(tasks[0].id, { by: { via: "local", who: "test" } });
    // What an original component does when it is killed: its communication layer goes, and comes again.
    bench.close(doomed.socket);
    expect(await outcome).toMatchObject({ outcome: "confirmed", how: "its worker's connection ended" });
    workers[workers.indexOf(doomed)] = await bench.worker("example_clock");
    const answered = new Set<string>();
    await until(async () => {
      for (const { heard } of workers)
        for (const parts of heard) {
          const { id } = read(parts);
          if (answered.has(id)) continue;
          answered.add(id);
          await push.send([...framesOf(answerTo(parts))]);
        }
      return com.tags.filter((tag) => tag.startsWith("result:")).length === 5;
    });
    expect([...answered].sort()).toEqual(
      tasks
        .slice(1)
        .map(({ id }) => id)
        .sort(),
    );
    expect(tasks.map(({ id }) => bench.hub.task(id)!.state)).toEqual(["killed", ...Array(5).fill("result")]);
  });

  test("what a worker had when it went is done by the other one", async () => {
    await bench.start(clock);
    const push = await bench.comIn();
    const first = await bench.worker("example_clock");
    const asked = task();
    await push.send([...framesOf(asked)]);
    await until(() => first.heard.length === 1);
    const second = await bench.worker("example_clock");
    bench.close(first.socket);
    await until(() => second.heard.length === 1);
    expect(read(second.heard[0]).id).toBe(asked.id);
    await push.send([...framesOf(answerTo(second.heard[0], { now: 5 }))]);
    expect(await bench.hub.whenEnded(asked.id)).toMatchObject({
      ...{ state: "result", result: { now: 5 }, on: "0000-worker", deliveries: 2 },
    });
  });

  test("an expired task is given to nobody, and its requester is told", async () => {
    await bench.start(clock);
    const com = await bench.comOut("error:");
    const push = await bench.comIn();
    const late = { ...task(), expires_at: Date.now() - 1 };
    const short = { ...task(), expires_at: Date.now() + 150 };
    await push.send([...framesOf(late)]);
    await push.send([...framesOf(short)]);
    await until(() => com.heard.length === 2);
    expect(com.heard.map((parts) => read(parts).pid)).toEqual([late.id, short.id]);
    expect(dataOf(com.heard[1])).toBe('{"code":300,"message":"its time was over before it was done"}');
    const worker = await bench.worker("example_clock");
    const next = task();
    await push.send([...framesOf(next)]);
    await until(() => worker.heard.length === 1);
    expect(read(worker.heard[0]).id).toBe(next.id);
    expect([late, short].map(({ id }) => bench.hub.task(id)!.state)).toEqual(["expired", "expired"]);
  });
});

describe("kill (MoniQue KILL1 to KILL4)", () => {
  const killed = '{"code":301,"message":"task killed"}';

  async function kill(message: Message): Promise<readonly Uint8Array[]> {
    const frames = framesOf(message);
    await (await bench.techIn()).send([...frames]);
    return frames;
  }

  test("of a task that has not ended: 301 with spec error and with its own, and the kill on tech, byte for byte", async () => {
    await bench.start(clock);
    const [com, tech] = [await bench.comOut("error:"), await bench.techOut()];
    const asked = task();
    await (await bench.comIn()).send([...framesOf(asked)]);
    await until(() => bench.hub.task(asked.id) !== undefined);
    const message = { ...killOf(asked.id), creator: "0000-jobcontrol", expires_at: Date.now() + 60_000 };
    const frames = await kill(message);
    await until(() => com.heard.length === 2 && tech.heard.length === 1);
    expect(tech.heard[0].map((part) => part.toString("hex"))).toEqual(
      frames.map((part) => Buffer.from(part).toString("hex")),
    );
    for (const [i, spec] of ["error", "example_clock"].entries()) {
      expect(read(com.heard[i])).toMatchObject({
        ...{ type: "error", spec, pid: asked.id, creator: "0000-jobcontrol", encoding: "JSON" },
        expires_at: message.expires_at,
      });
      expect(com.tags[i]).toBe(`error:${spec}:${read(com.heard[i]).id}:${asked.id}:0000-jobcontrol`);
      expect(dataOf(com.heard[i])).toBe(killed);
    }
    expect(bench.hub.kills(10)).toMatchObject([
      {
        task: asked.id,
        outcome: "confirmed",
        how: "withdrawn from the queue",
        by: { via: "tech", who: "0000-jobcontrol" },
      },
    ]);
  });

  test("of a task that nobody knows: 301 once, the kill on tech, and the truth in the audit", async () => {
    await bench.start();
    const [com, tech] = [await bench.comOut(), await bench.techOut()];
    await kill(killOf("0".repeat(40)));
    await until(() => com.heard.length === 1 && tech.heard.length === 1);
    expect(com.tags[0]).toMatch(/^error:error:[A-Za-z0-9]{40}:0{40}:0000-tester$/);
    expect(bench.hub.kills(1)).toMatchObject([{ outcome: "unknown", task: "0".repeat(40) }]);
  });

  test("the same kill again does nothing, and is audited", async () => {
    await bench.start();
    const [com, tech] = [await bench.comOut(), await bench.techOut()];
    const push = await bench.techIn();
    const frames = framesOf(killOf(drawId()));
    for (let i = 0; i < 3; i++) await push.send([...frames]);
    const last = drawId();
    await push.send([...framesOf(killOf(last))]);
    await until(() => tech.heard.length === 2 && com.tags.some((tag) => tag.includes(last)));
    expect(com.heard).toHaveLength(2);
    expect(bench.hub.kills(10).map(({ outcome, why }) => [outcome, why])).toEqual(
      expect.arrayContaining([["refused", "it was said before"]]),
    );
    expect(bench.hub.counts.refusedKills.tech).toBe(2);
  });

  test.each([
    ["an empty id", { task_id: "" }],
    ["null", { task_id: null }],
    ["the word that starts a second worker", { task_id: "restart_communicational" }],
    ["an id that is too long", { task_id: "a".repeat(41) }],
    ["no id", {}],
  ])("%s is refused: no 301, not forwarded, audited", async (_, data) => {
    await bench.start();
    const [com, tech] = [await bench.comOut(), await bench.techOut()];
    await kill(messageOf({ type: "config", spec: "kill", data: textOf(data) }));
    const good = "1".repeat(40);
    await kill(killOf(good));
    await until(() => tech.heard.length === 1 && com.tags.some((tag) => tag.includes(good)));
    expect(com.heard).toHaveLength(1);
    expect(bench.hub.counts.kills).toMatchObject({ refused: 1, unknown: 1 });
  });
});

test("the allow list stops what is not in it, on com alone", async () => {
  await bench.start({ allow: ["example_clock", "bench_probe"] });
  const [com, tech] = [await bench.comOut(), await bench.techOut()];
  const push = await bench.comIn();
  await push.send([...framesOf(messageOf({ type: "data", spec: "example_other" }))]);
  await push.send([...framesOf(task())]);
  await until(() => com.heard.length === 1);
  expect(com.tags[0]).toMatch(/^config:example_clock:/);
  await (await bench.techIn()).send([...framesOf(messageOf({ type: "data", spec: "example_other" }))]);
  await until(() => tech.heard.length === 1);
  expect(bench.hub.counts.dropped).toEqual({ SPEC_NOT_ALLOWED: 1 });
});
