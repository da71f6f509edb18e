/** Tests wait for what must come, and not for time. */
import { vi } from "vitest";
import { PATIENCE_MS } from "./patience.ts";

/** Often enough that what has come is not waited for. */
const LOOK_MS = 5;

/** Resolves once `claim` throws nothing and is not false; rejects with what it threw last. */
export async function until(claim: () => unknown): Promise<void> {
  const look = async () => {
    if ((await claim()) === false) throw new Error(`it stays false: ${claim}`);
  };
  await vi.waitFor(look, { timeout: PATIENCE_MS, interval: LOOK_MS });
}
