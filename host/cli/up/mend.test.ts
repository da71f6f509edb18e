import { expect, test } from "vitest";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { type GivenOptions, withGivenOptions, withReloadMend } from "./mend.ts";

const mendOf = (mend: string, given: GivenOptions) =>
  (withGivenOptions(new BowlineError("PORT_BUSY", "text", ExitCode.busy, mend), given) as BowlineError).mend;

test("a mend keeps the options that were given, but for the setting it changes", () => {
  const given = {
    config: "my gateway.yaml",
    demo: true,
    quiet: true,
    set: ["http.port=80", "gateway.id=a'b"],
  };
  expect(mendOf("bowline up --set tcp.port=81", given)).toBe(
    "bowline up --config 'my gateway.yaml' --demo --quiet --set http.port=80 --set 'gateway.id=a'\\''b' --set tcp.port=81",
  );
  expect(mendOf("stop it: kill 7; or elsewhere: bowline up --set data=./b", { set: ["http.port=80"] })).toBe(
    "stop it: kill 7; or elsewhere: bowline up --set http.port=80 --set data=./b",
  );
  expect(mendOf("bowline up --set data=/my data-2", {})).toBe("bowline up --set 'data=/my data-2'");
});

test("another port of the page is where the other verbs look for it as well", () => {
  expect(mendOf("bowline up --set http.port=81", { demo: true, set: ["http.port=80", "data=b"] })).toBe(
    "in every terminal: export BOWLINE_HTTP_PORT=81; here then: bowline up --demo --set data=b",
  );
});

test("another folder, with ports of its own: each is set once, and the page's where the other verbs look for it", () => {
  const mend =
    "stop that one: kill 7; or: bowline up --set http.port=81 --set tcp.port=82 --set data=/my data-2";
  expect(mendOf(mend, { quiet: true, set: ["tcp.port=80", "http.port=80", "log.level=warn"] })).toBe(
    "stop that one: kill 7; or: in every terminal: export BOWLINE_HTTP_PORT=81; here then: " +
      "bowline up --quiet --set log.level=warn --set tcp.port=82 --set 'data=/my data-2'",
  );
});

test("a gateway that runs is told nothing of a start", () => {
  const error = new BowlineError(
    "PORT_BUSY",
    "text",
    ExitCode.busy,
    "bowline up --set monique.controller.a_b=5",
  );
  expect(withReloadMend(error)).toMatchObject({
    ...{ code: "PORT_BUSY", message: "text", exitCode: ExitCode.busy },
    mend: "set monique.controller.a_b to 5 in the configuration; then: bowline peers reload",
  });
  const fault = new TypeError("text");
  expect(withReloadMend(fault)).toBe(fault);
});

test("any other mend, and what is no error of ours, stays as it is", () => {
  expect(mendOf("bowline ports", { demo: true })).toBe("bowline ports");
  const fault = new TypeError("text");
  expect(withGivenOptions(fault, { demo: true })).toBe(fault);
});
