/** The sockets of both layers, which stay while the work ends and begins anew. */

import { decodeMessage, encodeMessage } from "../host/monique/body.ts";
import { isFault } from "../host/monique/fault.ts";
import type { Message } from "../host/monique/message.ts";
import { parseTag, tagText, topicOf } from "../host/monique/tag.ts";
import { PullClient } from "../host/zmtp/pull-client.ts";
import { PushClient } from "../host/zmtp/push-client.ts";
import { SubClient } from "../host/zmtp/sub-client.ts";
import { Outgoing } from "./outgoing.ts";
import type { ComponentSettings } from "./settings.ts";

/** Messages that wait for a socket: as many as ZeroMQ lets by itself. */
const limits = { pendingMessages: 1000 };
/** What was said last has so long to leave, ms. */
const LINGER_MS = 1000;

export interface SocketEvents {
  onCom(tag: string, message: Message): void;
  onController(tag: string, message: Message): void;
  onTech(message: Message): void;
  /** One that is none, or of which the body says otherwise than the tag. */
  onUnreadable(why: string): void;
  /** All sockets are connected, or one is not. */
  onHub(isThere: boolean, why: string): void;
}

export class Sockets {
  private readonly comIn: PushClient;
  private readonly techIn: PushClient;
  private readonly comOut: SubClient;
  private readonly techOut: SubClient;
  private readonly worker: PullClient | null;
  private readonly outgoing: Outgoing;
  /** Of each socket: why it is not there, "" when it is, undefined before either is known. */
  private readonly away = new Map<string, string | undefined>();
  private isThere: boolean | undefined;
  private readonly topics = new Set<string>();
  private isStopping = false;
  private whenHearing: (() => void)[] = [];

  constructor(
    { creator, hubIn, hubOut, controller, tls }: ComponentSettings,
    private readonly events: SocketEvents,
  ) {
    const at = (name: string, host: string, port: number) => {
      const called = `${name} ${host}:${port}`;
      this.away.set(called, undefined);
      return {
        host,
        port,
        tls,
        limits,
        onState: (isConnected: boolean, why: string) => this.told(called, isConnected, why),
        onFault: (fault: { text: string }) => events.onUnreadable(fault.text),
      };
    };
    const { onCom, onController, onTech } = events;
    this.comIn = new PushClient(at("scheduler-in", hubIn.host, hubIn.com));
    this.techIn = new PushClient(at("scheduler-in, technical", hubIn.host, hubIn.tech));
    this.comOut = new SubClient({
      ...at("scheduler-out", hubOut.host, hubOut.com),
      onMessage: (parts) => this.read(parts, onCom),
    });
    this.techOut = new SubClient({
      ...at("scheduler-out, technical", hubOut.host, hubOut.tech),
      onMessage: (parts) => this.read(parts, (_, message) => onTech(message)),
    });
    this.worker =
      controller === undefined
        ? null
        : new PullClient({
            ...at("controller", controller.host, controller.port),
            // So that the hub knows who is silent when a task stays unanswered.
            properties: { "X-Bowline-Creator": creator },
            onMessage: (parts) => this.read(parts, onController),
          });
    this.outgoing = new Outgoing(this.comIn);
  }

  start(): void {
    // Of tech nothing else is asked for: a thousand components would each hear the heartbeats of a thousand.
    this.techOut.subscribe(topicOf("config", "kill"));
    for (const one of [this.techOut, this.techIn, this.comOut, this.comIn]) one.start();
    this.worker?.start();
  }

  /** -> how many messages did not leave. */
  async stop(): Promise<number> {
    this.isStopping = true;
    await Promise.all([this.comOut.stop(), this.techOut.stop(), this.worker?.stop()]);
    const [left] = await Promise.all([this.comIn.stop(LINGER_MS), this.techIn.stop(LINGER_MS)]);
    return left + this.outgoing.stop();
  }

  subscribe(topic: string): void {
    if (this.topics.has(topic)) return;
    this.topics.add(topic);
    this.comOut.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    if (this.topics.delete(topic)) this.comOut.unsubscribe(topic);
  }

  /** Calls at once, or once what is published can be heard: an answer must not come before. */
  hearing(then: () => void): void {
    if (this.comOut.isConnected) then();
    else this.whenHearing.push(then);
  }

  /** Onto com. */
  send(parts: readonly Uint8Array[], onTaken?: () => void): void {
    this.outgoing.send(parts, onTaken);
  }

  /** A heartbeat; what a hub has missed, its next one says better. */
  beat(message: Message): void {
    if (this.techIn.isConnected && this.techIn.waiting === 0) this.techIn.send(partsOf(message));
  }

  /** Tasks of the controller wait there. */
  pauseController(isPaused: boolean): void {
    if (isPaused) this.worker?.pause();
    else this.worker?.resume();
  }

  private read(parts: readonly Uint8Array[], then: (tag: string, message: Message) => void): void {
    if (parts.length !== 2) return this.events.onUnreadable(`message of ${parts.length} frames; allowed 2`);
    const tag = parseTag(parts[0]);
    if (isFault(tag)) return this.events.onUnreadable(tag.text);
    const message = decodeMessage(parts[1]);
    if (isFault(message)) return this.events.onUnreadable(message.text);
    const [text, other] = [tagText(tag), tagText(message)];
    if (text !== other) return this.events.onUnreadable(`message: its tag says ${text}, its body ${other}`);
    then(text, message);
  }

  private told(name: string, isConnected: boolean, why: string): void {
    if (this.isStopping) return;
    this.away.set(name, isConnected ? "" : why || "it ended");
    if (this.comOut.isConnected) for (const then of this.whenHearing.splice(0)) then();
    const states = [...this.away];
    const faults = states.flatMap(([at, text]) => (text ? [`${at}: ${text}`] : []));
    const isThere = faults.length === 0;
    // Before all have connected once, nobody knows that it is there.
    if (isThere === this.isThere || (isThere && states.some(([, text]) => text === undefined))) return;
    this.isThere = isThere;
    this.events.onHub(isThere, faults.join("; "));
  }
}

export function partsOf(message: Message): [Uint8Array, Uint8Array] {
  return [Buffer.from(tagText(message)), encodeMessage(message)];
}
