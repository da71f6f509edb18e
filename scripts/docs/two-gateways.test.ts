/** docs/two-gateways.md: two gateways on one machine, each in a folder of its own, hear and ask each other's boards. */
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { walkPage } from "./walk.ts";

await walkPage("docs/two-gateways.md", {
  machines: ["kitchen", "attic"],
  // Both are on loopback, each with a port of its own.
  here: (text, walk) =>
    text.replace(
      /host: (kitchen|attic)\.local/g,
      (_, name) => `host: 127.0.0.1, port: ${walk.at(name).machine.port("12002")}`,
    ),
  instead: [
    [
      /^scp attic\.key attic:bowline\/$/,
      async (walk) => {
        const [from, to] = ["kitchen", "attic"].map((name) => walk.at(name).machine.folder);
        await copyFile(join(from, "attic.key"), join(to, "attic.key"));
      },
    ],
    [/ send attic\/sim-1 /, (walk, command) => walk.untilShown(command)],
  ],
});
