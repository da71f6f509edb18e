/**
 * The technical layer: heartbeats, kill and all sockets, in the main thread, whatever the thread that does the work is at
 * (MoniQue LAY5). It knows the work only by the words that the two say to each other.
 */
import { ErrorCode, KILLED_TEXT } from "../host/monique/codes.ts";
import { isFault } from "../host/monique/fault.ts";
import { readKill } from "../host/monique/kill.ts";
import type { Message } from "../host/monique/message.ts";
import { tagText, topicOf } from "../host/monique/tag.ts";
import type { Clock } from "../host/platform/clock.ts";
import { Inbox } from "./inbox.ts";
import { Kills } from "./kills.ts";
import { type ThreadEvents, type WorkEnd, WorkLife, type WorkThread } from "./life.ts";
import { OwnMessages } from "./own-messages.ts";
import type { ComponentSettings } from "./settings.ts";
import { partsOf, Sockets } from "./sockets.ts";
import { Tally } from "./tally.ts";
import { Topics } from "./topics.ts";
import type { FromWork, Sent, WorkData } from "./words.ts";

export interface TechnicalServices {
  clock: Clock;
  random(): number;
  log(text: string): void;
  startThread(data: WorkData, events: ThreadEvents): WorkThread;
}

export class Technical {
  private readonly sockets: Sockets;
  private readonly inbox: Inbox;
  private readonly topics: Topics;
  private readonly kills: Kills;
  private readonly life: WorkLife;
  private readonly own: OwnMessages;
  /** Tasks that the work has given to others, and waits for. */
  private readonly asked = new Set<string>();
  private readonly unread = new Tally("messages that could not be read");
  private readonly full = new Tally("messages lost: too many wait for the work");
  private readonly expired = new Tally("messages that had expired before the work took them");
  private heartbeat: NodeJS.Timeout | undefined;
  /** The text that goes with heartbeats (MoniQue COM3). */
  private status = "";
  private isControllerPaused = false;
  private tellEnded: () => void = () => {};
  /** Resolves when it has stopped: the work returned, or stop(). */
  readonly ended = new Promise<void>((resolve) => {
    this.tellEnded = resolve;
  });

  constructor(
    private readonly settings: ComponentSettings,
    private readonly services: TechnicalServices,
    killGraceMs: number,
  ) {
    const { clock, random, log } = services;
    const { name, creator, params } = settings;
    const wall = () => clock.wall();
    this.own = new OwnMessages(settings, wall);
    this.kills = new Kills(killGraceMs, () => this.life.terminate());
    this.inbox = new Inbox(
      {
        onDeliver: (n, message) => this.life.post({ is: "message", n, message }),
        onLost: (message, why) => this.lose(message, why),
      },
      wall,
    );
    this.life = new WorkLife(
      {
        clock,
        random,
        log,
        startThread: (events) =>
          services.startThread({ bowlineComponent: { name, creator, params } }, events),
      },
      {
        onWord: (word) => this.onWord(word),
        onEnding: () => this.inbox.stall(),
        wasKilled: () => this.kills.isAny,
        onEnd: (end, fault) => this.onEnd(end, fault),
      },
      killGraceMs,
    );
    this.sockets = new Sockets(settings, {
      onCom: (tag, message) => this.hear(tag, message),
      onController: (tag, message) => this.take(tag, message),
      onTech: (message) => this.kill(message),
      onUnreadable: (why) => this.unread.add(log, why),
      onHub: (isThere, why) => log(isThere ? "the hub is there" : `the hub is away: ${why}`),
    });
    this.topics = new Topics(this.sockets);
  }

  start(): void {
    this.sockets.start();
    this.heartbeat = setInterval(() => this.beat(), this.settings.frequencyMs);
    this.life.begin();
  }

  /** The work has its grace to end by itself; what it said last leaves. */
  stop(): Promise<void> {
    this.life.stop();
    return this.ended;
  }

  private onWord(word: FromWork): void {
    // The next thread is given it.
    if (word.is === "next" && this.kills.isEndingThread) return;
    switch (word.is) {
      case "open":
        if (word.source.from === "hub") this.topics.open(word.n, word.source.topics);
        return this.inbox.open(word.n, word.source);
      case "close":
        this.topics.close(word.n);
        this.inbox.close(word.n);
        return this.paceController();
      case "next":
        this.inbox.want(word.n);
        return this.paceController();
      case "done":
        return this.finish(word.n, word.id);
      case "heeds":
        // One that has ended is none that could be killed.
        if (this.inbox.holds(word.id)) this.kills.heeds(word.id);
        return;
      case "send":
        return this.send(word.call, word.message, word.isAsked);
      case "forget":
        return void this.asked.delete(word.id);
      case "status":
        this.status = word.text;
    }
  }

