import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { configTable, formatConfig, formatSchema, tableBegin, tableEnd, updateTable } from "./describe.ts";
import { loadConfig } from "./load.ts";

const page = fileURLToPath(new URL("../../docs/configuration.md", import.meta.url));
const nowhere = { env: {}, cwd: "/nowhere", home: "/nowhere", hostname: "host" };

describe("configTable()", () => {
  it("has a row for every kind of default", () => {
    const rows = configTable().split("\n");
    expect(rows.slice(0, 2)).toEqual(["| key | default | what it means |", "|---|---|---|"]);
    expect(rows).toContain("| `http.port` | `9080` | its port; 0: any free one |");
    expect(rows).toContain("| `serial[].path` | required | the port; best a name under /dev/serial/by-id |");
    expect(rows).toContain(
      "| `gateway.id` | – | name of this gateway; the name of the machine when absent |",
    );
  });
  it("has three cells in every row", () => {
    for (const row of configTable().split("\n")) expect(row.split("|"), row).toHaveLength(5);
  });
});

describe("updateTable()", () => {
  it("replaces what is between the markers and nothing else", () => {
    const updated = updateTable(`before\n${tableBegin}\nold\n${tableEnd}\nafter\n`);
    expect(updated).toBe(`before\n${tableBegin}\n${configTable()}\n${tableEnd}\nafter\n`);
    expect(updateTable(updated)).toBe(updated);
  });
  it.each([
    "no markers",
    tableBegin,
    tableEnd,
    `${tableEnd}${tableBegin}`,
    `${tableBegin}${tableEnd}${tableBegin}${tableEnd}`,
  ])("refuses %j", (markdown) => {
    expect(() => updateTable(markdown)).toThrow(RangeError);
  });

  // Out of date? `npx vitest run host/config -u` writes the table anew.
  it.runIf(existsSync(page))("would change nothing in docs/configuration.md", async () => {
    await expect(updateTable(readFileSync(page, "utf8"))).toMatchFileSnapshot(page);
  });
});

describe("formatSchema()", () => {
  it("is JSON Schema with names, ranges and defaults, closed to unknown keys", () => {
    const schema = JSON.parse(formatSchema());
    expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
    expect(schema.additionalProperties).toBe(false);
    expect(schema.required).toBeUndefined();
    expect(schema.properties.serial.items.required).toEqual(["path"]);
    expect(schema.properties.http.properties.port).toEqual({
      type: "integer",
      minimum: 0,
      maximum: 65535,
      default: 9080,
      description: "its port; 0: any free one",
    });
  });
});

describe("formatConfig()", () => {
  const loaded = loadConfig({
    ...nowhere,
    env: { BOWLINE_HTTP_PORT: "81" },
    set: ["serial.0.path=COM3", "gateway.hostId=42"],
  });

  it("says of each value where it came from", () => {
    const lines = formatConfig(loaded).split("\n");
    expect(lines[0]).toBe("# no file");
    expect(lines).toContain("  port: 81 # BOWLINE_HTTP_PORT");
    expect(lines).toContain("    path: COM3 # --set serial.0.path");
    expect(lines).toContain("  expireS: 255 # default");
    expect(lines).toContain('  hostId: "42" # --set gateway.hostId');
  });

  it("is YAML that gives the same configuration", () => {
    expect(parse(formatConfig(loaded))).toEqual(loaded.config);
  });
});
