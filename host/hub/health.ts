/**
 * How every component is, by what it says and by when it says it (MoniQue MON1 to MON4).
 *
 * Judged is when a heartbeat arrives: its own time is another clock's. Equal components have one name, and are told apart by
 * their connections.
 */
import type { Heartbeat, UnreadableHeartbeat } from "../monique/monitoring.ts";
import { isReadable } from "../monique/monitoring.ts";
import type { Clock } from "../platform/clock.ts";
import { Component, HERE, NOWHERE, viewComponent } from "./component.ts";
import { type ComponentEvent, DEAD_AFTER, LATE_AFTER, nextState } from "./component-state.ts";
import { Deadlines } from "./deadlines.ts";
import { History } from "./history.ts";
import type { ComponentView, HistoryLine, MonitoringLine, OwnHeartbeat } from "./views.ts";

/** Names and connections: ten times what was tried; who makes up names does not get all of the memory. */
const MAX_COMPONENTS = 10_000;
/** One that is gone is shown as dead for so long, so that whoever comes in the morning sees it. */
const KEEP_GONE_MS = 86_400_000;
/** The interval that MoniQue suggests: for one that was heard once, before a restart of the hub. */
const SUGGESTED_MS = 60_000;
/** When we ourselves stood still for so long, heartbeats lie unread: they are read before anybody is called late. */
const STALL_MS = 1000;
/** Apart: a machine that always stands still judges all the same. */
const STALLS_MS = 5000;

export interface HealthPorts {
  /** What is configured for a name, ms; 0: nothing. */
  frequencyMs(name: string): number;
  /** The state of a component of this name is another now. */
  onChanged(name: string): void;
  /** A component of others came, went, or is other than it was. */
  onNews(
    component: Pick<ComponentView, "name" | "creator" | "address" | "message">,
    state: HistoryLine["state"],
  ): void;
}

/** Who says a heartbeat. */
export interface Speaker {
  key: number;
  address: string;
  /** What it is known to keep to; absent: what is configured, or learned. */
  frequencyMs?: number;
}

/** no room: too many are known, and all are there; nameless: nobody knows whose it is. */
export type HeardAs = "taken" | "unreadable" | "no room" | "nameless";

/** What is kept over a restart, of one name. */
export interface KeptHealth {
  components: KeptComponent[];
  history: readonly HistoryLine[];
}
type KeptComponent = Omit<ComponentView, "instances" | "isSilent">;

export class Health {
  private readonly byName = new Map<string, Component[]>();
  private readonly byConnection = new Map<number, Component[]>();
  private readonly deadlines = new Deadlines<Component>();
  private readonly past = new History();
  private size = 0;
  private silentCount = 0;
  private notBefore = -Infinity;

  constructor(
    private readonly ports: HealthPorts,
    private readonly clock: Clock,
  ) {}

  get count(): number {
    return this.size;
  }

  /** A heartbeat of a component. */
  heard(speaker: Speaker, creator: string, beat: Heartbeat | UnreadableHeartbeat): HeardAs {
    const { name } = isReadable(beat) ? beat : { name: beat.name ?? this.onlyNameOf(speaker.key) };
    if (name === undefined) return "nameless";
    const component = this.find(speaker, name, creator) ?? this.make(speaker, name, creator);
    if (component === undefined) return "no room";
    component.creator = creator;
    if (speaker.frequencyMs !== undefined) component.rhythm.configuredMs = speaker.frequencyMs;
    this.countBeat(component);
    if (isReadable(beat)) this.read(component, beat);
    else {
      component.invalid++;
      component.raw = beat.raw;
    }
    this.advance(component, "heartbeat");
    return isReadable(beat) ? "taken" : "unreadable";
  }

  /** A heartbeat of one of the gateway's own parts. */
  heardHere({ name, creator, isAlive, message, frequencyMs }: OwnHeartbeat): void {
    const beat = { sync_time: this.clock.wall(), name, is_alive: isAlive, message };
    this.heard({ key: HERE, address: "here", frequencyMs }, creator, beat);
  }

  /** One of the gateway's own parts is there no more. */
  forgetHere(name: string): void {
    for (const component of this.byName.get(name)?.filter(({ key }) => key === HERE) ?? [])
      this.forget(component);
  }

  /** Those of this name that are dead are shown no more -> how many those were; the gateway's own parts it never is. */
  forgetDead(name: string): number {
    const dead = (this.byName.get(name) ?? []).filter(({ key, state }) => key !== HERE && state === "dead");
    for (const component of dead) this.forget(component);
    return dead.length;
  }