  /** What the work was killed for is said to be; what it had besides is given again to the next. */
  private onEnd(end: WorkEnd, fault: string): void {
    const held = this.inbox.held();
    for (const message of held)
      if (this.kills.has(message.id)) this.fail(message, ErrorCode.KILLED, KILLED_TEXT);
    // One of those that it had made it fail, nobody knows which: given again, it might do so for ever.
    if (end === "failed")
      for (const message of held.length > 0 ? held : [null]) this.fail(message, ErrorCode.COMPONENT, fault);
    this.inbox.restart((id) => this.kills.has(id) || end === "failed");
    this.topics.restart();
    this.status = "";
    this.kills.clear();
    this.asked.clear();
    if (end === "over") void this.end();
  }

  private async end(): Promise<void> {
    clearInterval(this.heartbeat);
    const left = await this.sockets.stop();
    if (left > 0) this.services.log(`${left} messages did not leave`);
    this.tellEnded();
  }

  /** The work has done with it; when it was killed meanwhile, it has ended by itself. */
  private finish(n: number, id: string): void {
    const message = this.inbox.done(n, id);
    if (message === undefined || this.inbox.holds(id) || !this.kills.end(id)) return;
    this.fail(message, ErrorCode.KILLED, KILLED_TEXT);
  }

  private hear(tag: string, message: Message): void {
    const isAnswer = message.type === "result" || message.type === "error";
    if (isAnswer && this.asked.delete(message.pid)) this.life.post({ is: "answer", message });
    if (this.topics.isWanted(tag)) this.inbox.arrive("hub", tag, message);
  }

  private take(tag: string, message: Message): void {
    this.inbox.arrive("controller", tag, message);
    this.paceController();
  }

  /** KILL3. One that has ended is none of ours any more (MoniQue trap 1). */
  private kill(message: Message): void {
    if (message.type !== "config" || message.spec !== "kill") return;
    const id = readKill(message);
    if (isFault(id)) return this.unread.add(this.services.log, id.text);
    const waiting = this.inbox.withdraw(id);
    const isHeld = this.inbox.holds(id);
    if (waiting !== undefined && !isHeld) this.fail(waiting, ErrorCode.KILLED, KILLED_TEXT);
    if (!isHeld || this.kills.has(id)) return;
    this.life.post({ is: "killed", id });
    this.kills.begin(id);
  }

  private send(call: number, { id, pid, type, spec, parts }: Sent, isAsked: boolean): void {
    const post = this.life.poster();
    const taken = () => post({ is: "sent", call });
    // Whoever waits for its answer has been told that it was killed.
    if ((type === "result" || type === "error") && this.kills.has(pid)) return taken();
    if (!isAsked) return this.sockets.send(parts, taken);
    this.asked.add(id);
    for (const topic of [topicOf("result", spec), topicOf("error", spec), topicOf("error", "error")])
      this.topics.await(topic);
    // Whoever asked may have given up meanwhile.
    this.sockets.hearing(() => (this.asked.has(id) ? this.sockets.send(parts, taken) : taken()));
  }

  private fail(message: Message | null, code: number, text: string): void {
    this.sockets.send(partsOf(this.own.error(message, code, text)));
  }

  /** MON3. */
  private beat(): void {
    const { isAlive, fault } = this.life;
    this.sockets.beat(this.own.heartbeat(isAlive, fault === "" ? this.status : `The work is down: ${fault}`));
  }

  /** Tasks of the controller wait where others can have them. */
  private paceController(): void {
    if (this.inbox.isHalfFull === this.isControllerPaused) return;
    this.isControllerPaused = this.inbox.isHalfFull;
    this.sockets.pauseController(this.isControllerPaused);
  }

  private lose(message: Message, why: "full" | "expired"): void {
    if (why === "full" && message.type === "config")
      this.fail(message, ErrorCode.TECHNICAL, "too many tasks wait here");
    (why === "full" ? this.full : this.expired).add(this.services.log, tagText(message));
  }
}
