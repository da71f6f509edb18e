/**
 * Requests to boards over HTTP: made, waited for, looked at, withdrawn.
 *
 *   POST /api/v1/devices/ID/requests          waits for the reply; `?async=1` answers 202 once it is accepted
 *   GET  /api/v1/requests[/NUMBER]            what became of it
 *   DELETE /api/v1/requests/NUMBER-or-KEY     withdraws it
 *
 * With an Idempotency-Key a request belongs to nobody's connection: asked again with the same key, also of a gateway
 * that was killed meanwhile, it is the same request, and its outcome is the same.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Outcome } from "../peers/request-book.ts";
import type { StoreFill } from "./api.ts";
import { readObject } from "./body.ts";
import { HttpFault, sendJson } from "./fault.ts";
import type { GatewayApi } from "./gateway-api.ts";
import { LONGEST_TIMEOUT_S, readFlag, readTimeoutS } from "./query.ts";
import type { Call, Route } from "./routes.ts";

const DEFAULT_TIMEOUT_S = 10;
/** What an outcome has to be written after its time, ms: a store that takes nothing would keep who waits for ever. */
const OUTCOME_MS = 5000;
/** Fields by which a packet is told to be something else than a request (architecture §6). */
const reservedFields = ["rq", "re", "kill", "hello"];
const KEY = /^[\x21-\x7e]{8,64}$/;

interface Asked {
  rq: number;
  outcome: Promise<Outcome>;
}

export class DeviceRequests {
  private readonly running = new Set<AbortController>();

  constructor(private readonly gateway: Pick<GatewayApi, "router" | "requests" | "store">) {}

  get routes(): Route[] {
    const { gateway } = this;
    const path = "/api/v1/requests";
    return [
      {
        method: "POST",
        path: "/api/v1/devices/ID/requests",
        role: "control",
        query: ["timeout", "async"],
        answer: (call) => this.answer(call),
      },
      { method: "GET", path, role: "read", answer: () => ({ requests: gateway.requests.views() }) },
      {
        method: "GET",
        path: `${path}/ID`,
        role: "read",
        answer: ({ id }) => this.view(this.numberOf(id), id),
      },
      { method: "DELETE", path: `${path}/ID`, role: "control", answer: (call) => this.withdraw(call) },
    ];
  }

  /** -> the board's reply, also one that carries `err`. Without a key, a client that goes away cancels its request. */
  private async answer(call: Call): Promise<object | undefined> {
    const { request, response, url, id } = call;
    const isAsync = readFlag(url, "async");
    const key = readKey(request);
    const timeoutS = readTimeoutS(url, DEFAULT_TIMEOUT_S);
    const message = checkMessage(await readObject(request));
    const what = `${message.ot} to ${id}`;
    const isOurs = key === undefined && !isAsync;
    const outcome = await this.bound(response, async (signal) => {
      const asked = await this.ask(id, message, timeoutS, key, isOurs ? signal : undefined);
      if (isAsync) return sendJson(response, 202, this.view(asked.rq));
      const goesOn = `${what}: the gateway is stopping; the request goes on with the next one`;
      const outcome = isOurs ? asked.outcome : Promise.race([asked.outcome, stopped(signal, goesOn)]);
      return this.within(this.timeOf(asked.rq, timeoutS), asked.rq, what, outcome);
    });
    if (outcome === undefined) return undefined;
    if (outcome.outcome === "delivered") return outcome.reply;
    throw faultOf(what, outcome, timeoutS);
  }

  /** Ends all that are waited for: those without a key are cancelled. */
  stop(): void {
    for (const controller of this.running) controller.abort();
  }

