import { expect, test } from "vitest";
import { Packet } from "./packet.ts";
import { PeerQueue } from "./peer-queue.ts";
import { fillOf } from "./queue-fill.ts";
import { QueueMeter } from "./queue-meter.ts";

const clock = { ms: 0 };
const newQueue = () => new PeerQueue({ now: () => clock.ms, signal: () => {} });
const add = (queue: PeerQueue, bytes: number, addedAt = Number.NaN) => {
  const packet = Packet.copyOf(new Uint8Array(bytes))!;
  packet.addedAt = addedAt;
  queue.addPacket(packet);
  return packet;
};

test("rates are those of the last minute, and 0 once nothing happened in it", () => {
  clock.ms = 1000;
  const queue = newQueue();
  add(queue, 50); // it was there before the meter
  const meter = new QueueMeter(
    () => [queue],
    () => clock.ms,
  );
  expect(meter.ratesOf(queue).inPerS).toBe(0);
  meter.start();
  meter.stop(); // the test samples by itself
  const packets = Array.from({ length: 20 }, () => add(queue, 100));
  for (const packet of packets.slice(0, 5)) packet.setInvalid();
  clock.ms += 10_000;
  const rates = { inPerS: 2, outPerS: 0.5, packetsPerS: 1.5, bytesPerS: 150 };
  expect(meter.ratesOf(queue)).toEqual(rates);
  for (let i = 0; i < 12; i++) {
    meter.sample();
    clock.ms += 5000;
  }
  expect(meter.ratesOf(queue)).toEqual({ inPerS: 0, outPerS: 0, packetsPerS: 0, bytesPerS: 0 });
});

test("a queue that is made between two looks began empty at the first, one that rested begins at the last", () => {
  clock.ms = 0;
  const queues: PeerQueue[] = [];
  const meter = new QueueMeter(
    () => queues,
    () => clock.ms,
  );
  meter.start();
  meter.stop();
  clock.ms = 4000;
  const queue = newQueue();
  queues.push(queue);
  add(queue, 10);
  expect(meter.ratesOf(queue).inPerS).toBe(0.25);
  for (clock.ms = 5000; clock.ms <= 600_000; clock.ms += 5000) meter.sample();
  add(queue, 10);
  clock.ms = 610_000;
  expect(meter.ratesOf(queue).inPerS).toBe(0.1);
});

test("the fill of a queue counts by place and lane, and its oldest packet is the one that has waited longest", () => {
  clock.ms = 5000;
  const queue = newQueue();
  const old = add(queue, 7, -60_000); // kept by an earlier life of the gateway
  queue.processPacketQueue();
  add(queue, 3);
  clock.ms = 6000;
  const nothing = { packets: 0, bytes: 0 };
  expect(fillOf(queue, clock.ms)).toEqual({
    ...{ packets: 2, bytes: 10, oldestMs: 66_000 },
    places: {
      new: { packets: 1, bytes: 3 },
      working: { packets: 1, bytes: 7 },
      session: nothing,
      wire: nothing,
    },
    lanes: [nothing, nothing, { packets: 2, bytes: 10 }, nothing],
  });
  old.setInvalid();
  expect(fillOf(queue, clock.ms).oldestMs).toBe(1000);
  expect([fillOf(null, 0).oldestMs, fillOf(null, 0).packets]).toEqual([null, 0]);
});
