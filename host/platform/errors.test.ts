import { expect, test } from "vitest";
import { isSystemCommand, typedMend } from "./errors.ts";

test("a mend is typed with npx, unless the command is the machine's own", () => {
  const mend = "bowline key add ID; or sudo bowline up";
  expect(typedMend(mend)).toBe("npx bowline key add ID; or sudo npx bowline up");
  expect(typedMend(mend, true)).toBe(mend);
  expect(typedMend("bowline --help")).toBe("npx bowline --help");
  expect(isSystemCommand("/usr/bin/bowline")).toBe(true);
  expect(isSystemCommand("/usr/local/bin/bowline")).toBe(true);
  expect(isSystemCommand("/home/pi/bowline/node_modules/.bin/bowline")).toBe(false);
  expect(isSystemCommand("")).toBe(false);
});

test("a stream of our name is not taken for the command", () => {
  const mend = "nats stream add bowline --subjects 'bowline.>' --discard new --defaults";
  expect(typedMend(mend)).toBe(mend);
});
