/** The browser that tests and benchmarks of the page run in, where there is one. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const program = "/usr/bin/chromium";
const quiet = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Memory is counted by tests.
  "--js-flags=--expose-gc",
];

/** Why there is none, and what to install; "": there is one. */
export const browserMissing = existsSync(program) ? "" : `no ${program}; sudo apt-get install chromium`;

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: program, args: quiet });
