/** Fuzzing what the host reads of strangers, and of people (users F1). */
import { fuzzProof } from "./fuzz/fuzz.ts";
import { configTarget, decodeTarget, helloTarget, payloadTarget } from "./fuzz/host-targets.ts";

export const fuzzHost = fuzzProof(
  "fuzz-host",
  "any hello, payload, configuration or run of bytes is taken or refused in words, and throws nothing",
  300_000,
  [helloTarget, payloadTarget, decodeTarget, configTarget],
);
