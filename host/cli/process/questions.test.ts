import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { until } from "../../platform/testing/until.ts";
import { askAt } from "./questions.ts";

const choices = [
  { value: "/dev/a", label: "/dev/a", hint: "the last one" },
  { value: "/dev/b", label: "/dev/b" },
];

function person() {
  const input = new PassThrough();
  const output = new PassThrough();
  const ending = new AbortController();
  let seen = "";
  let interrupts = 0;
  output.on("data", (chunk: Buffer) => {
    seen += chunk.toString("utf8");
  });
  const interrupt = () => {
    interrupts++;
    ending.abort();
  };
  const questions = askAt({ input, output, signal: ending.signal, interrupt });
  return {
    questions,
    type: (text: string) => input.write(text),
    seen: () => seen,
    interrupts: () => interrupts,
  };
}

test("the first choice is taken by Enter, another one by the arrow keys", async () => {
  for (const [keys, value] of [
    ["\r", "/dev/a"],
    ["\x1b[B\r", "/dev/b"],
  ]) {
    const { questions, type, seen } = person();
    const answer = questions.choose("Which one?", choices);
    await until(() => expect(seen()).toContain("/dev/b"));
    expect(seen()).toContain("the last one");
    type(keys);
    expect(await answer).toBe(value);
  }
});

test("Ctrl-C at a question interrupts the verb, once", async () => {
  const { questions, type, seen, interrupts } = person();
  const answer = questions.secret("Password?");
  await until(() => expect(seen()).toContain("Password?"));
  type("\x03");
  await expect(answer).rejects.toMatchObject({ name: "AbortError" });
  expect(interrupts()).toBe(1);
});
