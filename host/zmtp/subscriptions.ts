/**
 * Who asked for messages whose first part begins with which bytes. A topic that was asked for twice has to be given up twice.
 *
 * A look-up tries each length that some topic has, so it costs by distinct lengths, not by topics or subscribers.
 */
import { Budget } from "./budget.ts";
import type { ZmtpFault } from "./fault.ts";
import type { ZmtpLimits } from "./limits.ts";

/** What a topic takes besides its text. */
const TOPIC_BYTES = 200;

/** Topics are kept as text of one character a byte. */
export interface Subscriber {
  readonly topics: Map<string, number>;
  /** The last look-up that found it: topics of one subscriber may overlap. */
  foundBy: number;
}

export class Subscriptions<S extends Subscriber> {
  private readonly members = new Map<string, S[]>();
  /** Ascending, each with how many topics have it. */
  private lengths: { length: number; topics: number }[] = [];
  private lookUps = 0;
  private readonly budget: Budget;

  constructor(private readonly limits: Pick<ZmtpLimits, "topicBytes" | "topics" | "allTopicBytes">) {
    this.budget = new Budget(limits.allTopicBytes);
  }

  /** How often it has asked for this topic now; a fault when it may not. */
  add(subscriber: S, topic: Uint8Array): number | ZmtpFault {
    const { topicBytes, topics } = this.limits;
    if (topic.length > topicBytes) {
      const text = `subscribing: a topic of ${topic.length} bytes; allowed are ${topicBytes}`;
      return { code: "TOPIC_TOO_LONG", text };
    }
    const key = keyOf(topic);
    const count = subscriber.topics.get(key) ?? 0;
    if (count === 0 && subscriber.topics.size >= topics) {
      return { code: "TOO_MANY_TOPICS", text: `subscribing: topic ${topics + 1}; allowed are ${topics}` };
    }
    if (count === 0 && !this.budget.take(costOf(key))) {
      const text = `subscribing: ${this.budget.used} bytes of all topics; allowed are ${this.limits.allTopicBytes}`;
      return { code: "TOO_MANY_TOPICS", text };
    }
    subscriber.topics.set(key, count + 1);
    if (count === 0) this.enter(subscriber, key);
    return count + 1;
  }

  /** How often it still asks for it; what was never asked for is passed over, as libzmq does. */
  remove(subscriber: S, topic: Uint8Array): number {
    const key = keyOf(topic);
    const count = subscriber.topics.get(key) ?? 0;
    if (count > 1) subscriber.topics.set(key, count - 1);
    else if (count === 1) {
      subscriber.topics.delete(key);
      this.leave(subscriber, key);
    }
    return Math.max(0, count - 1);
  }

  removeAll(subscriber: S): void {
    for (const key of subscriber.topics.keys()) this.leave(subscriber, key);
    subscriber.topics.clear();
  }

  /** Appends to `found`, each once, those that asked for a topic with which `firstPart` begins. */
  find(firstPart: Uint8Array, found: S[]): void {
    const first = asBuffer(firstPart);
    const lookUp = ++this.lookUps;
    for (let i = 0; i < this.lengths.length; i++) {
      const { length } = this.lengths[i];
      if (length > first.length) return;
      const members = this.members.get(first.toString("latin1", 0, length));
      if (members === undefined) continue;
      for (let j = 0; j < members.length; j++) {
        if (members[j].foundBy === lookUp) continue;
        members[j].foundBy = lookUp;
        found.push(members[j]);
      }
    }
  }

  private enter(subscriber: S, key: string): void {
    const members = this.members.get(key);
    if (members !== undefined) return void members.push(subscriber);
    this.members.set(key, [subscriber]);
    const known = this.lengths.find(({ length }) => length === key.length);
    if (known !== undefined) known.topics++;
    else {
      this.lengths.push({ length: key.length, topics: 1 });
      this.lengths.sort((a, b) => a.length - b.length);
    }
  }

  private leave(subscriber: S, key: string): void {
    const members = this.members.get(key)!;
    this.budget.giveBack(costOf(key));
    members.splice(members.indexOf(subscriber), 1);
    if (members.length > 0) return;
    this.members.delete(key);
    const known = this.lengths.find(({ length }) => length === key.length)!;
    if (--known.topics === 0) this.lengths.splice(this.lengths.indexOf(known), 1);
  }
}

/** The topics of one subscriber as people read them. */
export function topicsOf({ topics }: Subscriber): string[] {
  return [...topics.keys()].map((key) => Buffer.from(key, "latin1").toString("utf8"));
}

/** With its place in two tables. */
function costOf(key: string): number {
  return key.length + TOPIC_BYTES;
}

function keyOf(topic: Uint8Array): string {
  return asBuffer(topic).toString("latin1");
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
