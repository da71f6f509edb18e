/** Which other gateway has a data folder: whoever holds the lock of its store. */
import { join } from "node:path";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { findLockHolders, formatHolders } from "./holders.ts";

/** STORE_LOCKED with the holder's name; undefined when nobody is seen to hold it. */
export async function heldFolder(data: string): Promise<BowlineError | undefined> {
  const holders = await findLockHolders(join(data, "store", "LOCK"));
  if (holders.length === 0) return undefined;
  const text = `starting on the data folder ${data}: another gateway runs on it, ${formatHolders(holders)}; allowed: one at a time`;
  const mend = `stop that one: kill ${holders.map(({ pid }) => pid).join(" ")}; or another folder: bowline up --set data=${data}-2`;
  return new BowlineError("STORE_LOCKED", text, ExitCode.busy, mend);
}
