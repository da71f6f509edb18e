/** A prepared tree of files that stands for the machine's root, for tests. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const made: string[] = [];

/** Path → content; `-> TARGET` makes a link, as given: relative or dangling. */
export async function fakeRoot(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "bowline-root-"));
  made.push(root);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    if (content.startsWith("-> ")) await symlink(content.slice(3), join(root, path));
    else await writeFile(join(root, path), content);
  }
  return root;
}

/** For afterEach(). */
export async function removeFakeRoots(): Promise<void> {
  for (const root of made.splice(0)) await rm(root, { recursive: true });
}
