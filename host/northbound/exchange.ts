/**
 * One POST and the answer to it, which settles whatever the server does.
 *
 * The head of an answer decides: a 2xx has taken the message, however its body goes on. Of a body little is read, for a
 * short time: so that the connection can be used again, and so that something can be told. What ends later than that is cut.
 */
import {
  type ClientRequest,
  type Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { request as httpsRequest } from "node:https";

/** Of a body, characters that are read; connecting again costs less than reading on. */
const MOST_READ = 64 * 1024;
/** Of a body that is told, characters that are kept. */
const MOST_KEPT = 1024;
/** ms after the head of a 2xx. The next message may wait for this connection, for no more than a part of its timeoutS. */
const TAKEN_MS = 250;
/** ms after any other head, for what it says. */
const SAID_MS = 1000;

export interface Post {
  url: URL;
  headers: Record<string, string>;
  body: Buffer;
  /** Of the whole, a second try included. */
  timeoutS: number;
  /** Keeps connections. */
  pool: HttpAgent;
  /** Keeps none: for a second try, when one from the pool was closed at that very moment. */
  fresh: HttpAgent;
  /** Aborted: nothing is tried a second time. */
  signal: AbortSignal;
}

export interface Answer {
  /** 1xx: it speaks another protocol from there on. */
  status: number;
  /** Its beginning; "" of a 2xx. */
  text: string;
  /** Of a redirection; "": there is none. */
  location: string;
}

/** Rejects with why there was no answer. */
export function exchange(post: Post): Promise<Answer> {
  return new Promise((resolve, reject) => new Exchange(post, resolve, reject).start());
}

class Exchange {
  /** The one whose events count. */
  private request: ClientRequest | null = null;
  private answer: Answer | null = null;
  private isSettled = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly post: Post,
    private readonly resolve: (answer: Answer) => void,
    private readonly reject: (error: Error) => void,
  ) {}

  start(): void {
    this.ask(this.post.pool);
    const { timeoutS } = this.post;
    // Of all that comes before the head: who says a byte now and then says no more than that.
    const late = new Error(`no answer within ${timeoutS} s (webhooks[].timeoutS)`);
    this.timer = setTimeout(() => this.cut(late), timeoutS * 1000);
  }

  private ask(agent: HttpAgent): void {
    const { url, headers, body, pool, fresh, signal } = this.post;
    const begin = url.protocol === "https:" ? httpsRequest : httpRequest;
    const request = begin(url, { method: "POST", headers, agent });
    this.request = request;
    let readBefore = 0;
    request.on("socket", ({ bytesRead }) => {
      readBefore = bytesRead;
    });
    request.on("response", (response) => this.read(response));
    // Node ends a request that is answered with 101 with its close alone, if nobody listens for this.
    request.on("upgrade", ({ statusCode: status = 101 }, socket) => {
      this.answer = { status, text: "", location: "" };
      this.settle();
      socket.destroy();
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      if (request !== this.request) return;
      const isUnheard = this.answer === null && request.socket?.bytesRead === readBefore;
      const mayAsk = agent === pool && !this.isSettled && !signal.aborted;
      // It was idle for so long that the server closed it; under its id the message may come twice.
      if (mayAsk && isUnheard && isClosedIdle(request, error)) this.ask(fresh);
      else this.settle(error);
    });
    request.on("close", () => {
      if (request !== this.request) return;
      this.settle(new Error("the connection ended without an answer"));
      clearTimeout(this.timer);
    });
    request.end(body);
  }

  private read(response: IncomingMessage): void {
    const { statusCode: status = 0, headers } = response;
    const answer = { status, text: "", location: headers.location ?? "" };
    this.answer = answer;
    const isTaken = status >= 200 && status < 300;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.cut(), isTaken ? TAKEN_MS : SAID_MS);
    if (isTaken) this.settle();
    let size = 0;
    response.setEncoding("utf8");
    response.on("data", (piece: string) => {
      size += piece.length;
      if (!isTaken) answer.text = (answer.text + piece).slice(0, MOST_KEPT);
      if (size > MOST_READ) this.cut();
    });
    for (const end of ["end", "error", "close"]) response.on(end, () => this.settle());
  }

  /** Settles, and lets go of the connection. */
  private cut(error?: Error): void {
    this.settle(error);
    this.request?.destroy();
  }

  /** With the answer, if its head has come. Only the first time counts. */
  private settle(error = new Error("the connection ended without an answer")): void {
    this.isSettled = true;
    if (this.answer === null) this.reject(error);
    else this.resolve(this.answer);
  }
}

const isClosedIdle = ({ reusedSocket }: ClientRequest, { code = "" }: NodeJS.ErrnoException) =>
  reusedSocket && ["ECONNRESET", "EPIPE"].includes(code);
