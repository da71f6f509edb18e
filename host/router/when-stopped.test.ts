/** When whoever does a request knows that it is withdrawn, and who that is. */
import { expect, test } from "vitest";
import { Router } from "./router.ts";

const none = { all: () => [], get: () => undefined };

test("behind another gateway it is the next one, and not before that one has the word", async () => {
  let take = () => {};
  const taken = new Promise<void>((resolve) => {
    take = resolve;
  });
  const router = new Router(none, () => {}, {
    addresses: () => ["gw2/sim-1"],
    submit: () => Promise.reject(new Error("not asked")),
    hasLeft: () => true,
    cancel: () => true,
    whenTold: (rq) => (rq === 7 ? taken : undefined),
  });
  const said: string[] = [];
  const stopped = router.whenStopped(7).then((how) => said.push(how));
  expect(await router.whenStopped(8)).toBe("told");
  expect(said).toEqual([]);
  take();
  await stopped;
  expect(said).toEqual(["passed on"]);
});
