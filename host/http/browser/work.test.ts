import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { componentView, killView } from "../testing/fake-work.ts";
import { fillHouse, tasks } from "../testing/house.ts";
import { describeInBrowser } from "../testing/open-page.ts";
import { read } from "../testing/server-under-test.ts";
import { fillWires, taskIds } from "../testing/wires-house.ts";

const row = (page: Page, text: string) => page.locator(".work > li").filter({ hasText: text });

describeInBrowser("components and tasks in a browser", (house) => {
  test("a long name leaves the other columns their room", async () => {
    const name = "bowline_serial--dev-serial-by-id-usb-Espruino_Pico_30003B-if00-2e86d7d2b654";
    house.gateway.work.componentViews = [
      componentView(name, { message: "a sentence that is as long as those of boards are: temp 21.5 °C" }),
    ];
    const page = await house.open("#/components");
    await page.getByRole("link", { name }).waitFor();
    await house.picture(page, "components-long-name");
    const widths = await page
      .locator(".table")
      .evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth]);
    expect(widths[0]).toBe(widths[1]);
  });

  test("components are there with their health as it changes", async () => {
    fillHouse(house.gateway);
    const { work } = house.gateway;
    const page = await house.open("#/components");
    const table = (text: string) => page.getByRole("row").filter({ hasText: text });
    await table("example_clock").getByText("late, silent", { exact: true }).waitFor();
    await table("bowline_pico-kitchen").getByText("temp 21.5 °C").waitFor();
    const names = page.locator("td:first-child a");
    expect(await names.allInnerTexts()).toEqual([
      ...["bowline_pico-kitchen", "example_calculator", "example_clock"],
    ]);
    work.componentViews = [componentView("example_calculator", { state: "dead", message: "gone" })];
    work.changes.publish({ kind: "component", name: "example_calculator" });
    await table("gone").getByText("dead", { exact: true }).waitFor();
    // The look at the tables has the instances that are there no more.
    await table("example_clock").waitFor({ state: "detached" });
  });

  test("a task is run from the page and seen to its end; what it cannot be is told", async () => {
    const { work } = house.gateway;
    const page = await house.open("#/tasks");
    await page.getByLabel("What").fill("example_calculator");
    await page.getByLabel("With, as JSON").fill("{first}");
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByText("Its data is no JSON").waitFor();
    await page.getByLabel("With, as JSON").fill('{"first":12}');
    await page.keyboard.press("Enter");
    await page.getByText("handed over as task-1").waitFor();
    await row(page, "task-1").getByText("queued", { exact: true }).waitFor();
    const given = work.asked.find(([what]) => what === "submit")?.[1];
    expect(given).toEqual({ spec: "example_calculator", data: { first: 12 } });
    work.change("task-1", { state: "result", result: { answer: 54 } });
    await row(page, "task-1").getByText('{"answer":54}').waitFor();
    expect(await page.getByRole("button", { name: "Kill" }).count()).toBe(0);
  });

  test("of one component it is told how it was before", async () => {
    fillWires(house.gateway);
    const page = await house.open("#/components");
    await page.getByRole("link", { name: "example_clock" }).click();
    await page.getByRole("heading", { name: "How it was" }).waitFor();
    const states = page.locator(".happening .kind-mark");
    await expect.poll(() => states.allInnerTexts()).toEqual(["late", "silent", "alive"]);
  });

  test("the kill button asks first, by pointer and by keyboard, and Esc and Enter do nothing", async () => {
    fillWires(house.gateway);
    const { work } = house.gateway;
    const page = await house.open("#/tasks");
    const button = page.getByRole("button", { name: `Kill example_bank ${taskIds.child}` });
    const dialog = page.getByRole("dialog", { name: "Kill example_bank?" });
    await button.click();
    await dialog.getByText("there will be no result").waitFor();
    await house.picture(page, "kill-dialog");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await button.focus();
    await page.keyboard.press("Enter");
    await dialog.waitFor();
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    expect(work.asked.filter(([what]) => what === "kill")).toEqual([]);
    await button.click();
    await dialog.getByRole("button", { name: "Kill" }).click();
    await page.getByText("killed, withdrawn from the queue").first().waitFor();
    expect(work.asked.filter(([what]) => what === "kill").map(([, id]) => id)).toEqual([taskIds.child]);
  });

  test("who stopped what is listed, with what became of it", async () => {
    fillWires(house.gateway);
    const page = await house.open("#/tasks");
    const kills = page.getByRole("table", { name: "Kills" });
    await kills.getByRole("row").filter({ hasText: "ann, over irc" }).getByText("confirmed").waitFor();
    await page.getByText("heard by 2 connections").waitFor();
    await page.getByText("told to stop, and nothing shows that it did").first().waitFor();
  });

  test("each looks right light and dark, on a desk and on a phone", async () => {
    fillWires(house.gateway);
    await house.inspect("#/tasks", "tasks", (page) => page.getByText("ann, over irc").waitFor());
    await house.inspect("#/components", "components", (page) => page.getByText("late, silent").waitFor());
    await house.inspect("#/components/example_clock", "component", (page) =>
      page.getByText("has not answered a task").waitFor(),
    );
  });

  test("the kill button tells that it waits, then whether the task stopped", async () => {
    fillHouse(house.gateway);
    const { work } = house.gateway;
    let told = (_: object) => {};
    const kills: unknown[][] = [];
    work.kill = (id, { children }) => {
      kills.push([id, children]);
      return new Promise((resolve) => {
        told = (fields) => resolve(killView({ task: id, ...fields }));
      });
    };
    const page = await house.open("#/tasks");
    const parent = row(page, tasks.parent);
    await parent.getByRole("button", { name: "with those below" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Kill" }).click();
    await parent.getByText("told to stop; waiting whether it does").waitFor();
    expect(await parent.getByRole("button").first().isDisabled()).toBe(true);
    await house.picture(page, "kill");
    const child = killView({ task: tasks.child, outcome: "unconfirmed", ms: 10_000 });
    told({ how: "the component said so", children: [child] });
    await parent
      .getByText("killed, the component said so, within 3 ms; nothing shows that 1 below it did")
      .waitFor();
    work.change(tasks.parent, { state: "killed", error: { code: 301, message: "task killed" } });
    await parent.getByText("301 task killed").waitFor();
    expect([kills, await parent.getByRole("button").count()]).toEqual([[[tasks.parent, true]], 0]);
    await row(page, tasks.child).getByRole("button").click();
    await page.getByRole("dialog").getByRole("button", { name: "Kill" }).click();
    await row(page, tasks.child).getByText("waiting whether it does").waitFor();
    told({ task: tasks.child, outcome: "finished before" });
    await row(page, tasks.child).getByText("it had ended before it could be stopped").waitFor();
    expect(kills[1]).toEqual([tasks.child, false]);
  });

  test("a token that may only look sees no control that acts", async () => {
    fillHouse(house.gateway);
    const page = await house.open("#/tasks", { token: read });
    await row(page, tasks.parent).waitFor();
    expect(await page.locator("main button, main form").count()).toBe(0);
  });
});
