/**
 * A promise of the program that is rejected with nobody listening: the board prints it, Node would end the process.
 *
 * Every promise made in the context gets a listener of ours at birth, so Node never sees one without. Ours stays silent
 * if the program attached one of its own by the time the promise is rejected.
 */

/** global: the context's; its Promise is replaced. */
export function trackRejections(global: any, onRejection: (reason: unknown) => void): void {
  const Native = global.Promise;
  const { then } = Native.prototype;
  let isOurs = false;

  class Promise extends Native {
    private isHeard = false;

    constructor(executor: (...settle: unknown[]) => void) {
      super(executor);
      isOurs = true; // what `then` returns to us is a plain promise, not one more to track
      then.call(this, undefined, (reason: unknown) => {
        if (!this.isHeard) onRejection(reason);
      });
      isOurs = false;
    }

    // biome-ignore lint/suspicious/noThenProperty: it is a promise
    then(onFulfilled?: unknown, onRejected?: unknown): unknown {
      this.isHeard = true;
      return then.call(this, onFulfilled, onRejected);
    }

    static get [Symbol.species]() {
      return isOurs ? Native : Promise;
    }
  }

  global.Promise = Promise;
}
