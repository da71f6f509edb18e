/**
 * Keeps a model up to date: a look at the tables every few seconds, and one stream of events. When either fails the page
 * says so and begins again where it was; the looks find a stream that died in silence. A token that is refused will be
 * refused again: only when somebody comes back to the page, or loads it anew, is it tried once more.
 */
import type { Feed, Model } from "./model.ts";
import type { Component, Device, Gap, Message, Ports, Status, Task } from "./shapes.ts";
import { MAX_TASKS } from "./work-model.ts";

/** Messages of the past a page begins with: enough to fill its lists. */
const REPLAY = 200;
const LOOK_EVERY_MS = 5000;
const LOOK_TIMEOUT_MS = 4000;
const RETRY_MS = 1000;

/** Where a token in the address has led that is none (page-files.ts). */
const WRONG_TOKEN = "#wrong-token";

export class FeedKeeper {
  private stream: EventSource | null = null;
  private timer = 0;

  /** `onChange` is called after every change of the model. */
  constructor(
    private readonly model: Model,
    private readonly onChange: () => void,
  ) {}

  start(): void {
    // A page nobody sees stops looking; the first thing it does when seen again is to look.
    document.addEventListener("visibilitychange", () => this.lookIn(0));
    this.lookIn(0);
  }

  private lookIn(ms: number): void {
    clearTimeout(this.timer);
    if (document.hidden) return;
    this.timer = setTimeout(() => void this.look(), ms);
  }

  private async look(): Promise<void> {
    try {
      const status = await get<Status>("/api/v1/status");
      if (this.model.takeStatus(status, REPLAY)) this.closeStream();
      if (this.stream === null) this.openStream();
      this.model.takeDevices((await get<{ devices: Device[] }>("/api/v1/devices")).devices);
      this.model.ports = await get<Ports>("/api/v1/ports");
      this.model.work.takeComponents(
        (await get<{ components: Component[] }>("/api/v1/components")).components,
      );
      this.model.work.takeTasks((await get<{ tasks: Task[] }>(`/api/v1/tasks?limit=${MAX_TASKS}`)).tasks);
      this.model.heardAt = Date.now();
      this.lookIn(LOOK_EVERY_MS);
    } catch (error) {
      if (error instanceof Refusal) this.end(error.isShown ? "refused" : "tokenless");
      else this.lose();
    }
    this.onChange();
  }

  private openStream(): void {
    const stream = new EventSource(`/api/v1/events?from=${this.model.next}`);
    this.stream = stream;
    const on = <T>(event: string, take: (data: T) => void) => {
      stream.addEventListener(event, ({ data }: MessageEvent<string>) => {
        take(JSON.parse(data));
        this.onChange();
      });
    };
    on("gateway", () => {
      this.model.feed = "live";
    });
    on("message", (message: Message) => this.model.takeMessage(message));
    on("device", (device: Device) => this.model.takeDevice(device));
    on("component", (component: Component) => this.model.work.takeComponent(component));
    on("task", (task: Task) => this.model.work.takeTask(task));
    // More than are told one by one: the next look has them.
    on("tasks", () => this.lookIn(0));
    on("gap", (gap: Gap) => this.model.takeGap(gap));
    stream.onerror = () => {
      this.lose();
      this.onChange();
    };
  }

  private lose(): void {
    this.end("lost");
    this.lookIn(RETRY_MS);
  }

  private end(feed: Feed): void {
    this.closeStream();
    this.model.feed = feed;
  }

  private closeStream(): void {
    this.stream?.close();
    this.stream = null;
  }
}

/** Who asks is not let in. */
class Refusal extends Error {
  /** `isShown`: with a token, which is not valid then. */
  constructor(
    path: string,
    readonly isShown: boolean,
  ) {
    super(path);
  }
}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(path, { signal: AbortSignal.timeout(LOOK_TIMEOUT_MS) });
  if (response.status === 401 || response.status === 403) {
    const { error }: { error?: { shown?: boolean } } = await response.json();
    throw new Refusal(path, error?.shown !== false || location.hash === WRONG_TOKEN);
  }
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}
