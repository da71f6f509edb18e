import { expect, test } from "vitest";
import { configSchema } from "../config/schema.ts";
import { networksOf, routesOf } from "./route-settings.ts";

const lab = { host: "irc.example", nick: "gw", channels: ["#lab"] };

function idsOf(routes: object[]): string[] {
  const { irc } = configSchema.parse({ irc: { ...lab, routes } });
  return routesOf(irc, networksOf(irc, "kitchen")).map(({ id }) => id);
}

test("two routes of the same messages to one channel, for programs and in words, have a cursor each", () => {
  const [first, second, third] = idsOf([
    { channel: "#lab" },
    { channel: "#lab", detail: "words", everyS: 60 },
    { channel: "#lab", types: ["l:temp"] },
  ]);
  expect(new Set([first, second, third]).size).toBe(3);
  expect(idsOf([{ channel: "#lab", detail: "brief" }])).toEqual([first]);
});

test("a route that is disabled, or on no network there is, tells nothing; one with a scheme has it", () => {
  const routes = [
    { channel: "#lab", enabled: false },
    { channel: "#lab", scheme: "b64p" },
  ];
  const { irc } = configSchema.parse({ irc: { ...lab, routes } });
  const networks = networksOf(irc, "kitchen");
  expect(routesOf(irc, networks)).toMatchObject([{ target: "#lab", network: "irc.example", scheme: "b64p" }]);
  expect(routesOf(irc, [])).toEqual([]);
});
