/** docs/commands.md: what needs no gateway. */
import { walkPage } from "./walk.ts";

await walkPage("docs/commands.md");
