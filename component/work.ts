/** The communication layer: the work in its thread, and what it is given (MoniQue COM3). */
import type { MessagePort } from "node:worker_threads";
import { encodeMessage } from "../host/monique/body.ts";
import { formatData } from "../host/monique/data.ts";
import { drawId } from "../host/monique/id.ts";
import { type Encoding, type Message, messageTypes } from "../host/monique/message.ts";
import { isSpec } from "../host/monique/names.ts";
import { formatTag } from "../host/monique/tag.ts";
import { formatError } from "../host/monique/task-error.ts";
import { defaultLimits } from "../host/zmtp/limits.ts";
import type * as Api from "./api.d.ts";
import { Asking } from "./asking.ts";
import { pause } from "./pause.ts";
import { MessageSource } from "./source.ts";
import type { FromWork, Sent, Source, ToWork, WorkData } from "./words.ts";
import { faultText } from "./work-thread.ts";

const { messageBytes } = defaultLimits;

/** What config.json lacks: no place in the program tells more of it, so the line of the work's end suffices. */
class MissingSetting extends RangeError {}

export class WorkSide implements Api.Context {
  readonly config: Api.Config;
  readonly fromHub: Api.FromHub = {
    subscribe: <Data>(...topics: string[]) =>
      this.open({ from: "hub", topics: topics.map(topicText) }) as Api.Messages<Data>,
  };
  readonly toHub: Api.ToHub = {
    send: (message) => this.send(this.messageOf(message)),
    reply: ({ id: pid, spec, encoding: asked }, data, encoding = asked) =>
      this.send(this.messageOf({ type: "result", spec, pid, data, encoding })),
    fail: ({ id: pid, spec }, code, text) =>
      this.send({
        ...this.messageOf({ type: "error", spec, pid, data: null }),
        data: formatError(code, text),
      }),
  };
  private readonly sources = new Map<number, MessageSource>();
  private controller: MessageSource | undefined;
  private readonly calls = new Map<number, () => void>();
  private readonly asking = new Asking((id) => this.post({ is: "forget", id }));
  private readonly stopping = new AbortController();
  private numbers = 0;

  constructor(
    { bowlineComponent: { name, creator, params } }: WorkData,
    private readonly port: MessagePort,
  ) {
    this.config = { name, creator, params };
    port.on("message", (word: ToWork) => this.onWord(word));
  }

  async run(work: Api.Work): Promise<void> {
    this.post({ is: "began" });
    try {
      await work(this);
      this.post({ is: "ended" });
    } catch (error) {
      if (!this.signal.aborted && !(error instanceof MissingSetting)) console.error(error);
      this.post({ is: "failed", text: faultText(error) });
    }
  }

  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  get fromController(): Api.Messages {
    const { name, params } = this.config;
    if (params.port === undefined)
      throw new MissingSetting(`fromController: no params.${name}.port in the configuration`);
    this.controller ??= this.open({ from: "controller" });
    return this.controller;
  }

  readonly status = (text: string): void => this.post({ is: "status", text: String(text) });

  readonly pause = (ms: number, signal?: AbortSignal): Promise<void> =>
    pause(ms, signal === undefined ? [this.signal] : [this.signal, signal]);

  readonly ask = async <Data>(spec: string, data: unknown, options: Api.AskOptions = {}): Promise<Data> => {
    const { pid = "", encoding = "JSON", timeoutMs } = options;
    const message = this.messageOf({
      spec,
      data,
      pid,
      encoding,
      ...(timeoutMs !== undefined && { expiresInMs: timeoutMs }),
    });
    const sent = sentOf(message);
    const answer = this.asking.wait(message, options, this.signal);
    this.post({ is: "send", call: this.numbers++, message: sent, isAsked: true });
    return (await answer) as Data;
  };

  private open(source: Source): MessageSource {
    const n = this.numbers++;
    const opened = new MessageSource(n, source, (word) => {
      this.post(word);
      if (word.is === "open") this.sources.set(n, opened);
      if (word.is === "close") this.sources.delete(n);
    });
    opened.open();
    return opened;
  }

  private send(message: Message): Promise<string> {
    const { id } = message;
    const call = this.numbers++;
    this.post({ is: "send", call, message: sentOf(message), isAsked: false });
    return new Promise((resolve) => void this.calls.set(call, () => resolve(id)));
  }

  /** Throws a TypeError or RangeError for what no hub takes. */
  private messageOf({
    spec,
    type = "config",
    data,
    encoding = "JSON",
    pid = "",
    expiresInMs,
  }: Api.NewMessage): Message {
    if (!isSpec(spec))
      throw new RangeError(`spec of a message: ${JSON.stringify(spec)}; allowed project_message`);
    const created_at = Date.now();
    const expires_at = expiresInMs === undefined ? 0 : created_at + Math.ceil(expiresInMs);
    const { creator } = this.config;
    const bytes = formatData(data, encoding as Encoding);
    return { id: drawId(), pid, creator, created_at, expires_at, spec, encoding, type, data: bytes };
  }

  private onWord(word: ToWork): void {
    switch (word.is) {
      case "message":
        return this.sources.get(word.n)?.deliver(word.message);
      case "answer":
        return this.asking.answer(word.message);
      case "sent":
        this.calls.get(word.call)?.();
        return void this.calls.delete(word.call);
      case "killed":
        for (const source of this.sources.values()) source.kill(word.id);
        return;
      case "stop":
        return this.stopping.abort(new DOMException("the component is to end", "AbortError"));
    }
  }

  private post(word: FromWork): void {
    this.port.postMessage(word);
  }
}

/** Throws a RangeError for more than a hub takes: it would end the connection, and what others said there would be lost. */
function sentOf(message: Message): Sent {
  const { id, pid, spec, type } = message;
  const parts: Sent["parts"] = [formatTag(message), encodeMessage(message)];
  const size = parts[0].length + parts[1].length;
  if (size > messageBytes)
    throw new RangeError(`message of ${spec}: ${size} bytes; allowed are ${messageBytes}`);
  return { id, pid, spec, type, parts };
}

/** With the colon behind the spec, so that no longer spec begins with it. */
function topicText(topic: string): string {
  const [type, ...rest] = topic.split(":");
  const isType = (messageTypes as readonly string[]).includes(type);
  if (topic !== "" && (!isType || rest.length > 1 || rest.some((spec) => spec !== "" && !isSpec(spec))))
    throw new RangeError(`topic ${JSON.stringify(topic)}; allowed type:spec, a type, and "" for everything`);
  return topic === "" || topic.endsWith(":") ? topic : `${topic}:`;
}
