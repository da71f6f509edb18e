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
import { ComponentDirectory, type Speaker } from "./component-directory.ts";
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

/** no room: too many are known, and all are there; nameless: nobody knows whose it is. */
export type HeardAs = "taken" | "unreadable" | "no room" | "nameless";

/** What is kept over a restart, of one name. */
export interface KeptHealth {
  components: KeptComponent[];
  history: readonly HistoryLine[];
}
type KeptComponent = Omit<ComponentView, "instances" | "isSilent">;

export class Health {
  private readonly components = new ComponentDirectory();
  private readonly deadlines = new Deadlines<Component>();
  private readonly past = new History();
  private silentCount = 0;
  private notBefore = -Infinity;

  constructor(
    private readonly ports: HealthPorts,
    private readonly clock: Clock,
  ) {}

  get count(): number {
    return this.components.count;
  }

  /** A heartbeat of a component. */
  heard(speaker: Speaker, creator: string, beat: Heartbeat | UnreadableHeartbeat): HeardAs {
    const { name } = isReadable(beat) ? beat : { name: beat.name ?? this.onlyNameOf(speaker.key) };
    if (name === undefined) return "nameless";
    const component = this.components.find(speaker, name, creator) ?? this.make(speaker, name, creator);
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
    for (const component of this.components.named(name).filter(({ key }) => key === HERE))
      this.forget(component);
  }

  /** Those of this name that are dead are shown no more -> how many those were; the gateway's own parts it never is. */
  forgetDead(name: string): number {
    const dead = this.components.named(name).filter(({ key, state }) => key !== HERE && state === "dead");
    for (const component of dead) this.forget(component);
    return dead.length;
  }

  /** Whoever spoke on it is dead at once. */
  connectionWent(key: number): void {
    for (const component of this.components.disconnect(key)) {
      component.isSilent = false;
      component.state = nextState(component.state, "gone");
      this.schedule(component);
      this.log(component, "gone");
    }
  }

  /** Components of this creator have a task and say nothing of it. */
  setSilent(creator: string): void {
    for (const component of this.components.of(creator)) {
      if (component.isSilent || component.key === NOWHERE) continue;
      component.isSilent = true;
      this.silentCount++;
      this.log(component, "silent");
    }
  }

  /** A component of this creator has answered something. */
  answered(creator: string): void {
    if (this.silentCount === 0) return;
    for (const component of this.components.of(creator)) {
      if (component.isSilent) this.ports.onChanged(component.name);
      component.isSilent = false;
    }
    this.silentCount = [...this.components.all()].filter(({ isSilent }) => isSilent).length;
  }

  /** By name, then by when they came. */
  views(): ComponentView[] {
    return this.components.names().flatMap((name) => this.viewsOf(name));
  }

  viewsOf(name: string): ComponentView[] {
    const components = this.components.named(name);
    const there = components.filter(({ key }) => key !== NOWHERE).length;
    return components.map((component) => viewComponent(component, there));
  }

  historyOf(name: string): readonly HistoryLine[] {
    return this.past.of(name);
  }

  /** The last heartbeat of each name that could be read, as the original tells it. */
  monitoring(): MonitoringLine[] {
    const lines: MonitoringLine[] = [];
    for (const name of this.components.names()) {
      const read = this.components.named(name).filter(({ syncTime }) => syncTime > 0);
      if (read.length === 0) continue;
      const { syncTime, isDown, message } = read.reduce((a, b) => (b.heardAt >= a.heardAt ? b : a));
      const line: MonitoringLine = { sync_time: syncTime, name, is_alive: !isDown };
      lines.push(message === "" ? line : { ...line, message });
    }
    return lines;
  }

  /** What is configured may be other than before. */
  configure(): void {
    for (const component of this.components.all()) {
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
      if (this.count >= MAX_COMPONENTS) return;
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

  private make(speaker: Speaker, name: string, creator: string): Component | undefined {
    if (this.count >= MAX_COMPONENTS) {
      const oldest = this.components.oldestGone();
      if (oldest !== undefined) this.forget(oldest);
    }
    if (this.count >= MAX_COMPONENTS) return undefined;
    return this.add(name, creator, speaker, this.clock.wall());
  }

  private add(name: string, creator: string, speaker: Speaker, since: number): Component {
    const { key, address } = speaker;
    const component = new Component(name, creator, key, address, since, this.ports.frequencyMs(name));
    this.components.add(component);
    return component;
  }

  private forget(component: Component): void {
    const { name } = component;
    this.deadlines.clear(component);
    this.components.remove(component);
    if (this.components.named(name).length === 0) this.past.forget(name);
    this.ports.onChanged(name);
  }

  private onlyNameOf(key: number): string | undefined {
    const components = this.components.on(key);
    return components.length === 1 ? components[0].name : undefined;
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
