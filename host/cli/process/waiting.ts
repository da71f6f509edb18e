/** Waiting for the end that the user, or whoever started the program, gives. */

/** Longer than any timer may be: it only keeps the process from ending by itself. */
const LONG_MS = 2 ** 31 - 1;

/** Resolves when one of `signals` is aborted. */
export function untilAborted(...signals: AbortSignal[]): Promise<void> {
  const signal = AbortSignal.any(signals);
  return new Promise((resolve) => {
    const keepAlive = setInterval(() => {}, LONG_MS);
    const end = () => {
      clearInterval(keepAlive);
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
