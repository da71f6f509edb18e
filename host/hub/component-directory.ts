/** Which components are known: by name, and by the connection that they speak on. */
import { type Component, NOWHERE } from "./component.ts";

/** Who says a heartbeat. */
export interface Speaker {
  key: number;
  address: string;
  /** What it is known to keep to; absent: what is configured, or learned. */
  frequencyMs?: number;
}

export class ComponentDirectory {
  private readonly byName = new Map<string, Component[]>();
  private readonly byConnection = new Map<number, Component[]>();
  private size = 0;

  get count(): number {
    return this.size;
  }

  /** In order. */
  names(): string[] {
    return [...this.byName.keys()].sort();
  }

  /** In the order in which they came. */
  named(name: string): readonly Component[] {
    return this.byName.get(name) ?? [];
  }

  /** Those that speak on a connection. */
  on(key: number): readonly Component[] {
    return this.byConnection.get(key) ?? [];
  }

  *all(): Generator<Component> {
    for (const components of this.byName.values()) yield* components;
  }

  *of(creator: string): Generator<Component> {
    for (const component of this.all()) if (component.creator === creator) yield component;
  }

  find({ key, address }: Speaker, name: string, creator: string): Component | undefined {
    const known = this.on(key).find((one) => one.name === name);
    if (known !== undefined) return known;
    // It was here before, on a connection that has ended or before we were started.
    const back = this.named(name).find((one) => one.key === NOWHERE && one.creator === creator);
    if (back === undefined) return undefined;
    this.connect(back, { key, address });
    return back;
  }

  add(component: Component): void {
    addTo(this.byName, component.name, component);
    this.size++;
    if (component.key !== NOWHERE) addTo(this.byConnection, component.key, component);
  }

  /** Its connection is gone -> who spoke on it. */
  disconnect(key: number): readonly Component[] {
    const components = this.on(key);
    for (const component of components) component.key = NOWHERE;
    this.byConnection.delete(key);
    return components;
  }

  /** Of those that are gone, the one heard longest ago. */
  oldestGone(): Component | undefined {
    let oldest: Component | undefined;
    for (const one of this.all())
      if (one.key === NOWHERE && (oldest === undefined || one.heardAt < oldest.heardAt)) oldest = one;
    return oldest;
  }

  remove(component: Component): void {
    takeFrom(this.byConnection, component.key, component);
    takeFrom(this.byName, component.name, component);
    this.size--;
  }

  private connect(component: Component, { key, address }: Speaker): void {
    component.key = key;
    component.address = address;
    addTo(this.byConnection, key, component);
  }
}

function addTo<K>(map: Map<K, Component[]>, key: K, component: Component): void {
  const others = map.get(key);
  if (others === undefined) map.set(key, [component]);
  else others.push(component);
}

function takeFrom<K>(map: Map<K, Component[]>, key: K, component: Component): void {
  const left = map.get(key)?.filter((one) => one !== component) ?? [];
  if (left.length === 0) map.delete(key);
  else map.set(key, left);
}
