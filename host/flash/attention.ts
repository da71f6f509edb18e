/**
 * The prompt of a board in whatever state it is. Each try, at each speed of the console that may be:
 *
 *   our firmware          gives its port back for a REPL frame, its state intact
 *   half a line           is thrown away by Ctrl-C; running it could do anything
 *   a running program     is interrupted by Ctrl-C, and leaves `debug>` by another one
 *   the prompt            answers the question that ends every try
 *
 * The rest of the boards needs a reset, and says what it says: `seen.ts` puts it into words.
 */
import type { Conversation } from "./conversation.ts";
import { NoAnswer } from "./conversation.ts";
import { replFrame } from "./repl-frame.ts";
import { noPrompt, type Sample } from "./seen.ts";

/** Consoles as Espruino's boards have them (espruino §7); USB takes any. */
export const CONSOLE_BAUDS: readonly number[] = [115_200, 9600, 1_000_000];
/** For an answer, one after the other: short at first, since with several speeds most tries are in vain. */
const ANSWERS_MS = [700, 1500, 3000, 4000];
/** Within which our firmware has given its port back: the Linux build takes 100 ms for a byte. */
const HANDOVER_MS = 300;
/**
 * The space comes first: two Ctrl-C on an empty line within 5 s end the Linux build (espruino §5.3). It must have been read
 * before, since Ctrl-C overtakes everything.
 */
const SPACE_AHEAD_MS = 150;
const CTRL_C = "\x03";

export interface AttentionOptions {
  /** Speeds to try, the likeliest first. */
  bauds: readonly number[];
  /** Whether to reset the board by DTR and RTS when it does not answer. */
  allowReset: boolean;
  onNote(note: string): void;
}

/** Resolves at the prompt, with the wire at its speed. Rejects with FLASH_NO_PROMPT, which says what was seen. */
export async function getAttention(
  conversation: Conversation,
  { bauds, allowReset, onNote }: AttentionOptions,
): Promise<void> {
  const samples: Sample[] = bauds.map((baud) => ({ baud, text: "" }));
  for (const [round, answerMs] of ANSWERS_MS.entries()) {
    if (round === 1 && allowReset) {
      onNote("no answer yet: resetting the board by DTR and RTS");
      await conversation.wire.pulseReset();
    }
    for (const sample of samples) {
      if (conversation.wire.baud !== sample.baud) await conversation.wire.setBaud(sample.baud);
      conversation.noise = "";
      if (await isAtPrompt(conversation, answerMs)) return;
      sample.text = (sample.text + conversation.noise).slice(-2048);
    }
  }
  throw noPrompt(conversation.wire.name, samples, allowReset);
}

/** One try at the present speed. */
export async function isAtPrompt(conversation: Conversation, answerMs: number): Promise<boolean> {
  await conversation.say(replFrame());
  await conversation.listen(HANDOVER_MS);
  await conversation.say(" ");
  await conversation.listen(SPACE_AHEAD_MS);
  await conversation.say(CTRL_C);
  await conversation.listen(HANDOVER_MS);
  // An interrupted program stops here with its state in view; it goes on only to be ended.
  if (/debug>\s*$/.test(conversation.noise)) {
    await conversation.say(CTRL_C);
    await conversation.listen(HANDOVER_MS);
  }
  return answers(conversation, answerMs);
}

async function answers(conversation: Conversation, answerMs: number): Promise<boolean> {
  try {
    return (await conversation.ask("P", "1", answerMs)) === "1";
  } catch (error) {
    if (error instanceof NoAnswer) return false;
    throw error;
  }
}
