/** A restore onto a disk of its own, as the volume of a container is one: in a namespace that ends with it (unshare, as root). */
import { spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { keepBackup } from "../backup/backup-file.ts";
import { backupOfFolder } from "../backup/closed-folder.ts";
import { fillFolder } from "../backup/testing/data-folder.ts";
import { PATIENCE_MS } from "../platform/testing/patience.ts";
import { folderForEach } from "../testing/folders.ts";
import { BuiltProgram, freePorts } from "./testing/built-program.ts";

const folder = folderForEach("restore-mount");
const here = (name: string) => join(folder(), name);
const canMount = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;

let program: BuiltProgram;

describe.skipIf(!canMount)("a mount (needs root, and unshare)", () => {
  beforeAll(async () => {
    program = await BuiltProgram.make();
  });
  afterAll(() => program.remove());

  const fileOf = () => here("a.bowline");
  /** Blanks and backslashes are written otherwise in the list of mounts. */
  const mount = () => here("a disk\\1");

  beforeEach(async () => {
    await fillFolder(here("from"), { messages: 3, documents: 2 });
    mkdirSync(here("from/keys"));
    writeFileSync(here("from/keys/b-1.key"), "k\n", { mode: 0o600 });
    const wanted = { data: here("from"), gateway: "attic", hasHistory: false };
    await backupOfFolder(wanted, (bytes) => keepBackup(fileOf(), bytes));
    mkdirSync(mount());
  });

  /** Runs `script` where `mount()` is a mount: "$disk" is it, `bowline` the program. What it printed, and how it ended. */
  function mounted(how: string, script: string) {
    const whole = `mount ${how} "$disk" && cd / && bowline() { "$node" "$program" "$@"; } && ${script}`;
    const env = { disk: mount(), node: process.execPath, program: program.path, file: fileOf() };
    const ended = spawnSync("unshare", ["-m", "sh", "-c", whole], {
      // A gateway that starts all the same is not waited for.
      ...{ encoding: "utf8", cwd: folder(), timeout: PATIENCE_MS },
      env: { ...env, PATH: process.env.PATH ?? "", HOME: folder(), here: folder() },
    });
    return { ...ended, lines: ended.stdout.trimEnd().split("\n") };
  }

  test.each([
    ["a tmpfs", "-t tmpfs none"],
    ["of the same file system", '--bind "$here/bound"'],
  ])("%s that is empty gets all of it, its owner's, and nothing beside", (_, how) => {
    mkdirSync(here("bound"));
    const { status, stderr, lines } = mounted(
      how,
      'chown 12345:12346 "$disk" && bowline restore "$file" --data "$disk" >&2 && ls -1A "$disk" && find "$disk" ! -uid 12345 && ls -1A "$here"',
    );
    expect([status, stderr]).toEqual([0, expect.stringContaining(`restored into ${mount()}\n`)]);
    expect(lines).toEqual([
      "keys",
      "last-commit",
      "store",
      "store.json",
      "a disk\\1",
      "a.bowline",
      "bound",
      "from",
    ]);
  });

  test("with data in it is refused; with force that is set aside in it, and a link leads there", () => {
    symlinkSync("a disk\\1", here("link"));
    const { status, stderr, lines } = mounted(
      "-t tmpfs none",
      'echo old > "$disk/host-id" && { bowline restore "$file" --data "$here/link" && exit 9; echo $? $(ls -A "$disk"); } && bowline restore "$file" --data "$here/link" --force >&2 && bowline restore "$file" --data "$here/link" --force >&2 && cd "$disk" && ls -1A | sed s/2.*Z.*/TIME/ && cat before-*/host-id',
    );
    expect(stderr).toContain("it is there, and not empty [RESTORE_NOT_EMPTY]");
    expect([status, ...lines]).toEqual([
      0,
      "2 host-id",
      ...["before-TIME", "before-TIME", "keys", "last-commit", "store", "store.json", "old"],
    ]);
  });

  test("a folder that root makes where a link leads is the folder's owner's around it", () => {
    mkdirSync(here("srv"));
    chownSync(here("srv"), 12_345, 12_346);
    symlinkSync("srv/data", here("link"));
    const { status, lines } = mounted(
      "-t tmpfs none",
      'bowline restore "$file" --data "$here/link" >&2 && find "$here/srv" ! -uid 12345 && ls -1A "$here/srv" && readlink "$here/link"',
    );
    expect([status, ...lines]).toEqual([0, "data", "srv/data"]);
    expect(readdirSync(here("srv/data"))).toContain("store.json");
  });

  test("where it was cut off no gateway starts, and a restore by force mends it", () => {
    const { status, stderr, lines } = mounted(
      "-t tmpfs none",
      `touch "$disk/unfinished-restore" && { bowline up --set data="$disk" ${freePorts.join(" ")}; echo $?; } && bowline restore "$file" --data "$disk" --force >&2 && ls -1A "$disk" | sed s/2.*Z.*/TIME/`,
    );
    expect(stderr).toContain("a restore into it was cut off, so it is not whole [DATA_FOLDER]");
    expect([status, ...lines]).toEqual([0, "1", "before-TIME", "keys", "last-commit", "store", "store.json"]);
    expect(existsSync(join(mount(), "store"))).toBe(false);
  });
});