  /** Whoever spoke on it is dead at once. */
  connectionWent(key: number): void {
    for (const component of this.byConnection.get(key) ?? []) {
      component.key = NOWHERE;
      component.isSilent = false;
      component.state = nextState(component.state, "gone");
      this.schedule(component);
      this.log(component, "gone");
    }
    this.byConnection.delete(key);
  }

  /** Components of this creator have a task and say nothing of it. */
  setSilent(creator: string): void {
    for (const component of this.of(creator)) {
      if (component.isSilent || component.key === NOWHERE) continue;
      component.isSilent = true;
      this.silentCount++;
      this.log(component, "silent");
    }
  }

  /** A component of this creator has answered something. */
  answered(creator: string): void {
    if (this.silentCount === 0) return;
    for (const component of this.of(creator)) {
      if (component.isSilent) this.ports.onChanged(component.name);
      component.isSilent = false;
    }
    this.silentCount = [...this.all()].filter(({ isSilent }) => isSilent).length;
  }

  /** By name, then by when they came. */
  views(): ComponentView[] {
    return [...this.byName.keys()].sort().flatMap((name) => this.viewsOf(name));
  }

  viewsOf(name: string): ComponentView[] {
    const components = this.byName.get(name) ?? [];
    const there = components.filter(({ key }) => key !== NOWHERE).length;
    return components.map((component) => viewComponent(component, there));
  }

  historyOf(name: string): readonly HistoryLine[] {
    return this.past.of(name);
  }

  /** The last heartbeat of each name that could be read, as the original tells it. */
  monitoring(): MonitoringLine[] {
    const lines: MonitoringLine[] = [];
    for (const name of [...this.byName.keys()].sort()) {
      const read = this.byName.get(name)!.filter(({ syncTime }) => syncTime > 0);
      if (read.length === 0) continue;
      const { syncTime, isDown, message } = read.reduce((a, b) => (b.heardAt >= a.heardAt ? b : a));
      const line: MonitoringLine = { sync_time: syncTime, name, is_alive: !isDown };
      lines.push(message === "" ? line : { ...line, message });
    }
    return lines;
  }

  /** What is configured may be other than before. */
  configure(): void {
    for (const component of this.all()) {
      // The gateway's own parts say theirs.
      if (component.key === HERE) continue;
      component.rhythm.configuredMs = this.ports.frequencyMs(component.name);
      this.schedule(component);
    }
  }

  /** What is to be kept of a name; null: nothing. */
  kept(name: string): KeptHealth | null {
    const components = this.viewsOf(name).map(({ instances, isSilent, ...view }) => view);
    return components.length === 0 ? null : { components, history: this.past.of(name) };
  }

  /** What was kept, before anybody is heard: whoever is not heard again within its rhythm is dead. */
  restore(name: string, { components, history }: KeptHealth): void {
    this.past.recall(name, history);
    for (const { creator, address, since, rhythmMs, ...rest } of components) {
      if (this.size >= MAX_COMPONENTS) return;
      const component = this.add(name, creator, { key: NOWHERE, address }, since);
      const { state, isDown, message, syncTime, heardAt, skewMs, heartbeats, invalid, raw } = rest;
      Object.assign(component, {
        state,
        isDown,
        message,
        syncTime,
        heardAt,
        skewMs,
        heartbeats,
        invalid,
        raw,
      });
      component.rhythm.recall(rhythmMs > 0 ? rhythmMs : SUGGESTED_MS);
      component.lastAt = this.clock.now();
      component.isRecalled = true;
      this.schedule(component);
    }
  }

  get deadline(): number {
    return Math.max(this.deadlines.next, this.notBefore);
  }

  tick(): void {
    const now = this.clock.now();
    if (now < this.notBefore) return;
    if (now - this.deadlines.next > STALL_MS && now - this.notBefore > STALLS_MS) {
      this.notBefore = now + STALL_MS;
      return;
    }
    for (let one = this.deadlines.take(now); one !== null; one = this.deadlines.take(now))
      this.judge(one, now);
  }

  private judge(component: Component, now: number): void {
    if (component.state === "dead") return this.forget(component);
    const isDead = now - component.lastAt >= DEAD_AFTER * component.rhythm.ms;
    this.advance(component, isDead ? "dead" : "late");
  }

