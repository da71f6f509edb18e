/** docs/watching.md: a gateway with a board is looked at from all sides. */
import { walkPage } from "./walk.ts";

await walkPage("docs/watching.md", { hasGateway: true });
