import { test } from "vitest";
import { describeInBrowser } from "../testing/open-page.ts";
import { fillWires } from "../testing/wires-house.ts";

describeInBrowser("links, queues and other gateways in a browser", (house) => {
  test("each looks right light and dark, on a desk and on a phone", async () => {
    fillWires(house.gateway);
    await house.inspect("#/links", "links", (page) => page.getByText("waits", { exact: true }).waitFor());
    await house.inspect("#/queues", "queues", (page) => page.getByRole("heading", { name: "What will not arrive" }).waitFor());
    await house.inspect("#/peers", "peers", (page) => page.getByText("nobody listens there").waitFor());
  });
});
