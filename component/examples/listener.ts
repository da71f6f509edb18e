/** B listens: what the speaker says, and in the status text from whom it was. */
import { component } from "bowline/component";

component("example_listener", async ({ fromHub, status }) => {
  for await (const message of fromHub.subscribe("config:example_simple")) {
    console.log(message.data);
    status(`Processed message from ${message.creator}`);
  }
});
