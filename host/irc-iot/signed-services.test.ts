/** What a robot that signs answers to services: with a signed mid, and nothing is kept from being answered (IRC-IoT S-9, S-12). */
import { expect, test } from "vitest";
import { seededRandom } from "../transports/random.ts";
import { isSignedBy, privateKeyOfSeed, publicHexOf, publicKeyOfHex } from "./signing.ts";
import { LossyChannel } from "./testing/lossy-channel.ts";

const privateKey = privateKeyOfSeed(Buffer.alloc(32, 7));
const publicKey = publicKeyOfHex(publicHexOf(privateKey))!;
/** What the first line of a robot of the tests stands behind. */
const FIRST_MID = "10000";

const midOf = (text: string) => (JSON.parse(text) as { mid: string }).mid;

test.each([
  ["a question for its version", '{"mid":"1","ver":"?"}', '"ver":"0.3.33"'],
  ["a ping", '{"mid":"1","ping":"MDEyMzQ1"}', '"pong":"MDEyMzQ1"'],
])("%s is answered with a mid that is a signature", async (_, asked, answer) => {
  const net = new LossyChannel({ random: seededRandom(3) });
  net.add("pump", { sign: { privateKey } }).join("#lab");
  net.addStranger("ann", "#lab");
  net.say("ann", "pump", asked);
  await net.run(10_000);
  const said = net.saidBy("pump").map(({ text }) => text);
  const at = said.findIndex((text) => text.includes(answer));
  expect(at).toBeGreaterThanOrEqual(0);
  const mid = midOf(said[at]);
  expect(mid).toMatch(/^ed/);
  expect(mid).toHaveLength(88);
  const previous = at === 0 ? FIRST_MID : midOf(said[at - 1]);
  expect(isSignedBy(publicKey, said[at], mid, previous)).toBe(true);
});
