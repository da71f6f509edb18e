/** Waits, unless it is to end before. */

/** Resolves after so many ms; rejects with the reason of the first signal that is aborted. */
export function pause(ms: number, signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener("abort", onAbort);
      settle();
    };
    const onAbort = () => end(() => reject(signals.find(({ aborted }) => aborted)!.reason));
    const timer = setTimeout(() => end(resolve), ms);
    for (const signal of signals) signal.addEventListener("abort", onAbort);
    if (signals.some(({ aborted }) => aborted)) onAbort();
  });
}
