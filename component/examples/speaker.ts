/** A speaks: a message every two seconds. */
import { component } from "bowline/component";

component("example_speaker", async ({ toHub, pause }) => {
  for (;;) {
    const data = { message: "Hello! It's a simple speaker." };
    await toHub.send({ type: "config", spec: "example_simple", data });
    console.log("sent", data);
    await pause(2000);
  }
});
