import { expect, test } from "vitest";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { type GivenOptions, withGivenOptions } from "./up-mend.ts";

const mendOf = (mend: string, given: GivenOptions) =>
  (withGivenOptions(new BowlineError("PORT_BUSY", "text", ExitCode.busy, mend), given) as BowlineError).mend;

test("a mend keeps the options that were given, but for the setting it changes", () => {
  const given = {
    config: "my gateway.yaml",
    demo: true,
    quiet: true,
    set: ["http.port=80", "gateway.id=a'b"],
  };
  expect(mendOf("bowline up --set http.port=81", given)).toBe(
    "bowline up --config 'my gateway.yaml' --demo --quiet --set 'gateway.id=a'\\''b' --set http.port=81",
  );
  expect(mendOf("stop it: kill 7; or elsewhere: bowline up --set data=./b", { set: ["http.port=80"] })).toBe(
    "stop it: kill 7; or elsewhere: bowline up --set http.port=80 --set data=./b",
  );
  expect(mendOf("bowline up --set data=/my data-2", {})).toBe("bowline up --set 'data=/my data-2'");
});

test("any other mend, and what is no error of ours, stays as it is", () => {
  expect(mendOf("bowline ports", { demo: true })).toBe("bowline ports");
  const fault = new TypeError("text");
  expect(withGivenOptions(fault, { demo: true })).toBe(fault);
});
