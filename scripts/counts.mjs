// The closing line of a test run: what CI reads, so its wording is fixed.

/** Environment variable that names the file to which the vitest reporter writes its counts. */
export const countsFileVariable = "TEST_COUNTS_FILE";

/** {passed, failed, skipped} -> "3 passed, 0 failed" or, when any were skipped, "3 passed, 0 failed, 1 skipped". */
export function formatCounts({ passed, failed, skipped }) {
  const line = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}
