/** Without the reference its proofs are refused, and say what they need: they are no tests that nobody sees being skipped. */
import { tmpdir } from "node:os";
import { afterEach, expect, test, vi } from "vitest";
import { ExitCode } from "../../host/platform/errors.ts";
import { proofs, withOthers } from "../all.ts";
import { prove } from "../proof.ts";
import { referenceFolder } from "./python.ts";

afterEach(() => vi.unstubAllEnvs());

test.each(withOthers)("$name is refused without a checkout of the reference", async (proof) => {
  vi.stubEnv("PYIRCIOT", "");
  await expect(prove(proof)).rejects.toMatchObject({
    ...{ code: "REFERENCE_NEEDED", exitCode: ExitCode.notFound },
    message: "trying the reference: PYIRCIOT names no checkout of PyIRCIoT",
    mend: expect.stringContaining("PYIRCIOT=PyIRCIoT node dist/prove.mjs"),
  });
});

test("a folder that has not the reference in it is named", () => {
  vi.stubEnv("PYIRCIOT", tmpdir());
  expect(referenceFolder).toThrow(`PYIRCIOT is ${tmpdir()}, and there is no irciot.py in it`);
});

test("no two proofs have one name", () => {
  const names = [...proofs, ...withOthers].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
