/**
 * The technical layer: heartbeats, kill and all sockets, in the main thread, whatever the thread that does the work is at
 * (MoniQue LAY5). It knows the work only by the words that the two say to each other.
 */
import { ErrorCode, KILLED_TEXT } from "../host/monique/codes.ts";
import { isFault } from "../host/monique/fault.ts";
import { drawId } from "../host/monique/id.ts";
import { readKill } from "../host/monique/kill.ts";
import type { Message } from "../host/monique/message.ts";
import { formatMonitoring } from "../host/monique/monitoring.ts";
import { tagText, topicOf } from "../host/monique/tag.ts";
import { formatError } from "../host/monique/task-error.ts";
import { Backoff } from "../host/platform/backoff.ts";
import type { Clock } from "../host/platform/clock.ts";
import { Inbox } from "./inbox.ts";
import { Kills } from "./kills.ts";
import type { ComponentSettings } from "./settings.ts";
import { partsOf, Sockets } from "./sockets.ts";
import { Tally } from "./tally.ts";
import { Topics } from "./topics.ts";
import type { FromWork, Sent, ToWork, WorkData } from "./words.ts";

/** Between the end of work that failed and its next begin. */
const waits = { leastMs: 100, mostMs: 30_000 };
/** Work that went on for so long is not held to be broken, ms. */
const CALM_MS = 10_000;

/** The thread that does the work, or what stands for it in tests. */
export interface WorkThread {
  post(word: ToWork): void;
  /** onExit follows. */
  terminate(): void;
}

export interface ThreadEvents {
  onWord(word: FromWork): void;
  /** `fault`: why it has ended; "" when nobody knows of one. */
  onExit(fault: string): void;
}

export interface TechnicalServices {
  clock: Clock;
  random(): number;
  /** One line a change of state. */
  log(text: string): void;
  startThread(data: WorkData, events: ThreadEvents): WorkThread;
}

export class Technical {
  private readonly sockets: Sockets;
  private readonly inbox: Inbox;
  private readonly kills: Kills;
  private readonly backoff: Backoff;
  private readonly topics: Topics;
  /** Tasks that the work has given to others, and waits for. */
  private readonly asked = new Set<string>();
  private thread: WorkThread | null = null;
  private heartbeat: NodeJS.Timeout | undefined;
  private restartTimer: NodeJS.Timeout | undefined;
  private stopTimer: NodeJS.Timeout | undefined;
  private status = "";
  /** Why the work is down, and what it said itself when it failed. */
  private fault = "";
  private said = "";
  /** The work has ended, its thread is about to. */
  private isOver = false;
  private beganAt = 0;
  private isAlive = false;
  private hasReturned = false;
  private isStopping = false;
  private isControllerPaused = false;
  private readonly unread = new Tally("messages that could not be read");
  private readonly full = new Tally("messages lost: too many wait for the work");
  private readonly expired = new Tally("messages had expired before the work took them");
  private tellEnded: () => void = () => {};
  /** Resolves when it has stopped: the work returned, or stop(). */
  readonly ended = new Promise<void>((resolve) => {
    this.tellEnded = resolve;
  });

  constructor(
    private readonly settings: ComponentSettings,
    private readonly services: TechnicalServices,
    private readonly killGraceMs: number,
  ) {
    const { clock, random, log } = services;
    this.backoff = new Backoff(() => waits, random);
    this.kills = new Kills(killGraceMs, () => this.thread?.terminate());
    this.inbox = new Inbox(
      {
        onDeliver: (n, message) => this.thread?.post({ is: "message", n, message }),
        onLost: (message, why) => this.lose(message, why),
      },
      () => clock.wall(),
    );
    this.sockets = new Sockets(settings, {
      onCom: (tag, message) => this.hear(tag, message),
      onController: (tag, message) => {
        this.inbox.arrive("controller", tag, message);
        this.paceController();
      },
      onTech: (message) => this.kill(message),
      onUnreadable: (why) => this.refuse(why),
      onHub: (isThere, why) => log(isThere ? "the hub is there" : `the hub is away: ${why}`),
    });
    this.topics = new Topics(this.sockets);
  }

