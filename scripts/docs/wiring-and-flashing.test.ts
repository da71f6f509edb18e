/** docs/wiring-and-flashing.md: a simulated board is flashed, heard on its cable, moved to the network, and has a key. */
import { expect, test } from "vitest";
import { until } from "../../host/platform/testing/until.ts";
import { readPage } from "./page.ts";
import { realBoard } from "./real-board.ts";
import { walkPage } from "./walk.ts";

await walkPage("docs/wiring-and-flashing.md", {
  hasGateway: true,
  instead: [
    [/^npx bowline doctor$/, (walk, command) => walk.typeWhatever(command)],
    [
      /^\.\/flash\.sh --wifi/,
      async (walk, command) => {
        await realBoard.find(([one]) => one.test(command.line))![1](walk, command);
        const { shell, here } = walk.at("");
        await until(async () =>
          expect((await shell.type(here("npx bowline devices"))).printed).toMatch(
            /^kitchen +connected +tcp /m,
          ),
        );
      },
    ],
    ...realBoard,
    // A gateway of its own: here the port of the file is not there.
    [
      /^npm start -- --config/,
      async (walk, command) => {
        const { shell } = walk.at("");
        const { env } = shell;
        const apart = { BOWLINE_HTTP_PORT: "0", BOWLINE_TCP_PORT: "0", BOWLINE_DATA: "data/apart" };
        shell.env = { ...env, ...apart, BOWLINE_MONIQUE_HUB_ENABLED: "false" };
        await walk.type(command);
        shell.env = env;
      },
    ],
  ],
});

test("exit codes that it explains are those of the commands' page", async () => {
  const codes = async (path: string) =>
    [...(await readPage(path)).text.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => code);
  expect(await codes("docs/wiring-and-flashing.md")).toEqual(await codes("docs/commands.md"));
});
