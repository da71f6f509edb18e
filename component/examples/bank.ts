/** Asks the calculator, for a task of its own: whoever kills that can find the other one below it. */
import { component, serve } from "bowline/component";

interface Saving {
  per_month: number;
  months: number;
}

component(
  "example_bank",
  serve({
    example_bank: async ({ months, per_month }: Saving, task, { ask, status }) => {
      status(`received message from ${task.id}`);
      const sum = { first: months, second: per_month, action: "*" };
      return ask("example_calculator", sum, { pid: task.id, signal: task.signal });
    },
  }),
);
