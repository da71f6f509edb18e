/**
 * Requests to boards that come from a broker, and their answers.
 *
 *   …/BOARD/request  {"ot":"l:led","on":true}       …/BOARD/cancel  {"key":"…"}
 *
 * The answer goes to the response topic with the correlation data (MQTT 5), else to …/BOARD/reply. Asked again with its
 * key, or with the correlation data of one that is not long over, a request is the same one, and is not done twice.
 */
import { createHash } from "node:crypto";
import type { IPublishPacket } from "mqtt";
import type { Outcome, RequestView } from "../peers/request-book.ts";
import { BowlineError } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import type { Answer } from "./answers.ts";
import type { Publication } from "./connection.ts";
import { faultOfResponseTopic, invalid, readObject, readRequest, shown } from "./request-reading.ts";
import { boardOf, type Topics } from "./topics.ts";

/** A Gateway fits. */
export interface RequestServices {
  router: {
    submit(
      address: string,
      message: { ot: string },
      timeoutMs: number,
      options: { key?: string },
    ): Promise<{ outcome: Promise<Outcome> }>;
    cancel(rq: number): boolean;
  };
  requests: {
    byKey(key: string): number | undefined;
    view(rq: number): RequestView | undefined;
    asks(rq: number, device: string, message: object): boolean;
    whenAccepted(rq: number): Promise<void>;
    outcome(rq: number): Promise<Outcome> | undefined;
  };
}

export interface RequestDeskOptions extends RequestServices {
  topics: Topics;
  /** Wall time, ms. */
  wall(): number;
  log: Log;
  /** Hands an answer to the broker, now or once it is there. */
  answer(answer: Answer): void;
}

interface Ask {
  board: string;
  body: Record<string, unknown>;
  packet: IPublishPacket;
}

/** Characters of a key or number that is given back with the answer. */
const MOST_ECHO = 256;
/** Programs count their correlation data from 1 at each start: of what is over for longer it names another request, ms. */
const REPEAT_MS = 60_000;

export class RequestDesk {
  constructor(private readonly options: RequestDeskOptions) {}

  get filters(): string[] {
    const { base } = this.options.topics;
    return [`${base}/+/request`, `${base}/+/cancel`];
  }

  hear(packet: IPublishPacket): void {
    const found = boardOf(this.options.topics.base, packet.topic);
    if (found === null) return;
    const { board, name } = found;
    // Who removes what was kept there asks nothing.
    if (packet.payload.length === 0) return;
    if (packet.retain) {
      const fields = { upstream: "mqtt", event: "note", device: board };
      return this.options.log.warn(
        fields,
        `a ${name} that is kept at the broker is not done: it would be again and again`,
      );
    }
    const unanswerable = faultOfResponseTopic(packet.properties?.responseTopic);
    if (unanswerable !== null) {
      const fields = { upstream: "mqtt", event: "note", device: board };
      this.options.log.warn(fields, `a ${name} is not done: ${unanswerable.message}`);
      return this.reply({ board, packet, body: {} }, faultOf(unanswerable));
    }
    const body = readObject(packet.payload);
    const ask = { board, packet, body: typeof body === "string" ? {} : body };
    const fail = (error: unknown) => this.reply(ask, faultOf(error));
    if (typeof body === "string") return fail(invalid(name, body));
    if (name === "cancel") return this.cancel(ask);
    this.ask(ask)
      .then((reply) => this.reply(ask, reply))
      .catch(fail);
  }

  /** -> what is answered. */
  private async ask({ board, body, packet }: Ask): Promise<object> {
    const { message, timeoutS, key: given } = readRequest(body);
    const key = given ?? keyOf(board, message, packet);
    const outcome = await (await this.accept(board, message, timeoutS * 1000, key, given !== undefined))
      .outcome;
    return answerOf(`${message.ot} to ${board}`, outcome, timeoutS);
  }

