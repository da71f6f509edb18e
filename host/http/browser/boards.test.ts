import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { fillHouse, telemetry } from "../testing/house.ts";
import { describeInBrowser } from "../testing/open-page.ts";
import { read } from "../testing/server-under-test.ts";

const card = (page: Page, id: string) =>
  page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: id, exact: true }) });

describeInBrowser("boards in a browser", (house) => {
  test("the overview, the boards and one of them, on every screen", async () => {
    fillHouse(house.gateway);
    await house.inspect("", "overview", (page) => page.getByText("21.5 °C").first().waitFor());
    await house.inspect("#/boards", "boards", (page) => page.getByText("21.5 °C").waitFor());
    await house.inspect("#/board/pico-kitchen", "board", (page) =>
      page.getByRole("img", { name: /temp of pico-kitchen, the last hour: from/ }).waitFor(),
    );
  });

  test("a board that may have lost messages shows it; one that goes says since when", async () => {
    fillHouse(house.gateway);
    const page = await house.open("#/boards");
    const cellar = card(page, "pico-cellar");
    await cellar.getByText("away", { exact: true }).waitFor();
    // Hatched is a bar of the timeline alone.
    const hatch = await page.evaluate(
      "getComputedStyle(document.querySelector('.board.away')).backgroundImage",
    );
    expect(hatch).toBe("none");
    expect(await cellar.locator(".fault-count").allInnerTexts()).toEqual([
      expect.stringMatching(/^missing\s*15$/),
    ]);
    await cellar.getByText(/ · last heard /).waitFor();
    await cellar.getByText("3 may be lost: their numbers never came; 12 the board had no room for").waitFor();
    const words = await cellar.locator(".counts dt").allInnerTexts();
    expect(words).toEqual(["messages", "repeats", "waiting", "missing"]);
    house.gateway.change("pico-kitchen", { connected: false });
    await card(page, "pico-kitchen").getByText("last heard").waitFor();
  });

  test("until the gateway has told its boards the page says that it asks, and no count", async () => {
    fillHouse(house.gateway);
    const page = await house.open("#/irc");
    let tell = () => {};
    const told = new Promise<void>((resolve) => {
      tell = resolve;
    });
    await page.route("**/api/v1/devices", async (route) => {
      await told;
      await route.continue();
    });
    await page.goto(`${house.address}#/boards`);
    await page.reload();
    await page.getByText("Asking for it…").waitFor();
    expect(await page.getByText("0 connected").count()).toBe(0);
    tell();
    await page.getByText("2 connected, 1 away").waitFor();
    expect(await page.getByText("Asking for it…").count()).toBe(0);
  });

  test("without a board the page says the next step, until there is one", async () => {
    await house.inspect("", "empty-overview", (page) =>
      page.getByText("npx bowline sim --tcp 127.0.0.1:7700", { exact: true }).waitFor(),
    );
    const page = await house.open("#/boards");
    await page.getByText("npx bowline sim --tcp 127.0.0.1:7700", { exact: true }).waitFor();
    house.gateway.change("sim-1");
    await card(page, "sim-1").getByText("connected", { exact: true }).waitFor();
    expect(await page.getByText("npx bowline sim").count()).toBe(0);
  });

  test("a number is drawn over time with its gap, goes on live, and is a table and a file as well", async () => {
    fillHouse(house.gateway);
    const page = await house.open("#/board/pico-kitchen");
    const temp = page.locator(".chart").filter({ has: page.getByRole("heading", { name: "temp" }) });
    await temp
      .getByRole("img", { name: /temp of pico-kitchen, the last hour: from 19 °C to 23 °C/ })
      .waitFor();
    // Columns of the canvas with a pixel of the line; the gap of 39 values in 360 is a tenth of them.
    const drawn = () =>
      page.evaluate<number>(`(() => {
        const charts = [...document.querySelectorAll(".chart")];
        const canvas = charts.find((chart) => chart.querySelector("h3").textContent === "temp").querySelector("canvas");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const columns = new Set();
        for (let i = 0; i < data.length; i += 4)
          if (data[i + 1] - data[i] > 60 && data[i + 3] > 100) columns.add((i / 4) % canvas.width);
        return columns.size / canvas.width;
      })()`);
    await expect.poll(drawn).toBeGreaterThan(0.6);
    expect(await drawn()).toBeLessThan(0.85);
    house.gateway.deliver(telemetry(35.5), "pico-kitchen");
    await temp.getByText("35.5 °C", { exact: true }).waitFor();
    await temp.getByRole("img", { name: /to 35.5 °C/ }).waitFor();
    await temp.getByText("As a table").click();
    await temp.getByRole("row").nth(1).getByText("35.5 °C").first().waitFor();
    const file = page.waitForEvent("download");
    await temp.getByRole("link", { name: "CSV" }).click();
    expect((await file).suggestedFilename()).toBe("pico-kitchen_l-telemetry_temp.csv");
    const tops = page
      .locator(".segments label")
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
    expect(new Set(await tops).size).toBe(1);
    await page.getByLabel("24 h").check();
    await temp.getByRole("img", { name: /the last 24 hours/ }).waitFor();
  });

  test("large numbers that differ by less than an axis has steps are drawn, and the page goes on", async () => {
    house.gateway.change("sim-1");
    const now = Date.now();
    for (const [i, value] of [1e15, 1e15 + 0.125, 1e15].entries())
      house.gateway.history.add({ device: "sim-1", type: "of:meter", field: "wh" }, now - 60_000 + i, value);
    const page = await house.open("#/board/sim-1");
    await page.locator(".chart canvas").waitFor();
    await page.locator(".chart").getByText("As a table").click();
    await page.locator(".chart").getByRole("row").nth(1).waitFor();
  });

  test("what draws charts is asked for by the first of them, and again by the next that opens, or by a press", async () => {
    fillHouse(house.gateway);
    const page = await house.open();
    await page.getByText("21.5 °C").first().waitFor();
    const files = () =>
      page.evaluate<string[]>(
        "performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname).filter((path) => path.endsWith('.js'))",
      );
    expect(await files()).toEqual(["/page.js"]);
    await page.route("**/uplot.js*", (route) => route.abort());
    await page.goto(`${house.address}#/board/pico-kitchen`);
    const temp = page.locator(".chart").filter({ has: page.getByRole("heading", { name: "temp" }) });
    await temp.getByText("The chart could not be loaded").waitFor();
    await temp.getByText("As a table").click();
    await temp.getByRole("row").nth(1).getByText("°C").first().waitFor();
    // Of all charts of the view, one asked; and each press asks once for all of them.
    const failed = expect.stringContaining("ERR_FAILED");
    expect(house.faults.splice(0)).toEqual([failed]);
    await temp.getByRole("button", { name: "Try again" }).click();
    await expect.poll(() => house.faults.length).toBe(1);
    await temp.getByRole("button", { name: "Try again" }).waitFor();
    expect(house.faults.splice(0)).toEqual([failed]);
    await page.goBack();
    await page.goForward();
    await expect.poll(() => house.faults.length).toBe(1);
    await temp.getByRole("button", { name: "Try again" }).waitFor();
    expect(house.faults.splice(0)).toEqual([failed]);
    await page.unroute("**/uplot.js*");
    await temp.getByRole("button", { name: "Try again" }).click();
    await temp.getByRole("img", { name: /temp of pico-kitchen, the last hour/ }).waitFor();
    expect(await page.locator(".chart canvas").count()).toBe(await page.locator(".chart").count());
  });

  test("a request is sent from the page and its answer shown; what does harm asks first", async () => {
    fillHouse(house.gateway);
    const asked: object[] = [];
    house.gateway.answer = async (_, message) => {
      asked.push(message);
      return { outcome: "delivered", reply: { re: 1, on: true } };
    };
    const page = await house.open("#/board/pico-kitchen");
    await page.getByLabel("Request").fill("l:led");
    await page.getByLabel("With, as JSON").fill("[1]");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("What goes with it is no object").waitFor();
    await page.getByLabel("With, as JSON").fill('{"on":true}');
    await page.keyboard.press("Enter");
    await page.getByText('{"re":1,"on":true}').waitFor();
    expect(asked).toEqual([{ ot: "l:led", on: true }]);
    await page.getByLabel("Request").fill("l:reboot");
    await page.getByLabel("With, as JSON").fill("");
    const dialog = page.getByRole("dialog", { name: "Reboot pico-kitchen?" });
    for (const key of ["Enter", "Escape"]) {
      await page.getByRole("button", { name: "Send" }).click();
      await dialog.waitFor();
      if (key === "Enter") {
        await house.check(page, "dialog");
        await house.picture(page, "dialog");
      }
      await page.keyboard.press(key);
      await dialog.waitFor({ state: "detached" });
    }
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Send");
    expect(asked).toHaveLength(1);
    await page.getByRole("button", { name: "Send" }).click();
    await dialog.getByRole("button", { name: "Reboot" }).click();
    await expect.poll(() => asked.length).toBe(2);
  });

  test("who may only look is given no way to act on a board", async () => {
    fillHouse(house.gateway);
    const page = await house.open("#/board/pico-cellar", { token: read });
    await page.getByText("7 °C").first().waitFor();
    expect(await page.locator("main form").count()).toBe(0);
    expect(await page.getByRole("button", { name: "Forget" }).count()).toBe(0);
  });

  test("a board that is away is forgotten after a question", async () => {
    fillHouse(house.gateway);
    const page = await house.open("#/board/pico-cellar");
    await page.getByRole("button", { name: "Forget it" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Forget" }).click();
    await page.getByRole("heading", { level: 1, name: "Boards" }).waitFor();
    await card(page, "pico-cellar").waitFor({ state: "detached" });
    expect(house.gateway.devices.map(({ id }) => id)).toEqual(["pico-kitchen", "wifi-garden"]);
  });

  test("200 boards: what is out of sight is not drawn, one that speaks draws itself alone, a filter finds others", async () => {
    const names = Array.from({ length: 250 }, (_, i) => `sim-${i}`);
    for (const name of names) house.gateway.change(name);
    for (const name of names) house.gateway.deliver(telemetry(20), name);
    const page = await house.open("#/boards");
    await card(page, "sim-199").getByText("20 °C").waitFor({ state: "attached" });
    expect(await page.locator(".board").count()).toBe(200);
    await page.getByText("50 more").waitFor();
    const isSkipped = (id: string) =>
      card(page, id).evaluate(
        (node) => !node.firstElementChild!.checkVisibility({ contentVisibilityAuto: true }),
      );
    expect([await isSkipped("sim-0"), await isSkipped("sim-199")]).toEqual([false, true]);
    // Cards that change while one board speaks.
    await page.evaluate(`
      globalThis.changed = new Set();
      new MutationObserver((all) => all.forEach(({ target }) => {
        const card = (target.closest ? target : target.parentElement).closest(".board");
        if (card) globalThis.changed.add(card.querySelector("h2").textContent);
      })).observe(document.querySelector("main"), { subtree: true, childList: true, characterData: true, attributes: true });
    `);
    house.gateway.deliver(telemetry(31.25), "sim-7");
    await card(page, "sim-7").getByText("31.25 °C").waitFor();
    expect(await page.evaluate("[...globalThis.changed]")).toEqual(["sim-7"]);
    await page.getByLabel("Filter").fill("sim-24");
    await page.getByText("11 of 250").waitFor();
    expect(await page.locator(".board").count()).toBe(11);
  });
});
