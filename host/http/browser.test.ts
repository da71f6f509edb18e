import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PATIENCE_MS } from "../platform/testing/patience.ts";
import { buildPage } from "./testing/built-page.ts";
import { FakeGateway } from "./testing/fake-gateway.ts";
import { componentView, killView } from "./testing/fake-work.ts";
import { fillHouse, tasks, telemetry } from "./testing/house.ts";
import { control, read, ServerUnderTest } from "./testing/server-under-test.ts";
import { TcpWire } from "./testing/tcp-wire.ts";

const program = "/usr/bin/chromium";
const isThere = existsSync(program);
const name = isThere
  ? "the page in a browser"
  : `the page in a browser: no ${program}; sudo apt-get install chromium`;
const quiet = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const phone = { width: 360, height: 740 };
const narrow = { width: 400, height: 800 };
/** Where pictures of the page go, for a person to look at. */
const pictures = join(tmpdir(), "bowline-pictures");

describe.skipIf(!isThere)(name, () => {
  let pageDir: string;
  let browser: Browser;
  let gateway: FakeGateway;
  let http: ServerUnderTest;
  let wire: TcpWire;
  const strangers: string[] = [];
  const faults: string[] = [];

  beforeAll(async () => {
    await mkdir(pictures, { recursive: true });
    pageDir = await buildPage();
    browser = await chromium.launch({ executablePath: program, args: quiet });
  });
  afterAll(async () => {
    await browser.close();
    await rm(pageDir, { recursive: true });
  });

  beforeEach(async () => {
    gateway = new FakeGateway();
    http = await new ServerUnderTest(gateway, { pageDir }).start();
    wire = new TcpWire(http.port);
    await wire.join();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await wire.cut();
    await http.stop();
    expect(strangers.splice(0)).toEqual([]);
    faults.length = 0;
  });

  async function open(
    path = `/?token=${control}`,
    options: BrowserContextOptions = {},
    isClockOurs = false,
  ): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    if (isClockOurs) await page.clock.install();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("request", (request) => {
      const { hostname } = new URL(request.url());
      if (hostname !== "127.0.0.1" && !request.url().startsWith("data:")) strangers.push(request.url());
    });
    page.on("console", (line) => void (line.type() === "error" && faults.push(line.text())));
    page.on("pageerror", (error) => void faults.push(error.message));
    await page.goto(`http://127.0.0.1:${wire.port}${path}`);
    return page;
  }

  const picture = (page: Page, file: string) =>
    page.screenshot({ path: join(pictures, `${file}.png`), fullPage: true });
  const board = (page: Page, id: string) =>
    page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: id, exact: true }) });

  test("the token leaves the address, and a value appears without a reload", async () => {
    fillHouse(gateway);
    const page = await open();
    await page.getByText("live", { exact: true }).waitFor();
    expect(page.url()).toBe(`http://127.0.0.1:${wire.port}/`);
    const card = board(page, "pico-kitchen");
    await card.getByText("21.5").waitFor();
    await picture(page, "desktop");
    gateway.deliver(telemetry(22.75), "pico-kitchen");
    await card.getByText("22.75").waitFor();
    await card.locator(".counts").getByText("4").waitFor();
    expect(faults).toEqual([]);
  });

  test("a board that may have lost messages shows it; one that goes says since when", async () => {
    fillHouse(gateway);
    const page = await open();
    const cellar = board(page, "pico-cellar");
    await cellar.getByText("away", { exact: true }).waitFor();
    expect(await cellar.locator(".fault").allInnerTexts()).toEqual([expect.stringMatching(/^missing\s*15$/)]);
    await cellar.getByText("3 may be lost: their numbers never came; 12 the board had no room for").waitFor();
    const words = await cellar.locator(".counts dt").allInnerTexts();
    expect(words).toEqual(["messages", "repeats", "waiting", "missing"]);
    gateway.change("pico-kitchen", { connected: false });
    await board(page, "pico-kitchen").getByText("last heard").waitFor();
  });

  test("on a phone nothing is wider than the screen, light or dark", async () => {
    fillHouse(gateway);
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await open(undefined, { viewport: phone, colorScheme, deviceScaleFactor: 2 });
      await board(page, "wifi-garden").getByText("moisture").waitFor();
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(phone.width);
      await picture(page, `phone-${colorScheme}`);
    }
  });

  test("without a board the page says the next step", async () => {
    const page = await open(undefined, { viewport: phone });
    await page.getByText("npx bowline sim --tcp 127.0.0.1:7700").waitFor();
    await picture(page, "empty");
    gateway.change("sim-1");
    await board(page, "sim-1").getByText("connected", { exact: true }).waitFor();
    expect(await page.getByText("npx bowline sim").count()).toBe(0);
  });

  test("a cut is said, and after it the page goes on where it was", async () => {
    fillHouse(gateway);
    const page = await open();
    await board(page, "pico-kitchen").getByText("21.5").waitFor();
    await wire.cut();
    await page.getByText("Connection to the gateway lost.").waitFor();
    await picture(page, "lost");
    gateway.deliver(telemetry(30.25), "pico-kitchen");
    gateway.deliver(telemetry(30.5), "pico-kitchen");
    await wire.join();
    await board(page, "pico-kitchen").getByText("30.5 °C", { exact: true }).waitFor();
    await page.getByText("Connection to the gateway lost.").waitFor({ state: "detached" });
    const numbers = await page.locator(".newest li > span:first-child").allInnerTexts();
    expect(numbers).toEqual(["7", "6", "5", "4", "3", "2", "1"]);
  });

  test("a gateway that began anew is shown from its beginning", async () => {
    fillHouse(gateway);
    const page = await open();
    await board(page, "pico-kitchen").getByText("21.5").waitFor();
    await http.stop();
    await page.getByText("Connection to the gateway lost.").waitFor();
    gateway = new FakeGateway();
    gateway.change("sim-1");
    gateway.deliver({ ot: "l:temp", v: 1.25 });
    http = await new ServerUnderTest(gateway, { pageDir, port: http.port }).start();
    await board(page, "sim-1").getByText("1.25").waitFor();
    expect(await page.locator(".newest li > span:first-child").allInnerTexts()).toEqual(["1"]);
    expect(await page.getByRole("heading", { level: 3 }).allInnerTexts()).toEqual(["sim-1"]);
  });

  test("without a token the page says where to get one", async () => {
    const page = await open("/", { viewport: phone });
    await page.getByText("This page needs a token.").waitFor();
    await picture(page, "refused");
  });

  test("a token that is none any more is told, and not tried again until the page is loaded anew", async () => {
    fillHouse(gateway);
    const page = await open(undefined, {}, true);
    await board(page, "pico-kitchen").getByText("21.5").waitFor();
    await http.stop();
    const own = [{ role: "control", token: "another-control-token-01" }] as const;
    http = await new ServerUnderTest(gateway, { pageDir, port: http.port, tokens: own }).start();
    await page.getByText("The token of this page is not valid (any more).").waitFor();
    await picture(page, "token-refused");
    // Time goes on for the page alone: an hour of it brings no request.
    const asked: string[] = [];
    page.on("request", (request) => void asked.push(request.url()));
    await page.clock.runFor(3_600_000);
    expect(asked).toEqual([]);
    await page.goto(`http://127.0.0.1:${wire.port}/?token=${own[0].token}`);
    await board(page, "pico-kitchen").getByText("21.5").waitFor();
  });

  test.each(["light", "dark"] as const)("at 400 pixels what is refused fits, %s", async (colorScheme) => {
    const page = await open("/?token=none-of-the-tokens-there-are", { viewport: narrow, colorScheme });
    await page.getByText("The token of this page is not valid (any more).").waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(narrow.width);
    await picture(page, `narrow-refused-${colorScheme}`);
    fillHouse(gateway);
    await page.goto(`http://127.0.0.1:${wire.port}/?token=${control}`);
    await board(page, "pico-cellar").waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(narrow.width);
    await picture(page, `narrow-${colorScheme}`);
  });

  test("keys reach what scrolls, and the focus is seen", async () => {
    fillHouse(gateway);
    const page = await open();
    await board(page, "pico-kitchen").waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.className")).toBe("newest");
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
    await picture(page, "focus");
  });

  const row = (page: Page, text: string) => page.locator(".work > li").filter({ hasText: text });

  test("components are there with their health as it changes, what is not well first", async () => {
    fillHouse(gateway);
    const { work } = gateway;
    const page = await open();
    await row(page, "example_clock").getByText("late, silent", { exact: true }).waitFor();
    await row(page, "example_clock").getByText("heartbeats not understood: 2").waitFor();
    await row(page, "bowline_pico-kitchen").getByText("temp 21.5 °C").waitFor();
    const names = page.locator("section[aria-labelledby=components] li strong");
    expect(await names.allInnerTexts()).toEqual([
      ...["example_clock", "bowline_pico-kitchen", "example_calculator"],
    ]);
    work.componentViews = [componentView("example_calculator", { state: "dead", message: "gone" })];
    work.changes.publish({ kind: "component", name: "example_calculator" });
    await row(page, "gone").getByText("dead", { exact: true }).waitFor();
    // The look at the tables has the instances that are there no more.
    await row(page, "example_clock").waitFor({ state: "detached" });
    expect(faults).toEqual([]);
  });

  test("a task is run from the page and seen to its end; what it cannot be is told", async () => {
    const { work } = gateway;
    const page = await open();
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
    expect(faults).toEqual([]);
  });

  test("the kill button tells that it waits, then whether the task stopped", async () => {
    fillHouse(gateway);
    const { work } = gateway;
    let told = (_: object) => {};
    const kills: unknown[][] = [];
    work.kill = (id, { children }) => {
      kills.push([id, children]);
      return new Promise((resolve) => {
        told = (fields) => resolve(killView({ task: id, ...fields }));
      });
    };
    const page = await open();
    const parent = row(page, tasks.parent);
    await parent.getByRole("button", { name: "and below" }).click();
    await parent.getByText("told to stop; waiting whether it does").waitFor();
    expect(await parent.getByRole("button").first().isDisabled()).toBe(true);
    await picture(page, "kill");
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
    expect([kills[1], faults]).toEqual([[tasks.child, false], []]);
  });

  test("a token that may only look sees run and kill switched off, and why", async () => {
    fillHouse(gateway);
    const page = await open(`/?token=${read}`);
    await page.getByText("run and kill need the control token").waitFor();
    const buttons = page.getByRole("button");
    // The status is there before the tasks are.
    await buttons.nth(3).waitFor();
    expect(await buttons.count()).toBe(4);
    for (const button of await buttons.all()) expect(await button.isDisabled()).toBe(true);
    await picture(page, "read-only");
  });
});
