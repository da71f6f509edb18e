/** The frame by which our firmware is asked to give its port back to the prompt (session part 3, PROTOCOL.md: REPL). */
import { createLink } from "../../shared/link/link.ts";
import { sendRepl } from "../../shared/link/send-frame.ts";
import { nodeEngine } from "../platform/engine.ts";

/**
 * As latin1. A prompt that hears it gets no byte that means anything there, as Ctrl-C, a new line or an escape would: its
 * link byte is chosen for that, and the 0 of its sequence number is ignored.
 */
export function replFrame(): string {
  for (let id = 0x41; id < 0x7f; id++) {
    const frame = frameOf(id);
    if ([...frame].every((one) => one === "\0" || (one >= " " && one !== "\x7f"))) return frame;
  }
  throw new Error("every link byte makes a frame with a control character");
}

function frameOf(id: number): string {
  const written: number[] = [];
  const nothing = () => {};
  const handler = {
    onWrite: (bytes: Uint8Array, start: number, end: number) => {
      written.push(...bytes.subarray(start, end));
    },
    onOpened: nothing,
    onBroken: nothing,
    onData: nothing,
    onLog: nothing,
    onRepl: nothing,
  };
  sendRepl(createLink(false, id, nodeEngine, handler, new Uint8Array(64), 8), 0);
  return Buffer.from(written).toString("latin1");
}
