/** A page that stays open for a week: once its lists are full, whatever else passes leaves nothing behind. */
import type { CDPSession } from "playwright-core";
import { expect, test } from "vitest";
import type { FakeGateway } from "../testing/fake-gateway.ts";
import { componentView, taskView } from "../testing/fake-work.ts";
import { fillHouse, telemetry } from "../testing/house.ts";
import { describeInBrowser } from "../testing/open-page.ts";

/** Of each kind of event, while one view is open. */
const ROUNDS = 150;
/** Each with what it shows of the last round. */
const views: [string, (n: number) => string][] = [
  ["#/irc", (n) => `line ${n}`],
  ["#/timeline", (n) => `connected, time ${n}`],
  ["#/board/pico-kitchen", (n) => `${n % 997} °C`],
  ["#/", (n) => `note ${n}`],
];
/** Bursts until every list of the page is as long as it may be; then those that must leave nothing. */
const WARM_UP = 3;
const MORE = 4;
/** The same lists with other contents. */
const NODES_APART = 20;
const LISTENERS_APART = 5;
/** One object kept for each round is more: what is left of the rest varies by some 100 kB. */
const BYTES_APART = 150 * ROUNDS * views.length * MORE;

/** Counts the intervals that run. */
const countIntervals = `{
  const { setInterval: set, clearInterval: clear } = window;
  window.running = new Set();
  window.setInterval = (...given) => {
    const id = set(...given);
    running.add(id);
    return id;
  };
  window.clearInterval = (id) => {
    running.delete(id);
    clear(id);
  };
}`;

/** What is in use once nothing is left to collect. */
async function weigh(cdp: CDPSession) {
  await cdp.send("HeapProfiler.collectGarbage");
  const { metrics } = await cdp.send("Performance.getMetrics");
  const of = (wanted: string) => metrics.find(({ name }) => name === wanted)!.value;
  return { nodes: of("Nodes"), listeners: of("JSEventListeners"), bytes: of("JSHeapUsedSize") };
}

/** One of each that can happen, with names that never were before. */
function happenAll(gateway: FakeGateway, n: number): void {
  gateway.deliver(telemetry(n % 997), "pico-kitchen");
  gateway.deliver({ ot: `of:${n}`, [`field${n}`]: n, note: `note ${n}` }, "wifi-garden");
  gateway.change("wifi-garden", { repeats: n });
  gateway.timeline.happen({ kind: "up", text: `connected, time ${n}` });
  gateway.hearIrc("in", `:ann!a@h PRIVMSG #lab :line ${n}`);
  const { work } = gateway;
  const task = taskView({ id: `task-${n}`, at: Date.now() });
  work.taskViews = [task, ...work.taskViews.slice(0, 99)];
  work.changes.publish({ kind: "task", id: task.id });
  // It connects anew, each time from another port.
  work.componentViews = [
    componentView("example_calculator", { address: `127.0.0.1:${n}`, heardAt: Date.now() }),
  ];
  work.changes.publish({ kind: "component", name: "example_calculator" });
}

describeInBrowser("the page, open for a week", (house) => {
  test("whatever passes, and whichever views are opened, it does not grow", async () => {
    fillHouse(house.gateway);
    house.gateway.ircView.enabled = true;
    const page = await house.open();
    await page.addInitScript(countIntervals);
    await page.reload();
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Performance.enable");
    let n = 0;
    const burst = async () => {
      for (const [view, shown] of views) {
        await page.evaluate(`location.hash = "${view}"`);
        for (let i = 0; i < ROUNDS; i++) happenAll(house.gateway, ++n);
        await page.locator("main").getByText(shown(n)).first().waitFor();
      }
    };
    const seen = async () => ({
      ...(await weigh(cdp)),
      intervals: await page.evaluate<number>("running.size"),
    });
    for (let i = 0; i < WARM_UP; i++) await burst();
    const full = await seen();
    for (let i = 0; i < MORE; i++) await burst();
    let after = await seen();
    // A view that was left is held until what it asked for has come. What leaks stays for good, and grows with each burst.
    for (let i = 0; i < MORE && after.nodes - full.nodes >= NODES_APART; i++) {
      await burst();
      after = await seen();
    }
    expect(after.intervals).toBe(full.intervals);
    expect(after.nodes - full.nodes).toBeLessThan(NODES_APART);
    expect(after.listeners - full.listeners).toBeLessThan(LISTENERS_APART);
    expect(after.bytes - full.bytes).toBeLessThan(BYTES_APART);
  });
});
