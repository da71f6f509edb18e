/** The pins of a simulated board: what the program reads and writes, and what a test or a person sets from outside. */
import { seededRandom } from "../transports/random.ts";
import type { Callback, Run } from "./run.ts";

const names = [
  ...["LED1", "LED2", "LED3", "BTN1"],
  ...["A", "B", "C"].flatMap((port) => Array.from({ length: 16 }, (_, n) => `${port}${n}`)),
  ...Array.from({ length: 32 }, (_, n) => `D${n}`),
];

interface Watch {
  callback: Callback;
  pin: string;
  repeat: boolean;
  edge: string;
  lastTime: number;
}

/** What outlives a restart of the program is what is wired to the board: levels from outside. */
export class Pins {
  private readonly levels = new Map<string, number>();
  private readonly analog = new Map<string, number>();
  private readonly modes = new Map<string, string>();
  private readonly watches = new Map<number, Watch>();
  private run: Run | undefined;
  private lastWatch = 0;

  constructor(private readonly seed: number) {}

  /** The level of a pin, 0 or 1. */
  get(name: string): number {
    return this.levels.get(check(name)) ?? 0;
  }

  /** Sets the level of a pin, as a button or a wire does; watches see it. */
  set(name: string, level: number): void {
    if (this.get(name) === level) return;
    this.levels.set(name, level);
    this.run?.later(() => this.tellWatches(name, level));
  }

  /** What analogRead() gives on a pin, 0…1. */
  setAnalog(name: string, value: number): void {
    this.analog.set(check(name), value);
  }

  /** As an out-of-memory does to the watch it strikes (espruino §2.4). */
  forgetWatches(): void {
    this.watches.clear();
  }

  /** A program starts: its pins are inputs again, and nobody watches. Returns what it sees. */
  attach(run: Run): Record<string, unknown> {
    this.run = run;
    for (const name of this.modes.keys()) this.levels.delete(name);
    this.modes.clear();
    this.watches.clear();
    const nameOf = (pin: unknown) => check(String(pin), run);
    return {
      ...Object.fromEntries(names.map((name) => [name, this.pinObject(name)])),
      Pin: function Pin(this: unknown, name: unknown) {
        return names.includes(String(name)) ? run.realm.global[String(name)] : this; // of no use, as on the board
      },
      digitalRead: (pin: unknown) => this.get(nameOf(pin)),
      digitalWrite: (pin: unknown, level: unknown) => this.output(nameOf(pin), level),
      analogRead: (pin: unknown) => this.readAnalog(nameOf(pin)),
      analogWrite: (pin: unknown, value: number) => this.output(nameOf(pin), value >= 0.5),
      pinMode: (pin: unknown, mode = "auto") => void this.modes.set(nameOf(pin), mode),
      getPinMode: (pin: unknown) => this.modes.get(nameOf(pin)) ?? "analog",
      setWatch: (callback: Callback, pin: unknown, options: Partial<Watch> = {}) =>
        this.watch(callback, nameOf(pin), options),
      clearWatch: (...ids: number[]) => this.unwatch(ids),
    };
  }

  private pinObject(name: string) {
    return {
      read: () => this.get(name) === 1,
      write: (level: unknown) => this.output(name, level),
      set: () => this.output(name, 1),
      reset: () => this.output(name, 0),
      toggle: () => this.output(name, this.get(name) === 0),
      getMode: () => this.modes.get(name) ?? "analog",
      toString: () => name,
    };
  }

  private output(name: string, level: unknown): boolean {
    this.modes.set(name, "output");
    this.set(name, level ? 1 : 0);
    return Boolean(level);
  }

  /** Slowly varying, each pin in its own way. */
  private readAnalog(name: string): number {
    const phase = seededRandom(this.seed + names.indexOf(name))() * 2 * Math.PI;
    return this.analog.get(name) ?? 0.5 + 0.2 * Math.sin(phase + (this.run?.uptimeS ?? 0) / 60);
  }

  private watch(callback: Callback, pin: string, { repeat = false, edge = "both" }: Partial<Watch>): number {
    this.watches.set(++this.lastWatch, { callback, pin, repeat, edge: String(edge), lastTime: Number.NaN });
    return this.lastWatch;
  }

  private unwatch(ids: number[]): void {
    if (ids.length === 0) this.watches.clear();
    else if (!this.watches.delete(ids[0])) throw new Error(`Unknown Watch ${ids[0]}`);
  }

  private tellWatches(name: string, level: number): void {
    for (const [id, watch] of this.watches) {
      if (watch.pin !== name || watch.edge === (level === 1 ? "falling" : "rising")) continue;
      const time = this.run?.getTime() ?? 0;
      const event = { state: level === 1, time, lastTime: watch.lastTime, pin: this.run?.realm.global[name] };
      watch.lastTime = time;
      if (!watch.repeat) this.watches.delete(id);
      this.run?.call(watch.callback, event);
    }
  }
}

function check(name: string, run?: Run): string {
  if (names.includes(name)) return name;
  throw new (run?.realm.Error ?? TypeError)("Invalid pin");
}
