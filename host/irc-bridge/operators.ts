/**
 * Who may ask what of boards: those who prove who they are by their services account, their certificate or their pinned
 * key, never by a nick or a host (IRC-IoT §18).
 */
import type { IrcOperatorConfig } from "../config/schema.ts";
import { isNamed } from "../platform/name-pattern.ts";
import type { Proof } from "./ports.ts";

/** What somebody has proved. */
export interface Identity {
  network: string;
  /** As the network vouches for it; null: it does not. */
  proof: Proof | null;
  /** The pinned key that signed what they said, in hex. */
  key: string | null;
}

export class Operators {
  constructor(private readonly operators: readonly IrcOperatorConfig[]) {}

  get keys(): string[] {
    return this.operators.flatMap(({ key }) => (key === undefined ? [] : [key.toLowerCase()]));
  }

  /** Whether one is known by a certificate, which has to be asked for. */
  get haveCertificates(): boolean {
    return this.operators.some(({ certfp }) => certfp !== undefined);
  }

  /** null: nobody who may ask anything. */
  find({ network, proof, key }: Identity): IrcOperatorConfig | null {
    const found = this.operators.find((operator) => {
      if (operator.key !== undefined) return key !== null && sameWord(operator.key, key);
      if (operator.network !== undefined && operator.network !== network) return false;
      if (operator.account !== undefined) return isSame(operator.account, proof?.account);
      return operator.certfp !== undefined && isSame(digits(operator.certfp), digits(proof?.certfp ?? ""));
    });
    return found ?? null;
  }

  /** Of one who was known by this name: whether they may ask that now. */
  mayAsk(name: string, device: string, ot: string): boolean {
    const operator = this.operators.find((one) => one.name === name);
    return operator !== undefined && mayAsk(operator, device, ot);
  }
}

export function mayAsk({ devices, commands }: IrcOperatorConfig, device: string, ot: string): boolean {
  return isNamed(devices, device) && isNamed(commands, ot);
}

// Some write a fingerprint with colons.
const digits = (certfp: string) => certfp.replaceAll(":", "");

const isSame = (wanted: string, seen: string | null | undefined) =>
  typeof seen === "string" && seen !== "" && sameWord(wanted, seen);

// Not toLowerCase() of everything: the Kelvin sign would become a k, and somebody else's account an operator's.
const sameWord = (a: string, b: string) => lower(a) === lower(b);

const lower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
