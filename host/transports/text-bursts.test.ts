import { describe, expect, test } from "vitest";
import { type Burst, readBurst, TextBursts } from "./text-bursts.ts";

describe("text that is not ours", () => {
  test("a banner in pieces is one burst, ended by silence, and known as a prompt", async () => {
    const seen = await new Promise<Burst>((resolve) => {
      const bursts = new TextBursts(resolve);
      for (const piece of ["\r\n ____  Espru", "ino 2v29 (c) 2021", " G.Williams\r\n>"])
        bursts.push(Buffer.from(piece));
    });
    expect(seen).toEqual({ text: "____ Espruino 2v29 (c) 2021 G.Williams >", isPrompt: true });
  });

  test("frames and line noise are no text", () => {
    expect(readBurst(Buffer.from("4f5a0001f210f110a52d030fc0", "hex"))).toBeNull();
    expect(readBurst(Buffer.from([0, 0, 255, 255, 0]))).toBeNull();
  });

  test("another program's output is text and no prompt", () => {
    expect(readBurst(Buffer.from("temp=22.5\r\n"))).toEqual({ text: "temp=22.5", isPrompt: false });
    expect(readBurst(Buffer.from("\r\n>"))).toEqual({ text: ">", isPrompt: true });
  });

  test("a port that chatters is told five times, and no more", async () => {
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      const bursts = new TextBursts(({ text }) => {
        seen.push(text.slice(0, 2));
        if (seen.length === 5) setTimeout(resolve, 400);
      });
      for (let i = 0; i < 9; i++) bursts.push(Buffer.from(`${i}${"x".repeat(1023)}`));
    });
    expect(seen.length).toBe(5);
  });
});
