/** What several metrics need of a reading: made by the first that looks, and held no longer than the reading. */
import type { Reading } from "./reading.ts";

export function once<T>(make: (reading: Reading) => T): (reading: Reading) => T {
  const made = new WeakMap<Reading, { value: T }>();
  return (reading) => {
    const found = made.get(reading) ?? { value: make(reading) };
    made.set(reading, found);
    return found.value;
  };
}