  private countBeat(component: Component): void {
    const now = this.clock.now();
    // The time that one was dead for, and the time that we were not there, say nothing of its rhythm.
    if (component.heartbeats > 0 && component.state !== "dead" && !component.isRecalled)
      component.rhythm.learn(now - component.lastAt);
    component.isRecalled = false;
    component.lastAt = now;
    component.heardAt = this.clock.wall();
    component.heartbeats++;
  }

  private read(component: Component, { sync_time, is_alive, message }: Heartbeat): void {
    component.syncTime = sync_time;
    component.skewMs = sync_time > 0 ? component.heardAt - sync_time : 0;
    component.message = message;
    if (component.isDown !== is_alive) return;
    component.isDown = !is_alive;
    this.log(component, is_alive ? "up" : "down");
  }

  private advance(component: Component, event: ComponentEvent): void {
    const before = component.state;
    // Heard once: nobody knows when it is to be heard again.
    const isUnknown = event === "heartbeat" && before === "unknown" && component.rhythm.ms === 0;
    component.state = isUnknown ? before : nextState(before, event);
    if (component.state !== before || component.heartbeats === 1) this.log(component, component.state);
    this.schedule(component);
  }

  /** When it is looked at again, if nothing is heard of it. */
  private schedule(component: Component): void {
    const { state, rhythm, lastAt, key } = component;
    if (state === "dead")
      return this.deadlines.set(component, key === NOWHERE ? this.clock.now() + KEEP_GONE_MS : Infinity);
    const parts = state === "late" ? DEAD_AFTER : LATE_AFTER;
    this.deadlines.set(component, rhythm.ms > 0 ? lastAt + parts * rhythm.ms : Infinity);
  }

  private find({ key, address }: Speaker, name: string, creator: string): Component | undefined {
    const known = this.byConnection.get(key)?.find((one) => one.name === name);
    if (known !== undefined) return known;
    // It was here before, on a connection that has ended or before we were started.
    const back = this.byName.get(name)?.find((one) => one.key === NOWHERE && one.creator === creator);
    if (back === undefined) return undefined;
    this.connect(back, { key, address });
    return back;
  }

  private make(speaker: Speaker, name: string, creator: string): Component | undefined {
    if (this.size >= MAX_COMPONENTS) this.forgetGone();
    if (this.size >= MAX_COMPONENTS) return undefined;
    return this.add(name, creator, speaker, this.clock.wall());
  }

  private add(name: string, creator: string, speaker: Speaker, since: number): Component {
    const { key, address } = speaker;
    const component = new Component(name, creator, key, address, since, this.ports.frequencyMs(name));
    const others = this.byName.get(name);
    if (others === undefined) this.byName.set(name, [component]);
    else others.push(component);
    this.size++;
    if (key !== NOWHERE) this.connect(component, speaker);
    return component;
  }

  private connect(component: Component, { key, address }: Speaker): void {
    component.key = key;
    component.address = address;
    const others = this.byConnection.get(key);
    if (others === undefined) this.byConnection.set(key, [component]);
    else others.push(component);
  }

  private forgetGone(): void {
    let oldest: Component | undefined;
    for (const one of this.all())
      if (one.key === NOWHERE && (oldest === undefined || one.heardAt < oldest.heardAt)) oldest = one;
    if (oldest !== undefined) this.forget(oldest);
  }

  private forget(component: Component): void {
    const { name, key } = component;
    this.deadlines.clear(component);
    take(this.byConnection, key, component);
    take(this.byName, name, component);
    this.size--;
    if (!this.byName.has(name)) this.past.forget(name);
    this.ports.onChanged(name);
  }

  private onlyNameOf(key: number): string | undefined {
    const components = this.byConnection.get(key);
    return components?.length === 1 ? components[0].name : undefined;
  }

  private *all(): Generator<Component> {
    for (const components of this.byName.values()) yield* components;
  }

  private *of(creator: string): Generator<Component> {
    for (const component of this.all()) if (component.creator === creator) yield component;
  }

  private log(component: Component, state: HistoryLine["state"]): void {
    const { name, creator, message } = component;
    this.past.add({ at: this.clock.wall(), name, creator, state, message });
    this.ports.onChanged(name);
    if (component.key === HERE) return;
    // One whose rhythm is configured is alive from its first heartbeat on.
    const isNew = state === "alive" && component.heartbeats === 1;
    this.ports.onNews(component, isNew ? "unknown" : state);
  }
}

function take<K>(map: Map<K, Component[]>, key: K, component: Component): void {
  const left = map.get(key)?.filter((one) => one !== component) ?? [];
  if (left.length === 0) map.delete(key);
  else map.set(key, left);
}
