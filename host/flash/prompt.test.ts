import { expect, test } from "vitest";
import { Conversation } from "./conversation.ts";
import { Prompt } from "./prompt.ts";
import type { PromptWire } from "./prompt-wire.ts";

const wire: PromptWire = {
  name: "/dev/ttyACM0",
  baud: 9600,
  onText() {},
  onLost() {},
  write: () => Promise.resolve(),
  setBaud: () => Promise.resolve(),
  pulseReset: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

test("what a board said last is told without what it was given: a line that lost its first byte is echoed", async () => {
  const prompt = new Prompt(new Conversation(wire, new AbortController().signal));
  const secret = Buffer.from('{"wifi":{"ssid":"house","password":"open sesame 77"}}').toString("base64");
  wire.onText(
    `>(function(d){})(atob("${secret}"))\r\nUncaught SyntaxError: Got EOF\r\n@B7 123:${secret}\r\n>`,
  );
  await expect(prompt.regain("write bowline.json at 0", 3)).rejects.toMatchObject({
    code: "FLASH_NO_ANSWER",
    message: `write bowline.json at 0 on the board at /dev/ttyACM0: it has stopped answering; the last it said was ${JSON.stringify('>(function(d){})(atob("...")) Uncaught SyntaxError: Got EOF @B7 123:... >')}`,
  });
});
