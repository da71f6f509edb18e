/** How long the client waits for a gateway that says nothing, and for a program that takes its time; in time that is told. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Gateway } from "./client.ts";

interface Asked {
  method: string;
  url: string;
  /** Ends the answer, or the body of one that has come. */
  signal?: AbortSignal | undefined;
  answer(body: string | ReadableStream<Uint8Array>, status?: number): void;
  fail(): void;
}

const gateway = new Gateway("http://gw:9080/", "t");
let asked: Asked[];

beforeEach(() => {
  asked = [];
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  vi.stubGlobal("fetch", (url: string, { method, signal }: { method: string; signal?: AbortSignal }) => {
    return new Promise<Response>((resolve, reject) => {
      if (signal?.aborted) reject(signal.reason);
      signal?.addEventListener("abort", () => reject(signal.reason));
      const answer: Asked["answer"] = (body, status = 200) => resolve(new Response(body, { status }));
      asked.push({ method, url, signal, answer, fail: () => reject(new TypeError("refused")) });
    });
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** An event as the gateway says it. */
const event = (kind: string, id: number, data: object) =>
  new TextEncoder().encode(`event: ${kind}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);

/** Events that are open until the connection is. */
function events(...said: Uint8Array[]): ReadableStream<Uint8Array> {
  const { signal } = asked.at(-1)!;
  return new ReadableStream({
    start(stream) {
      for (const one of said) stream.enqueue(one);
      signal?.addEventListener("abort", () => stream.error(signal.reason));
    },
  });
}

test("a request to a gateway that stands still ends soon after its time, as one that is lost", async () => {
  const outcome = gateway.request("b-1", { ot: "l:led" }, { timeoutS: 10 }).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(14_999);
  expect(asked[0].signal?.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await outcome).toMatchObject({ code: "GATEWAY_LOST", message: "no answer within 15 s" });
  expect(vi.getTimerCount()).toBe(0);
});

test("a request that is aborted is withdrawn, also between two tries, and is not waited for without end", async () => {
  const end = new AbortController();
  const options = { signal: end.signal, key: "k" };
  const outcome = gateway.request("b-1", { ot: "l:led" }, options).catch((error: unknown) => error);
  asked[0].fail();
  await vi.advanceTimersByTimeAsync(50);
  end.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked.at(-1)).toMatchObject({ method: "DELETE", url: "http://gw:9080/api/v1/requests/k" });
  asked.at(-1)!.answer("{}");
  expect(await outcome).toMatchObject({ name: "AbortError" });
});

test("a program that takes minutes for a message has lost no connection; a gateway that says nothing is lost", async () => {
  const lost: string[] = [];
  const stream = gateway.messages({ from: 1, onLost: (error) => lost.push(error.message) });
  const first = stream.next();
  const message = (n: number) => event("message", n, { n });
  asked[0].answer(events(event("gateway", 0, { epoch: "e" }), message(1), message(2)));
  expect(await first).toMatchObject({ value: { n: 1 } });
  await vi.advanceTimersByTimeAsync(300_000);
  expect(await stream.next()).toMatchObject({ value: { n: 2 } });
  expect([asked.length, asked[0].signal?.aborted, lost]).toEqual([1, false, []]);
  const third = stream.next();
  await vi.advanceTimersByTimeAsync(40_000);
  expect(lost).toEqual(["the connection to http://gw:9080/ ended"]);
  await vi.advanceTimersByTimeAsync(100);
  expect(asked).toHaveLength(2);
  // Nor does it wait for ever for the head of an answer.
  await vi.advanceTimersByTimeAsync(40_100 + 200);
  expect(asked).toHaveLength(3);
  asked[2].answer(events(message(3)));
  expect(await third).toMatchObject({ value: { n: 3 } });
  await stream.return();
  expect([asked[2].signal?.aborted, vi.getTimerCount()]).toEqual([true, 0]);
});

test("who ends it is given no message any more, also of those that came along", async () => {
  const end = new AbortController();
  const stream = gateway.messages({ from: 1, signal: end.signal });
  const first = stream.next();
  const [one, two] = [event("message", 1, { n: 1 }), event("message", 2, { n: 2 })];
  asked[0].answer(events(Uint8Array.of(...one, ...two)));
  expect(await first).toMatchObject({ value: { n: 1 } });
  end.abort();
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

test.each([
  ["http://gw:9080/?token=t", "http://gw:9080/api/v1/devices"],
  ["https://house/gw", "https://house/gw/api/v1/devices"],
  ["https://house/gw/?token=t#/boards", "https://house/gw/api/v1/devices"],
])("%s has its boards at %s", async (url, place) => {
  const boards = new Gateway(url).devices();
  expect(asked[0].url).toBe(place);
  asked[0].answer('{"devices":[]}');
  expect(await boards).toEqual([]);
});
