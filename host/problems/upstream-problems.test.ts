/** Systems that take what some boards say, or nothing: one problem each, with whose messages wait, since when, and its mend. */
import { expect, test } from "vitest";
import { facts, NOW } from "./testing/facts.ts";
import { upstreamProblems } from "./upstream-problems.ts";

const nats = (seen: object) =>
  upstreamProblems(
    facts({
      upstreams: [
        {
          ...{ name: "nats", kind: "nats", target: "nats://x", state: "connected", fault: "", mend: "" },
          ...{ behind: 9, oldestAt: 0, inFlight: 0, sent: 5, repeated: 0, refused: 0, missed: 0, aside: [] },
          ...seen,
        },
      ],
    }),
  );
const held = (device: string, since: number) => ({
  ...{ device, behind: 3, fault: `${device} is forbidden`, mend: `let ${device} publish`, since },
});

test("boards that are held are named, with the word about the one that is longest, since then, and its mend", () => {
  expect(nats({ aside: [held("b1", NOW - 5000), held("b2", NOW)] })).toMatchObject([
    {
      code: "UPSTREAM_HELD",
      what: "does not take what b1, b2 say, and takes all else: b1 is forbidden",
      mend: "let b1 publish",
      since: NOW - 5000,
    },
  ]);
  const many = ["b1", "b2", "b3", "b4", "b5", "b6", "b7"].map((one) => held(one, NOW));
  expect(nats({ aside: many })[0].what).toContain("what b1, b2, b3, b4, b5 and 2 more say");
  expect(nats({ aside: [{ ...held("b1", NOW), fault: "", mend: "" }] })[0]).toMatchObject({
    what: expect.stringMatching(/: about to be tried$/),
    mend: expect.stringContaining("bowline northbound"),
  });
});

test("one that takes nothing at all is one problem, whoever is held there", () => {
  const away = { state: "away", fault: "no answer", mend: "look" };
  expect(nats({ ...away, aside: [held("b1", NOW)] }).map(({ code }) => code)).toEqual(["UPSTREAM_AWAY"]);
});
