import { expect, test } from "vitest";
import { describeInBrowser } from "../testing/open-page.ts";
import { read } from "../testing/server-under-test.ts";
import { fillWires } from "../testing/wires-house.ts";

describeInBrowser("links, queues and other gateways in a browser", (house) => {
  test("each looks right light and dark, on a desk and on a phone", async () => {
    fillWires(house.gateway);
    await house.inspect("#/links", "links", (page) => page.getByText("waits", { exact: true }).waitFor());
    await house.inspect("#/queues", "queues", (page) =>
      Promise.all([
        page.getByRole("heading", { name: "What will not arrive" }).waitFor(),
        page.getByText("answered 500 busy").waitFor(),
        page
          .getByRole("table", { name: "Boards whose messages are held" })
          .getByText("about to be tried")
          .waitFor(),
      ]),
    );
    await house.inspect("#/peers", "peers", (page) => page.getByText("nobody listens there").waitFor());
  });

  test("an empty system says in each view what to do next", async () => {
    const page = await house.open("#/links");
    for (const [view, step] of [
      ["links", "npx bowline ports"],
      ["frames", "npx bowline sim --tcp"],
      ["queues", "npx bowline send BOARD l:info"],
      ["peers", "npx bowline key add ID-OF-THE-OTHER"],
      ["irc", "irc: { host"],
      ["components", "node dist/examples/calculator.mjs"],
      ["tasks", "npx bowline tasks run"],
      ["timeline", "Nothing has happened yet"],
    ]) {
      await page.evaluate(`location.hash = "#/${view}"`);
      await page.locator("main").getByText(step).first().waitFor();
    }
    await house.check(page, "an empty timeline");
  });

  test("a queue is purged after a question, and what came of it is said", async () => {
    fillWires(house.gateway);
    const purged: unknown[][] = [];
    house.gateway.queues.purge = (...asked) => {
      purged.push(asked);
      return { name: "garage", withdrawn: 7400, maybeDelivered: 0, left: 12 };
    };
    const page = await house.open("#/queues");
    await page.getByRole("meter", { name: "How full the queue for garage is" }).waitFor();
    await page.getByRole("button", { name: "Purge what waits for garage" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Purge what waits for garage" }).click();
    await dialog.getByRole("button", { name: "Purge" }).click();
    await page.getByText("packets for garage are withdrawn; 12 were on the wire already").waitFor();
    expect(purged).toEqual([["garage", null]]);
  });

  test("a page that may only look has nothing to press", async () => {
    fillWires(house.gateway);
    const page = await house.open("#/queues", { token: read });
    await page.getByRole("meter").first().waitFor();
    expect(await page.locator("main button").count()).toBe(0);
  });

  test("what is counted is live", async () => {
    fillWires(house.gateway);
    const page = await house.open("#/queues");
    await page.getByText("7\u202f414 packets wait").waitFor();
    house.gateway.queueFill = house.gateway.queueFill.map((queue) => ({ ...queue, packets: 3 }));
    await page.getByText("6 packets wait").waitFor();
  });
});
