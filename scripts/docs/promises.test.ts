/** docs/promises.md: faults on purpose, and a proof run by hand. */
import { walkPage } from "./walk.ts";

await walkPage("docs/promises.md");
