/** One running component: a name on one connection, and what was heard of it last. */
import { Timed } from "./deadlines.ts";
import { Rhythm } from "./rhythm.ts";
import type { ComponentState, ComponentView } from "./views.ts";

/** The connection of the gateway's own parts. */
export const HERE = -1;
/** The connection of one that has none at present. */
export const NOWHERE = -2;

export class Component extends Timed {
  state: ComponentState = "unknown";
  isDown = false;
  /** It was given a task, has not answered in time, and nothing since. */
  isSilent = false;
  message = "";
  syncTime = 0;
  heardAt = 0;
  /** By the clock that never jumps: what it is judged by. */
  lastAt = 0;
  skewMs = 0;
  heartbeats = 0;
  invalid = 0;
  raw: string | undefined;
  /** It is known from before a restart, and was not heard since. */
  isRecalled = false;
  readonly rhythm: Rhythm;

  constructor(
    readonly name: string,
    public creator: string,
    /** Of its connection; HERE, NOWHERE. */
    public key: number,
    public address: string,
    public since: number,
    configuredMs: number,
  ) {
    super();
    this.rhythm = new Rhythm(configuredMs);
  }
}

export function viewComponent(component: Component, instances: number): ComponentView {
  const { name, creator, state, isDown, message, syncTime, heardAt, skewMs } = component;
  const { heartbeats, invalid, address, since, raw } = component;
  const view: ComponentView = {
    ...{ name, creator, instances, state, isDown, isSilent: component.isSilent, message, syncTime },
    ...{ heardAt, skewMs, rhythmMs: component.rhythm.ms, heartbeats, invalid, address, since },
  };
  return raw === undefined ? view : { ...view, raw };
}
