/**
 * A slow console made fast for the upload: raised, tried, and let fall again if it does not hold (users 43).
 *
 * The board itself falls back unless it hears, at the new speed, that all is well: at a speed that does not work it could
 * not be told anything. USB has no speed.
 */
import { BoardRefusal, NoAnswer } from "./conversation.ts";
import type { Prompt } from "./prompt.ts";

const FAST_BAUD = 115_200;
/** After which the board falls back; within it we must have had the echo. */
const FALL_BACK_MS = 3000;
const ECHO_MS = 1500;
/** The board's last byte at the old speed has left by then. */
const SETTLE_MS = 150;
/** Edges of every width: a speed that is off by a few percent spoils one of them. */
const PATTERN = "UUUUUU0f0f0f~~~~@@@@    zzzz";

/** True: the line is fast now. False: it was left, or is again, as it was. */
export async function raiseSpeed(prompt: Prompt, consoleName: string): Promise<boolean> {
  const { wire } = prompt.conversation;
  const before = wire.baud;
  if (!/^Serial\d$/.test(consoleName) || before >= FAST_BAUD) return false;
  const fallBack = `setTimeout(function(){if(!global.blFast)${consoleName}.setup(${before})},${FALL_BACK_MS})`;
  await prompt.conversation.say(`\x10${fallBack};${consoleName}.setup(${FAST_BAUD})\n`);
  const fallsBackAt = performance.now() + FALL_BACK_MS;
  await prompt.conversation.listen(SETTLE_MS);
  await wire.setBaud(FAST_BAUD);
  if (await holds(prompt)) return true;
  await wire.setBaud(before);
  while (performance.now() < fallsBackAt) await prompt.conversation.listen(fallsBackAt - performance.now());
  await prompt.regain("go back to the former speed", 1);
  return false;
}

async function holds({ conversation }: Prompt): Promise<boolean> {
  try {
    const echo = await conversation.ask("E", `(global.blFast=1,${JSON.stringify(PATTERN)})`, ECHO_MS);
    return echo === PATTERN;
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof BoardRefusal) return false;
    throw error;
  }
}
