import { beforeEach, expect, test } from "vitest";
import type { DeliveredMessage } from "../../http/api.ts";
import { BowlineError } from "../../platform/errors.ts";
import type { GatewayClient } from "../gateway/client.ts";
import { MessageReader } from "./message-reader.ts";

/** What the store holds; a test changes it. */
let store: DeliveredMessage[];
let isThere: boolean;
let error: Error | undefined;
let read: number[];
let reader: MessageReader;

const message = (n: number, i = n): DeliveredMessage => ({
  ...{ n, device: "a", epoch: "e", seq: i, at: 0 },
  message: { i },
});

/** Answers as GET /api/v1/messages does. */
function get(path: string): Promise<object> {
  if (error !== undefined) return Promise.reject(error);
  const url = new URL(path, "http://gateway/");
  const [from, limit] = ["from", "limit"].map((name) => Number(url.searchParams.get(name)));
  const messages = store.filter(({ n }) => n >= from).slice(0, limit);
  const end = (store.at(-1)?.n ?? 0) + 1;
  const next = messages.length === limit ? messages[limit - 1].n + 1 : end;
  return Promise.resolve({ messages, next, oldest: store[0]?.n ?? end });
}

beforeEach(() => {
  store = [1, 2, 3].map((n) => message(n));
  isThere = true;
  error = undefined;
  read = [];
  const client = { get } as unknown as GatewayClient;
  reader = new MessageReader(
    () => (isThere ? client : undefined),
    ({ n }) => void read.push(n),
  );
});

/** Reads all there is. */
async function readAll(): Promise<void> {
  reader.drain();
  await reader.run();
}

test("reads every message once, over pages and over times without a gateway", async () => {
  store = Array.from({ length: 2500 }, (_, i) => message(i + 1));
  isThere = false;
  const all = readAll();
  isThere = true;
  await all;
  expect(read).toEqual(store.map(({ n }) => n));
  expect(await reader.readBack()).toEqual({ kept: 2500, vanished: 0, changed: 0, gaps: 0 });
});

test("a gateway that was killed is waited for; any other fault is one", async () => {
  error = new BowlineError("GATEWAY_LOST", "killed");
  const all = readAll();
  error = undefined;
  await all;
  expect(read).toEqual([1, 2, 3]);
  error = new BowlineError("TOKEN_WRONG", "no");
  await expect(reader.run()).rejects.toMatchObject({ code: "TOKEN_WRONG" });
});

test.each([
  ["one in between is gone", () => store.splice(1, 1), { kept: 2, vanished: 1, gaps: 1 }],
  ["the last is gone", () => store.pop(), { kept: 2, vanished: 1, gaps: 0 }],
  ["all are gone", () => store.splice(0), { kept: 0, vanished: 3, gaps: 0 }],
  ["one is another now", () => store.splice(1, 1, message(2, 7)), { kept: 3, vanished: 0, changed: 1 }],
  ["one more came", () => store.push(message(4)), { kept: 4, vanished: 0, changed: 0, gaps: 0 }],
])("reading back: %s", async (_what, change, expected) => {
  await readAll();
  change();
  expect(await reader.readBack()).toMatchObject(expected);
});

test("a store that begins anew is read from its start, and what was read before has vanished", async () => {
  await readAll();
  store = [message(1, 8), message(2, 9)];
  await readAll();
  expect(read).toEqual([1, 2, 3, 1, 2]);
  expect(await reader.readBack()).toEqual({ kept: 2, vanished: 3, changed: 0, gaps: 0 });
});