  private async ask(
    id: string,
    message: { ot: string },
    timeoutS: number,
    key: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Asked> {
    const { router, requests } = this.gateway;
    const known = key === undefined ? undefined : requests.byKey(key);
    if (known === undefined) {
      const options = { ...(key !== undefined && { key }), ...(signal !== undefined && { signal }) };
      return router.submit(id, message, timeoutS * 1000, options);
    }
    if (!requests.asks(known, id, message)) {
      const { device, ot } = this.view(known) as { device: string; ot: string };
      const isAlike = device === id && ot === message.ot;
      throw keyReused(`${message.ot} to ${id}`, `${ot} to ${device}${isAlike ? ", with other fields" : ""}`);
    }
    // Who is told that it is accepted relies on it, also when somebody else has asked first.
    await requests.whenAccepted(known);
    return { rq: known, outcome: requests.outcome(known)! };
  }

  /** ms until a request is over: asked again with its key, it may have more time than who asks says. */
  private timeOf(rq: number, timeoutS: number): number {
    const remainingMs = (this.gateway.requests.view(rq)?.deadline ?? 0) - Date.now();
    return Math.min(Math.max(timeoutS * 1000, remainingMs), LONGEST_TIMEOUT_S * 1000);
  }

  /** Rejects when the time of request `rq` is long over, and its outcome could not be written. */
  private async within<T>(timeMs: number, rq: number, what: string, outcome: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const tell = () => reject(notWritten(what, rq, this.gateway.store.fill));
      timer = setTimeout(tell, timeMs + OUTCOME_MS);
    });
    try {
      return await Promise.race([outcome, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** -> what became of it. Until that is written nobody knows: a gateway killed before may come to another outcome. */
  private async withdraw({ id, response }: Call): Promise<object> {
    const { router, requests } = this.gateway;
    const rq = this.numberOf(id);
    router.cancel(rq);
    const text = `withdrawing request ${id}: the gateway is stopping; what became of it the next one knows`;
    await this.bound(response, (signal) => {
      const outcome = Promise.race([requests.outcome(rq), stopped(signal, text)]);
      return this.within(0, rq, `withdrawing request ${id}`, outcome);
    });
    return this.view(rq, id);
  }

  /** `id`: what was asked for. */
  private view(rq: number, id = String(rq)): object {
    const view = this.gateway.requests.view(rq);
    if (view !== undefined) return view;
    const text = `looking for request ${id.slice(0, 80)}: no such request, or its outcome is too old to be kept`;
    throw new HttpFault(404, "REQUEST_NOT_FOUND", text, { mend: "bowline queue" });
  }

  /** Of a number, or of a key. */
  private numberOf(id: string): number {
    return /^\d{1,10}$/.test(id) ? Number(id) : (this.gateway.requests.byKey(id) ?? Number.NaN);
  }

  private async bound<T>(response: ServerResponse, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const abort = () => controller.abort();
    this.running.add(controller);
    response.once("close", abort);
    try {
      return await run(controller.signal);
    } finally {
      response.off("close", abort);
      this.running.delete(controller);
    }
  }
}

/** Rejects when who waits is gone, or the gateway stops. */
function stopped(signal: AbortSignal, text: string): Promise<never> {
  const fault = new HttpFault(503, "GATEWAY_STOPPING", text, { mend: "ask again" });
  return new Promise((_, reject) => {
    if (signal.aborted) reject(fault);
    signal.addEventListener("abort", () => reject(fault));
  });
}

function notWritten(what: string, rq: number, { fault, isHeld }: StoreFill): HttpFault {
  const why = isHeld ? "the store is full, and what the board says waits" : fault || "the store is slow";
  const text = `${what}: its time is over, and what became of it is not written yet: ${why}`;
  return new HttpFault(503, "OUTCOME_PENDING", text, { mend: "bowline queue", details: { rq } });
}

function readKey({ headers }: IncomingMessage): string | undefined {
  const key = headers["idempotency-key"];
  if (key === undefined || (typeof key === "string" && KEY.test(key) && !/^\d+$/.test(key))) return key;
  const text = `reading Idempotency-Key: ${JSON.stringify(key).slice(0, 80)}; allowed: 8 to 64 printable characters, not all digits`;
  throw new HttpFault(400, "KEY_INVALID", text, { mend: "use a UUID" });
}

function checkMessage(body: Record<string, unknown>): { ot: string } {
  const { ot } = body;
  const reserved = reservedFields.find((field) => field in body);
  if (typeof ot === "string" && ot !== "" && reserved === undefined) return { ...body, ot };
  const seen =
    reserved === undefined ? `ot is ${JSON.stringify(ot) ?? "missing"}` : `it has the field ${reserved}`;
  const text = `reading the request: ${seen}; allowed: {"ot":"TYPE",…} without ${reservedFields.join(", ")}`;
  throw new HttpFault(400, "REQUEST_INVALID", text, { mend: `send {"ot":"l:info"}` });
}

function keyReused(wanted: string, known: string): HttpFault {
  const text = `sending ${wanted}: this Idempotency-Key belongs to ${known}; allowed: a key for each request`;
  return new HttpFault(409, "KEY_REUSED", text, { mend: "use another key" });
}

function faultOf(
  what: string,
  outcome: Exclude<Outcome, { outcome: "delivered" }>,
  timeoutS: number,
): HttpFault {
  switch (outcome.outcome) {
    case "expired": {
      const why = outcome.reason ?? "the board was not there, or took nothing";
      const text = `${what}: not sent within ${timeoutS} s, and never will be: ${why}`;
      return new HttpFault(504, "REQUEST_EXPIRED", text, { mend: "bowline devices" });
    }
    case "unknown": {
      const text = `${what}: it may or may not have been done: ${outcome.reason}`;
      const details = { reason: outcome.reason };
      return new HttpFault(504, "REQUEST_UNKNOWN", text, {
        mend: "ask the board before repeating it",
        details,
      });
    }
    case "cancelled":
      return new HttpFault(503, "REQUEST_CANCELLED", `${what}: cancelled`, { mend: "send it again" });
    case "rejected": {
      const { code, reason } = outcome;
      const text = `${what}: refused on the way there: ${reason} (${code})`;
      const mend = code === "DEVICE_UNKNOWN" ? "ask for one that is there" : "bowline peers";
      return new HttpFault(502, "REQUEST_REJECTED", text, { mend, details: { rejected: code, reason } });
    }
  }
}
