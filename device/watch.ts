/** Pins that are watched: debounced edges, counted. */
import { noteFaults } from "./faults.ts";

/** A pin that is watched. */
export interface PinWatch {
  /** Edges seen. A program may set it. */
  count: number;
  /** The level after the last of them, and when it came (getTime(), in s). */
  state: boolean;
  time: number;
  readonly pin: Pin;
  readonly edge: WatchEdge;
  readonly debounce: number;
  readonly run: ((watch: PinWatch) => void) | undefined;
  id: number;
}

const watches: PinWatch[] = [];

/**
 * Counts the edges of `pin`: "rising", "falling" or "both". A level counts once it has stood for `debounce` ms (25 suits
 * buttons; 0: every edge that the board can see). `run`, if given, is called after each; what it throws is told with the
 * telemetry.
 */
export function watchPin(
  pin: Pin,
  edge: WatchEdge,
  debounce: number,
  run?: (watch: PinWatch) => void,
): PinWatch {
  "cold";
  const watch: PinWatch = {
    count: 0,
    state: false,
    time: 0,
    pin: pin,
    edge: edge,
    debounce: debounce,
    run: run,
    id: 0,
  };
  setOne(watch);
  if (watches.length === 0) E.on("errorFlag", setAgain);
  watches.push(watch);
  return watch;
}

/** Watches it no more. */
export function endWatch(watch: PinWatch): void {
  "cold";
  const at = watches.indexOf(watch);
  if (at < 0) return;
  watches.splice(at, 1);
  if (watches.length === 0) E.removeListener("errorFlag", setAgain);
  clearOne(watch);
}

/** Bound once for each watch, so that an edge makes no function. */
function setOne(watch: PinWatch): void {
  "cold";
  watch.id = setWatch(edgeSeen.bind(null, watch), watch.pin, {
    repeat: true,
    edge: watch.edge,
    debounce: watch.debounce,
  });
}

/** Of one that the board itself has removed it throws. */
function clearOne(watch: PinWatch): void {
  "cold";
  try {
    clearWatch(watch.id);
  } catch {
    // It is gone, as it was to be.
  }
}

function edgeSeen(watch: PinWatch, event: WatchEvent): void {
  watch.count++;
  watch.state = event.state;
  watch.time = event.time;
  if (!watch.run) return;
  try {
    watch.run(watch);
  } catch (error) {
    noteFaults([String(error)]);
  }
}

/** Out of memory removes the watch in which it happened (espruino §2.4). */
function setAgain(flags: string[]): void {
  if (flags.indexOf("MEMORY") < 0) return;
  for (let i = 0; i < watches.length; i++) {
    clearOne(watches[i]);
    setOne(watches[i]);
  }
}
