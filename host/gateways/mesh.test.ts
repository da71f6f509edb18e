/** Frames between gateways: each once and in order, in custody, withdrawn and expired on their way, held where too much waits. */
import { expect, test, vi } from "vitest";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { WireError } from "../iotgw/wire-error.ts";
import { until } from "../platform/testing/until.ts";
import { Lane } from "../queue/packet.ts";
import { clock, Line } from "./testing/mesh-net.ts";
import { event, meshStage, numbers, request } from "./testing/mesh-stage.ts";

const { chain, heard } = meshStage();

test("frames arrive once and in order, whatever becomes of connections, sessions and gateways", async () => {
  const [a, b] = await chain(2);
  const line = new Line(a, b);
  line.join();
  for (const text of numbers(0, 50)) await a.mesh.send(event(2n, text));
  line.cut();
  for (const text of numbers(50, 100)) await a.mesh.send(event(2n, text));
  line.join();
  line.lose();
  line.join();
  for (const text of numbers(100, 150)) await a.mesh.send(event(2n, text));
  a.kill();
  line.lose();
  await a.start();
  line.join();
  for (const text of numbers(150, 200)) await a.mesh.send(event(2n, text));
  b.kill();
  line.lose();
  await b.start();
  line.join();
  await until(() => heard.get(b)!.length >= 200);
  expect(heard.get(b)).toEqual(numbers(0, 200));
  await until(() => a.mesh.get(2n)!.queue.count === 0);
  await new Promise<void>((resolve) => a.store.keep([], resolve)); // what may wait goes with the next commit
  expect(await a.store.records("s/")).toEqual([]);
});

test("a relay hands frames on in custody, while no two lines ever stand at once", async () => {
  const [a, b, c] = await chain(3);
  const [near, far] = [new Line(a, b), new Line(b, c)];
  for (const text of numbers(0, 20)) await a.mesh.send(event(3n, text));
  near.join();
  await until(() => a.mesh.get(2n)!.queue.count === 0);
  near.cut();
  b.kill();
  await b.start();
  far.join();
  await until(() => heard.get(c)!.length >= 20);
  expect(heard.get(c)).toEqual(numbers(0, 20));
  await until(() => b.mesh.get(3n)!.queue.count === 0);
});

test("a long frame goes in pieces, and control overtakes it", async () => {
  const [a, b] = await chain(2);
  const long = "x".repeat(60_000);
  await a.mesh.send(event(2n, long, Lane.BULK));
  await a.mesh.send(event(2n, "kill", Lane.CONTROL));
  new Line(a, b).join();
  await until(() => heard.get(b)!.length === 2);
  expect(heard.get(b)!.map((text) => text.length)).toEqual([4, 60_000]);
});

test("a frame of which some pieces came begins anew in the next session, and goes on in the same one", async () => {
  const [a, b] = await chain(2);
  const line = new Line(a, b);
  const long = "x".repeat(60_000);
  await a.mesh.send(event(2n, long, Lane.BULK));
  line.join(20_000);
  await until(() => !line.isJoined);
  line.lose();
  line.join(20_000);
  await until(() => !line.isJoined);
  line.join();
  await until(() => heard.get(b)!.length === 1);
  expect(heard.get(b)).toEqual([long]);
});

test("what goes again over a new connection says what is left of its life now", async () => {
  const [a, b] = await chain(2);
  const line = new Line(a, b);
  const lasting = await a.mesh.send(request(2n, "lasting", 120_000));
  await a.mesh.send(request(2n, "short", 60_000));
  const withdrawn = await a.mesh.send(request(2n, "withdrawn", 120_000));
  line.join(30); // cut before the first of them has come
  await until(() => !line.isJoined);
  expect([lasting.packet.hasLeft, withdrawn.packet.hasLeft]).toEqual([true, true]);
  withdrawn.packet.endLife();
  const { now } = clock;
  const ahead = vi.spyOn(clock, "now").mockImplementation(() => now() + 60_000);
  try {
    line.join();
    await until(() => heard.get(b)!.length === 3);
  } finally {
    ahead.mockRestore();
  }
  expect(heard.get(b)).toEqual(["lasting", "short, over", "withdrawn, over"]);
});

