import { expect, test } from "vitest";
import { configSchema } from "../../../config/schema.ts";
import { chainConfig } from "./chain-config.ts";

const address = { host: "127.0.0.1", port: 4711 };
const peersOf = (number: number, count: number) => {
  const addressOf = (other: number) => (other > number ? address : undefined);
  const config = chainConfig({ number, count, folder: "/tmp/x", loses: false, addressOf });
  return configSchema.parse(config).peers;
};

test("a gateway knows its neighbours, reaches those behind them by route, and each end hears the other", () => {
  expect(peersOf(1, 4)).toMatchObject({
    connect: [{ id: "2", name: "gw2", ...address, dial: "always", subscribe: [] }],
    routes: [
      { to: "3", name: "gw3", via: "2", subscribe: [] },
      { to: "4", name: "gw4", via: "2", subscribe: ["*"] },
    ],
  });
  expect(peersOf(3, 4)).toMatchObject({
    connect: [
      { id: "2", dial: "never" },
      { id: "4", dial: "always" },
    ],
    routes: [{ to: "1", via: "2", subscribe: [] }],
  });
});

test("two gateways are each other's end", () => {
  expect(peersOf(2, 2)).toMatchObject({
    connect: [{ id: "1", dial: "never", subscribe: ["*"] }],
    routes: [],
  });
});
