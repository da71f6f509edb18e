import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BowlineError } from "../platform/errors.ts";
import { findConfigFile, unreadableFile } from "./find.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-find-"));
  for (const name of ["cwd", "home"]) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (path: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), path);
};
const find = (option?: string, variable?: string) =>
  findConfigFile({ option, variable, cwd: join(folder, "cwd"), home: join(folder, "home") });
const failure = (option?: string, variable?: string): unknown => {
  try {
    return find(option, variable);
  } catch (error) {
    return error;
  }
};
const personal = "home/.config/bowline/bowline.yaml";

describe("findConfigFile()", () => {
  it("takes the option before the variable, that before the current directory, that before the home folder", () => {
    expect(find()).toBeUndefined();
    write(personal);
    expect(find()?.text).toBe(personal);
    write("cwd/bowline.yaml");
    expect(find()?.text).toBe("cwd/bowline.yaml");
    write("cwd/variable.yaml");
    expect(find(undefined, "variable.yaml")?.text).toBe("cwd/variable.yaml");
    write("cwd/option.json");
    expect(find("option.json", "variable.yaml")?.text).toBe("cwd/option.json");
  });

  it("names a file as the user did, and says where it is", () => {
    write("cwd/bowline.yaml");
    expect(find("../cwd/bowline.yaml")).toMatchObject({
      name: "../cwd/bowline.yaml",
      path: join(folder, "cwd/bowline.yaml"),
    });
  });

  it("takes an empty variable for none", () => {
    expect(find(undefined, "")).toBeUndefined();
  });

  it.each([
    ["option", "--config", ["nope.yaml", undefined]],
    ["variable", "BOWLINE_CONFIG", [undefined, "nope.yaml"]],
  ] as const)("insists on the file that the %s asked for", (_, named, [option, variable]) => {
    write("cwd/bowline.yaml");
    const error = failure(option, variable);
    expect(error).toBeInstanceOf(BowlineError);
    expect(error).toMatchObject({
      code: "CONFIG_NOT_FOUND",
      exitCode: 3,
      message: "reading nope.yaml: no such file",
      mend: expect.stringContaining(named),
    });
  });

  it("refuses a folder", () => {
    expect(failure(".")).toMatchObject({
      code: "CONFIG_UNREADABLE",
      exitCode: 2,
      message: "reading .: a folder, expected a file",
    });
  });

  it("refuses what it cannot read, also when nobody asked for it", () => {
    symlinkSync("bowline.yaml", join(folder, "cwd/bowline.yaml"));
    expect(failure()).toMatchObject({ code: "CONFIG_UNREADABLE", message: "reading bowline.yaml: ELOOP" });
  });
});

describe("unreadableFile()", () => {
  // The superuser may read everything, so no file in a test can stand for this one.
  it("is a matter of permission when the system says so", () => {
    expect(unreadableFile("f", "/x/f", "EACCES")).toMatchObject({
      exitCode: 4,
      message: "reading f: not yours to read",
      mend: "ls -ld /x/f",
    });
  });
});
