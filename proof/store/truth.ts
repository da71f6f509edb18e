/** A store on disk that was filled, and what it must say when it is read. */
import { isDeepStrictEqual } from "node:util";
import { systemClock } from "../../host/platform/clock.ts";
import { BowlineError } from "../../host/platform/errors.ts";
import { diskStore, type OpenableStore, type StoreSettings } from "../../host/store/open-store.ts";
import type { DeliveredMessage, RecordChange, Store, Watermark } from "../../host/store/store.ts";
import { hold } from "../proof.ts";

const settings: StoreSettings = {
  maxMessages: 1e6,
  maxBytes: 1e9,
  maxAgeS: 0,
  whenFull: "dropOldest",
  flush: true,
  commitDelayMs: 0,
  keepFreeBytes: 0,
  faults: "none",
};

export function storeIn(folder: string): OpenableStore {
  return diskStore(folder, settings, systemClock, { onFault() {}, onReopened() {}, onLow() {} });
}

/** Who speaks in these stores. */
export const DEVICES = ["a", "kitchen", "b2"];

/** All that a store says. */
export interface Truth {
  epoch: string;
  messages: DeliveredMessage[];
  watermarks: Record<string, readonly Watermark[]>;
  documents: [string, unknown][];
}

const EVERYTHING = 1e6;

export async function readAll(store: Store, devices: readonly string[]): Promise<Truth> {
  return {
    epoch: store.epoch,
    messages: await store.read(0, EVERYTHING),
    watermarks: Object.fromEntries(devices.map((device) => [device, store.watermarks(device)])),
    documents: await store.records(""),
  };
}

/** The text that appendMessage() puts into a message. */
const textOf = (device: string, size: number) =>
  `${device}.`.repeat(Math.ceil(size / (device.length + 1))).slice(0, size);

/** Messages 1…n are there, at least `acknowledged`, as appendMessage() made them, and watermarks and documents fit. */
export async function checkPrefix(store: Store, acknowledged: number, what: () => string): Promise<void> {
  const { messages, watermarks, documents } = await readAll(store, DEVICES);
  const { length } = messages;
  hold(length >= acknowledged, () => `${what()}: ${acknowledged} acknowledged, ${length} in the store`);
  for (const [i, { n, device, seq, message }] of messages.entries()) {
    const { text } = message as { text: string };
    const isWhole = n === i + 1 && seq === n && device === DEVICES[n % DEVICES.length] && message.seq === n;
    hold(
      isWhole && text === textOf(device, text.length),
      () => `${what()}: message ${n} is ${JSON.stringify(message)}`,
    );
  }
  for (const device of DEVICES) {
    const last = messages.filter((message) => message.device === device).at(-1)?.seq ?? 0;
    const seq = watermarks[device][0]?.seq ?? 0;
    hold(seq === last, () => `${what()}: ${device} has the watermark ${seq}, its last message is ${last}`);
    const noted = documents
      .filter(([key]) => key.startsWith(`k/${device}/`))
      .map(([, value]) => (value as { seq: number }).seq);
    hold(Math.max(0, ...noted) === last, () => `${what()}: documents of ${device} say ${noted}, not ${last}`);
    const waiting = documents.filter(([key]) => key.startsWith(`s/${device}/`));
    hold(
      isDeepStrictEqual(waiting, packetsUpTo(device, last)),
      () => `${what()}: packets of ${device} up to ${last} are ${waiting.map(([key]) => key)}`,
    );
  }
}

/** With each message of a device two packets come; so many messages later each leaves, the second one first. */
const STAYS = { a: 4, b: 2 };
type Half = keyof typeof STAYS;

function keyOf(device: string, seq: number, half: Half): string {
  return `s/${device}/${Math.max(0, seq).toString(16).padStart(14, "0")}${half}`;
}

const packetOf = (device: string, seq: number, half: Half) =>
  Buffer.from(textOf(`${half}${device}`, seq % 300));

/** Those that appendMessage() left when its last number was `last`, in the order of their keys. */
function packetsUpTo(device: string, last: number): [key: string, value: Uint8Array][] {
  const found: [key: string, value: Uint8Array][] = [];
  for (let age = STAYS.a - 1; age >= 0; age--) {
    const seq = last - age * DEVICES.length;
    for (const half of ["a", "b"] as const)
      if (seq > 0 && age < STAYS[half]) found.push([keyOf(device, seq, half), packetOf(device, seq, half)]);
  }
  return found;
}

/** Hands over one message of `size` bytes or so, with a document, and packets that come and go; resolves once it is acknowledged. */
export function appendMessage(store: Store, device: string, seq: number, size: number): Promise<void> {
  const content = { seq, text: textOf(device, size) };
  const payload = Buffer.from(JSON.stringify(content));
  const message: DeliveredMessage = {
    n: 0,
    device,
    epoch: "00000000000000e0",
    seq,
    at: seq,
    message: content,
  };
  const changes: RecordChange[] = [{ key: `k/${device}/${seq % 5}`, value: { seq } }];
  for (const half of ["a", "b"] as const) {
    changes.push({ key: keyOf(device, seq, half), value: packetOf(device, seq, half) });
    changes.push({ key: keyOf(device, seq - STAYS[half] * DEVICES.length, half), value: null });
  }
  return new Promise((resolve, reject) => {
    store.append(message, payload, 0, payload.length, { onCommitted: resolve, onFailed: reject }, changes);
  });
}

/** Runs `read`; null when it was refused as damage, in words. Any other error disproves. */
export async function refusedOr<T>(what: () => string, read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    const { code = "", message } = error as BowlineError;
    hold(
      error instanceof BowlineError && code === "STORE_CORRUPT" && error.mend !== "",
      () => `${what()}: ${code} ${message}; expected: STORE_CORRUPT`,
    );
    return null;
  }
}
