/**
 * How long tests wait for what must come: a guard against hanging, and never a claim about speed. Beyond what is needed by a
 * machine that is several times as slow and stands still for seconds; below the limit of a whole test (vitest.config.ts), so
 * that a failure says what did not come.
 */
export const PATIENCE_MS = 120_000;
