import { expect, test } from "vitest";
import type { FakeGateway } from "../testing/fake-gateway.ts";
import { describeInBrowser } from "../testing/open-page.ts";
import { happenings } from "../testing/wires-house.ts";

const DAY_MS = 24 * 3_600_000;
const CHART_STEP_MS = DAY_MS / 2000;

function fill({ timeline }: FakeGateway): void {
  for (const { n: _, ...one } of happenings(Date.now()).reverse()) timeline.happen(one);
}

describeInBrowser("the timeline in a browser", (house) => {
  test("what happens is told as it happens, in the chart and in words", async () => {
    fill(house.gateway);
    const page = await house.open("#/timeline");
    const lines = page.locator(".happening");
    await lines.first().getByText("disconnected: no byte for 10 s").waitFor();
    const before = await lines.count();
    const marks = await page.locator(".mark").count();
    house.gateway.timeline.happen({
      kind: "loss",
      level: "warn",
      subject: { kind: "board", name: "pico-kitchen" },
      text: "pico-kitchen: 7 messages may be missing",
    });
    await lines.first().getByText("7 messages may be missing").waitFor();
    expect([await lines.count(), await page.locator(".mark").count()]).toEqual([before + 1, marks + 1]);
    expect(await page.locator(".presence-row .presence-name").allInnerTexts()).toEqual([
      ...["board pico-cellar", "board pico-kitchen", "port /dev/ttyUSB7", "gateway attic", "network lab"],
    ]);
  });

  test("another time is asked for, and has an address of its own", async () => {
    fill(house.gateway);
    const page = await house.open("#/timeline");
    await page.getByText("18 in this time").waitFor();
    await page.getByRole("link", { name: "1 hour" }).click();
    await page.getByText("1 in this time").waitFor();
    await page.goBack();
    await page.getByText("18 in this time").waitFor();
    const { from } = house.gateway.timeline.asked.find((one) => Date.now() - one.from < 4_000_000)!;
    expect(Date.now() - from).toBeGreaterThanOrEqual(3_600_000);
  });

  test("a filter leaves what a person looks for, rows and lines", async () => {
    fill(house.gateway);
    const page = await house.open("#/timeline");
    await page.getByLabel("Filter").fill("cellar");
    await page.getByText("6 in this time").waitFor();
    expect(await page.locator(".presence-row .presence-name").allInnerTexts()).toEqual(["board pico-cellar"]);
    await page.getByLabel("Only what went wrong").check();
    await page.getByText("2 in this time").waitFor();
    await page.getByLabel("Filter").fill("nobody is called so");
    await page.getByText("Nothing of the kind in this time.").waitFor();
  });

  test("while the gateway did not run no row says that something was there, and words say when that was", async () => {
    fill(house.gateway);
    const bowline = { kind: "bowline", name: "" } as const;
    const now = Date.now();
    const { timeline } = house.gateway;
    timeline.happen({ kind: "down", subject: bowline, at: now - 600_000, text: "stopped" });
    timeline.happen({ kind: "up", subject: bowline, at: now - 480_000, text: "started" });
    const page = await house.open("#/timeline");
    const bars = (look: string) =>
      page.locator(".presence-row", { hasText: "kitchen" }).locator(`.bar.${look}`);
    await bars("unwatched").waitFor({ state: "attached" });
    await page.getByText(/did not run, and watched nothing, from .* \(2 min\)/).waitFor();
    const left = await bars("away")
      .last()
      .evaluate((bar) => parseFloat(bar.style.left));
    // The chart goes on a step at a time, and may have gone on since.
    const leftAt = (time: number) => {
      const end = Math.ceil(time / CHART_STEP_MS) * CHART_STEP_MS;
      return 100 * (1 - (end - (now - 480_000)) / DAY_MS);
    };
    expect(left).toBeLessThan(leftAt(now) + 0.001);
    expect(left).toBeGreaterThan(leftAt(Date.now()) - 0.001);
    await page.getByLabel("Filter").fill("kitchen");
    await page.locator(".presence-row", { hasText: "cellar" }).waitFor({ state: "detached" });
    expect(await bars("unwatched").count()).toBe(1);
    await house.picture(page, "timeline-unwatched");
  });

  test("it looks right light and dark, on a desk and on a phone", async () => {
    fill(house.gateway);
    await house.inspect("#/timeline", "timeline", (page) => page.getByText("18 in this time").waitFor());
  });
});
