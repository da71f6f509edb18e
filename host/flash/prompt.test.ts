import { afterEach, expect, test, vi } from "vitest";
import { Conversation } from "./conversation.ts";
import { Prompt } from "./prompt.ts";
import type { PromptWire } from "./prompt-wire.ts";

afterEach(() => {
  vi.useRealTimers();
});

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

test("where Ctrl-C overtook what was to be read before it, the prompt is found by the next try", async () => {
  vi.useFakeTimers();
  const said: string[] = [];
  const torn: PromptWire = {
    ...wire,
    async write(text) {
      said.push(text);
      const number = /"P(\d+) "/.exec(text)?.[1];
      if (number === undefined) return;
      this.onText(number === "1" ? "Uncaught SyntaxError: Got EOF\r\n>" : `@P${number} 1\r\n>`);
    },
  };
  const prompt = new Prompt(new Conversation(torn, new AbortController().signal));
  let end = "";
  const regained = prompt.regain("write bl.a at 0", 1).then(() => {
    end = "found";
  });
  await vi.runAllTimersAsync();
  expect(end).toBe("found");
  expect(said.filter((one) => one.includes("print("))).toHaveLength(2);
  await regained;
});

test("a board that says nothing at all is given up", async () => {
  vi.useFakeTimers();
  const prompt = new Prompt(new Conversation({ ...wire }, new AbortController().signal));
  const given = expect(prompt.regain("write bl.a at 0", 1)).rejects.toMatchObject({
    code: "FLASH_NO_ANSWER",
  });
  await vi.runAllTimersAsync();
  await given;
});
