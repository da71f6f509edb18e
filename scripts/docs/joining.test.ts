/** docs/joining.md: a client in another language, step by step. */
import { walkPage } from "./walk.ts";

await walkPage("docs/joining.md", { hasGateway: true });
