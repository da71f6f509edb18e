/** Asks once a second what time it is, and waits for one of the clocks. */
import { component } from "bowline/component";

component("example_clock-ask", async ({ ask, pause }) => {
  for (;;) {
    const { answer } = await ask<{ answer: number }>("example_clock", { question: "What time is it?" });
    console.log(`Time is ${new Date(answer).toUTCString()}`);
    await pause(1000);
  }
});
