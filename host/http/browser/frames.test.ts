import { expect, test } from "vitest";
import type { FakeGateway } from "../testing/fake-gateway.ts";
import { describeInBrowser, type PageHouse } from "../testing/open-page.ts";
import { read } from "../testing/server-under-test.ts";
import { openCable, talk } from "../testing/wire-talk.ts";
import { cable, fillWires } from "../testing/wires-house.ts";

const address = `#/frames/${encodeURIComponent(cable)}`;

async function watched(gateway: FakeGateway) {
  await expect.poll(() => gateway.watches.length).toBe(1);
  return gateway.watches[0];
}

async function open(house: PageHouse) {
  fillWires(house.gateway);
  const page = await house.open(address);
  const { listener, target } = await watched(house.gateway);
  expect(target).toEqual({ link: cable });
  openCable(listener, cable);
  return { page, listener };
}

describeInBrowser("frames in a browser", (house) => {
  test("what passes is told as it passes, and every byte of it explained", async () => {
    const { page, listener } = await open(house);
    talk(listener);
    const datum = page.getByRole("button", { name: /data packet 0 of \d+ bytes: datum/ });
    await datum.click();
    const fields = page.getByRole("table", { name: "What its bytes say" });
    await fields.getByText("the type of the message").waitFor();
    const named = await fields.getByRole("row").allInnerTexts();
    expect(named[1]).toMatch(/^1b\tpacketSize\t27 bytes of data follow$/);
    // A field and its bytes are lit together, by the pointer and by the keyboard.
    const lit = page.locator(".frame-hex .lit");
    await fields.getByText("the type of the message").hover();
    expect(await lit.innerText()).toBe("22 6f 74 22 3a 22 6c 3a 74 65 6d 70 22 2c");
    await page.mouse.move(0, 0);
    await fields.getByRole("row").nth(1).focus();
    expect(await lit.innerText()).toBe("1b");
  });

  test("what is read stands still, and what came meanwhile is counted", async () => {
    const { page, listener } = await open(house);
    talk(listener);
    // All that was said is there: the noise is the last of it.
    await page.locator(".frame").filter({ hasText: "Espruino" }).first().waitFor();
    await page.getByRole("button", { name: "OPEN, link 5a" }).click();
    const rows = await page.locator(".frame").count();
    talk(listener);
    await page.getByText("5 more came").waitFor();
    expect(await page.locator(".frame").count()).toBe(rows);
    await page.getByRole("button", { name: "Go on" }).click();
    await expect.poll(() => page.locator(".frame").count()).toBe(rows + 5);
  });

  test("a line that speaks for weeks takes no more room than one that just began", async () => {
    const { page, listener } = await open(house);
    for (let i = 0; i < 400; i++) talk(listener);
    await page.getByRole("button", { name: "data packet 399" }).waitFor();
    expect(await page.locator(".frame").count()).toBe(300);
  });

  test("a page that may only look sees no bytes, and asks for none", async () => {
    fillWires(house.gateway);
    const page = await house.open(address, { token: read });
    await page.getByText("This page may only look").waitFor();
    expect(house.gateway.watches).toEqual([]);
    await page.evaluate('location.hash = "#/frames"');
    await page.getByText("This page may only look").waitFor();
    expect(await page.locator("main a").count()).toBe(0);
    const links = await house.open("#/links", { token: read });
    await links.getByRole("heading", { name: "Sessions" }).waitFor();
    expect(await links.getByRole("link", { name: /^Frames of/ }).count()).toBe(0);
  });

  test("nobody listens to a link any more once its view is left", async () => {
    const { page } = await open(house);
    await page.getByText("from its beginning").or(page.getByText("the link is not open")).waitFor();
    await page.getByRole("link", { name: "all links" }).click();
    await expect.poll(() => house.gateway.watches[0].calls).toContain("stop");
  });

  test("it looks right light and dark, on a desk and on a phone", async () => {
    fillWires(house.gateway);
    await house.inspect(address, "frames", async (page) => {
      const { watches } = house.gateway;
      await page.getByText("Nothing has passed yet.").waitFor();
      await expect.poll(() => watches.length).toBeGreaterThan(0);
      const { listener } = watches.at(-1)!;
      openCable(listener, cable);
      talk(listener);
      await page.getByRole("button", { name: "data packet 0" }).click();
      await page.getByRole("table", { name: "What its bytes say" }).waitFor();
    });
  });
});
