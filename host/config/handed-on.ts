/** What every system beyond the gateway is configured for alike: which messages it is told, and from where on. */
import { z } from "zod";
import { text } from "./fields.ts";

export const handedOn = () => ({
  devices: z
    .array(
      text().describe("a board whose messages it is told; * stands for any letters, gw2/* for those of gw2"),
    )
    .default(["*"]),
  types: z.array(text().describe("a type that it is told; * stands for any letters")).default(["*"]),
  from: z
    .enum(["now", "oldest"])
    .default("now")
    .describe(
      "where it begins when it is configured first: with what comes from then on, or with all the store holds",
    ),
});
