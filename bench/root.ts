/** The project's folder, seen from bench/ and from dist/ alike, and what its packages are. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** The programs that a board runs in P7. */
export const clients = {
  "link-client": new URL("../bench/board/link-client.ts", import.meta.url),
  "session-client": new URL("../bench/board/session-client.ts", import.meta.url),
};

/** "ws 8.23.0" of each package. */
export function versionsOf(...packages: string[]): string[] {
  return packages.map((name) => {
    const text = readFileSync(join(root, "node_modules", name, "package.json"), "utf8");
    return `${name} ${JSON.parse(text).version}`;
  });
}
