/** Fuzzing what reads the bytes of a serial line (users F1). */
import { fuzzProof } from "./fuzz/fuzz.ts";
import { linkTarget, smallLinkTarget } from "./fuzz/link-target.ts";

export const fuzzLink = fuzzProof(
  "fuzz-link",
  "any bytes, to a board and to a gateway, do to a link what its naive twin says, and throw nothing",
  2_400_000,
  [linkTarget, smallLinkTarget],
);
