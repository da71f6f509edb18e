/** Whether lines that are signed are signed by the keys that were given, each behind a line of the same speaker before it. */

import type { KeyObject } from "node:crypto";
import type { Command } from "commander";
import type { Container } from "../../irc-iot/message.ts";
import { isAnchor, isSignedBy, isSignedMid, publicKeyOfHex } from "../../irc-iot/signing.ts";
import { misreadText } from "../arguments/misread.ts";
import { collect } from "../arguments/options.ts";

/** unsigned, of a speaker whose key is known; unchecked: no line stands before it. undefined: no key of that speaker. */
export type SignatureState = "right" | "wrong" | "unsigned" | "unchecked" | undefined;

/** As many as every receiver remembers. */
const MAX_ANCHORS = 16;
const SIGNER = /^([^=\s]+)=(.*)$/;

export function withSignerOption(command: Command): Command {
  return command.option(
    "--signer <nick=key>",
    "somebody's Ed25519 key, 64 hexadecimal digits: what they say has to be signed with it; may be repeated",
    collect,
  );
}

export class Signatures {
  private readonly keys: ReadonlyMap<string, KeyObject>;
  /** Last mids of each speaker whose key is known, the newest first. */
  private readonly anchors = new Map<string, string[]>();

  constructor(signers: readonly string[] = []) {
    this.keys = new Map(signers.map(parseSigner));
  }

  /** Once for each Container, in the order in which they were said. */
  judge(nick: string, { mid, text }: Container): SignatureState {
    const name = nick.toLowerCase();
    const key = this.keys.get(name);
    if (key === undefined || mid === "") return undefined;
    const before = this.anchors.get(name) ?? [];
    if (isAnchor(mid)) this.anchors.set(name, [mid, ...before].slice(0, MAX_ANCHORS));
    if (!isSignedMid(mid)) return "unsigned";
    if (before.some((anchor) => isSignedBy(key, text, mid, anchor))) return "right";
    return before.length === 0 ? "unchecked" : "wrong";
  }
}

function parseSigner(text: string): [string, KeyObject] {
  const [, nick, hex = ""] = SIGNER.exec(text) ?? [];
  const key = publicKeyOfHex(hex.toLowerCase());
  if (nick !== undefined && key !== null) return [nick.toLowerCase(), key];
  const allowed = "NICK=KEY, a key of 64 hexadecimal digits, as bowline irc key prints it";
  throw misreadText("--signer", text, allowed);
}
