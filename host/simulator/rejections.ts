/**
 * A promise of the program that is rejected with nobody listening: the board prints it, Node would end the process.
 *
 * Every promise made in the context gets a listener of ours at birth, so Node never sees one without. Ours stays silent
 * if the program attached one of its own by the time the promise is rejected.
 */
import type { Globals } from "./sandbox.ts";

/** global: the context's; its Promise is replaced. */
export function trackRejections(global: Globals, onRejection: (reason: unknown) => void): void {
  const Native = global.Promise;
  const { then } = Native.prototype;
  let isOurs = false;

  class TrackedPromise<T> extends Native<T> {
    private isHeard = false;

    constructor(executor: ConstructorParameters<typeof Promise<T>>[0]) {
      super(executor);
      isOurs = true; // what `then` returns to us is a plain promise, not one more to track
      then.call(this, undefined, (reason: unknown) => {
        if (!this.isHeard) onRejection(reason);
      });
      isOurs = false;
    }

    // biome-ignore lint/suspicious/noThenProperty: it is a promise
    override then(...args: never[]): Promise<never> {
      this.isHeard = true;
      return Reflect.apply(then, this, args);
    }

    static override get [Symbol.species](): PromiseConstructor {
      return isOurs ? Native : (TrackedPromise as PromiseConstructor);
    }
  }

  global.Promise = TrackedPromise as PromiseConstructor;
}
