/**
 * What comes in, and where it goes (MoniQue LAY1 to LAY3).
 *
 * ```
 * com   two frames ─▶ tag ─▶ body, of this tag ─▶ allowed spec ─▶ published on com ─▶ task desk
 * tech  two frames ─▶ tag ─▶ body, of this tag ─▶ { heartbeat ─▶ health, published on tech ; kill ; else published on tech }
 * ```
 * Nothing of tech is ever published on com, nor the other way round; what is published is byte for byte what came.
 */
import { BodyView, checkBody, decodeMessage, encodeMessage } from "../monique/body.ts";
import { readMessage, toFinal } from "../monique/eras.ts";
import { isFault, type MoniqueFault } from "../monique/fault.ts";
import { readKill } from "../monique/kill.ts";
import type { Heartbeat, UnreadableHeartbeat } from "../monique/monitoring.ts";
import { readMonitoring } from "../monique/monitoring.ts";
import { parseTag, type Tag } from "../monique/tag.ts";
import type { Clock } from "../platform/clock.ts";
import type { Speaker } from "./component-directory.ts";
import type { Drops } from "./drops.ts";
import type { HeardAs } from "./health.ts";
import type { Killer } from "./own-messages.ts";
import type { TaskFields } from "./task.ts";
import type { Answer } from "./task-desk.ts";

/** Who sent it. */
export interface Sender extends Speaker {
  /** That its certificate proves. */
  readonly names: readonly string[];
}

export interface KillRequest {
  id: string;
  killer: Killer;
  /** Valid during the call only. */
  parts: readonly Uint8Array[];
  sender: Sender;
}

export interface IntakePorts {
  isAllowed(spec: string): boolean;
  /** A name of one of the gateway's own parts. */
  isOwnName(name: string): boolean;
  /** Parts are valid during the call only. */
  /** To how many connections it went. */
  publishCom(parts: readonly Uint8Array[]): number;
  publishTech(parts: readonly Uint8Array[]): void;
  /** A task, which was published; its bytes are valid during the call only. */
  onTask(fields: TaskFields, tag: Uint8Array, body: Uint8Array, listeners: number): void;
  /** A task that nobody may begin any more, and that was not published. */
  onLateTask(fields: TaskFields): void;
  /** An answer to a message; `data` is valid during the call only. */
  onAnswer(taskId: string, answer: Answer): void;
  /** Something that belongs to a message, and is no answer. */
  onNews(taskId: string, creator: string): void;
  onHeartbeat(speaker: Speaker, creator: string, beat: Heartbeat | UnreadableHeartbeat): HeardAs;
  /** A kill, well-formed as a message; `taskId` is the fault when there is none in it. */
  onKill(taskId: string | MoniqueFault, request: KillRequest): void;
}

const FRAMES = 2;
/** Tags before August 2018 begin with these: bytes, not text (MoniQue 2.1). */
const [OLD_TAG_8, OLD_TAG_16] = [0xc4, 0xc5];

export class Intake {
  /** Messages by type, on com. */
  readonly com = { config: 0, result: 0, error: 0, data: 0 };
  readonly tech = { heartbeats: 0, unreadable: 0, kills: 0, others: 0 };
  /** Messages that were passed on in another form: in the final one, or with data that was text as bytes. */
  readonly rewritten = { A: 0, B: 0, textData: 0 };
  private readonly view = new BodyView();

  constructor(
    private readonly ports: IntakePorts,
    private readonly drops: Drops,
    private readonly clock: Clock,
  ) {}

  receiveCom(parts: readonly Uint8Array[], sender: Sender): void {
    if (isOld(parts)) return this.rewriteOld(parts, sender, (frames) => this.receiveCom(frames, sender));
    const tag = this.read(parts, sender);
    if (tag === undefined) return;
    if (!this.ports.isAllowed(tag.spec))
      return this.drops.count(
        "SPEC_NOT_ALLOWED",
        sender.address,
        () => `spec ${tag.spec} is not among those allowed`,
      );
    const { view } = this;
    if (view.hasTextData) return this.rewriteText(parts, sender);
    this.com[tag.type]++;
    switch (tag.type) {
      case "config":
        return this.task(parts, tag, sender);
      case "result":
      case "error":
        this.ports.publishCom(parts);
        return this.answer(parts[1], tag, tag.type);
      case "data":
        // Some components say on com how they are (MoniQue trap 10); it stays there.
        if (tag.spec === "monitoring" && !this.heartbeat(parts[1], tag, sender)) return;
        this.ports.publishCom(parts);
        if (tag.pid !== "") this.ports.onNews(tag.pid, tag.creator);
    }
  }

