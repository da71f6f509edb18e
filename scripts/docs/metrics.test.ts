/** docs/metrics.md: a scrape by hand. */
import { walkPage } from "./walk.ts";

await walkPage("docs/metrics.md", { hasGateway: true });
