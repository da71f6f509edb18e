/** The board's timers, over Node's: they stop with the run. */
import type { Callback, Run } from "./run.ts";

interface Timer {
  repeat: boolean;
  callback: Callback;
  args: unknown[];
  handle: NodeJS.Timeout;
}

/** The timer functions a program sees; ids count from 1. */
export function createTimers(run: Run) {
  const timers = new Map<number, Timer>();
  let lastId = 0;

  function start(callback: Callback, ms: number, args: unknown[], repeat: boolean): number {
    const id = ++lastId;
    timers.set(id, { repeat, callback, args, handle: arm(id, ms, repeat) });
    return id;
  }

  function arm(id: number, ms: number, repeat: boolean): NodeJS.Timeout {
    return repeat ? setInterval(fire, ms, id) : setTimeout(fire, ms, id);
  }

  function fire(id: number): void {
    const timer = timers.get(id);
    if (timer === undefined) return;
    if (run.stuck) {
      if (!timer.repeat) run.afterLoop(() => fire(id));
      return;
    }
    if (!timer.repeat) timers.delete(id);
    run.call(timer.callback, ...timer.args);
    // Ctrl-C takes the interval with it that it struck (espruino §4.2).
    if (timer.repeat && run.stuck) run.stuck = { in: "interval", onEnd: () => clear("", [id]) };
  }

  function clear(name: string, args: unknown[]): void {
    const id = args[0];
    if (args.length === 0) clearAll();
    else if (id === undefined)
      throw new run.realm.Error(`${name}(undefined) not allowed. Use ${name}() instead`);
    clearTimeout(timers.get(id as number)?.handle);
    timers.delete(id as number);
  }

  function clearAll(): void {
    for (const timer of timers.values()) clearTimeout(timer.handle);
    timers.clear();
  }

  function change(id: number, ms: number): void {
    const timer = timers.get(id);
    if (timer === undefined) throw new run.realm.Error(`Unknown Interval ${id}`);
    clearTimeout(timer.handle);
    timer.handle = arm(id, ms, timer.repeat);
  }

  run.atEnd(clearAll);
  return {
    setInterval: (callback: Callback, ms: number, ...args: unknown[]) => start(callback, ms, args, true),
    setTimeout: (callback: Callback, ms: number, ...args: unknown[]) => start(callback, ms, args, false),
    clearInterval: (...args: unknown[]) => clear("clearInterval", args),
    clearTimeout: (...args: unknown[]) => clear("clearTimeout", args),
    changeInterval: change,
  };
}
