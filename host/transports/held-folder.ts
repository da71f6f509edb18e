/** Which other gateway has a data folder: whoever holds the lock of its store. */
import { join } from "node:path";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { findLockHolders, formatHolders } from "./holders.ts";

/**
 * STORE_LOCKED with the holder's name; undefined when nobody is seen to hold it. `ports`: settings of ports that are free
 * (`tcp.port=7701`), for the holder has those that would be taken otherwise.
 */
export async function heldFolder(
  data: string,
  ports: readonly string[] = [],
): Promise<BowlineError | undefined> {
  const holders = await findLockHolders(join(data, "store", "LOCK"));
  if (holders.length === 0) return undefined;
  const text = `starting on the data folder ${data}: another gateway runs on it, ${formatHolders(holders)}; allowed: one at a time`;
  const free = ports.map((one) => ` --set ${one}`).join("");
  const what = ports.length === 0 ? "" : ", and ports of its own";
  const mend = `stop that one: kill ${holders.map(({ pid }) => pid).join(" ")}; or another folder${what}: bowline up${free} --set data=${data}-2`;
  return new BowlineError("STORE_LOCKED", text, ExitCode.busy, mend);
}
