/** Commands for a board on a cable, typed for a simulated one: the port is another, and all else as it stands. */
import { join } from "node:path";
import { expect } from "vitest";
import { type Command, firstMissing } from "../../host/cli/testing/typed-commands.ts";
import type { Walk } from "./walk.ts";

type Act = [command: RegExp, act: (walk: Walk, command: Command) => Promise<void>];

/** The port that stands for the one of the document, in the folder of the walk. */
const board = (walk: Walk) => join(walk.at("").machine.folder, "data/board");
/** A pseudo-terminal takes every speed: at which of those that are tried it answers is a matter of load. */
const baud = " --baud 115200";

/** Types what is shown with the board's port in the environment. */
async function flash(walk: Walk, command: Command, more: string): Promise<void> {
  const { shell } = walk.at("");
  const { env } = shell;
  shell.env = { ...env, BOWLINE_PORT: board(walk), BOWLINE_WIFI_PASSWORD: "open sesame" };
  try {
    await walk.type({ ...command, line: command.line + more });
  } finally {
    shell.env = env;
  }
}

/** A gateway of its own on the board's port, until what is shown has come. */
async function start(walk: Walk, command: Command): Promise<void> {
  const { shell, here } = walk.at("");
  const { env } = shell;
  const apart = { BOWLINE_HTTP_PORT: "0", BOWLINE_TCP_PORT: "0", BOWLINE_DATA: `${board(walk)}-gateway` };
  const hub = Object.fromEntries(
    Object.keys(env)
      .filter((name) => name.startsWith("BOWLINE_MONIQUE_HUB_"))
      .map((name) => [name, "0"]),
  );
  shell.env = { ...env, ...apart, ...hub };
  const line = here(command.line).replace(/(\/dev\/serial|data\/board)\S*/, board(walk));
  const isShown = (text: string) => firstMissing(command.shown, text) === undefined;
  try {
    const { printed } = await shell.type(line, isShown);
    expect(firstMissing(command.shown, printed), printed).toBeUndefined();
    await shell.end(line);
  } finally {
    shell.env = env;
  }
}

/** Behind a simulated board on data/board. */
export const realBoard: Act[] = [
  [/^\.\/flash\.sh --(id|port|app)/, (walk, command) => flash(walk, command, baud)],
  [
    /^\.\/flash\.sh --wifi/,
    // A machine of the tests need not be on a network: the gateway is asked for on this one.
    (walk, command) => flash(walk, command, ` --gateway 127.0.0.1:${walk.at("").machine.port("7700")}`),
  ],
  [/^npm start -- --set serial\.0\.path=/, start],
];

/** The board that is plugged in where the document has flash.sh first: at its prompt, with nothing on it. */
export const plugsIn: Act = [
  /^\.\/flash\.sh /,
  async (walk, command) => {
    const plug = "npx bowline sim --blank --id blank --serial data/board";
    await walk.type({ line: plug, shown: ["nothing is on it: …"], at: "" });
    await realBoard.find(([one]) => one.test(command.line))![1](walk, command);
  },
];
