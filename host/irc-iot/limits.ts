/** What we take, keep, ask and answer (irc-iot: our limits). Every one can be configured. */

export interface Limits {
  /** Most characters of one Datum's encoded text (`bc`). */
  maxEncoded: number;
  /** Most bytes it may inflate to. */
  maxInflated: number;
  maxDepth: number;
  /** Chains of fragments that wait for more, of one sender and of all. */
  maxChainsOfSender: number;
  maxChains: number;
  /** FMDT: how long a chain, a cached Container, a mid is remembered, ms. */
  keepMs: number;
  /** MFRT: silence after which the missing part is asked for, ms. */
  askAfterMs: number;
  maxAddress: number;
  /** Bytes each cache holds. */
  sentCacheBytes: number;
  heardCacheBytes: number;
}

export const defaultLimits: Limits = {
  maxEncoded: 65_536,
  maxInflated: 1_048_576,
  maxDepth: 32,
  maxChainsOfSender: 8,
  maxChains: 256,
  keepMs: 3_600_000,
  askAfterMs: 60_000,
  maxAddress: 128,
  sentCacheBytes: 1_048_576,
  heardCacheBytes: 1_048_576,
};
