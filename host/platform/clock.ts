/** Time for the host: a monotonic one for every protocol decision (session D15), a wall clock for messages only. */
export interface Clock {
  /** Milliseconds since some fixed moment; never jumps. */
  now(): number;
  /** Milliseconds since 1970, as the machine believes. */
  wall(): number;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
};
