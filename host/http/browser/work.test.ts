import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { componentView, killView } from "../testing/fake-work.ts";
import { fillHouse, tasks } from "../testing/house.ts";
import { describeInBrowser } from "../testing/open-page.ts";
import { read } from "../testing/server-under-test.ts";

const row = (page: Page, text: string) => page.locator(".work > li").filter({ hasText: text });

describeInBrowser("components and tasks in a browser", (house) => {
  test("components are there with their health as it changes", async () => {
    fillHouse(house.gateway);
    const { work } = house.gateway;
    const page = await house.open("#/components");
    await row(page, "example_clock").getByText("late, silent", { exact: true }).waitFor();
    await row(page, "example_clock").getByText("heartbeats not understood: 2").waitFor();
    await row(page, "bowline_pico-kitchen").getByText("temp 21.5 °C").waitFor();
    const names = page.locator(".components li strong");
    expect(await names.allInnerTexts()).toEqual([
      ...["bowline_pico-kitchen", "example_calculator", "example_clock"],
    ]);
    work.componentViews = [componentView("example_calculator", { state: "dead", message: "gone" })];
    work.changes.publish({ kind: "component", name: "example_calculator" });
    await row(page, "gone").getByText("dead", { exact: true }).waitFor();
    // The look at the tables has the instances that are there no more.
    await row(page, "example_clock").waitFor({ state: "detached" });
  });

  test("a task is run from the page and seen to its end; what it cannot be is told", async () => {
    const { work } = house.gateway;
    const page = await house.open("#/tasks");
    await page.getByLabel("What").fill("example_calculator");
    await page.getByLabel("With, as JSON").fill("{first}");
    await page.getByRole("button", { name: "Run" }).click();
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
    await parent.getByRole("button", { name: "and below" }).click();
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