test("a request that is withdrawn where it waits goes no further: here without a trace, at a relay with a word to its origin", async () => {
  const [a, b, c] = await chain(3);
  const [near, far] = [new Line(a, b), new Line(b, c)];
  const first = await a.mesh.send(request(3n, "first"));
  const second = await a.mesh.send(request(3n, "second"));
  expect(first.packet.setInvalid()).toBe(true);
  near.join();
  await until(() => a.mesh.get(2n)!.queue.count === 0);
  const { seq, origin, epoch, lane } = second.id;
  await a.mesh.send({
    ...{ dst: 3n, cmd: Command.CANCEL, reqtype: Reqtype.ASYNC, lane: Lane.CONTROL, ttlMs: 60_000 },
    ...{ content: Uint8Array.of(lane), ref: { origin, seq, epoch } },
  });
  await until(() => heard.get(a)!.length === 1);
  expect(heard.get(a)).toEqual([`NAK ${seq} ${WireError.CANCELLED}`]);
  far.join();
  await a.mesh.send(event(3n, "after"));
  await until(() => heard.get(c)!.length > 0);
  expect(heard.get(c)).toEqual(["after"]);
});

test("a request that expires at a relay is told of to its origin", async () => {
  const [a, b] = await chain(3);
  new Line(a, b).join();
  // Far more than it takes to the relay, also on a machine that stands still for a moment.
  const { id } = await a.mesh.send(request(3n, "late", 1500));
  await until(() => heard.get(a)!.length === 1);
  expect([heard.get(a), b.dead]).toEqual([[`NAK ${id.seq} ${WireError.EXPIRED}`], ["expired"]]);
});

test("a gateway that nothing leads to is refused at once, and a peer that is removed ends all that waits for it", async () => {
  const [a] = await chain(2);
  await expect(a.mesh.send(event(7n, "x"))).rejects.toMatchObject({ code: "NO_ROUTE" });
  const outcomes: string[] = [];
  await a.mesh.send({ ...event(2n, "x"), onOutcome: (outcome) => void outcomes.push(outcome) });
  a.mesh.get(2n)!.remove();
  expect(outcomes).toEqual(["peer-removed"]);
  await expect(a.mesh.send(event(2n, "y"))).rejects.toMatchObject({ code: "NO_ROUTE" });
});

test("a frame above what a peer takes is refused, also one that waited before that was known", async () => {
  const [a, b] = await chain(2);
  b.maxFrame = 1000;
  await a.mesh.send(event(2n, "x".repeat(2000)));
  new Line(a, b).join();
  await until(() => a.dead.length === 1);
  expect(a.dead).toEqual(["rejected"]);
  await expect(a.mesh.send(event(2n, "x".repeat(2000)))).rejects.toMatchObject({ code: "TOO_BIG" });
  await a.mesh.send(event(2n, "small"));
  await until(() => heard.get(b)!.length > 0);
  expect(heard.get(b)).toEqual(["small"]);
});

test("what was said of credit in a session that is lost holds nothing in the next", async () => {
  const [a, b] = await chain(2);
  const line = new Line(a, b);
  line.join();
  await a.mesh.send(event(2n, "first"));
  await until(() => a.mesh.get(2n)!.queue.count === 0);
  line.cut();
  await until(() => !b.mesh.get(1n)!.isConnected);
  b.mesh.get(1n)!.hold(true);
  line.lose();
  line.join();
  for (const text of ["second", "third"]) await a.mesh.send(event(2n, text));
  await until(() => heard.get(b)!.length === 3);
  expect(heard.get(b)).toEqual(["first", "second", "third"]);
});

test("a relay whose queue fills holds the lanes of whoever fills it, and loses nothing", async () => {
  const [a, b, c] = await chain(3, { maxPackets: 100 });
  const [near, far] = [new Line(a, b), new Line(b, c)];
  near.join();
  const sent = numbers(0, 300);
  const sending = (async () => {
    for (const text of sent) {
      await until(() => a.mesh.get(2n)!.hasRoom(100));
      await a.mesh.send(event(3n, text));
    }
  })();
  // The window of the session lets more through than the mark, never all of it.
  await until(() => b.mesh.get(3n)!.queue.count >= 80);
  await until(() => a.mesh.get(2n)!.queue.count >= 90);
  await a.mesh.send(event(2n, "kill", Lane.CONTROL));
  await until(() => heard.get(b)!.includes("kill"));
  expect(b.mesh.get(3n)!.queue.count).toBeLessThan(250);
  far.join();
  await sending;
  await until(() => heard.get(c)!.length >= 300);
  expect(heard.get(c)).toEqual(sent);
});
