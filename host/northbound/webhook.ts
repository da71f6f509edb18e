/**
 * Somebody's HTTP server that is told every message: one POST each, signed as Standard Webhooks has it, so that what comes
 * twice and what is not ours can be told apart. Taken is what is answered with 2xx.
 */
import { createHmac } from "node:crypto";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { WebhookConfig } from "../config/schema.ts";
import { isNamed } from "../platform/name-pattern.ts";
import { readSecretOf } from "../platform/settings-file.ts";
import type { DeliveredMessage } from "../store/store.ts";
import { readClientTls } from "../transports/tls-files.ts";
import { type Answer, exchange } from "./exchange.ts";
import { Forwarder } from "./forwarder.ts";
import { Held, Refusal, type Sink } from "./sink.ts";
import type { Upstream, UpstreamServices, UpstreamView } from "./upstream.ts";
import { mendOf, type Trouble } from "./webhook-mends.ts";
import { readWebhookKey } from "./webhook-secret.ts";

/** Answers that say of a message that it will never be taken: its size, its content. */
const NEVER = [413, 422];
/**
 * Those of 4xx that may be everybody's matter: the address (404, 405, 410, 421, 426), who we are (401, 402, 403, 407), how
 * fast we are (408, 425, 429). All others are about the message.
 */
const OF_ALL = [401, 402, 403, 404, 405, 407, 408, 410, 421, 425, 426, 429];
/** Of an answer that is no 2xx, told. */
const MOST_TOLD = 200;

export class Webhook implements Upstream, Sink {
  readonly window: number;
  private readonly forwarder: Forwarder;
  private readonly url: URL;
  private readonly key: Buffer | null;
  private readonly pool: HttpAgent;
  private readonly fresh: HttpAgent;
  private readonly stopping = new AbortController();
  private readonly headers: Record<string, string>;
  /** Why the last message was not taken. */
  private trouble: Trouble = { status: 0, location: "", said: "" };

  /** `place`: of its settings, as "webhooks.0". Throws what its files are wrong in. */
  constructor(
    private readonly settings: WebhookConfig,
    place: string,
    private readonly services: UpstreamServices,
  ) {
    const { name, url, devices, types, from, tokenFile, secretFile, tls, maxInFlight } = settings;
    this.url = new URL(url);
    this.window = maxInFlight;
    this.key = secretFile === undefined ? null : readWebhookKey(`${place}.secretFile`, secretFile);
    const token = tokenFile === undefined ? null : readSecretOf(`${place}.tokenFile`, tokenFile);
    this.headers = {
      "content-type": "application/json",
      "user-agent": "bowline",
      ...(token !== null && { authorization: `Bearer ${token}` }),
    };
    const own = this.url.protocol === "https:" ? readClientTls(tls, `${place}.tls`) : {};
    const Agent = this.url.protocol === "https:" ? HttpsAgent : HttpAgent;
    this.pool = new Agent({ ...own, keepAlive: true, maxSockets: maxInFlight });
    this.fresh = new Agent({ ...own, maxSockets: maxInFlight });
    this.forwarder = new Forwarder({
      ...{ name: `webhooks.${name}`, from, ...services },
      accepts: ({ device, message: { ot } }) =>
        isNamed(devices, device) && isNamed(types, typeof ot === "string" ? ot : ""),
    });
  }

  /** Without what may be a secret in it: of a path the first part. */
  private get shown(): string {
    const { origin, pathname } = this.url;
    const [, first, ...rest] = pathname.split("/");
    return `${origin}/${first}${rest.length > 0 ? "/…" : ""}`;
  }

  load(): Promise<void> {
    return this.forwarder.load();
  }

  start(): void {
    this.forwarder.begin(this);
  }

  wake(): void {
    this.forwarder.wake();
  }

  async stop(ms: number): Promise<void> {
    await this.forwarder.stop(ms);
    this.stopping.abort();
    this.pool.destroy();
    this.fresh.destroy();
  }

  view(): UpstreamView {
    const told = this.forwarder.view();
    const state = told.fault !== "" ? "away" : told.sent > 0 ? "connected" : "idle";
    return {
      ...told,
      ...{ name: `webhooks.${this.settings.name}`, kind: "webhook", target: this.shown, state },
      mend: told.fault === "" ? "" : mendOf(this.url, this.trouble),
    };
  }

  async send(message: DeliveredMessage, id: string): Promise<number> {
    const body = Buffer.from(JSON.stringify({ id, ...message }));
    const at = Math.floor(this.services.clock.wall() / 1000);
    const { status, text, location } = await this.post(body, {
      ...this.headers,
      ...{ "content-length": String(body.length), "webhook-id": id, "webhook-timestamp": String(at) },
      ...(this.key !== null && { "webhook-signature": signatureOf(this.key, id, at, body) }),
    });
    if (status >= 200 && status < 300) return 0;
    this.trouble = { status, location, said: "" };
    const said = `${status} ${text.trim().slice(0, MOST_TOLD)}`.trim();
    const told = `posting to ${this.shown}: answered ${said}`;
    if (NEVER.includes(status)) throw new Refusal(told);
    if (status >= 400 && status < 500 && !OF_ALL.includes(status))
      throw new Held(
        `${told}; expected 2xx`,
        `look into what answers at ${this.shown}; 422 from there passes a message over`,
      );
    throw new Error(`${told}; expected 2xx`);
  }

  private async post(body: Buffer, headers: Record<string, string>): Promise<Answer> {
    const { url, pool, fresh } = this;
    const { timeoutS } = this.settings;
    try {
      return await exchange({ url, headers, body, timeoutS, pool, fresh, signal: this.stopping.signal });
    } catch (error) {
      const { code = "", message } = error as NodeJS.ErrnoException;
      this.trouble = { status: 0, location: "", said: `${code} ${message}` };
      // Of a name with several addresses none was there: that has a code, and no words.
      throw new Error(`posting to ${this.shown}: ${message.trim() || code}`);
    }
  }
}

/** Standard Webhooks: v1 is HMAC-SHA-256 over id, time and body, with dots between. */
function signatureOf(key: Buffer, id: string, at: number, body: Uint8Array): string {
  return `v1,${createHmac("sha256", key).update(`${id}.${at}.`).update(body).digest("base64")}`;
}
