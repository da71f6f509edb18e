/** docs/promises.md: a proof run by hand. */
import { walkPage } from "./walk.ts";

await walkPage("docs/promises.md");
