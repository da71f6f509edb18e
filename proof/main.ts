/** `node dist/prove.mjs NAME… [--seed S] [--scale N]`: the proofs of the suite, with any seed and at any size. */
import { parseArgs } from "node:util";
import { BowlineError, ExitCode, formatError } from "../host/platform/errors.ts";
import { proofs as all, withOthers } from "./all.ts";
import { Disproof, type Proof, prove } from "./proof.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string" }, scale: { type: "string" } },
});
const proofs = [...all, ...withOthers];
const unknown = positionals.filter((name) => !proofs.some((proof) => proof.name === name));
const numbers = [values.seed, values.scale].map((text) => (text === undefined ? undefined : Number(text)));
const isUsable = numbers.every((n) => n === undefined || (Number.isSafeInteger(n) && n >= 0));

if (positionals.length === 0 || unknown.length > 0 || !isUsable) {
  console.error(usage());
  process.exitCode = ExitCode.usage;
} else await runAll(proofs.filter(({ name }) => positionals.includes(name)));

async function runAll(chosen: readonly Proof[]): Promise<void> {
  for (const proof of chosen) {
    try {
      console.log(await prove(proof, ...numbers));
    } catch (error) {
      if (error instanceof BowlineError) {
        console.error(formatError(error));
        process.exitCode = error.exitCode;
      } else if (error instanceof Disproof) {
        console.error(`${proof.name}: disproved: ${error.message}`);
        process.exitCode = ExitCode.verification;
      } else throw error;
    }
  }
}

function usage(): string {
  const rows = proofs.map(
    ({ name, promise, unit, scale }) => `  ${name.padEnd(13)} ${promise} (--scale ${scale} ${unit})`,
  );
  return ["node dist/prove.mjs NAME… [--seed S] [--scale N]", ...rows].join("\n");
}
