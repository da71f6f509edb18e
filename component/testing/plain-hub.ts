/**
 * A hub as the original's scheduler is, of plain ZeroMQ sockets, for tests: com and tech from PULL to PUB, byte for byte, and a
 * kill on tech also as error 301 on com. The one controller is a plain PUSH.
 */
import { decode, encode } from "@msgpack/msgpack";
import { Pull, Push, XPublisher } from "zeromq";
import { until } from "../../host/platform/testing/until.ts";
import { type ConfigParams, configText } from "./config-text.ts";

/** What passed, its body decoded by another library than ours. */
export interface Heard {
  tag: string;
  body: Record<string, unknown> & { id: string; pid: string; spec: string; type: string; creator: string };
  data: string;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const textOf = (heard: readonly Heard[]) => heard.map(({ tag, data }) => `${tag} ${data}`).join("\n");
const newId = () => Array.from({ length: 40 }, () => LETTERS[Math.floor(Math.random() * 62)]).join("");

export class PlainHub {
  readonly com: Heard[] = [];
  readonly tech: Heard[] = [];
  /** Topics of com that were subscribed to, each time. */
  readonly topics: string[] = [];
  /** Those of tech, where every component hears kills. */
  private readonly techTopics: string[] = [];
  /** Specs of which tasks are pushed to a worker as well. */
  readonly controlled = new Set<string>();
  private readonly comIn = new Pull({ linger: 0 });
  /** Without a mark: what a slow component does not hear is a matter of its own marks. */
  private readonly comOut = new XPublisher({ linger: 0, verbosity: "allSubs", sendHighWaterMark: 0 });
  private readonly techIn = new Pull({ linger: 0 });
  private readonly techOut = new XPublisher({ linger: 0, verbosity: "allSubs" });
  private readonly worker = new Push({ linger: 0 });
  /** Sockets take one send at a time. */
  private queue: Promise<unknown> = Promise.resolve();
  private readonly endpoints: string[] = [];
  private isClosed = false;

  /** On any free ports, or where one was that has stopped. */
  async start(before?: PlainHub): Promise<void> {
    for (const [i, socket] of this.sockets().entries()) {
      const at = before?.endpoints[i] ?? "tcp://127.0.0.1:*";
      await until(() => socket.bind(at)); // ZeroMQ closes in a thread of its own
      this.endpoints.push(socket.lastEndpoint!);
    }
    void this.pass(this.comIn, this.comOut, this.com);
    void this.pass(this.techIn, this.techOut, this.tech);
    void this.noteTopics(this.comOut, this.topics);
    void this.noteTopics(this.techOut, this.techTopics);
  }

  stop(): void {
    this.isClosed = true;
    for (const socket of this.sockets()) socket.close();
  }

  config(params: ConfigParams): string {
    const port = (socket: { lastEndpoint: string | null }) => Number(socket.lastEndpoint!.split(":").at(-1));
    const com = { in: port(this.comIn), out: port(this.comOut) };
    const tech = { in: port(this.techIn), out: port(this.techOut) };
    return configText({ host: "127.0.0.1", com, tech, controller: port(this.worker) }, params);
  }

  /** A message of `type` with JSON, onto com -> its id. */
  say(spec: string, data: unknown, { type = "config", pid = "", creator = "tester" } = {}): string {
    const parts = this.message(type, spec, pid, creator, data);
    this.send(this.comOut, parts.parts);
    return parts.id;
  }

  /** To one worker, as the controller does. */
  give(spec: string, data: unknown): string {
    const { id, parts } = this.message("config", spec, "", "tester", data);
    this.send(this.worker, parts);
    return id;
  }

  /**
   * A kill, also one with an id that is none, told to every component without the check of a hub. Not before one listens:
   * its subscriptions of the two layers come over connections of their own, in any order.
   */
  kill(task_id: unknown): void {
    this.queue = this.queue.then(() => until(() => this.techTopics.length > 0));
    this.send(this.techOut, this.message("config", "kill", "", "killer", { task_id }).parts);
  }

  /** Resolves with the first that fits, of those that came and of those that come. */
  async heard(fits: (heard: Heard) => boolean, what: string, from = this.com): Promise<Heard> {
    await until(() => {
      if (!from.some(fits)) throw new Error(`${what} did not come; there came\n${textOf(from)}`);
    });
    return from.find(fits)!;
  }

  /** Resolves once it was subscribed to so often. */
  async subscribed(topic: string, times = 1): Promise<void> {
    await until(() => {
      const seen = this.topics.filter((one) => one === topic).length;
      if (seen < times) throw new Error(`subscribed to ${topic}: ${seen} times of ${times}`);
    });
  }

  /** The answer to a task: of type result, or error with the code. */
  answer(pid: string, type: string): Promise<Heard> {
    return this.heard(({ body }) => body.pid === pid && body.type === type, `${type} of ${pid}`);
  }

  heartbeat(name: string, message?: string): Promise<Heard> {
    const fits = ({ data }: Heard) =>
      data.includes(`"${name}"`) && (message === undefined || JSON.parse(data).message === message);
    return this.heard(fits, `a heartbeat of ${name}`, this.tech);
  }

  private sockets() {
    return [this.comIn, this.comOut, this.techIn, this.techOut, this.worker];
  }

  private message(type: string, spec: string, pid: string, creator: string, data: unknown) {
    const id = newId();
    const fields = { id, pid, creator, created_at: Date.now(), expires_at: 0, spec, encoding: "JSON", type };
    const body = encode({ ...fields, data: Buffer.from(JSON.stringify(data)) });
    return { id, parts: [Buffer.from(`${type}:${spec}:${id}:${pid}:${creator}`), Buffer.from(body)] };
  }

  private async pass(from: Pull, to: XPublisher, into: Heard[]): Promise<void> {
    try {
      for await (const [tag, body] of from) {
        const fields = decode(body) as Heard["body"] & { data: Uint8Array };
        const heard = { tag: tag.toString(), body: fields, data: Buffer.from(fields.data).toString() };
        into.push(heard);
        if (from === this.techIn && fields.spec === "kill") this.sayKilled(heard);
        this.send(to, [tag, body]);
        if (fields.type === "config" && this.controlled.has(fields.spec)) this.send(this.worker, [tag, body]);
      }
    } catch (error) {
      if (!this.isClosed) throw error;
    }
  }

  private async noteTopics(from: XPublisher, into: string[]): Promise<void> {
    try {
      for await (const [bytes] of from) {
        if (bytes[0] === 1) into.push(bytes.toString("utf8", 1));
      }
    } catch (error) {
      if (!this.isClosed) throw error;
    }
  }

  private sayKilled({ body, data }: Heard): void {
    const killed = { code: 301, message: "task killed" };
    const pid = JSON.parse(data).task_id as string;
    this.say("error", killed, { type: "error", pid, creator: body.creator });
  }

  private send(socket: XPublisher | Push, parts: readonly Buffer[]): void {
    this.queue = this.queue.then(async () => {
      if (!this.isClosed) await socket.send([...parts]);
    });
    this.queue.catch((error) => {
      if (!this.isClosed) throw error;
    });
  }
}
