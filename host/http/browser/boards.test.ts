import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { fillHouse } from "../testing/house.ts";
import { describeInBrowser } from "../testing/open-page.ts";

const card = (page: Page, id: string) =>
  page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: id, exact: true }) });

describeInBrowser("boards in a browser", (house) => {
  test("the overview, the boards and one of them, on every screen", async () => {
    fillHouse(house.gateway);
    await house.inspect("", "overview", (page) => page.getByText("21.5 °C").first().waitFor());
    await house.inspect("#/boards", "boards", (page) => page.getByText("21.5 °C").waitFor());
    await house.inspect("#/board/pico-kitchen", "board", (page) => page.getByText("21.5 °C").waitFor());
  });

  test("a board that may have lost messages shows it; one that goes says since when", async () => {
    fillHouse(house.gateway);
    const page = await house.open("#/boards");
    const cellar = card(page, "pico-cellar");
    await cellar.getByText("away", { exact: true }).waitFor();
    expect(await cellar.locator(".fault-count").allInnerTexts()).toEqual([
      expect.stringMatching(/^missing\s*15$/),
    ]);
    await cellar.getByText("3 may be lost: their numbers never came; 12 the board had no room for").waitFor();
    const words = await cellar.locator(".counts dt").allInnerTexts();
    expect(words).toEqual(["messages", "repeats", "waiting", "missing"]);
    house.gateway.change("pico-kitchen", { connected: false });
    await card(page, "pico-kitchen").getByText("last heard").waitFor();
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
});
