/** What a test has started is stopped after it. */
import { afterEach } from "vitest";

/** -> a list: after each test all that is in it is called, the last first. */
export function stopAfterEach(): (() => unknown)[] {
  const stops: (() => unknown)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });
  return stops;
}
