/** docs/components.md: a component is heard and does a task, a board does one, and both are listed. */
import { walkPage } from "./walk.ts";

await walkPage("docs/components.md", {
  hasGateway: true,
  instead: [
    // Before its subscription has arrived a task is heard by nobody.
    [/^npx bowline tasks run example_calculator /, (walk, command) => walk.untilShown(command)],
  ],
});
