import { expect, test } from "vitest";
import { describeInBrowser } from "../testing/open-page.ts";
import { fillWires } from "../testing/wires-house.ts";

describeInBrowser("IRC in a browser", (house) => {
  test("lines are there as they pass, the newest first, each once", async () => {
    fillWires(house.gateway);
    const page = await house.open("#/irc");
    const lines = page.locator(".irc-line");
    await expect.poll(() => lines.count()).toBe(6);
    house.gateway.hearIrc("in", ":ann!a@h PRIVMSG #lab :!status");
    await lines.first().getByText("!status").waitFor();
    expect(await lines.count()).toBe(7);
    expect(await lines.first().locator("strong").innerText()).toBe("ann");
  });

  test("while it is paused nothing moves, and what came is counted", async () => {
    fillWires(house.gateway);
    const page = await house.open("#/irc");
    const lines = page.locator(".irc-line");
    await expect.poll(() => lines.count()).toBe(6);
    await page.getByRole("button", { name: "Pause" }).click();
    for (let i = 0; i < 3; i++) house.gateway.hearIrc("in", `:ann!a@h PRIVMSG #lab :${i}`);
    await page.getByText("3 more came").waitFor();
    expect(await lines.count()).toBe(6);
    await page.getByRole("button", { name: "Go on" }).click();
    await expect.poll(() => lines.count()).toBe(9);
  });

  test("weeks of lines take no more room than a day's", async () => {
    fillWires(house.gateway);
    const page = await house.open("#/irc");
    await expect.poll(() => page.locator(".irc-line").count()).toBe(6);
    for (let i = 0; i < 400; i++) house.gateway.hearIrc("in", `:ann!a@h PRIVMSG #lab :line ${i}`);
    await page.getByText("line 399").waitFor();
    expect(await page.locator(".irc-line").count()).toBe(300);
  });

  test("it looks right light and dark, on a desk and on a phone", async () => {
    fillWires(house.gateway);
    await house.inspect("#/irc", "irc", (page) => page.getByText("!led pico-kitchen on").waitFor());
  });
});