  start(): void {
    this.sockets.start();
    this.heartbeat = setInterval(() => this.beat(), this.settings.frequencyMs);
    this.begin();
  }

  /** The work has its grace to end by itself; what it said last leaves. */
  stop(): Promise<void> {
    if (this.isStopping) return this.ended;
    this.isStopping = true;
    clearTimeout(this.restartTimer);
    if (this.thread === null) void this.end();
    else {
      this.thread.post({ is: "stop" });
      this.stopTimer = setTimeout(() => this.thread?.terminate(), this.killGraceMs);
    }
    return this.ended;
  }

  private begin(): void {
    const { name, creator, params } = this.settings;
    this.beganAt = this.services.clock.now();
    this.said = "";
    this.isOver = false;
    this.thread = this.services.startThread(
      { bowlineComponent: { name, creator, params } },
      { onWord: (word) => this.onWord(word), onExit: (fault) => this.onExit(fault) },
    );
  }

  private async end(): Promise<void> {
    clearTimeout(this.stopTimer);
    clearInterval(this.heartbeat);
    this.kills.clear();
    const left = await this.sockets.stop();
    if (left > 0) this.services.log(`${left} messages did not leave`);
    this.tellEnded();
  }

  private onWord(word: FromWork): void {
    // The thread goes on until it is ended; what it has now is what it had when its work failed.
    if (this.isOver && word.is !== "send") return;
    switch (word.is) {
      case "began":
        this.isAlive = true;
        this.fault = "";
        return;
      case "open":
        if (word.source.from === "hub") this.topics.open(word.n, word.source.topics);
        return this.inbox.open(word.n, word.source);
      case "close":
        this.topics.close(word.n);
        return this.inbox.close(word.n);
      case "next":
        this.inbox.want(word.n);
        return this.paceController();
      case "done":
        return this.finish(word.n, word.id);
      case "heeds":
        return this.kills.heeds(word.id);
      case "send":
        return this.send(word.call, word.message, word.isAsked);
      case "forget":
        return void this.asked.delete(word.id);
      case "status":
        this.status = word.text;
        return;
      case "ended":
        this.isOver = true;
        this.hasReturned = true;
        return this.thread?.terminate();
      case "failed":
        this.isOver = true;
        this.said = word.text;
        return this.thread?.terminate();
    }
  }

  /** Whatever ended it. What it was killed for is said to be; what it had besides is given again to the next. */
  private onExit(exitFault: string): void {
    const { clock, log } = this.services;
    const fault = this.said || exitFault || "its thread has ended";
    const wasKilled = this.kills.isAny;
    this.thread = null;
    this.isAlive = false;
    this.asked.clear();
    const isFailed = !wasKilled && !this.hasReturned && !this.isStopping;
    if (isFailed && this.inbox.held().length === 0)
      this.say({ pid: "", spec: "error", type: "error", data: formatError(ErrorCode.COMPONENT, fault) });
    // One of those that it had made it fail, nobody knows which: given again, they might do so for ever.
    this.answerHeld((id) => (this.kills.has(id) ? "killed" : isFailed ? fault : undefined));
    this.inbox.restart((id) => this.kills.has(id) || isFailed);
    this.kills.clear();
    this.topics.restart();
    if (this.hasReturned || this.isStopping) return void this.end();
    if (clock.now() - this.beganAt >= CALM_MS) this.backoff.reset();
    if (wasKilled) {
      log("killed; it begins anew");
      return this.begin();
    }
    this.fault = fault;
    const waitMs = this.backoff.next();
    log(`it failed: ${fault}; it begins anew in ${Math.round(waitMs)} ms`);
    this.restartTimer = setTimeout(() => this.begin(), waitMs);
  }

