/** docs/irc.md: lines of IRC-IoT in words, and words as lines. */
import { walkPage } from "./walk.ts";

await walkPage("docs/irc.md", { hasGateway: true });
