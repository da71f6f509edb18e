/** `npm run soak -- --minutes N [--rate N] [--bytes N] [--set key=value]…`: the gateway under load for long, and flat. */
import { parseArgs } from "node:util";
import { ExitCode } from "../../host/platform/errors.ts";
import { Soak } from "./soak.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    rate: { type: "string", default: "500" },
    bytes: { type: "string", default: "64" },
    set: { type: "string", multiple: true, default: [] },
  },
});
const [minutes, rate, bytes] = [values.minutes, values.rate, values.bytes].map(Number);

/** Less tells nothing: the warm-up takes a minute at least, and a slope needs samples behind it. */
const LEAST_MINUTES = 5;

if (minutes < LEAST_MINUTES || ![minutes, rate, bytes].every((n) => n > 0)) {
  console.error(
    "npm run soak -- [--minutes N, at least 5] [--rate MESSAGES-A-SECOND] [--bytes N] [--set key=value]…",
  );
  process.exitCode = ExitCode.usage;
} else {
  const faults = await new Soak({ minutes, rate, bytes, set: values.set }, console.log).run();
  for (const fault of faults) console.error(`soak: ${fault}`);
  if (faults.length > 0) process.exitCode = ExitCode.verification;
}
