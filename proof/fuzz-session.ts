/** Fuzzing what reads the bytes of a session (users F1). */
import { acceptorTarget } from "./fuzz/acceptor-target.ts";
import { fuzzProof } from "./fuzz/fuzz.ts";
import { sessionTarget } from "./fuzz/session-target.ts";
import { varintTarget } from "./fuzz/varint-target.ts";

export const fuzzSession = fuzzProof(
  "fuzz-session",
  "any bytes, in both roles and every phase, end a session as its naive twin says, and throw nothing",
  7_300_000,
  [varintTarget, acceptorTarget, sessionTarget],
);
