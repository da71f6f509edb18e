/** Two components in one program: news that anybody may hear, and one that does. */
import { component } from "bowline/component";

component("example_radio-speaker", async ({ toHub, pause }) => {
  for (;;) {
    await toHub.send({ type: "data", spec: "example_radio", data: { message: "Hello! It's me." } });
    await pause(2000);
  }
});

component("example_radio-listener", async ({ fromHub, status }) => {
  for await (const message of fromHub.subscribe("data:example_radio")) {
    console.log(message.data);
    status(`Processed message from ${message.creator}`);
  }
});
