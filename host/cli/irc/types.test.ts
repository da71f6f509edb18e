import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runVerb } from "../testing/run-verb.ts";

let folder = "";
let config = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bowline-irc-types-"));
  config = join(folder, "bowline.yaml");
  // As README has it.
  await writeFile(
    config,
    `gateway: { id: kitchen }
irc:
  types:
    - ot: l:temp
      sender: climate@*
      isRequest: true
      fields: [{ name: v, kind: number, unit: °C }]
`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const types = (...args: string[]) => runVerb(["irc", "types", "--config", config, ...args]);

test("lists what is configured, what boards have, and the global dictionary, with what people type", async () => {
  const { out } = await types();
  const rows = out.map((line) => line.split(/ {2,}/));
  expect(rows.slice(0, 3)).toEqual([
    ["type", "of", "typed", "meaning"],
    ["l:temp", "climate@*", "!temp BOARD", "-"],
    ["l:telemetry", "boards", "-", "how the board is, sent at its interval"],
  ]);
  expect(rows.find(([type]) => type === "l:led")).toEqual([
    ...["l:led", "boards", "!led BOARD on|off", "switches the LED of the board"],
  ]);
  expect(rows.filter(([, of]) => of === "all")).toHaveLength(36);
});

test("tells the fields of one", async () => {
  const { out } = await types("l:read");
  expect(out.map((line) => line.replace(/ {2,}/g, " | "))).toEqual([
    "l:read, of boards: reads a pin",
    "typed !read BOARD PIN [analog|digital]",
    "field | of the | value | unit | required | meaning",
    "pin | request | a text | - | yes | name of the pin",
    "analog | request | analog or digital | - | no | measured, from 0 to 1",
    "pin | reply | a text | - | yes | name of the pin",
    "v | reply | a number | - | no | what it has",
  ]);
});

test("--json has the description, as it travels", async () => {
  const { out } = await types("--json", "l:temp");
  expect(out.map((line) => JSON.parse(line))).toEqual([
    {
      ...{ of: "climate@*", ot: "l:temp", meaning: "", request: [] },
      items: [{ name: "v", kind: "number", meaning: "", unit: "°C" }],
    },
  ]);
  expect((await types("--json")).out.every((line) => "ot" in JSON.parse(line))).toBe(true);
});

test("of one that nobody has described it says so, and which may be meant", async () => {
  const { code, err } = await types("l:telemetri");
  expect([code, err.join()]).toEqual([
    3,
    expect.stringContaining("did you mean l:telemetry? [TYPE_UNKNOWN]"),
  ]);
});

test("explain and the words of people know the configured types", async () => {
  const { out } = await runVerb(["irc", "explain", "--config", config, "temp climate"]);
  expect(out[0]).toBe("request    l:temp from you@irc to climate@kitchen");
  const line = '{"mid":"1","o":{"oid":"1","ot":"l:temp","src":"climate@kitchen","dst":"","d":{"v":21.5}}}';
  expect((await runVerb(["irc", "explain", "--config", config, line])).out[1]).toBe(
    "datum      l:temp from climate@kitchen to everybody: v 21.5 °C",
  );
});