  private async accept(
    board: string,
    message: { ot: string },
    timeoutMs: number,
    key: string | undefined,
    isGiven: boolean,
  ): Promise<{ outcome: Promise<Outcome> }> {
    const { router, requests, wall } = this.options;
    const known = key === undefined ? undefined : requests.byKey(key);
    const at = known === undefined ? undefined : requests.view(known)?.at;
    const isOver = !isGiven && at !== undefined && wall() - at > REPEAT_MS;
    if (known === undefined || isOver)
      return router.submit(board, message, timeoutMs, key === undefined ? {} : { key });
    if (!requests.asks(known, board, message))
      throw new BowlineError(
        "KEY_REUSED",
        `sending ${message.ot} to ${board}: this key belongs to another request; allowed: a key for each`,
      );
    await requests.whenAccepted(known);
    return { outcome: requests.outcome(known)! };
  }

  private cancel(ask: Ask): void {
    const { key } = ask.body;
    const { requests, router } = this.options;
    const rq = typeof key === "string" ? requests.byKey(key) : undefined;
    if (rq !== undefined && requests.view(rq)?.device === ask.board)
      return this.reply(ask, { cancelled: router.cancel(rq) });
    const text = `withdrawing ${shown(key)}: ${ask.board} was asked nothing with this key; allowed: {"key":"…"}`;
    this.reply(ask, faultOf(new BowlineError("REQUEST_NOT_FOUND", text)));
  }

  private reply({ board, body, packet }: Ask, said: object): void {
    const { topics, answer } = this.options;
    const { responseTopic, correlationData } = packet.properties ?? {};
    const isUsable =
      faultOfResponseTopic(responseTopic) === null && boardOf(topics.base, responseTopic ?? "") === null;
    const echo = Object.fromEntries(
      ["key", "rq"].filter((name) => isEchoed(body[name])).map((name) => [name, body[name]]),
    );
    const make = (about: object): Publication => ({
      topic: (isUsable && responseTopic) || `${topics.of(board)}/reply`,
      payload: Buffer.from(JSON.stringify({ ...about, ...echo })),
      properties: {
        ...{ payloadFormatIndicator: true, contentType: "application/json" },
        ...(correlationData !== undefined && { correlationData }),
      },
    });
    const err = (reason: string) => `${shown(body.ot)} to ${board}: its answer cannot be told: ${reason}`;
    answer({ ...make(said), instead: (reason) => make({ err: err(reason), code: "ANSWER_TOO_LARGE" }) });
  }
}

/** Of who names its request by correlation data alone: who asks, what, and of whom. */
function keyOf(board: string, message: object, { properties }: IPublishPacket): string | undefined {
  const { responseTopic, correlationData } = properties ?? {};
  if (correlationData === undefined) return undefined;
  const hash = createHash("sha256")
    .update(JSON.stringify([board, message, responseTopic]))
    .update(correlationData);
  return `mqtt-${hash.digest("base64url")}`;
}

function answerOf(what: string, outcome: Outcome, timeoutS: number): object {
  switch (outcome.outcome) {
    case "delivered": {
      const { re: _, ...reply } = outcome.reply as { re?: unknown };
      return reply;
    }
    case "expired": {
      const why = outcome.reason ?? "the board was not there, or took nothing";
      return {
        err: `${what}: not sent within ${timeoutS} s, and never will be: ${why}`,
        code: "REQUEST_EXPIRED",
      };
    }
    case "unknown":
      return { err: `${what}: it may or may not have been done: ${outcome.reason}`, code: "REQUEST_UNKNOWN" };
    case "cancelled":
      return { err: `${what}: cancelled`, code: "REQUEST_CANCELLED" };
    case "rejected":
      return { err: `${what}: refused on the way there: ${outcome.reason}`, code: outcome.code };
  }
}

const faultOf = (error: unknown) => ({
  err: error instanceof Error ? error.message : String(error),
  code: error instanceof BowlineError ? error.code : "REQUEST_FAILED",
});

/** What a program may know its request by. */
const isEchoed = (value: unknown) =>
  typeof value === "number" || (typeof value === "string" && value.length <= MOST_ECHO);
