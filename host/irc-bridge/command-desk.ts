/** Where a request from IRC is let in or refused: who proves what, what they may ask, and a line of audit for each. */
import { createHash } from "node:crypto";
import type { IrcOperatorConfig } from "../config/schema.ts";
import type { Speaker } from "../irc-iot/line.ts";
import type { AskDocument, Asks, Refusal } from "./asks.ts";
import type { Audit } from "./audit.ts";
import { mayAsk, type Operators } from "./operators.ts";
import type { Proof } from "./ports.ts";

export interface Asked {
  speaker: Speaker;
  /** null: in private. */
  channel: string | null;
  /** The pinned key that signed it. */
  key: string | null;
  device: string;
  message: { ot: string; [field: string]: unknown };
  style: AskDocument["style"];
  re: string | number | null;
  src: string;
  dst: string;
  /** What makes it this request and no other, beside who asks: said again it is the same. */
  sameAs: readonly string[];
}

export interface DeskServices {
  operators: Operators;
  asks: Asks;
  audit: Audit;
  timeoutMs: number;
  wall(): number;
  prove(speaker: Speaker): Promise<Proof | null>;
}

export const NOT_PROVED: Refusal = {
  refused: "NOT_PROVED",
  reason: "only for operators, who are known by their services account, certificate or key",
};

export const NOT_FOUND: Refusal = {
  refused: "REQUEST_NOT_FOUND",
  reason: "no such request, or it has its outcome",
};

export class CommandDesk {
  constructor(private readonly services: DeskServices) {}

  /** Resolves with why it is refused, null once it is accepted: it is then done at most once, and answered. */
  async ask(asked: Asked): Promise<Refusal | null> {
    const { audit, asks, wall, timeoutMs } = this.services;
    const { speaker, channel, device, message, style, re, src, dst } = asked;
    const operator = await this.identify(speaker, asked.key);
    const who = operator?.name ?? null;
    const audited = { network: speaker.network, nick: speaker.nick, channel, who, device, ot: message.ot };
    const refuse = (refusal: Refusal) => {
      audit.refused(audited, refusal.refused);
      return refusal;
    };
    if (operator === null) return refuse(NOT_PROVED);
    if (!mayAsk(operator, device, message.ot)) {
      const reason = `${operator.name} may not ask ${message.ot} of ${device}`;
      return refuse({ refused: "NOT_ALLOWED", reason });
    }
    const now = wall();
    const document: AskDocument = {
      ...{ network: speaker.network, nick: speaker.nick, channel, who: operator.name, device, message },
      ...{ deadline: now + timeoutMs, addedAt: now, style, re, src, dst },
    };
    const refused = await asks.accept(keyOf(operator.name, speaker.network, asked.sameAs), document);
    if (refused !== null) return refuse(refused);
    audit.accepted(audited);
    return null;
  }

  /** What was not let in before it was asked who said it; `ot`: what it would have been. */
  refused(
    { speaker, channel, device }: Pick<Asked, "speaker" | "channel" | "device">,
    ot: string,
    reason: string,
  ): void {
    const { network, nick } = speaker;
    this.services.audit.refused({ network, nick, channel, who: null, device, ot }, reason);
  }

  /** Withdraws what was asked under `wanted`. Resolves with why not, null when it is withdrawn, as far as it can be. */
  async cancel(
    { speaker, channel, key, device }: Pick<Asked, "speaker" | "channel" | "key" | "device">,
    wanted: string | number | undefined,
  ): Promise<Refusal | null> {
    const { audit, asks } = this.services;
    const operator = await this.identify(speaker, key);
    const { network, nick } = speaker;
    const audited = { network, nick, channel, who: operator?.name ?? null, device, ot: "cancel" };
    const isDone = operator !== null && wanted !== undefined && asks.cancel(operator.name, wanted);
    const refusal = isDone ? null : operator === null ? NOT_PROVED : NOT_FOUND;
    if (refusal === null) audit.accepted(audited);
    else audit.refused(audited, refusal.refused);
    return refusal;
  }

  /** null: nobody who may ask anything. */
  async identify(speaker: Speaker, key: string | null): Promise<IrcOperatorConfig | null> {
    const { operators, prove } = this.services;
    const { network } = speaker;
    // What is signed needs nobody's word for it.
    const byKey = key === null ? null : operators.find({ network, proof: null, key });
    return byKey ?? operators.find({ network, proof: await prove(speaker), key });
  }
}

function keyOf(who: string, network: string, sameAs: readonly string[]): string {
  return createHash("sha256")
    .update(JSON.stringify([who, network, ...sameAs]))
    .digest("base64url");
}
