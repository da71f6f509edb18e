import { expect, test } from "vitest";
import { MemoryPair } from "../transports/memory-pair.ts";
import { BoardClient } from "./board-client.ts";

const ANSWER = `0010${"a5".repeat(16)}`;
const STATE = "0014f90a9800"; // start 0, 20 ms, 5000 ms, expire 0

/** A gateway's hello that announces `rx` bytes, as a packet. */
function helloPacket(rx: number): string {
  const hello = {
    id: "gw",
    epoch: "00112233445566aa",
    yourEpoch: "0011223344556677",
    seq: 1,
    rx,
    max: 50,
    t: 0,
  };
  const payload = Buffer.from(JSON.stringify({ hello }));
  expect(payload.length).toBeLessThanOrEqual(240); // its size takes one byte
  return Buffer.from([payload.length, ...payload]).toString("hex");
}

test("a board has no more bytes on their way than the gateway's hello announced (session D6)", () => {
  const pair = new MemoryPair();
  const client = new BoardClient({ id: "b-1", hasLink: false });
  let heard = 0;
  pair.b.start({ onChunk: (chunk) => (heard += chunk.length), onDrain() {}, onClose() {} });
  client.attach(pair.a);
  pair.b.write(Buffer.from(ANSWER + STATE + helloPacket(100), "hex"));
  pair.deliver();
  pair.b.write(Buffer.from("0001", "hex")); // its hello has arrived
  pair.deliver();
  heard = 0;
  for (let i = 0; i < 10; i++) client.send("x".repeat(29));
  pair.deliver();
  expect(heard).toBe(90); // three packets of 30 bytes
  pair.b.write(Buffer.from("0002", "hex"));
  pair.deliver();
  expect(heard).toBe(150);
  client.detach();
});
