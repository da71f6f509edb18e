/** Types that are written without their l: are asked about, and no others. */
import { expect, test } from "vitest";
import { configSchema } from "../config/schema.ts";
import { typeAdvice } from "./type-advice.ts";

test("names that no board has, and what may be meant", () => {
  const { irc } = configSchema.parse({
    irc: {
      host: "h",
      channels: ["#a"],
      routes: [
        { channel: "#a", types: ["l:telemetry", "*", "tele*", "bchnfo"] },
        { channel: "#a", types: ["l:alarm", "telemetry"] },
        { channel: "#a", types: ["off"], enabled: false },
      ],
      operators: [{ name: "ann", account: "ann", commands: ["led", "l:info"] }],
    },
  });
  const why = "is no type of IRC-IoT's dictionary, and those of boards begin with l:";
  expect(typeAdvice(irc)).toEqual([
    `irc.routes.1.types: telemetry ${why}; did you mean l:telemetry?`,
    `irc.operators.0.commands: led ${why}; did you mean l:led?`,
  ]);
});