  receiveTech(parts: readonly Uint8Array[], sender: Sender): void {
    if (isOld(parts)) return this.rewriteOld(parts, sender, (frames) => this.receiveTech(frames, sender));
    const tag = this.read(parts, sender);
    if (tag === undefined) return;
    if (tag.spec === "kill" && tag.type === "config") return this.kill(parts, tag, sender);
    if (tag.spec === "monitoring" && tag.type === "data") {
      if (!this.heartbeat(parts[1], tag, sender)) return;
    } else this.tech.others++;
    this.ports.publishTech(parts);
  }

  private read(parts: readonly Uint8Array[], sender: Sender): Tag | undefined {
    if (parts.length !== FRAMES) {
      this.drops.count("FRAMES", sender.address, () => `${parts.length} frames; allowed are 2`);
      return undefined;
    }
    const tag = parseTag(parts[0]);
    if (isFault(tag)) return this.fault(tag, sender);
    const fault = checkBody(parts[1], parts[0], tag, this.view);
    return fault === undefined ? tag : this.fault(fault, sender);
  }

  private fault({ code, text }: MoniqueFault, { address }: Sender): undefined {
    this.drops.count(code, address, () => text);
  }

  /** Components of today understand no other form than the final one. */
  private rewriteOld(
    [tag, body]: readonly Uint8Array[],
    sender: Sender,
    receive: (frames: readonly Uint8Array[]) => void,
  ): void {
    const read = readMessage(tag, body);
    if (isFault(read)) return this.fault(read, sender);
    if (read.era !== "C") this.rewritten[read.era]++;
    receive(toFinal(read));
  }

  /** The original component ends its work at data that is text (MoniQue trap 3). */
  private rewriteText([tag, body]: readonly Uint8Array[], sender: Sender): void {
    const message = decodeMessage(body);
    if (isFault(message)) return this.fault(message, sender);
    this.rewritten.textData++;
    this.receiveCom([tag, encodeMessage(message)], sender);
  }

  private task(parts: readonly Uint8Array[], tag: Tag, { address }: Sender): void {
    const { expiresAt, createdAt } = this.view;
    // For components that hear kills on com; it stays there, and asks nothing of us.
    if (tag.spec === "kill") return void this.ports.publishCom(parts);
    const { id, spec, creator, pid } = tag;
    const fields = { id, spec, creator, parent: pid, createdAt, expiresAt };
    if (expiresAt > 0 && expiresAt <= this.clock.wall()) {
      this.drops.count("EXPIRED", address, () => `task ${id} of ${creator}: its time was over when it came`);
      return this.ports.onLateTask(fields);
    }
    const listeners = this.ports.publishCom(parts);
    this.ports.onTask(fields, parts[0], parts[1], listeners);
  }

  private answer(body: Uint8Array, { pid, creator }: Tag, type: "result" | "error"): void {
    const { encoding, dataStart, dataEnd } = this.view;
    this.ports.onAnswer(pid, { type, on: creator, encoding, data: body.subarray(dataStart, dataEnd) });
  }

  /** Whether it may be passed on. */
  private heartbeat(body: Uint8Array, { creator }: Tag, sender: Sender): boolean {
    const { dataStart, dataEnd } = this.view;
    const beat = readMonitoring(body.subarray(dataStart, dataEnd));
    if (beat.name !== undefined && this.ports.isOwnName(beat.name)) {
      this.drops.count(
        "OWN_NAME",
        sender.address,
        () => `${creator} speaks as ${beat.name}, a part of this gateway`,
      );
      return false;
    }
    this.tech.heartbeats++;
    const heard = this.ports.onHeartbeat(sender, creator, beat);
    // It is shown as it came, and passed on: readers of tech decide for themselves.
    if (heard !== "taken") this.tech.unreadable++;
    return true;
  }

  private kill(parts: readonly Uint8Array[], { id, creator }: Tag, sender: Sender): void {
    const { encoding, dataStart, dataEnd, expiresAt } = this.view;
    this.tech.kills++;
    const taskId = readKill({ data: parts[1].subarray(dataStart, dataEnd), encoding });
    this.ports.onKill(taskId, { id, killer: { creator, expiresAt }, parts, sender });
  }
}

function isOld(parts: readonly Uint8Array[]): boolean {
  if (parts.length !== FRAMES) return false;
  const first = parts[0][0];
  return first === OLD_TAG_8 || first === OLD_TAG_16;
}
