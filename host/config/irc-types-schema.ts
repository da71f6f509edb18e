/** irc.types: what robots of the IRC-IoT network mean by their own types, `l:…` (IRC-IoT S-15). */
import { z } from "zod";
import { text } from "./fields.ts";

const shortText = () => z.string().max(200, "takes at most 200 characters");
const name = () => z.string().regex(/^[^\s=\p{C}]{1,64}$/u, "takes 1 to 64 characters, no blank and no =");

const field = z.strictObject({
  name: name().describe("a field of it"),
  of: z
    .enum(["datum", "request", "reply"])
    .default("datum")
    .describe("where it stands: in what the robot says by itself, in the request, or in the reply"),
  kind: z
    .enum(["text", "number", "integer", "flag", "level", "duration", "time", "list", "object", "any"])
    .default("any")
    .describe("what it is; flag: true or false, level: a flag or a number, duration: seconds"),
  unit: text().optional().describe("what its number counts, as °C"),
  meaning: shortText().optional().describe("what it says, for people"),
  required: z.boolean().default(false).describe("true: it has to be there"),
  choices: z.array(name().describe("a text that is allowed; any when there are none")).default([]),
  min: z.number().optional().describe("its least value"),
  max: z.number().optional().describe("its greatest"),
  words: z
    .array(
      z
        .string()
        .regex(/^[^\s=\p{C}]{1,64}=\S{1,64}$/u, "takes WORD=VALUE, as open=1")
        .describe("a word for one of its values, as open=1"),
    )
    .default([]),
});

export const ircTypes = () =>
  z
    .array(
      z.strictObject({
        sender: text()
          .default("*")
          .describe("addresses of the robots that have it, as climate@kitchen; * stands for any letters"),
        ot: z
          .string()
          .regex(/^l:[^\s\p{C}]{1,62}$/u, "takes l: and 1 to 62 characters without a blank")
          .describe("a type that robots describe themselves, as l:temp"),
        meaning: shortText().optional().describe("what it is, for people"),
        word: name().optional().describe("what people type to ask for it; its name without l: when absent"),
        isRequest: z
          .boolean()
          .default(false)
          .describe("true: it can be asked, also where no field is of the request"),
        fields: z.array(field).default([]),
      }),
    )
    .default([])
    .describe("local types of robots, so that their values have words and units");
