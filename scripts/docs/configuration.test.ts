/** docs/configuration.md: a configuration that is written and checked. */
import { walkPage } from "./walk.ts";

await walkPage("docs/configuration.md", {
  exits: [[/htpp/, 2]],
});
