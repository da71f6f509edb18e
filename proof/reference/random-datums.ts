/** Datums as robots say them, at random, within what a seed repeats. */
import type { Datum } from "../../host/irc-iot/datum.ts";
import { type Random, randomInteger } from "../../host/transports/random.ts";

/** Letters that the reference carries through fragments unaltered: no quotes, no backslash, nothing beyond ASCII. */
const SAFE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;-_+*/()[]{}<>#%&!?";
const FULL = `${SAFE}'"\\äжé漢`;
const types = ["mainfo", "maireq", "l:temp", "mysens"];
const addresses = ["MP714@Kitchen/co2", "sim-1@kitchen", "server@place/device@room", ""];

export function randomDatum(random: Random, letters: number, isSafe: boolean): Datum {
  const pick = <T>(list: readonly T[]) => list[randomInteger(random, 0, list.length - 1)];
  const text = (length: number) => {
    const alphabet = [...(isSafe ? SAFE : FULL)];
    return Array.from({ length }, () => pick(alphabet)).join("");
  };
  const values: readonly (() => unknown)[] = [
    () => randomInteger(random, -1_000_000, 1_000_000),
    () => randomInteger(random, -1_000_000, 1_000_000) / 64,
    () => random() < 0.5,
    () => null,
    () => text(randomInteger(random, 0, 12)),
    () => [1, text(3), { a: true }],
    () => ({ on: false, name: text(4) }),
  ];
  const datum: Datum = {
    ot: pick(types),
    src: pick(addresses),
    dst: pick(addresses),
    t: "2026-01-02 03:04:05.000006",
  };
  for (let i = randomInteger(random, 1, 4); i > 0; i--) datum[`v${i}`] = pick(values)();
  if (letters > 0) datum.text = text(letters);
  return datum;
}
