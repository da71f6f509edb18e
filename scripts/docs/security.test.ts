/** docs/security.md: what is refused is refused, and files that hold secrets are their owner's alone. */
import { expect } from "vitest";
import { firstMissing } from "../../host/cli/testing/typed-commands.ts";
import { until } from "../../host/platform/testing/until.ts";
import { walkPage } from "./walk.ts";

await walkPage("docs/security.md", {
  hasGateway: true,
  instead: [
    // It stays where it may listen; here it must not.
    [
      /^bowline up /,
      async (walk, { line, shown }) => {
        const { shell, here } = walk.at("");
        const { printed, status } = await shell.type(here(line));
        expect(firstMissing(shown, printed), printed).toBeUndefined();
        expect(status).toBe(2);
      },
    ],
    [
      /^bowline devices$/,
      async (walk, { line, shown }) => {
        const { shell, here } = walk.at("");
        await until(async () => {
          const { printed, status } = await shell.type(here(line));
          expect(firstMissing(shown, printed), printed).toBeUndefined();
          expect(status).toBe(shown.some((row) => row.includes("TOKENS_EXPOSED")) ? 4 : 0);
        });
      },
    ],
  ],
});