  private answerHeld(outcome: (id: string) => string | undefined): void {
    for (const message of this.inbox.held()) {
      const why = outcome(message.id);
      if (why === "killed") this.fail(message, ErrorCode.KILLED, KILLED_TEXT);
      else if (why !== undefined) this.fail(message, ErrorCode.COMPONENT, why);
    }
  }

  /** The work has done with it; when it was killed meanwhile, it has ended by itself. */
  private finish(n: number, id: string): void {
    const message = this.inbox.done(n, id);
    if (message === undefined || this.inbox.holds(id) || !this.kills.end(id)) return;
    this.fail(message, ErrorCode.KILLED, KILLED_TEXT);
  }

  private hear(tag: string, message: Message): void {
    const isAnswer = message.type === "result" || message.type === "error";
    if (isAnswer && this.asked.delete(message.pid)) this.thread?.post({ is: "answer", message });
    if (this.topics.isWanted(tag)) this.inbox.arrive("hub", tag, message);
  }

  /** KILL3. One that has ended is none of ours any more (MoniQue trap 1). */
  private kill(message: Message): void {
    if (message.type !== "config" || message.spec !== "kill") return;
    const id = readKill(message);
    if (isFault(id)) return this.refuse(id.text);
    const waiting = this.inbox.withdraw(id);
    if (waiting !== undefined) this.fail(waiting, ErrorCode.KILLED, KILLED_TEXT);
    if (!this.inbox.holds(id) || this.kills.has(id)) return;
    this.thread?.post({ is: "killed", id });
    this.kills.begin(id);
  }

  private send(call: number, { id, pid, type, spec, parts }: Sent, isAsked: boolean): void {
    const { thread } = this;
    const taken = () => {
      if (this.thread === thread) thread?.post({ is: "sent", call });
    };
    // Whoever waits for its answer has been told that it was killed.
    if ((type === "result" || type === "error") && this.kills.has(pid)) return taken();
    if (!isAsked) return this.sockets.send(parts, taken);
    this.asked.add(id);
    for (const topic of [topicOf("result", spec), topicOf("error", spec), topicOf("error", "error")])
      this.topics.await(topic);
    this.sockets.hearing(() => this.sockets.send(parts, taken));
  }

  /** An error in answer to it. */
  private fail({ id, spec, type }: Message, code: number, text: string): void {
    this.say({
      pid: id,
      spec: type === "config" ? spec : "error",
      type: "error",
      data: formatError(code, text),
    });
  }

  private say(fields: Pick<Message, "pid" | "spec" | "type" | "data">): void {
    this.sockets.send(partsOf(this.messageOf(fields)));
  }

  private messageOf(fields: Pick<Message, "pid" | "spec" | "type" | "data">): Message {
    const { creator } = this.settings;
    const created_at = this.services.clock.wall();
    return { id: drawId(), creator, created_at, expires_at: 0, encoding: "JSON", ...fields };
  }

  /** MON1 to MON3. */
  private beat(): void {
    const { name } = this.settings;
    const message = this.isAlive || this.fault === "" ? this.status : `The work is down: ${this.fault}`;
    const sync_time = this.services.clock.wall();
    const data = formatMonitoring({ sync_time, name, is_alive: this.isAlive, message });
    this.sockets.beat(this.messageOf({ pid: "", spec: "monitoring", type: "data", data }));
  }

  /** Its tasks wait where others can have them. */
  private paceController(): void {
    if (this.inbox.isHalfFull === this.isControllerPaused) return;
    this.isControllerPaused = this.inbox.isHalfFull;
    this.sockets.pauseController(this.isControllerPaused);
  }

  private refuse(why: string): void {
    this.unread.add(this.services.log, why);
  }

  private lose(message: Message, why: "full" | "expired"): void {
    if (why === "full" && message.type === "config")
      this.fail(message, ErrorCode.TECHNICAL, "too many tasks wait here");
    (why === "full" ? this.full : this.expired).add(this.services.log, tagText(message));
  }
}
