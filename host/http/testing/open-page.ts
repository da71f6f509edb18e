/** The status page in a real browser, in front of a gateway that a test fills; and what holds for every page it opens. */
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from "vitest";
import { PATIENCE_MS } from "../../platform/testing/patience.ts";
import { freePort } from "../../testing/free-port.ts";
import type { HttpServerOptions } from "../server.ts";
import { browserMissing, launchBrowser } from "./browser.ts";
import { buildPage } from "./built-page.ts";
import { FakeGateway } from "./fake-gateway.ts";
import { control, ServerUnderTest } from "./server-under-test.ts";
import { TcpWire } from "./tcp-wire.ts";

/** Where pictures of the page go, for a person to look at. */
const pictures = join(tmpdir(), "bowline-pictures");

const desk = { width: 1280, height: 800 };
export const phone = { width: 360, height: 740 };

/** In the page: the words of columns' titles that do not stand in one line. */
const cutTitles = `[...document.querySelectorAll("th")].flatMap((title) => {
  const text = title.firstChild;
  return [...(text?.data ?? "").matchAll(/\\S+/g)].filter(({ 0: word, index }) => {
    const range = document.createRange();
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    return range.getClientRects().length > 1;
  }).map(([word]) => word);
})`;

export interface Opening {
  /** "": none. */
  token?: string;
  viewport?: { width: number; height: number };
  colorScheme?: Scheme;
  hasTouch?: boolean;
  /** Time stands still for the page until the test has it run. */
  isClockOurs?: boolean;
  /** By so much the clock of the page's machine is wrong; the page has it as the global `clockAheadMs`. */
  clockAheadMs?: number;
}

type Scheme = "light" | "dark";

/** How each view is looked at: on what, and in which colours first. One is loaded light, the other dark. */
const looks: { on: string; first: Scheme; second: Scheme; opening: Opening }[] = [
  { on: "", first: "light", second: "dark", opening: { viewport: desk } },
  { on: "phone-", first: "dark", second: "light", opening: { viewport: phone, hasTouch: true } },
];

/** A gateway of its own for each test, and one browser for all of them. */
export class PageHouse {
  gateway!: FakeGateway;
  http!: ServerUnderTest;
  /** Between browser and server. */
  wire!: TcpWire;
  /** Errors of the page and of its console; a test takes out what it expects. */
  readonly faults: string[] = [];
  private pageDir = "";
  private browser!: Browser;
  /** Requests to anybody but the gateway. */
  private readonly strangers: string[] = [];

  async launch(): Promise<void> {
    await mkdir(pictures, { recursive: true });
    this.pageDir = await buildPage();
    this.browser = await launchBrowser();
  }

  async close(): Promise<void> {
    await this.browser.close();
    await rm(this.pageDir, { recursive: true });
  }

  async begin(): Promise<void> {
    this.gateway = new FakeGateway();
    const port = await freePort();
    this.http = await new ServerUnderTest(this.gateway, { pageDir: this.pageDir, port }).start();
    this.wire = new TcpWire(this.http.port);
    await this.wire.join();
  }

  /** Ends what the test opened; nothing it did may have gone wrong in the page. */
  async end(): Promise<void> {
    for (const context of this.browser.contexts()) await context.close();
    await this.wire.cut();
    await this.http.stop();
    const [faults, strangers] = [this.faults.splice(0), this.strangers.splice(0)];
    expect({ faults, strangers }).toEqual({ faults: [], strangers: [] });
  }

  /** Another gateway where the last one was. */
  async serveAnew(
    gateway: FakeGateway,
    options: Pick<Partial<HttpServerOptions>, "tokens"> = {},
  ): Promise<void> {
    const { port } = this.http;
    this.gateway = gateway;
    this.http = await new ServerUnderTest(gateway, { pageDir: this.pageDir, port, ...options }).start();
  }

  get address(): string {
    return `http://127.0.0.1:${this.wire.port}/`;
  }

  /** `view`: as in the address, "#/boards". */
  async open(
    view = "",
    { token = control, isClockOurs = false, clockAheadMs = 0, ...looks }: Opening = {},
  ): Promise<Page> {
    const page = await (await this.browser.newContext({ viewport: desk, ...looks })).newPage();
    if (isClockOurs) await page.clock.install();
    if (clockAheadMs !== 0)
      await page.addInitScript(
        `{ const { now } = Date; window.clockAheadMs = ${clockAheadMs}; Date.now = () => now() + clockAheadMs; }`,
      );
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("request", (request) => {
      const { hostname } = new URL(request.url());
      if (hostname !== "127.0.0.1" && !request.url().startsWith("data:")) this.strangers.push(request.url());
    });
    page.on("console", (line) => void (line.type() === "error" && this.faults.push(line.text())));
    // What waits for such a page need wait no longer.
    page.on("pageerror", (error) => {
      this.faults.push(error.message);
      void page.close();
    });
    await page.goto(`${this.address}${token === "" ? "" : `?token=${token}`}${view}`);
    return page;
  }

  /** All of it on one screen, so that what stays at an edge of the screen covers nothing. */
  async picture(page: Page, file: string): Promise<void> {
    const size = page.viewportSize()!;
    const height = (await page.evaluate("document.documentElement.scrollHeight")) as number;
    await page.setViewportSize({ ...size, height: Math.max(size.height, height) });
    await page.screenshot({ path: join(pictures, `${file}.png`) });
    await page.setViewportSize(size);
  }

  /** A view light and dark, on a desk and on a phone: nothing wider than the screen, no title cut, no fault of axe; a picture of each. */
  async inspect(
    view: string,
    file: string,
    whenThere: (page: Page) => Promise<unknown>,
    { token = control }: Pick<Opening, "token"> = {},
  ): Promise<void> {
    for (const { on, first, second, opening } of looks) {
      const page = await this.open(view, { ...opening, colorScheme: first, token });
      await whenThere(page);
      await this.picture(page, `${file}-${on}${first}`);
      await this.check(page, `${file}, ${on}${first}`);
      await page.emulateMedia({ colorScheme: second });
      await this.picture(page, `${file}-${on}${second}`);
      await this.checkRules(page, `${file}, ${on}${second}`, '{ runOnly: "color-contrast" }');
      await page.context().close();
    }
  }

  /** `name`: for the words of a failure. */
  async check(page: Page, name: string): Promise<void> {
    const width = await page.evaluate("document.documentElement.scrollWidth");
    expect([name, width]).toEqual([name, page.viewportSize()!.width]);
    expect([name, await page.evaluate(cutTitles)]).toEqual([name, []]);
    await page.evaluate(`${axe.source}; undefined`);
    await this.checkRules(page, name);
  }

  /** `options`: of axe, in JavaScript. */
  private async checkRules(page: Page, name: string, options = ""): Promise<void> {
    const found = (await page.evaluate(
      `axe.run(${options}).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, failureSummary].join(" | "))))`,
    )) as string[];
    expect([name, ...found]).toEqual([name]);
  }
}

/** Tests of the page; they are skipped, and say what to install, where there is no browser. */
export function describeInBrowser(name: string, tests: (house: PageHouse) => void): void {
  const title = [name, browserMissing].filter(Boolean).join(": ");
  describe.skipIf(browserMissing !== "")(title, () => {
    const house = new PageHouse();
    beforeAll(() => house.launch());
    afterAll(() => house.close());
    beforeEach(() => house.begin());
    afterEach(() => house.end());
    tests(house);
  });
}
