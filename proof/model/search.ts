/** Every way two ends can go through cuts, deliveries and ticks within a bound, each state looked at once (users S9). */
import { hold } from "../proof.ts";
import { Machine, type MachineState } from "./machine.ts";

/** How much may go wrong on one way. */
export interface Bounds {
  packetsUp: number;
  packetsDown: number;
  cuts: number;
  ticks: number;
}

interface Node {
  state: MachineState;
  cuts: number;
  ticks: number;
  /** How it was reached, for a failure's text. */
  before: Node | null;
  step: string;
}

interface Step {
  name: string;
  cuts: number;
  ticks: number;
  run(): void;
}

/** Without faults everything is delivered within far fewer steps. */
const MOST_STEPS_TO_END = 500;

export interface Found {
  states: number;
  steps: number;
}

export function search(bounds: Bounds): Found {
  return new Search(bounds).run();
}

class Search {
  private readonly machine: Machine;
  private readonly seen = new Set<string>();
  /** States from which all ends well when nothing more fails. */
  private readonly ending = new Set<string>();
  private readonly open: Node[] = [];
  private steps = 0;

  constructor(private readonly bounds: Bounds) {
    this.machine = new Machine(bounds.packetsUp, bounds.packetsDown);
  }

  run(): Found {
    const { cuts, ticks } = this.bounds;
    this.meet({ state: this.machine.save(), cuts, ticks, before: null, step: "start" });
    for (let node = this.open.pop(); node !== undefined; node = this.open.pop()) {
      this.machine.restore(node.state);
      for (const step of this.stepsFrom(node.cuts, node.ticks)) this.take(node, step);
    }
    return { states: this.seen.size, steps: this.steps };
  }

  private take(node: Node, step: Step): void {
    const { machine } = this;
    machine.restore(node.state);
    this.steps++;
    const next: Node = { ...node, before: node, step: step.name };
    try {
      step.run();
      machine.check();
      next.cuts -= step.cuts;
      next.ticks -= step.ticks;
      this.meet(next);
    } catch (error) {
      if (error instanceof Error) error.message += `\n  way: ${wayTo(next)}`;
      throw error;
    }
  }

  private meet(node: Node): void {
    const key = this.machine.key;
    const whole = `${key}#${node.cuts},${node.ticks}`;
    if (this.seen.has(whole)) return;
    this.seen.add(whole);
    node.state = this.machine.save();
    this.open.push(node);
    this.checkEnds(key);
  }

  /** From here on nothing fails: it ends with everything delivered. */
  private checkEnds(from: string): void {
    const way: string[] = [];
    let key = from;
    while (!this.ending.has(key) && !this.machine.isComplete) {
      hold(way.length < MOST_STEPS_TO_END, "it does not end, though nothing fails any more");
      way.push(key);
      this.goOn();
      this.machine.check();
      key = this.machine.key;
    }
    for (const one of way) this.ending.add(one);
  }

  /** The next step of a run without faults. */
  private goOn(): void {
    const { machine } = this;
    const stale = machine.serverEnds.find(({ clientOn }) => !clientOn);
    const waiting = machine.serverEnds.find(({ isWaiting }) => isWaiting);
    if (stale !== undefined) machine.loseServerEnd(stale.index);
    else if (machine.clientWire === undefined) machine.connect();
    else if (waiting !== undefined) machine.deliverUp(waiting.index, Infinity);
    else if (machine.canCommit) machine.commit();
    else if (machine.clientWire.down.length > 0) machine.deliverDown(Infinity);
    else machine.tick();
  }

  /** What may happen next. */
  private stepsFrom(cuts: number, ticks: number): Step[] {
    const { machine } = this;
    const steps: Step[] = [];
    const add = (name: string, run: () => void, cost = { cuts: 0, ticks: 0 }) =>
      steps.push({ name, run, ...cost });
    const wire = machine.clientWire;
    if (wire === undefined) add("connect", () => machine.connect());
    else {
      if (cuts > 0) add("client loses", () => machine.loseClientEnd(), { cuts: 1, ticks: 0 });
      addDeliveries(wire.down, (name, bytes) => add(`down ${name}`, () => machine.deliverDown(bytes)));
    }
    for (const { index, isWaiting, clientOn, up } of machine.serverEnds) {
      // What the client has lost the server will find out for nothing; the other way round it is a cut.
      const cost = { cuts: clientOn ? 1 : 0, ticks: 0 };
      if (cost.cuts <= cuts) add(`server loses ${index}`, () => machine.loseServerEnd(index), cost);
      if (isWaiting)
        addDeliveries(up, (name, bytes) => add(`up ${index} ${name}`, () => machine.deliverUp(index, bytes)));
    }
    if (machine.canCommit) add("commit", () => machine.commit());
    if (ticks > 0 && machine.canTick) add("tick", () => machine.tick(), { cuts: 0, ticks: 1 });
    return steps;
  }
}

/** The first message, half of it where it has halves, or all there is. A handshake is cut at every byte elsewhere. */
function addDeliveries(messages: readonly Uint8Array[], add: (name: string, bytes: number) => void): void {
  if (messages.length === 0) return;
  const [{ length }] = messages;
  add("one", length);
  if (length === 2) add("half", 1);
  if (messages.length > 1) add("all", Infinity);
}

function wayTo(node: Node): string {
  const names: string[] = [];
  for (let one: Node | null = node; one !== null; one = one.before) names.unshift(one.step);
  return names.join(", ");
}
