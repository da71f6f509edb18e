/** docs/writing-an-app.md: the first program, built, on a simulated board, asked, and flashed. */
import { plugsIn } from "./real-board.ts";
import { walkPage } from "./walk.ts";

await walkPage("docs/writing-an-app.md", {
  hasGateway: true,
  instead: [plugsIn, [/^npx bowline send climate /, (walk, command) => walk.untilShown(command)]],
});
