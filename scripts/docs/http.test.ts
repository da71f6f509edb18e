/** docs/http.md: HTTP in the hands of curl. */
import { walkPage } from "./walk.ts";

await walkPage("docs/http.md", { hasGateway: true });
