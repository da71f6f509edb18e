/** Does sums that come over the hub: results, and errors for what it cannot do. */
import { component, serve, TaskError } from "bowline/component";

interface Sum {
  first: number;
  second: number;
  action: string;
}

component(
  "example_calculator",
  serve({
    example_calculator: ({ first, second, action }: Sum) => {
      if (action === "+") return { answer: first + second };
      if (action === "*") return { answer: first * second };
      throw new TaskError(500, `unknown action ${action}`);
    },
  }),
);
