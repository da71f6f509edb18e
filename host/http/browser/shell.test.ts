import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { FakeGateway } from "../testing/fake-gateway.ts";
import { fillHouse, telemetry } from "../testing/house.ts";
import { describeInBrowser, phone } from "../testing/open-page.ts";
import { read } from "../testing/server-under-test.ts";

const focused = (page: Page) => page.evaluate<string>("document.activeElement.textContent");
const line = (page: Page, id: string) => page.locator(".line").filter({ hasText: id });
const lost = "Connection to the gateway lost.";

describeInBrowser("the page in a browser", (house) => {
  test("the token leaves the address, which keeps its view, and a value appears without a reload", async () => {
    fillHouse(house.gateway);
    const page = await house.open("#/boards");
    await page.getByText("live", { exact: true }).waitFor();
    expect(page.url()).toBe(`${house.address}#/boards`);
    await page.getByText("21.5 °C").waitFor();
    house.gateway.deliver(telemetry(22.75), "pico-kitchen");
    await page.getByText("22.75 °C").waitFor();
  });

  test("every view has its address, its heading has the focus, and the way back leads to where one was", async () => {
    fillHouse(house.gateway);
    for (let i = 0; i < 30; i++) house.gateway.change(`sim-${i}`);
    const page = await house.open();
    await page.getByRole("heading", { name: "2 things are wrong" }).waitFor();
    expect(await page.title()).toBe("2 problems · pi-kitchen · Bowline");
    await page.getByRole("link", { name: "Boards" }).first().click();
    await page.getByRole("heading", { name: "Boards", level: 1 }).waitFor();
    expect(await focused(page)).toBe("Boards");
    expect(await page.title()).toBe("2 problems · Boards · pi-kitchen · Bowline");
    await page.getByRole("link", { name: "sim-29" }).click();
    await page.getByRole("heading", { name: "sim-29", level: 1 }).waitFor();
    expect(await page.evaluate("scrollY")).toBe(0);
    expect(await page.locator("nav [aria-current]").innerText()).toMatch(/^Boards/);
    await page.goBack();
    await page.getByRole("heading", { name: "Boards", level: 1 }).waitFor();
    await expect.poll(() => page.evaluate("scrollY")).toBeGreaterThan(500);
    await page.goto(`${house.address}#/nowhere`);
    await page.getByRole("heading", { name: "There is nothing here" }).waitFor();
  });

  test("by keyboard alone: past the navigation, and on a phone through what is folded away", async () => {
    fillHouse(house.gateway);
    const page = await house.open("", { viewport: phone, hasTouch: true });
    await page.getByText("2 things are wrong").waitFor();
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Skip to what this view shows");
    await page.keyboard.press("Enter");
    expect(await focused(page)).toBe("2 things are wrong");
    const more = page.getByRole("button", { name: "More" });
    await more.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Tasks" }).first().waitFor();
    await house.picture(page, "nav-phone");
    await page.keyboard.press("Escape");
    expect(await more.getAttribute("aria-expanded")).toBe("false");
    expect(await focused(page)).toMatch(/^More/);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Links" }).waitFor();
    expect(await more.getAttribute("aria-expanded")).toBe("false");
    const heights = await page
      .locator("nav a:visible, nav button:visible")
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
  });

  test("what is wrong is told with its mend, and that all is well again without a reload", async () => {
    fillHouse(house.gateway);
    const page = await house.open();
    const away = page.locator(".problem").filter({ hasText: "pico-cellar" });
    const forget = "npx bowline devices forget pico-cellar";
    await away.getByText(forget).waitFor();
    expect(await away.locator("code").allInnerTexts()).toEqual([forget]);
    expect(await away.locator(".mend-words").allTextContents()).toEqual([
      "look at its supply and its network; if it is not to come back:",
    ]);
    await away.getByText(/since .*, 2 h 1 min/).waitFor();
    await away.getByRole("button", { name: `Copy ${forget}` }).click();
    await away.getByText("Copied").waitFor();
    await away.getByRole("link", { name: "pico-cellar" }).click();
    await page.getByRole("heading", { level: 1, name: "pico-cellar" }).waitFor();
    await page.goBack();
    house.gateway.problems.become();
    await page.getByRole("heading", { name: "All is well" }).waitFor();
    await page.getByText(/^since \d\d:\d\d:\d\d, \d+ s$/).waitFor();
    expect(await page.title()).toBe("pi-kitchen · Bowline");
    await house.wire.cut();
    await page.getByRole("heading", { name: "All was well" }).waitFor();
    await page.getByText(/^when last heard, at \d\d:\d\d:\d\d$/).waitFor();
    house.faults.length = 0;
  });

  test("a cut is said, with the age of what is shown, and after it the page goes on where it was", async () => {
    fillHouse(house.gateway);
    const page = await house.open();
    await line(page, "pico-kitchen").getByText("21.5").waitFor();
    await house.wire.cut();
    await page.getByText(lost).waitFor();
    await page.getByText(/What you see is from \d\d:\d\d:\d\d, .* old/).waitFor();
    await page.getByRole("heading", { name: "2 things were wrong" }).waitFor();
    await expect.poll(() => page.title()).toBe("No connection · pi-kitchen · Bowline");
    await house.check(page, "lost");
    await house.picture(page, "lost");
    house.gateway.deliver(telemetry(30.25), "pico-kitchen");
    house.gateway.deliver(telemetry(30.5), "pico-kitchen");
    await house.wire.join();
    await line(page, "pico-kitchen").getByText("30.5 °C", { exact: true }).waitFor();
    await page.getByText(lost).waitFor({ state: "detached" });
    const numbers = await page.locator(".newest li > span:first-child").allInnerTexts();
    expect(numbers).toEqual(["7", "6", "5", "4", "3", "2", "1"]);
    house.faults.length = 0; // what a browser says of a connection that failed
  });

  test("how old it is counts from what was told last", async () => {
    fillHouse(house.gateway);
    const page = await house.open();
    await line(page, "pico-kitchen").getByText("21.5").waitFor();
    await page.clock.setFixedTime(new Date(2040, 0, 2, 10, 20, 30));
    house.gateway.deliver(telemetry(22.75), "pico-kitchen");
    await line(page, "pico-kitchen").getByText("22.75").waitFor();
    await house.wire.cut();
    await page.getByText("What you see is from 10:20:30").waitFor();
    house.faults.length = 0;
  });

  test("what comes later has an id of its own, so that every section keeps its name", async () => {
    house.gateway.change("sim-1");
    const page = await house.open();
    const boards = page.getByRole("region", { name: "Boards" });
    // Each drawn before the next is told.
    for (const id of ["sim-2", "sim-3", "sim-4"]) {
      await boards.waitFor();
      house.gateway.change(id);
      await boards.getByText(id).waitFor();
    }
    fillHouse(house.gateway);
    await page.getByText("Newest messages").waitFor();
    const ids = await page.locator("[id]").evaluateAll((all) => all.map(({ id }) => id));
    expect(ids.length).toBeGreaterThan(2);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  });

  test("a gateway that began anew is shown from its beginning", async () => {
    fillHouse(house.gateway);
    const page = await house.open();
    await line(page, "pico-kitchen").getByText("21.5").waitFor();
    await house.http.stop();
    await page.getByText(lost).waitFor();
    const gateway = new FakeGateway();
    gateway.change("sim-1");
    gateway.deliver({ ot: "l:temp", v: 1.25 });
    await house.serveAnew(gateway);
    await line(page, "sim-1").getByText("1.25").waitFor();
    expect(await page.locator(".newest li > span:first-child").allInnerTexts()).toEqual(["1"]);
    expect(await page.locator(".line-name").allInnerTexts()).toEqual(["sim-1"]);
    house.faults.length = 0;
  });

  test("without a token the page says where to get one", async () => {
    await house.inspect("", "tokenless", (page) => page.getByText("This page needs a token.").waitFor(), {
      token: "",
    });
    expect(house.faults.splice(0)).not.toEqual([]);
  });

  test("where the clock of the page's machine is another, charts and ages are by the gateway's", async () => {
    fillHouse(house.gateway);
    for (const hours of [3, -3]) {
      const page = await house.open("", { clockAheadMs: hours * 3_600_000 });
      await page.getByText("2 h 1 min", { exact: true }).waitFor();
      await page.goto(`${house.address}#/board/pico-kitchen`);
      const chart = { name: /temp of pico-kitchen, the last hour: from 19 °C to 23 °C/ };
      await page.getByRole("img", chart).waitFor();
      expect(await page.locator(".fault").count()).toBe(0);
    }
  });

  test("a clock that is put back while the page is open keeps it from nothing", async () => {
    const page = await house.open("", { clockAheadMs: 3_600_000 });
    await page.getByText("live", { exact: true }).waitFor();
    await page.evaluate("clockAheadMs = 0");
    for (let i = 0; i < 2; i++) await page.waitForRequest("**/api/v1/status");
  });

  test("a page nobody sees follows nothing: it wakes with the newest, and tells that the gateway is back", async () => {
    fillHouse(house.gateway);
    const page = await house.open();
    await page.getByText("live", { exact: true }).waitFor();
    const become = (isHidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, "hidden", { value: ${isHidden}, configurable: true }); document.dispatchEvent(new Event("visibilitychange")); 0`,
      );
    await become(true);
    for (let i = 0; i < 2000; i++) house.gateway.deliver(telemetry(20), "pico-kitchen");
    await become(false);
    await page.getByText(/^1.500 messages went by unseen$/).waitFor();
    await page.getByText("live", { exact: true }).waitFor();
    const title = () => page.title();
    await house.wire.cut();
    await expect.poll(title).toMatch(/^No connection/);
    await become(true);
    await house.wire.join();
    await expect.poll(title).toMatch(/^2 problems/);
    house.faults.length = 0;
  });

  test("a token that is none any more is told, and not tried again until somebody comes back", async () => {
    fillHouse(house.gateway);
    const page = await house.open("", { isClockOurs: true });
    await line(page, "pico-kitchen").getByText("21.5").waitFor();
    await house.http.stop();
    const token = "another-control-token-01";
    await house.serveAnew(house.gateway, { tokens: [{ role: "control", token }] });
    await page.getByText("The token of this page is not valid (any more).").waitFor();
    await page.getByRole("heading", { name: "2 things were wrong" }).waitFor();
    await house.picture(page, "token-refused");
    // Time goes on for the page alone: an hour of it brings no request.
    const asked: string[] = [];
    page.on("request", (request) => void asked.push(request.url()));
    await page.clock.runFor(3_600_000);
    expect(asked).toEqual([]);
    await page.goto(`${house.address}?token=${token}`);
    await line(page, "pico-kitchen").getByText("21.5").waitFor();
    house.faults.length = 0;
  });

  test("a token that is none is told as such, and stands neither in the address nor in the page", async () => {
    const token = "none-of-the-tokens-there-are";
    const page = await house.open("", { token });
    await page.getByText("The token of this page is not valid (any more).").waitFor();
    expect(page.url() + (await page.content())).not.toContain(token);
    house.faults.length = 0;
  });

  test("no script of the page can read the token", async () => {
    const page = await house.open("", { token: read });
    await page.getByText("live", { exact: true }).waitFor();
    expect(await page.evaluate("document.cookie + JSON.stringify({ ...localStorage })")).toBe("{}");
    expect(page.url() + (await page.content())).not.toContain(read);
  });
});
