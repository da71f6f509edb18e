/** A board over TCP that sends numbered messages as fast as they are acknowledged, over any number of gateways. */
import { connect } from "node:net";
import { BoardClient } from "../../host/testing/board-client.ts";
import { tcpTransport } from "../../host/transports/tcp-transport.ts";

/** Messages it has under way at once. */
const WINDOW = 64;
const LOOK_MS = 5;
const RECONNECT_MS = 20;

export interface LoadBoardOptions {
  id: string;
  /** Where the gateway listens; undefined while it is not there. */
  target(): { host: string; port: number } | undefined;
  /** Bytes of text in a message. */
  bytes: number;
  /** Most messages a second; Infinity: as many as go. */
  perSecond: number;
  /** ms that it takes for a request; none when absent. */
  answerAfterMs?: number;
}

export class LoadBoard {
  /** Packets handed over: messages, and answers to requests. */
  sent = 0;
  /** What it was asked, in order. */
  readonly asked: Record<string, unknown>[] = [];
  private readonly answers: { rq: number; at: number }[] = [];
  private messages = 0;
  private answered = 0;
  private readonly client: BoardClient;
  private readonly startedAt = performance.now();
  private timer: NodeJS.Timeout | null = null;
  private isDialling = false;
  private isConnected = false;
  private isFull = true;

  constructor(private readonly options: LoadBoardOptions) {
    this.client = new BoardClient({ id: options.id, hasLink: false });
  }

  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  /** No more messages; those under way still go. */
  quiet(): void {
    this.isFull = false;
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.client.detach();
  }

  get id(): string {
    return this.options.id;
  }

  /** Messages that are no answers. */
  get told(): number {
    return this.messages;
  }

  get acknowledged(): number {
    return this.client.acknowledged;
  }

  private look(): void {
    if (!this.isConnected && !this.isDialling) this.dial();
    const { bytes, perSecond } = this.options;
    this.answer();
    const due = ((performance.now() - this.startedAt) / 1000) * perSecond;
    while (this.isFull && this.client.unacknowledged < WINDOW && this.messages < due)
      this.send({ ot: "l:load", i: ++this.messages, text: "x".repeat(bytes) });
  }

  private answer(): void {
    const { packets } = this.client;
    for (; this.answered < packets.length; this.answered++) {
      const { rq, ...asked } = JSON.parse(packets[this.answered]) as { rq?: number };
      if (rq === undefined) continue;
      this.asked.push(asked);
      this.answers.push({ rq, at: performance.now() + (this.options.answerAfterMs ?? 0) });
    }
    while (this.answers.length > 0 && this.answers[0].at <= performance.now())
      this.send({ re: this.answers.shift()!.rq });
  }

  private send(message: object): void {
    this.sent++;
    this.client.send(JSON.stringify(message));
  }

  private dial(): void {
    const target = this.options.target();
    if (target === undefined) return;
    this.isDialling = true;
    const socket = connect(target.port, target.host);
    socket.once("connect", () => {
      this.isDialling = false;
      this.isConnected = true;
      this.client.attach(tcpTransport(socket));
      socket.once("close", () => {
        this.isConnected = false;
      });
    });
    // A gateway that is not there (yet): the next look tries again.
    socket.once("error", () => setTimeout(() => (this.isDialling = false), RECONNECT_MS));
  }
}
