/** A decoder's handler that writes down what it was told, for tests. */
import type { DecoderHandler } from "../decoder.ts";

export class Heard implements DecoderHandler {
  readonly lines: string[] = [];

  onGreeting({ major, minor }: { major: number; minor: number }): void {
    this.lines.push(`greeting ${major}.${minor}`);
  }

  onCommand(name: string, body: Uint8Array): void {
    this.lines.push(`command ${name} ${Buffer.from(body).toString("hex")}`);
  }

  onMessage(parts: readonly Uint8Array[]): void {
    this.lines.push(`message ${parts.map((part) => Buffer.from(part).toString("hex")).join(" ")}`);
  }

  onFault({ code, text }: { code: string; text: string }): void {
    this.lines.push(`fault ${code}: ${text}`);
  }
}
